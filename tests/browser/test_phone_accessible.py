"""Everybody can use the phone, and what the computer shows with it: by keyboard, zoomed, read aloud, in the dark."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.phone import SOON_MS, digits_at
from tests.browser.test_accessible import faults, press_until, settle
from tests.browser.walk_devices import every_phone_screen

pytestmark = pytest.mark.slow


@pytest.mark.timeout(900)
def test_no_screen_of_a_phone_has_what_a_checker_finds(site, started, make_context, camera):
    walk = every_phone_screen(site, started, lambda: make_context(reduced_motion="reduce"), camera)
    assert faults(walk) == {}


def test_connecting_a_phone_and_approving_by_keyboard_alone(site, service, computer, make_phone):
    page = computer.new_page()
    page.goto(f"{service.origin}/popup")
    popup = Popup(page)
    settle(popup, "alone")
    expect(page.locator("[data-action=connect]")).to_be_visible()
    press_until(page, "Connect a phone")
    page.keyboard.press("Enter")
    settle(popup, "pair")
    handset = make_phone().open()
    keys = handset.page.keyboard
    settle(handset, "start")
    press_until(handset.page, "Code")
    keys.type(popup.page.locator("#code").inner_text())
    keys.press("Enter")
    settle(handset.at("digits", SOON_MS), "digits")
    press_until(handset.page, "digits")
    keys.type(digits_at(popup))
    keys.press("Enter")
    handset.at("number", SOON_MS)
    press_until(page, "number")
    page.keyboard.type(handset.shown_digits)
    page.keyboard.press("Enter")
    popup.at("paired", SOON_MS)
    settle(handset.at("paired", SOON_MS), "paired")
    press_until(handset.page, "Later")
    keys.press("Enter")
    handset.at("home")
    visit = site.visit(computer)
    visit.ready()
    call = visit.call("confirm", "Pay $40 to Ann?")
    handset.look()
    settle(handset, "confirmation")
    press_until(handset.page, "Approve")
    keys.press("Enter")
    handset.at("outcome")
    assert service.validate(call.value(), message="Pay $40 to Ann?")["errorcode"] == 0


@pytest.mark.parametrize(("locale", "language"), [("de-AT", "de"), ("fr", "en")])
def test_the_phone_speaks_the_persons_language(locale, language, make_phone):
    handset = make_phone(locale=locale).open().at("start")
    assert handset.page.evaluate("document.documentElement.lang") == language


def test_the_key_that_was_held_down_does_not_also_approve(household):
    visit = household.visit()
    call = visit.call("confirm", "Pay $40 to Ann?")
    handset = household.handset.look()
    handset.page.keyboard.press("Enter")  # on the heading, where the focus is
    settle(handset, "confirmation")
    assert handset.screen == "confirmation"
    handset.say("reject")
    assert call.value()["confirm"] is False
