"""The page that mailed links lead to: it does nothing by itself, says what it will do, and does it by a button."""

import httpx
import pytest
from device import Device, over_http
from mailing import MailboxPage, is_of, state, wish
from playwright.sync_api import expect
from running import PATIENCE

from keychain.app import utc_now
from tests.browser.person import Screens
from tests.browser.test_accessible import faults, press_until, settle

pytestmark = pytest.mark.slow


class Mailed:
    """Somebody who was just mailed to, and their browser."""

    def __init__(self, service, context) -> None:
        self.service = service
        self.device = Device(over_http(service.url), utc_now, service.origin).sign_up()
        self.device.do("/repo/emails", wish())
        self.page = context.new_page()

    def links(self) -> MailboxPage:
        return MailboxPage(httpx.get(f"{self.service.url}/mailbox", timeout=PATIENCE).text)

    def open(self, which: str = "confirm") -> Screens:
        self.page.goto(self.links().links[which][0])
        return Screens(self.page)


@pytest.fixture
def mailed(service, context) -> Mailed:
    return Mailed(service, context)


def test_opening_the_link_proves_nothing_and_the_button_does(mailed):
    page = mailed.open().at("confirm")
    assert state(mailed.device) is None
    assert "#" not in mailed.page.url, "the token does not stay in the address"
    settle(page, "confirm")
    page.act("confirm").at("confirmed")
    assert is_of(state(mailed.device))


def test_this_was_not_me_is_one_link_and_one_button_away(mailed):
    page = mailed.open("refuse").at("refuse")
    assert state(mailed.device) is None
    settle(page, "refuse")
    page.act("refuse").at("refused")
    expect(mailed.page.get_by_text("The OneID that somebody had made with it is closed.")).to_be_visible()
    assert mailed.device.code("/repo/emails/state") == "signer_revoked"


def test_who_thinks_again_goes_back_and_forth(mailed):
    page = mailed.open().at("confirm")
    settle(page, "confirm")
    page.act("refuse").at("refuse")
    settle(page, "refuse")
    page.act("back").at("confirm")
    settle(page, "confirm")
    page.act("confirm").at("confirmed")
    assert is_of(state(mailed.device))


@pytest.mark.parametrize("fragment", ["", "#", "#x", "#no.", "#" + "A" * 42, "#<img src=x>"])
def test_an_address_without_a_token_says_where_to_find_one(service, context, fragment):
    page = context.new_page()
    page.goto(f"{service.origin}/verify{fragment}")
    Screens(page).at("empty")
    assert page.locator("#screen img").count() == 0


def test_a_link_that_is_no_longer_good_says_so(mailed):
    old = mailed.links().links["confirm"][0]
    mailed.device.do("/repo/emails", wish())
    mailed.page.goto(old)
    page = Screens(mailed.page).at("confirm")
    settle(page, "confirm")
    page.act("confirm").at("over")


def test_without_a_network_the_button_can_be_pressed_again(mailed, context):
    page = mailed.open().at("confirm")
    settle(page, "confirm")
    context.set_offline(True)
    page.act("confirm")
    expect(page.alert).to_contain_text("No connection")
    context.set_offline(False)
    page.act("confirm").at("confirmed")


def test_it_goes_by_keyboard_alone(mailed):
    page = mailed.open().at("confirm")
    settle(page, "confirm")
    mailed.page.keyboard.press("Enter")
    assert state(mailed.device) is None, "on the heading Enter decides nothing"
    press_until(mailed.page, "Yes, I asked for this")
    mailed.page.keyboard.press("Enter")
    page.at("confirmed")


@pytest.mark.parametrize(("locale", "language"), [("de-CH", "de"), ("fr", "en")])
def test_it_speaks_the_persons_language(service, make_context, locale, language):
    page = make_context(locale=locale).new_page()
    page.goto(f"{service.origin}/verify")
    Screens(page).at("empty")
    assert page.evaluate("document.documentElement.lang") == language


def test_no_screen_of_it_has_what_a_checker_finds(service, make_context):
    def screens():
        mailed = Mailed(service, make_context(reduced_motion="reduce"))
        page = mailed.open().at("confirm")
        settle(page, "confirm")
        yield "confirm", mailed.page
        page.act("refuse").at("refuse")
        settle(page, "refuse")
        yield "refuse", mailed.page
        page.act("refuse").at("refused")
        yield "refused", mailed.page
        mailed.page.goto("about:blank")
        page = mailed.open().at("confirm")
        settle(page, "confirm")
        page.act("confirm").at("over")
        yield "over", mailed.page
        again = Mailed(service, make_context(reduced_motion="reduce"))
        page = again.open().at("confirm")
        settle(page, "confirm")
        page.act("confirm").at("confirmed")
        yield "confirmed", again.page

    assert faults(screens()) == {}


def test_the_mailbox_of_development_fits_a_phone(mailed):
    mailed.page.set_viewport_size({"width": 320, "height": 640})
    mailed.page.goto(f"{mailed.service.origin}/mailbox")
    expect(mailed.page.locator(".code").first).to_be_visible()
    assert mailed.page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
