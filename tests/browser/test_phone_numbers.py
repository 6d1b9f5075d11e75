"""What has to be typed on the phone: the number of who really asked, and the phone's PIN."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

WORDS = "Send the tea to Ann?"
PINNED = {"message": WORDS, "challenge": {"auth_level": "OOBPIN"}}
PIN = "4711"


# What the phone shows, but for the times and the address.
TEXT = """() => {
  const shown = document.getElementById("screen").cloneNode(true);
  shown.querySelector("dl").remove();
  return shown.textContent;
}"""


def dialog(visit):
    return visit.page.get_by_role("dialog")


def number_at(visit):
    shown = dialog(visit).locator(".number")
    expect(shown).to_be_visible()
    return shown.inner_text()


def wrong(number):
    return str((int(number) - 10 + 1) % 90 + 10)


@pytest.fixture
def numbered(household):
    household.handset.set_numbers("always")
    return household


def test_the_number_that_the_page_shows_is_typed_on_the_phone(numbered, service):
    visit = numbered.visit()
    call = visit.call("confirm", WORDS)
    number = number_at(visit)
    handset = numbered.handset.look()
    assert number not in re.findall(r"\d+", handset.page.evaluate(TEXT))
    assert handset.approve(number=number) == "approved"
    assert service.validate(call.value(), message=WORDS)["errorcode"] == 0


def test_a_number_is_typed_again_twice_and_the_third_wrong_one_is_a_no(numbered):
    visit = numbered.visit()
    call = visit.call("confirm", WORDS)
    number = wrong(number_at(visit))
    handset = numbered.handset.look()
    for _ in range(2):
        handset.try_to_approve(number=number)
        expect(handset.alert).not_to_be_empty()
        expect(handset.page.locator("#number")).to_have_attribute("aria-invalid", "true")
    assert handset.approve(number=number) == "rejected"
    assert call.value()["confirm"] is False


def test_nothing_is_approved_without_the_number(numbered):
    visit = numbered.visit()
    call = visit.call("confirm", WORDS)
    number = number_at(visit)
    handset = numbered.handset.look()
    for typed in (None, "7", "07"):
        handset.try_to_approve(number=typed)
        expect(handset.alert).to_contain_text("two digits")
    assert handset.approve(number=number) == "approved"
    assert call.value()["confirm"] is True


def test_a_silent_confirmation_shows_its_number_all_the_same(numbered):
    visit = numbered.visit()
    call = visit.call("confirm", {"message": WORDS, "silent": True})
    assert numbered.handset.look().approve(number=number_at(visit)) == "approved"
    assert call.value()["confirm"] is True


def test_numbers_are_wanted_by_themselves_when_questions_repeat(household, service):
    service.change("UPDATE confirmations SET created_at = '2026-01-01 00:00:00.000000'")
    handset = household.handset.set_numbers("auto")
    visit = household.visit()
    for _ in range(2):
        call = visit.call("confirm", WORDS)
        expect(dialog(visit)).to_be_visible()
        expect(dialog(visit).locator(".number")).to_have_count(0)
        handset.look().approve()
        call.value()
        handset.act("home").at("home")
    call = visit.call("confirm", WORDS)
    assert handset.look().approve(number=number_at(visit)) == "approved"
    assert call.value()["confirm"] is True


def test_a_pin_is_made_when_it_is_first_asked_for_and_then_typed(fresh_household, service):
    visit = fresh_household.visit()
    call = visit.call("confirm", PINNED)
    handset = fresh_household.handset.look()
    expect(handset.page.locator("[data-action=approve]")).to_have_count(0)
    handset.act("set-pin").at("pin")
    handset.page.locator("#pin-new").fill(PIN)
    handset.page.locator("#pin-again").fill("4712")
    handset.act("save")
    expect(handset.alert).not_to_be_empty()
    handset.page.locator("#pin-again").fill(PIN)
    handset.act("save").at("confirmation").try_to_approve(pin="0000")
    expect(handset.alert).not_to_be_empty()
    assert handset.approve(pin=PIN) == "approved"
    told = service.validate(call.value(), message=WORDS)
    assert told["valid_signatures"] == ["ad", "repo", "cd"]


def test_five_wrong_pins_in_a_row_lock_it(fresh_household):
    handset = fresh_household.handset
    handset.set_pin(PIN)
    visit = fresh_household.visit()
    call = visit.call("confirm", PINNED)
    handset.look()
    for _ in range(4):
        handset.try_to_approve(pin="0000")
        expect(handset.alert).to_contain_text("PIN")
    handset.try_to_approve(pin="0000")
    expect(handset.alert.or_(handset.page.locator(".warning")).filter(has_text="lock").first).to_be_visible()
    if handset.page.locator("[data-action=approve]").count():
        handset.try_to_approve(pin=PIN)
        expect(handset.alert).to_contain_text("lock")
    assert handset.say("reject") == "rejected"
    assert call.value()["confirm"] is False
    handset.act("home").at("home").act("settings").at("settings")
    assert "lock" in handset.everything_shown()
