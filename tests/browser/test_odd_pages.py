"""Pages that do odd things around a call, and networks that are slow: every call ends, and the next click counts."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.sites import BLOCKED

pytestmark = pytest.mark.slow

SIGN_IN = {"challenge": {"callback": "/callback"}}
BUTTON = "OneID.config({ buttons: { 'signin .here': [{ challenge: { callback: '/callback' } }] } });"
# What applications of one page do when they draw another view. Their own button stays.
REPLACE_BODY = "() => document.body.replaceChildren(document.getElementById('act'))"


def held_frames(context) -> list:
    """The requests for the frame, which wait until somebody lets them go on."""
    held = []

    def hold(route):
        held.append(route)

    context.route("**/frame", hold)
    return held


def test_a_first_click_opens_the_window_although_the_frame_is_slow(site, service, context):
    """A browser soon forgets a click: who waited for the frame first was blocked."""
    held = held_frames(context)
    call, page = site.visit(context).open("signin", SIGN_IN)
    popup = Popup(page).at("welcome")  # a while later; without the frame the window signs by itself
    popup.sign_up()
    assert call.value() == {"error": "success"}
    assert service.validate(site.pages.callbacks()[-1])["errorcode"] == 0
    assert len(held) == 1


def test_a_frame_that_comes_while_the_window_opens_keeps_the_keys(site, context):
    held = held_frames(context)
    visit = site.visit(context)
    call, page = visit.open("signin", SIGN_IN)
    held[0].continue_()
    Popup(page).sign_up()
    assert call.value() == {"error": "success"}
    assert visit.get("signedIn") is True
    windows = len(context.pages)
    assert visit.call("signin", SIGN_IN).value() == {"error": "success"}
    assert len(context.pages) == windows


def test_a_call_ends_although_the_page_throws_the_frame_out_before_it_has_answered(site, context):
    site.visit(context).know()
    held = held_frames(context)
    script = "addEventListener('load', () => setTimeout(act, 0, 'signin', {}));"
    visit = site.visit(context, path=site.put("/early", script=script))
    while not held:
        visit.page.wait_for_timeout(20)
    visit.page.evaluate(REPLACE_BODY)
    context.unroute("**/frame")
    visit.page.evaluate("act('init')")
    visit.page.wait_for_function("heard.every(({ over }) => over)")
    assert visit.page.evaluate("heard[0].value.uid") == site.pages.callbacks()[0]["uid"]
    assert len(held) == 1


def test_a_dialog_thrown_out_with_the_body_ends_its_call_and_the_next_click_opens_the_window(site, context):
    visit = site.visit(context, path=site.put("/blocked", head=BLOCKED))
    call = visit.call("signin", SIGN_IN)
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    visit.page.evaluate(REPLACE_BODY)
    assert call.value() is None
    call, page = visit.open("signin", SIGN_IN)
    Popup(page).sign_up()
    assert call.value() == {"error": "success"}


def test_a_click_right_after_the_window_was_closed_opens_another(site, context):
    visit = site.visit(context)
    former, page = visit.open("signin", SIGN_IN)
    Popup(page).at("welcome")
    page.close()
    call, page = visit.open("signin", SIGN_IN)
    assert former.value() is None
    Popup(page).sign_up()
    assert call.value() == {"error": "success"}


@pytest.mark.parametrize("size", ["62.5%", "40px"])
def test_the_sites_root_size_does_not_change_a_button(size, site, context):
    head = f"<style>html {{ font-size: {size}; }}</style>"
    visit = site.visit(context, path=site.put("/sized", head=head, body="<p class=here></p>", script=BUTTON))
    button = visit.page.get_by_role("button", name="Sign in with OneID")
    assert button.evaluate("(button) => getComputedStyle(button).fontSize") == "16px"
    assert button.bounding_box()["height"] == 44


def test_an_element_with_the_name_of_the_shim_is_not_taken_for_it(site, context):
    visit = site.visit(context, path=site.put("/named", body="<div id=OneID></div><iframe name=OneID></iframe>"))
    visit.ready()
    assert visit.get("chanReady") is True
