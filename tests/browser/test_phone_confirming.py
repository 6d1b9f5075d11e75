"""A site asks, the phone shows exactly that, and what the person says there comes back: yes, no, or "not me"."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.phone import SOON_MS, fetched

pytestmark = pytest.mark.slow

WORDS = "Pay $40 to Ann?"
SIGN_IN = {"challenge": {"callback": "/callback"}}
OVER = (
    "UPDATE confirmations SET expires_at = datetime('now', '-1 minute') || '.000000', changes = changes + 1"
    " WHERE state = 'pending'"
)


def dialog(visit):
    return visit.page.get_by_role("dialog")


def test_what_the_phone_approves_the_sites_server_accepts(household, service):
    visit = household.visit()
    call = visit.call("confirm", {"title": "Lantern Tea", "message": WORDS})
    expect(dialog(visit)).to_contain_text(WORDS)
    handset = household.handset.look()
    assert handset.words == WORDS
    assert household.site.pages.origin() in handset.everything_shown()
    assert "Lantern Tea" in handset.everything_shown()
    assert handset.approve() == "approved"
    payload = call.value()
    expect(dialog(visit)).to_have_count(0)
    assert payload["confirm"] is True
    told = service.validate(payload, title="Lantern Tea", message=WORDS)
    assert told["valid_signatures"] == ["ad", "repo", "cd"]
    assert service.validate(payload, title="Lantern Tea", message=WORDS)["code"] == "replayed_nonce"


def test_a_confirmation_reaches_the_sites_callback_with_its_words(household, service):
    nonce = service.make_nonce()
    visit = household.visit()
    call = visit.call("confirm", {"message": WORDS, "challenge": {"callback": "/callback", "nonce": nonce}})
    household.handset.look().approve()
    assert call.value() == {"error": "success"}
    payload = household.site.pages.callbacks()[-1]
    assert (payload["confirm"], payload["message"]) == (True, WORDS)
    assert service.validate(payload, message=payload["message"])["errorcode"] == 0


@pytest.mark.parametrize("decision", ["reject", "report"])
def test_a_no_is_told_to_the_page_and_gives_it_nothing(decision, household):
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    assert household.handset.look().say(decision) == {"reject": "rejected", "report": "reported"}[decision]
    answer = call.value()
    assert answer["confirm"] is False
    assert set(answer) == {"confirm", "uid"}
    assert household.site.pages.callbacks() == []


def test_who_was_reported_is_silent_until_the_person_hears_them_again(household):
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    handset = household.handset.look()
    handset.say("report")
    call.value()
    assert visit.call("confirm", WORDS).error() == "asker_silenced"
    handset.act("home").at("home").act("settings").at("settings")
    assert household.site.pages.origin() in handset.everything_shown()
    handset.act("unsilence")
    expect(handset.page.locator("[data-action=unsilence]")).to_have_count(0)
    handset.go_home()
    again = visit.call("confirm", WORDS)
    assert handset.look().approve() == "approved"
    assert again.value()["confirm"] is True


def test_what_nobody_answers_times_out_at_the_computer(household, service):
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    household.handset.look()
    service.change(OVER)
    assert call.error() == "confirmation_timed_out"
    expect(dialog(visit)).to_have_count(0)


def test_what_nobody_answers_goes_from_the_phone_also_without_a_network(household):
    ends = []  # the same in all answers, and late enough to be looked at first

    def soon_over(route):
        response = fetched(route)
        ends.append(datetime.now(UTC) + timedelta(seconds=12))
        told = response.json()
        for asked in told["confirmations"]:
            asked["expires"] = f"{ends[0]:%Y-%m-%dT%H:%M:%SZ}"
        route.fulfill(response=response, json=told)

    context = household.phone.context
    context.route("**/repo/confirmations/pending", soon_over)
    visit = household.visit()
    visit.call("confirm", WORDS)
    handset = household.handset.look()
    context.set_offline(True)
    assert handset.at("outcome", 2 * SOON_MS).outcome == "expired"
    context.set_offline(False)
    handset.act("home").at("home")
    expect(handset.page.locator("[data-action=open]")).to_have_count(0)


@pytest.mark.parametrize("way", ["button", "Escape"])
def test_what_the_person_takes_back_at_the_computer_goes_from_the_phone(way, household):
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    handset = household.handset.look()
    expect(dialog(visit)).to_be_visible()
    if way == "Escape":
        visit.page.keyboard.press("Escape")
    else:
        dialog(visit).get_by_role("button", name="Cancel").click()
    assert call.value() is None
    assert handset.at("outcome", SOON_MS).outcome in {"cancelled", "gone"}
    assert "approve" not in handset.page.locator("#screen").inner_html()


def test_a_silent_confirmation_shows_no_dialog(household):
    visit = household.visit()
    call = visit.call("confirm", {"message": WORDS, "silent": True})
    handset = household.handset.look()
    expect(dialog(visit)).to_have_count(0)
    handset.approve()
    assert call.value()["confirm"] is True


def test_several_that_wait_at_once_are_answered_each_by_itself(household, service):
    visits = [household.visit(), *(household.site.visit(household.computer) for _ in range(3))]
    for page in household.phone.context.pages:  # what waits alone would open by itself
        page.goto("about:blank")
    calls = []
    for visit, words in zip(visits, ("one", "two", "three"), strict=False):
        visit.ready()
        calls.append(visit.call("confirm", words))
        expect(dialog(visit)).to_be_visible(timeout=SOON_MS)
    visits[3].ready()
    assert visits[3].call("confirm", "four").error() == "too_many_confirmations"
    handset = household.phone.open()
    for waiting, words, decision in ((3, "two", "approve"), (2, "three", "reject")):
        handset.asked(waiting).page.locator("[data-action=open]").nth(1).click()
        assert handset.at("confirmation").words == words
        handset.say(decision) if decision == "reject" else handset.approve()
        handset.act("home")
    assert handset.look().words == "one"
    handset.approve()
    handset.act("home")
    one, two, three = (call.value() for call in calls)
    assert (one["confirm"], two["confirm"], three["confirm"]) == (True, True, False)
    assert service.validate(one, message="one")["errorcode"] == 0
    assert service.validate(two, message="one")["code"] == "words_not_approved"


def test_a_site_that_wants_the_phone_at_sign_in_gets_its_signature(household, service):
    visit = household.visit()
    call = visit.call("signin", {"challenge": {**SIGN_IN["challenge"], "auth_level": "OOB"}})
    expect(dialog(visit)).to_be_visible()
    handset = household.handset.look()
    assert household.site.pages.origin() in handset.everything_shown()
    assert handset.approve() == "approved"
    assert call.value() == {"error": "success"}
    told = service.validate(household.site.pages.callbacks()[-1])
    assert told["valid_signatures"] == ["ad", "repo", "cd"]


def test_a_sign_in_that_the_phone_denies_is_none(household):
    visit = household.visit()
    call = visit.call("signin", {"challenge": {**SIGN_IN["challenge"], "auth_level": "OOB"}})
    household.handset.look().say("reject")
    assert call.error() == "confirmation_denied"
    assert household.site.pages.callbacks() == []


def test_an_account_that_demands_its_phone_signs_in_nowhere_without_it(household, service):
    handset = household.handset.demand_phone(wanted=True)
    visit = household.visit()
    call = visit.call("signin", SIGN_IN)
    handset.look().approve()
    assert call.value() == {"error": "success"}
    assert "cd" in service.validate(household.site.pages.callbacks()[-1])["valid_signatures"]
    handset.act("home").at("home").demand_phone(wanted=False)
    assert visit.call("signin", SIGN_IN).value() == {"error": "success"}


def test_where_there_is_no_phone_the_page_is_told_so(site, computer):
    visit = site.visit(computer)
    visit.ready()
    assert visit.call("confirm", WORDS).error() == "no_phone"
    assert visit.get("mobileEnabled") is False


@pytest.mark.parametrize("words", ["", "x" * 10_001, "nothing\0more"], ids=["none", "too-many", "nul"])
def test_words_that_can_not_be_shown_are_refused_before_the_phone_hears_of_them(words, household, service):
    before = service.count("confirmations")
    assert household.visit().call("confirm", {"message": words}).error() == "malformed_words"
    assert service.count("confirmations") == before


def test_what_is_asked_while_another_screen_is_open_is_told_there(household):
    """Quietly, and nothing that is being done is taken away."""
    visit = household.visit()
    handset = household.handset.act("settings").at("settings")
    call = visit.call("confirm", "Pay $40 to Ann?")
    bar = handset.page.locator("#bar")
    expect(bar).to_contain_text("waiting", timeout=SOON_MS)
    assert handset.screen == "settings"
    bar.get_by_role("button").click()
    assert handset.at("confirmation").approve() == "approved"
    expect(bar).to_be_empty()
    assert call.value()["confirm"] is True
