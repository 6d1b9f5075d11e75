"""The phone brings in other browsers and phones, refuses them, and ends them; a lost one is ended without it."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.phone import SOON_MS, carry_number, connect, digits_at, offer_phone

pytestmark = pytest.mark.slow

SIGN_IN = {"challenge": {"callback": "/callback"}}
PAST = "UPDATE devices SET ends_at = '2026-01-01 00:00:00.000000' WHERE ends_at IS NOT NULL"


def ask_the_phone(site, context, phone, *, scanned=True):
    """On a browser that is new: "use my phone", until the phone shows who wants to come in."""
    call, page = site.visit(context).open("signin", SIGN_IN)
    popup = Popup(page).at("welcome").act("use-phone").at("pair")
    if scanned:
        handset = phone.scan(popup).at("digits", SOON_MS)
    else:
        code = popup.page.locator("#code").inner_text()
        handset = phone.open().at("home").act("add").at("add").type_code(code).at("digits", SOON_MS)
    handset.type_digits(digits_at(popup)).at("admit", SOON_MS)
    return call, popup, handset


def listed(handset, name):
    return handset.page.locator("[data-device]", has_text=name)


def test_the_phone_lets_a_new_browser_in_as_the_same_person(household, make_context, service):
    household.visit().call("signin", SIGN_IN).value()
    known_as = household.site.pages.callbacks()[-1]["uid"]
    call, popup, handset = ask_the_phone(household.site, make_context(), household.phone)
    assert "Linux" in handset.everything_shown()
    assert "127.0.0.1" in handset.everything_shown()
    handset.act("approve")
    carry_number(handset, popup)
    handset.at("admitted", SOON_MS)
    popup.at("consent", SOON_MS).consent()
    assert call.value() == {"error": "success"}
    payload = household.site.pages.callbacks()[-1]
    assert payload["uid"] == known_as
    assert service.validate(payload)["errorcode"] == 0
    handset.act("devices").at("devices")
    assert listed(handset, "Linux").count() >= 2


def test_a_new_browser_comes_in_by_a_typed_code(household, make_context):
    call, popup, handset = ask_the_phone(household.site, make_context(), household.phone, scanned=False)
    handset.act("approve").at("number", SOON_MS)
    popup.page.locator("#number").fill(handset.shown_digits)
    popup.act("finish").at("consent", SOON_MS).consent()
    assert call.value() == {"error": "success"}
    handset.at("admitted", SOON_MS)


def test_a_browser_that_the_phone_refuses_stays_out_and_says_so(household, make_context, service):
    before = service.count("devices")
    _, popup, handset = ask_the_phone(household.site, make_context(), household.phone)
    handset.act("refuse").at("pairing-ended")
    popup.at("unpaired", SOON_MS)
    assert "refused" in popup.everything_shown() or "no" in popup.everything_shown()
    assert service.count("devices") == before


@pytest.mark.parametrize("side", ["cancelled at the phone", "left at the browser", "wrong"])
def test_a_browser_that_was_let_in_and_did_not_finish_is_taken_back(side, household, make_context, service):
    living = "devices WHERE revoked_at IS NULL"
    before = service.count(living)
    _, popup, handset = ask_the_phone(household.site, make_context(), household.phone)
    handset.act("approve").at("number", SOON_MS)
    assert service.count(living) == before + 1
    if side == "wrong":
        for _ in range(3):
            popup.page.locator("#number").fill(f"{(int(handset.shown_digits) + 1) % 10000:04}")
            popup.act("finish")
    elif side == "left at the browser":
        popup.act("back")
    else:
        handset.act("stop")
        popup.at("unpaired", SOON_MS)
    handset.at("pairing-ended", SOON_MS)
    assert "taken out" in handset.everything_shown()
    assert service.count(living) == before


def test_a_phone_of_nobody_lets_no_browser_in(site, context, make_phone):
    _, page = site.visit(context).open("signin", SIGN_IN)
    popup = Popup(page).at("welcome").act("use-phone").at("pair")
    handset = make_phone().scan(popup).at("pairing-ended", SOON_MS)
    handset.act("home").at("start")
    popup.at("pair")


def test_a_browser_that_the_phone_ends_is_over_at_once_everywhere(household, make_context):
    context = make_context()
    call, popup, handset = ask_the_phone(household.site, context, household.phone)
    handset.act("approve")
    carry_number(handset, popup)
    handset.at("admitted", SOON_MS)
    popup.at("consent", SOON_MS).consent()
    call.value()
    handset.act("devices").at("devices")
    newest = listed(handset, "Linux").last.get_attribute("data-device")
    handset.page.locator(f"[data-device='{newest}'] [data-action=revoke]").click()
    handset.at("revoke").act("revoke").at("devices")
    expect(handset.page.locator(f"[data-device='{newest}']")).to_have_count(0)
    visit = household.site.visit(context)
    visit.ready()
    reached = len(household.site.pages.callbacks())
    _, page = visit.open("signin", SIGN_IN)
    popup = Popup(page).at("choose")
    expect(page.locator("#accounts")).to_contain_text("No longer usable in this browser")
    assert len(household.site.pages.callbacks()) == reached


def second_phone(household, make_phone):
    """Another phone, which the first one lets in; both are at home then."""
    first, phone = household.handset, make_phone()
    first.act("add").at("add").act("offer").at("offer", SOON_MS)
    second = phone.scan(first).at("digits", SOON_MS)
    first.at("offer-digits", SOON_MS)
    second.type_digits(first.shown_digits).at("number", SOON_MS)
    first.page.locator("#finish").fill(second.shown_digits)
    first.act("finish").at("admitted", SOON_MS).act("home").at("home")
    second.at("paired", SOON_MS).act("home").at("home")
    return phone


def test_of_two_phones_the_first_answer_counts_and_one_may_end_the_other(fresh_household, make_phone, service):
    phone = second_phone(fresh_household, make_phone)
    first, second = fresh_household.handset, phone.handset
    visit = fresh_household.visit()
    for slow in (False, True):  # the second phone hears of it by itself, or when it answers, too
        call = visit.call("confirm", f"Again, slow: {slow}?")
        first.look()
        second.look()
        if slow:
            phone.context.route("**/repo/poll", lambda route: route.abort())
        assert first.approve() == "approved"
        assert service.validate(call.value(), message=f"Again, slow: {slow}?")["errorcode"] == 0
        if slow:
            second.act("reject")
        assert second.at("outcome", SOON_MS).outcome in ({"elsewhere"} if slow else {"elsewhere", "gone"})
        for handset in (first, second):
            handset.act("home").at("home")
    phone.context.unroute_all()
    # One phone ends the other, at once.
    first.devices().page.locator("[data-device]", has_text="· phone").locator("[data-action=revoke]").click()
    first.at("revoke").act("revoke").at("devices")
    second.at("removed", SOON_MS)
    first.go_home()
    call = visit.call("confirm", "Still there?")
    first.look().approve()
    payload = call.value()
    assert service.validate(payload, message="Still there?")["errorcode"] == 0
    second.act("forget").at("start")
    # The last one leaves by itself.
    first.act("home").devices().page.locator("[data-device]", has_text="this phone").locator("button").click()
    first.at("revoke").act("revoke").at("start")
    assert visit.call("confirm", "Anybody?").error() == "no_phone"


@pytest.fixture
def lost(site, make_context, make_phone):
    """A household with a written OneID Key, and another browser where that key was used to remove the phone."""
    computer = make_context()
    call, page = site.visit(computer).open("signin", SIGN_IN)
    key = Popup(page).sign_up_with_key()
    call.value()
    phone = make_phone()
    connect(computer, phone)
    elsewhere = make_context()
    call, page = site.visit(elsewhere).open("signin", SIGN_IN)
    popup = Popup(page).go_to("recover").enter_key(key).at("lost")
    popup.page.locator("[data-action=lost]").click()
    expect(popup.page.locator("#phones")).not_to_contain_text("Remove this phone")
    expect(popup.page.locator("[data-action=lost]")).to_have_count(0)
    popup.act("continue").consent()
    assert call.value() == {"error": "success"}
    return computer, phone, elsewhere


def note_at(context, site):
    """What the window says of a phone that is on its way out."""
    page = context.new_page()
    page.goto(f"{site.service.origin}/popup")
    return Popup(page).at("alone").page.locator(".phone [role=note]")


def test_every_device_is_told_of_a_phone_that_is_to_be_removed_and_the_phone_keeps_itself(lost, site):
    computer, phone, elsewhere = lost
    for context in (computer, elsewhere):
        expect(note_at(context, site)).to_contain_text("Android")
    handset = phone.open().at("home")
    expect(handset.page.locator("#news [role=note]")).to_be_visible(timeout=SOON_MS)
    handset.act("keep")
    expect(handset.page.locator("#news [role=note]")).to_have_count(0, timeout=SOON_MS)
    for context in (computer, elsewhere):
        expect(note_at(context, site)).to_have_count(0)


def test_a_lost_phone_is_over_after_its_day_and_off_the_record(lost, site, service):
    _, phone, elsewhere = lost
    phone.handset.page.goto("about:blank")  # or this page learns it, and the next one finds nothing left
    service.change(PAST)
    phone.open().at("removed", SOON_MS)
    visit = site.visit(elsewhere)
    visit.ready()
    assert visit.call("confirm", "Anybody?").error() == "no_phone"
    page = elsewhere.new_page()
    page.goto(f"{service.origin}/popup")
    expect(Popup(page).at("alone").page.locator("[data-action=connect]")).to_be_visible()
    _, page = site.visit(elsewhere, "other").open("signin", SIGN_IN)
    Popup(page).at("consent").cancel()
    ended = "control_keys WHERE ended_at IS NOT NULL AND device IN (SELECT id FROM devices WHERE ends_at IS NOT NULL)"
    assert service.count(ended) >= 1


def test_a_new_phone_takes_the_place_of_the_lost_one(lost, site, service, make_phone):
    _, _, elsewhere = lost
    service.change(PAST)
    phone = make_phone()
    connect(elsewhere, phone)
    visit = site.visit(elsewhere)
    visit.ready()
    call = visit.call("confirm", "Are you there?")
    phone.handset.look().approve()
    payload = call.value()
    assert service.validate(payload, message="Are you there?")["valid_signatures"] == ["ad", "repo", "cd"]


def test_a_phone_leaves_its_former_oneid_only_when_it_is_in_the_new_one(
    context, make_context, make_phone, site, service
):
    for computer in (context, elsewhere := make_context()):
        site.visit(computer).know().page.close()
    phone = make_phone()
    connect(context, phone)
    living = service.count("devices WHERE phone AND revoked_at IS NULL")
    for finishes in (False, True):
        popup = offer_phone(elsewhere, service)
        handset = phone.scan(popup).at("replace", SOON_MS).act("replace").at("digits", SOON_MS)
        handset.type_digits(digits_at(popup)).at("number", SOON_MS)
        if finishes:
            carry_number(handset, popup)
            handset.at("paired", SOON_MS).act("home").at("home")
        else:
            handset.act("stop").at("home")
            popup.at("unpaired", SOON_MS).page.close()
    give_up = time.monotonic() + SOON_MS / 1000
    while service.count("devices WHERE phone AND revoked_at IS NULL") != living:  # it leaves after it has come
        assert time.monotonic() < give_up
        handset.page.wait_for_timeout(100)
