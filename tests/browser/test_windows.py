"""The popup's window: closed half-way, blocked, orphaned, severed, reloaded, doubled. Nothing is left half made."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.sites import BLOCKED

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("left_at", ["welcome", "key", "consent"])
def test_a_popup_closed_half_way_gives_null_and_the_next_click_works(left_at, site, service, context):
    accounts = service.count("accounts")
    visit = site.visit(context)
    call, page = visit.open("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).go_to(left_at)
    page.close()
    heard = call.over()
    assert heard["called"] == [None]
    assert heard["value"] is None
    assert site.pages.callbacks() == []
    call, page = visit.open("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).finish()
    assert call.value() == {"error": "success"}
    assert len(site.pages.callbacks()) == 1
    assert service.count("accounts") == accounts + 1


def test_cancel_gives_null_and_closes_the_window(site, context):
    call, page = site.visit(context).open("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).go_to("consent").cancel()
    assert call.value() is None
    assert site.pages.callbacks() == []


def test_a_call_with_no_click_behind_it_answers_interaction_required(site, context):
    path = site.put("/hasty", script="act('signin', {challenge: {callback: '/callback'}});")
    visit = site.visit(context, path=path)
    visit.page.wait_for_function("heard[0]?.over")
    assert visit.page.evaluate("heard[0]") == {"called": [None], "error": "interaction_required", "over": True}
    assert len(context.pages) == 1


def test_a_blocked_popup_is_opened_by_the_shims_own_button(site, context):
    visit = site.visit(context, path=site.put("/blocked", head=BLOCKED))
    call = visit.call("signin", {"challenge": {"callback": "/callback"}})
    button = visit.page.get_by_role("dialog").get_by_role("button", name="Continue")
    expect(button).to_be_visible()
    with visit.page.expect_popup() as opened:
        button.click()
    Popup(opened.value).sign_up()
    assert call.value() == {"error": "success"}


@pytest.mark.parametrize("way", ["Close", "Escape"])
def test_a_blocked_popup_can_be_given_up(way, site, context):
    visit = site.visit(context, path=site.put("/blocked", head=BLOCKED))
    call = visit.call("signin", {"challenge": {"callback": "/callback"}})
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    if way == "Escape":
        visit.page.keyboard.press("Escape")
    else:
        dialog.get_by_role("button", name="Close").click()
    assert call.value() is None
    expect(dialog).to_be_hidden()


def test_the_popup_without_an_opener_says_so_and_makes_nothing(service, context):
    accounts = service.count("accounts")
    page = context.new_page()
    page.goto(f"{service.origin}/popup")
    popup = Popup(page).at("alone")
    assert "go to a site" in popup.everything_shown() or "One identity" in popup.everything_shown()
    assert service.count("accounts") == accounts


def test_a_site_that_severs_its_opener_is_told_so(site, context):
    path = site.put("/severed", Cross_Origin_Opener_Policy="same-origin")
    call, _ = site.visit(context, path=path).open("signin", {"challenge": {"callback": "/callback"}})
    assert call.error() == "opener_severed"


def test_a_site_that_lets_popups_keep_their_opener_signs_in(site, context):
    path = site.put("/open", Cross_Origin_Opener_Policy="same-origin-allow-popups")
    call, page = site.visit(context, path=path).open("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).sign_up()
    assert call.value() == {"error": "success"}


@pytest.mark.parametrize("step", ["welcome", "create", "key", "recover", "consent"])
def test_a_reload_at_any_step_goes_on_there(step, site, context, service):
    call, page = site.visit(context).open("signin", {"challenge": {"callback": "/callback"}})
    popup = Popup(page).go_to(step)
    shown = popup.shown_key() if step == "key" else None
    page.reload()
    popup.at(step)
    assert shown is None or popup.shown_key() == shown  # it may be half written down
    popup.finish()
    assert call.value() == {"error": "success"}
    assert service.validate(site.pages.callbacks()[-1])["errorcode"] == 0


@pytest.mark.parametrize("step", ["key-check", "skip"])
def test_a_reload_where_the_oneid_key_is_decided_loses_nothing(step, site, context):
    call, page = site.visit(context).open("signin", {"challenge": {"callback": "/callback"}})
    popup = Popup(page).go_to(step)
    page.reload()
    popup.finish()
    assert call.value() == {"error": "success"}


def test_a_click_that_was_aimed_at_the_screen_before_decides_nothing(site, context):
    """The second click of a double click lands on whatever comes next."""
    call, page = site.visit(context).open("signin", {"challenge": {"callback": "/callback"}})
    popup = Popup(page).at("welcome")
    page.evaluate(
        """() => {
          const click = () => document.querySelector("#screen button[type=submit]").click();
          window.aimed = new Promise((resolve) => {
            new MutationObserver(() => setTimeout(() => resolve(click()), 100))
              .observe(document.getElementById("screen"), { attributeFilter: ["data-screen"] });
          });
        }"""
    )
    popup.act("create").at("create")
    page.evaluate("window.aimed")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    assert popup.screen == "create"
    page.close()
    assert call.value() is None


def test_a_double_click_at_every_step_makes_one_account_and_one_identity(site, context, service):
    before = service.count("accounts"), service.count("identities")
    call, page = site.visit(context).open("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).sign_up(clicks=2)
    assert call.value() == {"error": "success"}
    assert (service.count("accounts"), service.count("identities")) == (before[0] + 1, before[1] + 1)
    assert len(site.pages.callbacks()) == 1


def test_two_popups_at_once_make_one_account(site, context, service):
    """Two tabs, each with its window at the same step: whoever comes second joins the account of the first."""
    accounts = service.count("accounts")
    first, second = site.visit(context), site.visit(context, "other")
    one, page = first.open("signin", {"challenge": {"callback": "/callback"}})
    two, other = second.open("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).go_to("create")
    Popup(other).go_to("create")
    Popup(page).finish()
    assert one.value() == {"error": "success"}
    Popup(other).finish()
    assert two.value() == {"error": "success"}
    assert service.count("accounts") == accounts + 1
    uids = {payload["uid"] for payload in site.pages.callbacks()}
    assert len(uids) == 2


def test_two_tabs_of_a_site_are_signed_in_by_one_popup(site, context):
    first, second = site.visit(context).ready(), site.visit(context)
    call, page = first.open("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).sign_up()
    assert call.value() == {"error": "success"}
    pages = len(context.pages)
    assert second.ready().call("signin", {"challenge": {"callback": "/callback"}}).value() == {"error": "success"}
    assert len(context.pages) == pages
    assert len({payload["uid"] for payload in site.pages.callbacks()}) == 1


def test_two_calls_at_once_use_one_window(site, context):
    visit = site.visit(context)
    one, page = visit.open("signin", {"challenge": {"callback": "/callback"}})
    two = visit.call("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).sign_up()
    assert one.over()["over"]
    assert two.over()["over"]
    assert "value" in one.over() or "value" in two.over()
