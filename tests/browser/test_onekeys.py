"""The OneID Key: written down once, it brings the same person to another browser; a wrong one brings nobody."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import BLOCKING
from tests.browser.person import Popup
from tests.browser.sites import Site

pytestmark = pytest.mark.slow

SIGN_IN = {"challenge": {"callback": "/callback"}}


@pytest.fixture(scope="module")
def kept(launch, pages_server, started):
    """The OneID Key of a person who signed up at the plain site, and their uid there."""
    pages_server.forget()
    context = launch(BLOCKING).new_context(locale="en-GB")
    call, page = Site(pages_server, started.service).visit(context).open("signin", SIGN_IN)
    key = Popup(page).sign_up_with_key()
    assert call.value() == {"error": "success"}
    context.close()
    return key, pages_server.callbacks()[-1]["uid"]


def test_a_oneid_key_brings_the_same_person_to_a_fresh_browser(kept, site, service, make_context):
    key, uid = kept
    call, page = site.visit(make_context()).open("signin", SIGN_IN)
    Popup(page).recover(key).consent()
    assert call.value() == {"error": "success"}
    payload = site.pages.callbacks()[-1]
    assert payload["uid"] == uid
    assert service.validate(payload)["errorcode"] == 0


@pytest.mark.parametrize("spelling", [str.lower, lambda key: key.replace("-", " "), lambda key: key.replace("-", "")])
def test_a_oneid_key_is_read_however_it_is_spelled(spelling, kept, site, make_context):
    key, uid = kept
    call, page = site.visit(make_context()).open("signin", SIGN_IN)
    Popup(page).recover(spelling(key)).consent()
    assert call.value() == {"error": "success"}
    assert site.pages.callbacks()[-1]["uid"] == uid


def test_one_wrong_character_is_told_before_anything_is_asked(kept, site, make_context):
    key, _ = kept
    place = 6
    wrong = key[:place] + ("A" if key[place] != "A" else "B") + key[place + 1 :]
    context = make_context()
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    _, page = site.visit(context).open("signin", SIGN_IN)
    popup = Popup(page).go_to("recover").enter_key(wrong)
    expect(popup.alert).to_contain_text("One of the characters is wrong")
    assert popup.screen == "recover"
    assert [url for url in asked if url.endswith("/repo/recovery/open")] == []


def test_a_key_that_nobody_has_is_refused_in_words(site, context):
    nobodys = unknown_key()
    _, page = site.visit(context).open("signin", SIGN_IN)
    popup = Popup(page).go_to("recover")
    popup.enter_key(nobodys)
    expect(popup.alert).to_contain_text("knows no OneID for this key")
    assert popup.screen == "recover"


def test_a_key_typed_back_wrong_is_not_taken(site, context):
    call, page = site.visit(context).open("signin", SIGN_IN)
    popup = Popup(page).go_to("key")
    key = popup.shown_key()
    popup.act("continue").at("key-check")
    popup.enter_key(unknown_key())
    expect(popup.alert).to_be_visible()
    popup.enter_key(key)
    popup.consent()
    assert call.value() == {"error": "success"}


def test_skipping_is_possible_after_a_plain_warning(site, context):
    call, page = site.visit(context).open("signin", SIGN_IN)
    popup = Popup(page).go_to("skip")
    assert "lost for good" in popup.everything_shown()
    popup.act("continue").at("key").act("skip").at("skip").act("skip-yes").consent()
    assert call.value() == {"error": "success"}


def test_the_former_oneid_key_is_dead_once_there_is_a_new_one(site, context, make_context):
    """Shown, skipped, and another one made later: only the later one is good."""
    call, page = site.visit(context).open("signin", SIGN_IN)
    popup = Popup(page).go_to("key")
    former = popup.shown_key()
    popup.act("skip").at("skip").act("skip-yes").at("consent").act("remind").at("key")
    later = popup.shown_key()
    assert later != former
    popup.act("continue").at("key-check").enter_key(later).consent()
    assert call.value() == {"error": "success"}
    _, page = site.visit(make_context()).open("signin", SIGN_IN)
    popup = Popup(page).go_to("recover").enter_key(former)
    expect(popup.alert).to_contain_text("knows no OneID for this key")
    popup.enter_key(later).at("consent")


def unknown_key():
    """A well-formed OneID Key that no account has."""
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # pragma: allowlist secret
    values = [7] * 25 + [4]

    def polymod(symbols):
        check = 1
        for value in symbols:
            top = check >> 25
            check = (check & 0x1FFFFFF) << 5 ^ value
            for place, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                check ^= generator if top >> place & 1 else 0
        return check

    spread = [ord(letter) >> 5 for letter in "oneid"] + [0] + [ord(letter) & 31 for letter in "oneid"]
    checksum = polymod([*spread, *values, *[0] * 6]) ^ 0x2BC830A3
    whole = values + [checksum >> 5 * (5 - place) & 31 for place in range(6)]
    text = "".join(letters[value] for value in whole)
    return "-".join(text[place : place + 4] for place in range(0, 32, 4))
