"""What is shown on the phone is what it signs, and can not look like something else; who swaps words is caught."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.phone import fetched

pytestmark = pytest.mark.slow

WORDS = "Pay $40 to Ann?"
HARMFUL = {
    "turned": ("Pay \u202e001$ ot nnA\u202c now", "Pay ⟨U+202E⟩001$ ot nnA⟨U+202C⟩ now"),
    "controls": ("Pay\x01 $40\x1b[31m\r to\tAnn\x7f", "Pay⟨U+0001⟩ $40⟨U+001B⟩[31m⟨U+000D⟩ to⟨U+0009⟩Ann⟨U+007F⟩"),
    "isolates": ("\u2066Pay\u2069 \u200b$40\ufeff", "⟨U+2066⟩Pay⟨U+2069⟩ ⟨U+200B⟩$40⟨U+FEFF⟩"),
    "html": (
        "<b>Pay</b> <img src=x onerror=alert(1)> &amp; </p>",
        "<b>Pay</b> <img src=x onerror=alert(1)> &amp; </p>",
    ),
    "gaps": ("Pay $4\u3164\u3164000", "Pay $4⟨U+3164⟩⟨U+3164⟩000"),
    "lines": ("Pay $40\nto Ann?", "Pay $40\nto Ann?"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_words_that_would_look_like_others_are_shown_as_what_they_are(name, household, service):
    words, shown = HARMFUL[name]
    visit = household.visit()
    call = visit.call("confirm", {"message": words, "silent": True})
    handset = household.handset.look()
    assert handset.words == shown
    assert handset.page.locator("#message :not(code.mark)").count() == 0  # text, and our own marks
    handset.approve()
    payload = call.value()
    assert service.validate(payload, message=words)["errorcode"] == 0  # what was signed is the words themselves


def test_ten_thousand_characters_leave_the_buttons_within_reach(household, service):
    words = "Wort\u0323\u0323\u0323 " * 1249 + "the end."
    assert len(words) == 10_000
    visit = household.visit()
    call = visit.call("confirm", {"title": "T" * 200, "message": words})
    handset = household.handset.look()
    width = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert handset.page.evaluate(width) == 0
    assert handset.words.replace("⟨U+0323⟩", "\u0323") == words
    handset.approve()
    assert service.validate(call.value(), title="T" * 200, message=words)["errorcode"] == 0


def test_words_that_go_on_below_are_scrolled_to_their_end_before_they_are_approved(household, service):
    words = "Pay $1 to Ann" + "\n" * 60 + "and $9,000 to Bob"
    visit = household.visit()
    call = visit.call("confirm", {"title": "Checked by OneID", "message": words})
    handset = household.handset.look()
    approve, more = handset.page.locator("[data-action=approve]"), handset.page.locator("#more")
    expect(approve).to_be_disabled()
    expect(more).to_contain_text("go on")
    expect(handset.page.locator("#words #words-title")).to_have_text("Checked by OneID")  # plainly the site's
    place = approve.bounding_box()
    handset.page.locator("#words").focus()
    handset.page.keyboard.press("End")
    expect(approve).to_be_enabled()
    expect(handset.page.locator("#origin")).to_be_in_viewport()
    assert approve.bounding_box() == place
    assert handset.approve() == "approved"
    assert service.validate(call.value(), title="Checked by OneID", message=words)["errorcode"] == 0


def test_a_page_that_swaps_the_words_is_caught_by_its_own_server(household, service):
    """The page asks for little and tells its server of much: the phone signed the little."""
    visit = household.visit()
    call = visit.call("confirm", {"message": "Pay $4 to Ann?", "silent": True})
    handset = household.handset.look()
    assert handset.words == "Pay $4 to Ann?"
    handset.approve()
    payload = call.value() | {"message": WORDS}
    assert service.validate(payload, message=WORDS)["code"] == "words_not_approved"


def test_a_page_that_puts_the_words_into_the_title_is_caught(household, service):
    visit = household.visit()
    call = visit.call("confirm", {"title": "Pay $40", "message": "to Ann?", "silent": True})
    household.handset.look().approve()
    assert service.validate(call.value(), message="Pay $40\nto Ann?", title="")["code"] == "words_not_approved"


def test_a_compromised_frame_that_asks_for_other_words_is_caught_by_the_sites_server(household, service):
    """The frame has keys that the repo honours. It asks the phone for other words than the page gave it."""
    visit = household.visit()
    frame = visit.frame()
    frame.evaluate(
        """() => {
          const stringify = JSON.stringify;
          JSON.stringify = (value, ...more) =>
            stringify(value?.shows_number === undefined ? value : { ...value, message: "Pay $4 to Ann?" }, ...more);
        }"""
    )
    call = visit.call("confirm", {"message": WORDS, "silent": True})
    handset = household.handset.look()
    assert handset.words == "Pay $4 to Ann?"  # the person sees what is signed, and not what the page meant
    assert handset.approve() == "approved"
    payload = call.value()
    assert payload["message"] == WORDS
    assert service.validate(payload, message=payload["message"])["code"] == "words_not_approved"


def test_a_repo_that_shows_other_words_than_were_asked_gets_a_signature_over_those(household, service):
    """What the phone shows is what it signs, whoever changed it on the way: then the site's server refuses."""

    def swap(route):
        response = fetched(route)
        told = response.json()
        for asked in told["confirmations"]:
            asked["message"] = "Say hello to Ann?"
        route.fulfill(response=response, json=told)

    signed = []
    context = household.phone.context
    context.route("**/repo/confirmations/pending", swap)
    context.on("request", lambda request: request.url.endswith("/decide") and signed.append(request.post_data))
    visit = household.visit()
    visit.call("confirm", {"message": WORDS, "silent": True})
    handset = household.handset.look()
    assert handset.words == "Say hello to Ann?"
    handset.try_to_approve()
    handset.page.wait_for_function("() => !document.querySelector('#screen').hasAttribute('aria-busy')")
    context.unroute_all()
    assert json.loads(signed[0])["cd"]
    assert handset.screen == "confirmation"
    assert handset.alert.inner_text()
    handset.say("reject")
