"""The dashboard's sites: what they read is taken back, they ask again, and one that is forgotten knows nobody."""

import pytest
from playwright.sync_api import expect

from tests.browser.dashboard import ADDRESS, EMAIL, NAME, SIGN_IN, dashboard, sign_up
from tests.browser.person import Popup
from tests.browser.wallets import release, share

pytestmark = pytest.mark.slow

EVERYTHING = "name email address[city]"
SILENT = {"attr": "email", "silent": True}


@pytest.fixture
def here(context, site, service):
    """The dashboard of somebody who keeps three cards and is known at the plain site ``shop``."""
    sign_up(context, site)
    return dashboard(context, service).add("name", NAME).add("email", EMAIL).add("address", ADDRESS)


@pytest.fixture
def visit(here, context, site):
    """A tab at the shop, which may read of all three."""
    visit = site.visit(context)
    release(visit, EVERYTHING)
    return visit


def test_a_site_is_shown_with_what_it_reads(here, visit, site):
    here.section("sites")
    expect(here.card(site.pages.origin().split("//")[1])).to_contain_text("Reads: Address (City) · E-mail · Name")
    here.site(site.pages.origin())
    for words in ("First name, Last name", "E-mail address", "City"):
        assert words in here.everything_shown()
    assert "Quillfeather" not in here.everything_shown()


def test_a_card_that_is_withdrawn_is_asked_for_again(here, visit, site):
    assert visit.call("attr", "email").value()["attribute_data"] == {"email": EMAIL}
    here.site(site.pages.origin()).page.locator("#released [data-card=email] [data-action=withdraw]").click()
    here.at("withdraw").sure().at("site").said("Withdrawn")
    assert visit.call("attr", SILENT).error() == "interaction_required"
    assert visit.call("attr", {"attr": "name", "silent": True}).value()["attribute_data"] == {"name": NAME}
    call, page = visit.open("attr", "email")
    share(Popup(page))
    assert call.value()["attribute_data"] == {"email": EMAIL}


def test_withdrawing_everything_leaves_the_sign_in(here, visit, site):
    here.site(site.pages.origin()).act("all").at("withdraw").sure().at("site").said("Withdrawn")
    assert "Reads nothing of you" in here.everything_shown()
    assert visit.call("attr", SILENT).error() == "interaction_required"
    assert visit.call("signin", SIGN_IN).value() == {"error": "success"}


def test_a_card_that_was_not_given_can_be_asked_for_again(here, context, site):
    visit = site.visit(context)
    call, page = visit.open("attr", "name phone")
    popup = Popup(page).at("share")
    page.locator("#screen [data-card=phone] input[type=checkbox]").uncheck()
    share(popup)
    assert call.value()["attribute_data"] == {"name": NAME}
    assert visit.call("attr", {"attr": "phone", "silent": True}).value()["attribute_data"] == {}
    here.site(site.pages.origin())
    expect(here.card("Phone")).to_contain_text("you gave nothing")
    here.press(here.card("Phone"), "again").at("site").said("may ask you")
    assert visit.call("attr", {"attr": "phone", "silent": True}).error() == "interaction_required"


def test_a_site_that_shall_ask_each_time_asks(here, visit, site):
    assert visit.call("signin", SIGN_IN).value() == {"error": "success"}
    here.site(site.pages.origin())
    expect(here.page.locator("#screen")).to_contain_text("without a window")
    here.act("ask").at("site").said("From now on it asks you")
    expect(here.page.locator("[data-action=ask]")).to_have_count(0)
    call, page = visit.open("signin", SIGN_IN)
    Popup(page).consent(silent=False)
    assert call.value() == {"error": "success"}
    uids = {payload["uid"] for payload in site.pages.callbacks()}
    assert len(uids) == 1


def test_a_site_that_is_forgotten_takes_the_person_for_somebody_new(here, visit, site, service):
    former = site.pages.callbacks()[-1]["uid"]
    here.site(site.pages.origin()).act("forget").at("forget")
    assert "takes you for somebody new" in here.everything_shown()
    here.page.keyboard.press("Enter")  # on the heading: nothing is decided by it
    here.at("forget").sure().at("sites").said("The site is forgotten")
    expect(here.page.locator(".empty")).to_be_visible()
    call, page = visit.open("signin", SIGN_IN)
    Popup(page).consent()
    assert call.value() == {"error": "success"}
    payload = site.pages.callbacks()[-1]
    assert payload["uid"] != former
    assert service.validate(payload)["errorcode"] == 0
    assert visit.call("attr", SILENT).error() == "interaction_required"
