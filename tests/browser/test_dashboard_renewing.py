"""A new secret: every other browser and the OneID Key are out, and the person is who they were, with all they kept."""

import pytest
from playwright.sync_api import expect

from tests.browser.dashboard import ADDRESS, EMAIL, SIGN_IN, bring, dashboard, sign_up
from tests.browser.person import Popup
from tests.browser.phone import fetched
from tests.browser.wallets import release, share

pytestmark = pytest.mark.slow

READS = "email address[city]"
GIVEN = {"email": EMAIL, "address": {"city": ADDRESS["city"]}}


@pytest.fixture
def key(context, site):
    """The OneID Key of somebody new, who is known at the plain site ``shop``."""
    return sign_up(context, site)


@pytest.fixture
def here(key, context, service, site):
    """Their dashboard: two cards, of which the shop reads."""
    here = dashboard(context, service).add("email", EMAIL).add("address", ADDRESS, "Home")
    visit = site.visit(context)
    release(visit, READS)
    visit.page.close()
    return here


def renew(here):
    return here.section("devices").act("renew").at("renew").sure()


def test_after_a_renewal_everything_goes_on_in_this_browser_alone(here, key, context, make_context, site, service):
    other = make_context()
    bring(other, key, site)
    former = {payload["uid"] for payload in site.pages.callbacks()}
    assert len(former) == 2  # at the shop, and elsewhere
    renew(here).at("renewed").act("key").at("new-key").act("do")
    popup = Popup(here.page).at("key")
    later = popup.shown_key()
    popup.act("continue").at("key-check").enter_key(later).at("alone")

    # The other browser is out, and so is the former key; with the new one it is in again, as the same person.
    _, page = site.visit(other, "elsewhere").open("signin", SIGN_IN)
    popup = Popup(page).at("choose")
    expect(page.locator("#accounts")).to_contain_text("No longer usable in this browser")
    popup.act("have-key").at("recover").enter_key(key)
    expect(popup.alert).to_contain_text("knows no OneID for this key")
    popup.enter_key(later).consent()
    there = dashboard(other, service)
    expect(there.card("Home")).to_contain_text(ADDRESS["street"])

    # The shop asks once more, and gets the same person, and reads what it read.
    visit = site.visit(context).ready()
    call, page = visit.open("signin", {"challenge": {"callback": "/callback", "attr": READS}})
    Popup(page).consent()
    assert call.value() == {"error": "success"}
    payload = site.pages.callbacks()[-1]
    assert payload["attr"] == GIVEN
    assert service.validate(payload)["errorcode"] == 0
    assert {payload["uid"] for payload in site.pages.callbacks()} == former
    assert visit.call("attr", READS).value()["attribute_data"] == GIVEN
    there.edit("Home", {"city": "Hill"}).act("save").at("cards")
    assert visit.call("attr", "address[city]").value()["attribute_data"] == {"address": {"city": "Hill"}}


@pytest.mark.parametrize("committed", [True, False], ids=["after the commit", "before it"])
def test_a_page_that_goes_away_in_the_middle_loses_nothing(committed, here, key, context, make_context, site, service):
    """The secret is the one that opens what the service has, whichever that is; also for the window of a site."""

    def cut(route):
        if committed:
            assert fetched(route).json()["errorcode"] == 0
        route.abort()

    context.route("**/repo/renew", cut)
    renew(here)
    expect(here.alert).to_contain_text("could not be reached")
    here.page.close()
    context.unroute_all()
    visit = site.visit(context).ready()
    if committed:
        call, page = visit.open("attr", READS)
        share(Popup(page))
    else:
        call = visit.call("attr", READS)
    assert call.value()["attribute_data"] == GIVEN
    again = dashboard(context, service)
    expect(again.card("Home")).to_contain_text(ADDRESS["street"])
    again.edit("Home", {"city": "Hill"}).act("save").at("cards")
    _, page = site.visit(make_context()).open("signin", SIGN_IN)
    popup = Popup(page).go_to("recover").enter_key(key)
    if committed:
        expect(popup.alert).to_contain_text("knows no OneID for this key")
        expect(again.section("account").page.locator("#screen")).to_contain_text("You have none")
    else:
        popup.at("consent")


def test_two_dashboards_that_are_open_go_on_with_the_new_secret(here, context, service):
    there = dashboard(context, service)
    renew(here).at("renewed")
    there.edit("Home", {"city": "Hill"}).act("save").at("cards")
    expect(there.card("Home")).to_contain_text("Hill")
    here.section("cards")
    expect(here.card("Home")).to_contain_text("Hill")
