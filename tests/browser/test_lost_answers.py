"""Lost answers, second windows, pages that change under an open popup: nobody loses their OneID Key, nor their way."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.sites import Site

pytestmark = pytest.mark.slow

SIGN_IN = {"challenge": {"callback": "/callback"}}
GONE = "no longer works"
DROP_ACCOUNTS = """() => new Promise((resolve) => {
  const opening = indexedDB.open("oneid-accounts");
  opening.onsuccess = () => {
    const changing = opening.result.transaction("accounts", "readwrite");
    changing.objectStore("accounts").clear();
    changing.oncomplete = () => { opening.result.close(); resolve(); };
  };
})"""


def opened(site: Site, context, name: str = "shop", wanted: dict = SIGN_IN):
    visit = site.visit(context, name)
    call, page = visit.open("signin", wanted)
    return visit, call, Popup(page)


def lose_once(page, path: str) -> None:
    """The answer of one door is lost, the first time."""
    page.route(f"**{path}", lambda route: route.abort(), times=1)


def brings_back(key: str, site: Site, context) -> None:
    opened(site, context)[2].recover(key)


def test_a_confirmed_key_outlives_a_failure_right_after_it(site, context, make_context):
    _, call, popup = opened(site, context)
    key = popup.go_to("key").shown_key()
    popup.act("continue").at("key-check")
    lose_once(popup.page, "/repo/identities/find")
    popup.enter_key(key)
    expect(popup.alert).to_contain_text("could not be reached")
    popup.enter_key(key).at("consent")
    assert "not saved" not in popup.everything_shown()
    popup.consent()
    assert call.value() == {"error": "success"}
    brings_back(key, site, make_context())


def test_two_windows_confirm_the_same_key(site, context, make_context):
    _, one, first = opened(site, context)
    key = first.go_to("key").shown_key()
    _, two, second = opened(site, context, "other")
    second.at("consent").act("remind").at("key")
    assert second.shown_key() == key
    assert GONE not in second.everything_shown()
    second.act("continue").at("key-check")
    first.act("continue").at("key-check").enter_key(key).consent()
    assert one.value() == {"error": "success"}
    second.enter_key(key).consent()
    assert two.value() == {"error": "success"}
    brings_back(key, site, make_context())


def test_an_old_window_that_offers_to_save_the_key_leaves_a_saved_one_alone(site, context, make_context):
    _, _, popup = opened(site, context)
    key = popup.go_to("key").shown_key()
    _, _, old = opened(site, context, "other")
    old.at("consent")
    popup.act("continue").at("key-check").enter_key(key).at("consent")
    old.act("remind")
    expect(old.page.locator("[data-action=remind]")).to_have_count(0)
    assert old.screen == "consent"
    brings_back(key, site, make_context())


def test_a_new_key_is_announced_before_it_ends_the_former(site, context):
    _, _, popup = opened(site, context)
    popup.go_to("skip").act("skip-yes").at("consent")
    assert GONE in popup.everything_shown()
    popup.act("remind").at("key")
    assert GONE in popup.everything_shown()


def test_a_reload_shows_the_key_of_the_same_oneid_with_its_name(site, context):
    """Two OneIDs whose keys are both still to be written down."""
    _, _, popup = opened(site, context)
    first = popup.go_to("key").shown_key()
    popup.page.close()
    _, _, popup = opened(site, context)
    popup.at("consent").act("use-another").at("welcome").act("create").at("create").act("create").at("key")
    second = popup.shown_key()
    popup.page.close()
    page = context.new_page()
    page.goto(f"{site.service.origin}/popup")
    popup = Popup(page).at("alone")
    for name, key in (("My OneID", first), ("OneID 2", second)):
        page.locator("#accounts > li", has=page.get_by_text(name, exact=True)).locator("[data-action=remind]").click()
        popup.at("key")
        for _ in range(2):
            assert popup.at("key").shown_key() == key
            assert f"For {name}." in popup.everything_shown()
            assert GONE not in popup.everything_shown()
            page.reload()
        page.goto(f"{site.service.origin}/popup")
        popup.at("alone")


@pytest.mark.parametrize("step", ["key", "skip", "key-check"])
def test_a_reload_on_the_way_to_a_written_key_shows_that_key(step, site, context):
    _, _, popup = opened(site, context)
    key = popup.go_to("key").shown_key()
    if step != "key":
        popup.act({"skip": "skip", "key-check": "continue"}[step]).at(step)
    popup.page.reload()
    assert popup.at("key").shown_key() == key


@pytest.mark.parametrize("change", ["document.querySelector('iframe').remove()", "document.body.replaceChildren()"])
def test_a_page_that_loses_its_frame_while_the_window_is_open_is_signed_in_to(change, site, service, context):
    visit, call, popup = opened(site, context)
    popup.go_to("consent")
    visit.page.evaluate(change)
    popup.consent()
    assert call.value() == {"error": "success"}
    assert service.validate(site.pages.callbacks()[-1])["errorcode"] == 0


def test_an_account_that_vanished_meanwhile_does_not_take_the_sign_in_with_it(site, context):
    _, call, popup = opened(site, context)
    popup.go_to("consent").page.evaluate(DROP_ACCOUNTS)
    popup.consent()
    assert call.value() == {"error": "success"}


def test_a_nonce_that_is_none_is_told_to_the_page_and_to_the_person(site, context):
    path = site.put("/frameless", Content_Security_Policy="frame-src 'none'")
    call, page = site.visit(context, path=path).open("signin", {"challenge": {"callback": "/callback", "nonce": "x"}})
    popup = Popup(page).go_to("consent").act("sign-in").at("refused")
    assert "not in order" in popup.everything_shown()
    assert call.error() == "malformed_nonce"
    assert site.pages.callbacks() == []


def test_a_site_whose_name_the_service_does_not_take_is_refused_in_plain_words(site, known):
    visit, _, popup = opened(site, known, "my_shop")
    shown = popup.at("refused").everything_shown()
    assert f"takes no sign-ins at {site.pages.origin('my_shop')}" in shown
    assert "Reloading" not in shown
    visit.page.close()


def test_a_browser_that_was_taken_for_a_removed_one_can_try_again(site, context):
    site.visit(context).know()
    refuse = {"errorcode": -1, "error": "no", "code": "signer_refused", "attr_claims": {}}
    context.route("**/repo/identities/find", lambda route: route.fulfill(status=403, json=refuse), times=1)
    _, call, popup = opened(site, context, "other")
    assert "No longer usable" in popup.at("choose").everything_shown()
    popup.page.get_by_role("button", name="Try again").click()
    popup.consent()
    assert call.value() == {"error": "success"}
    _, _, popup = opened(site, context, "third")
    popup.at("consent")


@pytest.mark.parametrize("step", ["welcome", "create", "key", "skip", "key-check", "recover", "consent"])
def test_escape_cancels_at_every_step(step, site, context):
    _, call, popup = opened(site, context)
    popup.go_to(step)
    with popup.closing():
        popup.page.keyboard.press("Escape")
    assert call.value() is None


def test_each_coming_to_the_front_begins_the_pause_anew(site, known):
    visit, call, popup = opened(site, known, "other")
    popup.at("consent").page.evaluate(
        """async () => {
          const passes = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
          window.dispatchEvent(new Event("focus"));
          await passes(250);
          window.dispatchEvent(new Event("focus"));
          await passes(200);
          document.querySelector("#without-asking").click();
          document.querySelector("[data-action=sign-in]").click();
          document.querySelector("[data-action=cancel]").click();
          await passes(20);
        }"""
    )
    assert popup.screen == "consent"
    assert popup.page.locator("#screen[aria-busy]").count() == 0
    assert popup.page.locator("#without-asking").is_checked()
    popup.cancel()
    assert call.value() is None
    visit.page.close()


def test_tab_keeps_its_place_over_the_pause(site, known):
    visit, _, popup = opened(site, known, "other")
    page = popup.at("consent").page
    expect(page.locator("[data-action=sign-in]")).to_be_enabled()
    page.focus("[data-action=sign-in]")
    page.evaluate("() => { window.dispatchEvent(new Event('focus')); }")
    page.keyboard.press("Tab")
    expect(page.locator("[data-action=cancel]")).to_be_focused()
    expect(page.locator("[data-action=cancel]")).to_be_enabled()
    expect(page.locator("[data-action=cancel]")).to_be_focused()
    popup.cancel()
    visit.page.close()


def test_making_and_bringing_a_oneid_says_for_which_site(site, context):
    _, _, popup = opened(site, context)
    for step in ("create", "recover"):
        popup.at("welcome").act("create" if step == "create" else "have-key").at(step)
        assert popup.page.locator("#origin").inner_text() == site.pages.origin()
        popup.act("back")


def test_a_field_is_marked_as_wrong_when_it_is_what_was_refused(site, context, make_context):
    key = opened(site, context)[2].go_to("key").shown_key()
    _, _, popup = opened(site, make_context())
    popup.go_to("recover").enter_key("AAAA")
    field = popup.page.get_by_label("OneID Key", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    lose_once(popup.page, "/repo/recovery/open")
    popup.enter_key(key)
    expect(popup.alert).to_contain_text("could not be reached")
    assert field.get_attribute("aria-invalid") is None
