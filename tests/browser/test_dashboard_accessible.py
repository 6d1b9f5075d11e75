"""Everybody can use the dashboard: by keyboard alone, read aloud, zoomed, in the dark; and no text there bites."""

import unicodedata

import pytest
from playwright.sync_api import expect

from tests.browser.dashboard import dashboard, sign_up
from tests.browser.person import Popup
from tests.browser.test_accessible import faults, press_until, settle
from tests.browser.test_texts import BITING, harmless
from tests.browser.walk_dashboard import every_dashboard_screen

pytestmark = pytest.mark.slow


@pytest.mark.timeout(900)
def test_no_screen_of_the_dashboard_has_what_a_checker_finds(site, make_context):
    assert faults(every_dashboard_screen(site, lambda: make_context(reduced_motion="reduce"))) == {}


def test_keeping_and_deleting_a_card_by_keyboard_alone(context, site, service):
    sign_up(context, site)
    here = dashboard(context, service)
    page, keys = here.page, here.page.keyboard
    settle(here, "cards")
    press_until(page, "Add a card")
    keys.press("Enter")
    settle(here, "add")
    press_until(page, "E-mail")
    keys.press("Enter")
    settle(here, "edit")
    press_until(page, "E-mail address")
    keys.type("not an address")
    keys.press("Enter")
    expect(here.alert).to_contain_text("does not look right")
    expect(page.locator("[name=email]")).to_be_focused()
    keys.press("Control+A")
    keys.type("annegret@quillfeather.example")
    keys.press("Enter")
    settle(here, "cards")
    press_until(page, "Delete")
    keys.press("Enter")
    settle(here, "remove")
    keys.press("Enter")  # on the heading, where the focus is
    settle(here, "remove")
    press_until(page, "Delete")
    keys.press("Enter")
    settle(here, "cards")
    expect(page.locator(".empty")).to_be_visible()


def test_escape_leaves_a_screen_that_asks(context, site, service):
    sign_up(context, site)
    here = dashboard(context, service, "devices").act("revoke")
    settle(here, "revoke")
    here.page.keyboard.press("Escape")
    here.at("devices")


@BITING
def test_what_a_site_had_kept_is_shown_as_text(text, context, site, service):
    sign_up(context, site)
    visit = site.visit(context)
    seen = "".join(one for one in text if unicodedata.category(one) not in {"Cc", "Cf"})[:1000]  # else it is refused
    call, page = visit.open("attr", {"library": {"shelf": seen}, "name": {"first_name": seen}})
    popup = Popup(page).at("keep")
    with popup.closing():
        popup.act("keep")
    call.value()
    here = dashboard(context, service)
    here.page.set_viewport_size({"width": 320, "height": 640})
    assert len(harmless(here.page)) < 4000
    here.press(here.page.locator("[data-card]").last, "remove").at("remove")
    harmless(here.page)
