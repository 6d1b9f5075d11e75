"""The dashboard: whose it is, devices, what happened, the OneID Key, a copy of everything, and the end of it all."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.dashboard import (
    ADDRESS,
    NAME,
    NUMBER,
    PAYMENT,
    SIGN_IN,
    Dashboard,
    bring,
    dashboard,
    kept,
    sign_up,
)
from tests.browser.person import Popup
from tests.browser.wallets import release

pytestmark = pytest.mark.slow


@pytest.fixture
def here(context, site, service):
    """The dashboard of somebody new, who has saved their OneID Key."""
    sign_up(context, site)
    return dashboard(context, service)


def test_a_browser_without_a_oneid_is_told_where_to_begin(context, service):
    page = context.new_page()
    page.goto(f"{service.origin}/account#devices")
    Dashboard(page).at("none")
    page.get_by_role("link", name="Create one, or bring yours").click()
    Popup(page).at("alone")


def test_the_front_page_leads_to_the_dashboard(here, service):
    here.page.goto(service.origin)
    here.page.get_by_role("link", name="your account").click()
    here.at("cards")


def test_sections_are_places_that_the_browser_goes_back_to_and_keeps(here):
    here.section("devices").section("sites")
    expect(here.page.locator("#sections [aria-current=page]")).to_have_text("Sites")
    here.page.go_back()
    here.at("devices").page.reload()
    here.at("devices").act("renew").at("renew").section("devices")
    here.page.go_forward()
    here.at("sites")


def test_a_dashboard_speaks_the_persons_language(make_context, service):
    for locale, language, title in (("de-AT", "de", "Keine OneID"), ("fr", "en", "No OneID")):
        page = make_context(locale=locale).new_page()
        page.goto(f"{service.origin}/account")
        Dashboard(page).at("none")
        assert page.evaluate("document.documentElement.lang") == language
        expect(page.locator("h1")).to_contain_text(title)


def test_of_several_oneids_one_is_chosen_and_stays_chosen(here, context, site, service):
    here.add("name", NAME)
    _, page = site.visit(context, "other").open("signin", SIGN_IN)
    popup = Popup(page).at("consent").act("use-another").at("welcome").act("create").at("create")
    page.get_by_label("A name for it").fill("At work")
    popup.act("create").at("key").act("skip").at("skip").act("skip-yes").at("consent").cancel()
    page = context.new_page()
    page.goto(f"{service.origin}/account#account")
    chosen = Dashboard(page).at("choose")
    page.locator("[data-action=pick]", has_text="At work").click()
    chosen.at("account")
    expect(page.locator("#whose")).to_contain_text("At work")
    expect(page.locator("#screen")).to_contain_text("OneID Key")
    chosen.section("cards").page.reload()
    expect(chosen.at("cards").page.locator(".empty")).to_be_visible()
    page.get_by_role("link", name="Another OneID").click()
    chosen.at("choose").page.locator("[data-action=pick]", has_text="My OneID").click()
    expect(chosen.at("cards").card("Annegret")).to_be_visible()


def test_a_browser_that_is_signed_out_is_signed_in_again_with_one_tap(here, context, site):
    site.visit(context).call("signout").value()
    here.page.locator("#sections a").nth(2).click()
    here.at("locked").act("unlock").at("cards").section("devices")


def test_a_removed_browser_is_told_how_to_come_back_and_comes_back(context, make_context, site, service):
    key = sign_up(context, site)
    here = dashboard(context, service).add("name", NAME)
    other = make_context()
    bring(other, key, site)
    there = dashboard(other, service, "devices")
    assert there.page.locator("[data-device]").count() == 2
    device = there.page.locator("[data-device]", has_not_text="This one")
    there.press(device, "revoke").at("revoke").sure().at("revoked-device").act("back").at("devices")
    expect(there.page.locator("[data-device]")).to_have_count(1)
    here.page.reload()
    here.at("revoked").page.get_by_role("link", name="Bring it back").click()
    popup = Popup(here.page).at("alone")
    popup.page.locator("[data-action=have-key]").first.click()
    popup.at("recover").enter_key(key).at("alone")
    here.page.goto(f"{service.origin}/account")
    expect(here.at("cards").card("Annegret")).to_be_visible()


def test_removing_this_browser_says_what_that_costs(here):
    here.section("devices").act("revoke").at("revoke")
    expect(here.page.locator("#screen")).to_contain_text("Only your OneID Key brings your OneID back")
    here.page.keyboard.press("Enter")  # on the heading: nothing is decided by it
    here.at("revoke").sure().at("revoked")


def test_a_phone_is_removed_later_and_guards_the_rest_until_then(fresh_household, service):
    here = dashboard(fresh_household.computer, service, "devices")
    expect(here.card("Android")).to_contain_text("Phone")
    for section, action in (("devices", "renew"), ("account", "close")):
        here.section(section).act(action).at(action)
        expect(here.page.locator("#screen")).to_contain_text("guards this OneID")
        expect(here.page.locator("[data-action=do]")).to_have_count(0)
    here.section("devices").press(here.card("Android"), "revoke").at("revoke")
    expect(here.page.locator("#screen")).to_contain_text("in 24 hours, not at once")
    here.sure().at("devices").said("unless it objects")
    expect(here.card("Android")).to_contain_text("Is removed on")
    expect(here.card("Android").locator("[data-action=revoke]")).to_have_count(0)


def test_what_happened_is_to_be_seen(household, service):
    visit = household.visit()
    for decision in ("approve", "reject"):
        call = visit.call("confirm", "Pay 40 dollars to Ann?")
        household.handset.look()
        if decision == "approve":
            household.handset.approve()
        else:
            household.handset.say("reject")
        call.value()
        household.handset.go_home()
    shown = dashboard(household.computer, service, "activity").everything_shown()
    assert household.site.pages.origin().split("//")[1] in shown
    assert "Chrome, Linux" in shown
    assert "Something to confirm · approved" in shown
    assert "Something to confirm · rejected" in shown
    assert "40 dollars" not in shown


def test_a_new_oneid_key_ends_the_former_one(context, make_context, site, service):
    former = sign_up(context, site)
    here = dashboard(context, service, "account")
    expect(here.page.locator("#screen")).to_contain_text("Saved.")
    here.act("key").at("new-key")
    expect(here.page.locator("#screen")).to_contain_text("no longer works, at once")
    here.sure()
    popup = Popup(here.page).at("key")
    later = popup.shown_key()
    assert later != former
    here.page.goto(f"{service.origin}/account#account")
    expect(here.at("account").page.locator("#screen")).to_contain_text("not written down yet")
    here.act("key")
    assert popup.at("key").shown_key() == later
    popup.act("continue").at("key-check").enter_key(later).at("alone")
    here.page.goto(f"{service.origin}/account#account")
    expect(here.at("account").page.locator("#screen")).to_contain_text("Saved.")
    _, page = site.visit(make_context()).open("signin", SIGN_IN)
    popup = Popup(page).go_to("recover").enter_key(former)
    expect(popup.alert).to_contain_text("knows no OneID for this key")
    popup.enter_key(later).at("consent")


def test_an_export_has_everything_that_is_kept_and_goes_nowhere(here, context, site):
    here.add("address", ADDRESS, "Home").add("payment", PAYMENT)
    release(site.visit(context), "address[city]")
    here.section("account").act("export").at("export")
    expect(here.page.locator("#screen")).to_contain_text("not sealed")
    asked = []
    here.page.on("request", lambda request: asked.append(request.post_data or ""))
    # What is about to be saved: a browser that is driven keeps its downloads to itself.
    here.page.evaluate("""() => {
      const { createObjectURL } = URL;
      window.saved = new Promise((resolve) => {
        URL.createObjectURL = (blob) => (resolve(blob.text()), createObjectURL.call(URL, blob));
      });
    }""")
    here.act("save").said("look into your downloads")
    file = json.loads(here.page.evaluate("() => window.saved"))
    assert file["account"]["name"] == "My OneID"
    assert [(card["kind"], card["label"]) for card in file["cards"]] == [("address", "Home"), ("payment", "")]
    assert file["cards"][0]["fields"] == ADDRESS
    assert file["cards"][1]["fields"]["cc_number"] == NUMBER
    [known] = file["sites"]
    assert known["origin"] == site.pages.origin()
    assert known["reads"][0]["values"] == {"city": ADDRESS["city"]}
    assert [device["this_one"] for device in file["devices"]] == [True]
    assert [one["origin"] for one in file["activity"]["sign_ins"]] == [site.pages.origin()]
    assert not any(ADDRESS["street"] in body or NUMBER in body for body in asked)


def test_deleting_a_oneid_wants_its_name_and_leaves_nothing(context, make_context, site, service):
    key = sign_up(context, site)
    here = dashboard(context, service).add("name", NAME)
    account = here.account
    other = make_context()
    bring(other, key, site)
    there = dashboard(other, service, "devices")
    here.section("account").act("close").at("close")
    here.page.locator("#typed").fill("My OneID?")
    here.sure()
    expect(here.alert).to_contain_text("not the name")
    here.page.locator("#typed").fill("my oneid")
    here.page.keyboard.press("Enter")  # no button is pressed by that
    here.at("close").sure().at("closed")
    expect(here.page.locator("#sections")).to_be_hidden()
    for table in ("cards", "identities"):
        assert kept(service, f"SELECT 1 FROM {table} WHERE account = ? AND length(sealed) > 0", account) == []
    assert kept(service, "SELECT 1 FROM sign_ins WHERE account = ?", account) == []
    here.page.reload()
    here.at("none")
    there.page.locator("#sections a").first.click()
    there.at("revoked")
    _, page = site.visit(make_context()).open("signin", SIGN_IN)
    popup = Popup(page).go_to("recover").enter_key(key)
    expect(popup.alert).to_contain_text("knows no OneID for this key")


def test_a_service_that_can_not_be_reached_is_told_and_asked_again(here, context):
    context.route("**/repo/devices/list", lambda route: route.abort())
    here.page.locator("#sections a").nth(1).click()
    here.at("error")
    expect(here.page.locator("#screen")).to_contain_text("could not be reached")
    context.unroute_all()
    here.act("again").at("devices")
