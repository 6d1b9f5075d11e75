"""Whichever side loses the network in the middle says so, goes on when it is back, and nothing is lost or doubled."""

import pytest
from playwright.sync_api import expect

from tests.browser.phone import SOON_MS, digits_at, fetched, offer_phone

pytestmark = pytest.mark.slow

WORDS = "Pay $40 to Ann?"
SERVED = "() => navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')"


def test_the_computer_is_offline_while_the_phone_decides(household, service):
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    handset = household.handset.look()
    household.computer.set_offline(True)
    assert handset.approve() == "approved"
    visit.page.wait_for_timeout(1500)
    household.computer.set_offline(False)
    assert service.validate(call.value(), message=WORDS)["errorcode"] == 0


def test_the_phone_is_offline_when_it_is_to_decide(household):
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    handset = household.handset.look()
    household.phone.context.set_offline(True)
    handset.try_to_approve()
    expect(handset.alert).to_contain_text("reached", timeout=SOON_MS)
    assert handset.screen == "confirmation"
    household.phone.context.set_offline(False)
    assert handset.approve() == "approved"
    assert call.value()["confirm"] is True


@pytest.mark.parametrize("is_slow", [False, True], ids=["lost at once", "lost after the news"])
def test_an_approval_whose_answer_is_lost_counts_once(is_slow, household, service):
    """It arrived, and nobody was told: the person taps again, or the page finds out by itself."""
    held = []

    def lose(route):
        fetched(route)
        held.append(route)

    context = household.phone.context
    context.route("**/repo/confirmations/decide", lose, times=1)
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    handset = household.handset.look().try_to_approve()
    if is_slow:
        with handset.page.expect_response("**/repo/phone"):
            pass  # what waits was asked before this
        handset.page.wait_for_timeout(200)
    while not held:
        handset.page.wait_for_timeout(20)
    held[0].abort()
    payload = call.value()
    assert service.validate(payload, message=WORDS)["errorcode"] == 0
    confirmation = handset.page.locator("[data-action=approve]")
    outcome = handset.page.locator("#screen[data-screen=outcome]")
    expect(confirmation.or_(outcome).first).to_be_visible()
    expect(outcome).to_be_visible(timeout=SOON_MS)
    assert handset.outcome == "approved"


def test_a_phone_that_was_off_learns_what_waits_when_it_is_on_again(household):
    for page in household.phone.context.pages:
        page.close()
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    handset = household.phone.open().look()
    assert handset.words == WORDS
    handset.approve()
    assert call.value()["confirm"] is True


def test_a_phone_that_lost_the_network_at_home_says_so_and_catches_up(household):
    handset = household.handset
    status = handset.page.locator("#status")
    household.phone.context.set_offline(True)
    expect(status).to_contain_text("You are offline", timeout=SOON_MS)
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    household.phone.context.set_offline(False)
    handset.look().approve()
    assert call.value()["confirm"] is True


def test_the_app_starts_offline_and_says_that_it_is(household):
    context = household.phone.context
    assert household.handset.page.evaluate(SERVED)
    context.set_offline(True)
    handset = household.phone.open().at("home", SOON_MS)
    expect(handset.page.locator("#status")).to_contain_text("You are offline", timeout=SOON_MS)
    context.set_offline(False)
    expect(handset.page.locator("#status")).not_to_contain_text("offline", timeout=SOON_MS)


@pytest.mark.parametrize("side", ["computer", "phone"])
def test_a_pairing_outlives_a_network_that_went_away(side, computer, make_phone, service):
    popup = offer_phone(computer, service)
    phone = make_phone()
    context = computer if side == "computer" else phone.context
    handset = phone.scan(popup).at("digits", SOON_MS)
    digits = digits_at(popup)
    context.set_offline(True)
    if side == "phone":
        handset.type_digits(digits)
        handset.page.wait_for_timeout(1500)
        context.set_offline(False)
    else:
        handset.type_digits(digits).at("number", SOON_MS)
        popup.page.wait_for_timeout(1500)
        context.set_offline(False)
    handset.at("number", SOON_MS)
    popup.page.locator("#number").fill(handset.shown_digits)
    popup.act("finish").at("paired", SOON_MS)
    handset.at("paired", SOON_MS)


def test_a_pairing_whose_last_answer_is_lost_gives_the_phone_its_account(computer, make_phone, service):
    """The admission arrived, its answer did not: the person presses again, and it is the same phone."""

    def lose(route):
        route.fetch(url=route.request.url.replace("id.localhost", "127.0.0.1"))
        route.abort()

    before = service.count("devices WHERE phone")
    computer.route("**/repo/devices/admit", lose, times=1)
    popup = offer_phone(computer, service)
    phone = make_phone()
    handset = phone.scan(popup)
    handset.type_digits(digits_at(popup)).at("number", SOON_MS)
    popup.page.locator("#number").fill(handset.shown_digits)
    popup.act("finish")
    paired = popup.page.locator("#screen[data-screen=paired]")
    again = popup.page.locator("#screen[data-screen=unpaired], #screen [role=alert]:not(:empty)")
    expect(paired.or_(again).first).to_be_visible(timeout=SOON_MS)
    if not paired.count():
        if popup.screen == "unpaired":
            popup.act("again").at("pair")
            handset = phone.scan(popup)
            handset.type_digits(digits_at(popup)).at("number", SOON_MS)
            popup.page.locator("#number").fill(handset.shown_digits)
        popup.act("finish").at("paired", SOON_MS)
    handset.at("paired", SOON_MS)
    assert service.count("devices WHERE phone") == before + 1


@pytest.mark.parametrize("is_in", [True, False])
def test_a_phone_that_is_reloaded_before_it_was_let_in_asks_whether_it_is(is_in, computer, make_phone, service):
    """It has stored the account. What counts is what the repo says, and half a phone is none."""
    before = service.count("devices WHERE phone")
    popup = offer_phone(computer, service)
    phone = make_phone()
    held = []

    def hold(route):
        held.append(route)

    computer.route("**/repo/devices/admit", hold)
    handset = phone.scan(popup)
    handset.type_digits(digits_at(popup)).at("number", SOON_MS)
    popup.page.locator("#number").fill(handset.shown_digits)
    popup.act("finish")
    handset.at("joining", SOON_MS)
    while not held:
        popup.page.wait_for_timeout(100)
    assert popup.screen == "joining"  # not yet "connected"
    if is_in:
        handset = phone.open().at("joining", SOON_MS)
        held[0].continue_()
        popup.at("paired", SOON_MS)
        handset.at("paired", SOON_MS)
    else:
        computer.route("**/repo/devices/admit", lambda route: route.abort())  # it tries again
        held[0].abort()  # else it goes out when the page is closed
        popup.page.close()
        service.change("UPDATE pairings SET created_at = '2026-01-01 00:00:00.000000', changes = changes + 1")
        handset = phone.open().at("joining", SOON_MS)
    assert service.count("devices WHERE phone") == before + is_in
