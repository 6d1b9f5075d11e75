"""The example shop: nothing is bought or cancelled unless the phone approves exactly that."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.phone import SOON_MS, Household, connect
from tests.browser.shopping import buy
from tests.browser.sites import know_the_frame
from tests.browser.test_at_the_shop import sign_up

pytestmark = pytest.mark.slow


@pytest.fixture
def customer(started, make_context, make_phone, site):
    """Somebody who signed up at the shop, and connected a phone."""
    computer, phone = make_context(), make_phone()
    page = computer.new_page()
    page.goto(started.shop)
    sign_up(page)
    connect(computer, phone).set_numbers("never")
    return Household(computer, phone, site), page


def test_a_stranger_buys_with_the_phone_and_cancels_by_the_shops_server(customer, started):
    household, page = customer
    confirm = buy(page, started.shop)
    know_the_frame(page)
    confirm.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    handset = household.handset.look()
    assert started.shop in handset.everything_shown()
    price = page.locator(".price").first.inner_text().replace("€", "").strip()
    assert price in handset.words
    assert handset.approve() == "approved"
    expect(page.locator("#state")).to_have_text("confirmed", timeout=SOON_MS)
    handset.act("home").at("home")
    # The shop's server asks now; this browser has no part in it.
    page.get_by_role("button", name="Ask my phone to cancel").click(no_wait_after=True)
    handset.look()
    assert "ancel" in handset.words
    assert handset.approve() == "approved"
    expect(page.locator("#state")).to_have_text("cancelled", timeout=SOON_MS)


def test_what_the_phone_rejects_is_not_bought_and_can_be_asked_again(customer, started):
    household, page = customer
    confirm = buy(page, started.shop)
    know_the_frame(page)
    confirm.click()
    household.handset.look().say("reject")
    expect(page.locator(".phone [role=status]")).not_to_be_empty(timeout=SOON_MS)
    page.reload()
    expect(page.locator("#state")).to_have_text("not confirmed yet")
    household.handset.act("home").at("home")
    know_the_frame(page)
    page.get_by_role("button", name="Confirm with my phone").click()
    household.handset.look().approve()
    expect(page.locator("#state")).to_have_text("confirmed", timeout=SOON_MS)


def test_a_customer_without_a_phone_is_led_to_connect_one(started, make_context, make_phone):
    computer = make_context()
    page = computer.new_page()
    page.goto(started.shop)
    sign_up(page)
    confirm = buy(page, started.shop)
    know_the_frame(page)
    confirm.click()
    status = page.locator(".phone [role=status]")
    expect(status).to_contain_text("phone", timeout=SOON_MS)
    with computer.expect_page() as opened:
        status.get_by_role("link").click()
    Popup(opened.value).at("alone").act("connect").at("pair")
