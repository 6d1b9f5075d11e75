"""The whole way at the example sites: a stranger signs up, comes back, and is somebody else at the next site."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import ALLOWING, BLOCKING
from tests.browser.person import Popup
from tests.browser.sites import know_the_frame

pytestmark = pytest.mark.slow
KINDS = pytest.mark.parametrize("kind", [BLOCKING, ALLOWING], ids=lambda kind: kind.name)


def button(page):
    return page.get_by_role("button", name="Sign in with OneID")


def sign_up(page):
    with page.expect_popup() as opened:
        button(page).click()
    Popup(opened.value).sign_up()
    page.wait_for_url("**/account")
    return page.locator("#uid").inner_text()


@KINDS
def test_a_stranger_signs_up_and_the_shops_server_knows_them(kind, started, make_context):
    context = make_context(kind)
    page = context.new_page()
    page.goto(started.shop)
    uid = sign_up(page)
    assert uid in started.uids_of_the_shop()
    page.reload()
    assert page.locator("#uid").inner_text() == uid


@KINDS
def test_coming_back_is_one_click_and_no_window(kind, started, make_context):
    context = make_context(kind)
    page = context.new_page()
    page.goto(started.shop)
    uid = sign_up(page)
    page.get_by_role("button", name="Sign out of the shop").click()
    page.goto(started.shop)
    page.reload()
    know_the_frame(page)
    opened = []
    context.on("page", lambda popup: opened.append(popup.url))
    button(page).click()
    page.wait_for_url("**/account")
    assert page.locator("#uid").inner_text() == uid
    assert opened == []


@KINDS
def test_another_site_knows_the_same_person_by_another_uid(kind, started, make_context):
    context = make_context(kind)
    page = context.new_page()
    page.goto(started.shop)
    uid = sign_up(page)
    page.goto(started.other)
    with page.expect_popup() as opened:
        button(page).click()
    Popup(opened.value).at("consent").consent()
    known_as = page.locator("#uid")
    expect(known_as).to_be_visible()
    assert len(known_as.inner_text()) == len(uid)
    assert known_as.inner_text() != uid


def test_signing_in_by_a_form_takes_the_page_along(started, context):
    page = context.new_page()
    page.goto(f"{started.shop}/by-form")
    assert sign_up(page) in started.uids_of_the_shop()


def test_a_guest_links_a_oneid_and_it_moves_from_the_account_it_opened(started, context):
    page = context.new_page()
    page.goto(started.shop)
    uid = sign_up(page)
    page.get_by_role("button", name="Sign out of the shop").click()
    page.get_by_text("Go on as a guest").click()
    page.get_by_label("Your name").fill("Guest")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Guest")
    know_the_frame(page)
    button(page).click()
    expect(page.locator("#uid")).to_have_text(uid)
    expect(page.get_by_role("heading", level=1)).to_have_text("Guest")
    assert started.uids_of_the_shop().count(uid) == 1


def test_signing_out_of_oneid_signs_out_of_the_shop_as_well(started, context):
    page = context.new_page()
    page.goto(started.shop)
    sign_up(page)
    page.get_by_role("button", name="Sign out of OneID in this browser, too").click()
    expect(button(page)).to_be_visible()
    with page.expect_popup() as opened:
        button(page).click()
    Popup(opened.value).at("locked")
