"""A person is asked on the phone: what is shown, what is signed, and what the asker gets."""

import json
from datetime import timedelta

import pytest
from authenticator import Key
from confirming import WORDS, Asked, ask, ask_code, payload, result, state, wish
from device import SHOP, Device, Frame, over_wsgi, with_ticket

from keychain.repo import confirmations

OTHER = "https://other.example"


@pytest.fixture
def asked(app, clock) -> Asked:
    return Asked(Device(over_wsgi(app), clock).sign_up())


@pytest.fixture
def frame(asked):
    return asked.frame


@pytest.fixture
def phone(asked):
    return asked.phone


def test_an_approved_confirmation_validates_with_its_words_and_no_others(frame, phone, site):
    nonce = frame.nonce()
    made = ask(frame, nonce=nonce, title="Shop")
    assert result(frame, made) == {"state": "pending", "signed": None, "cd": None}
    [shown] = phone.pending()
    assert phone.approve(shown) == {"state": "approved", "current": True}
    told = result(frame, made)
    sent = payload(frame, told, nonce)
    assert site.code(sent | {"message": "Pay $4000 to Ann?", "title": "Shop"}) == "words_not_approved"
    assert site.code(sent | {"message": WORDS, "title": "Other"}) == "words_not_approved"
    answer = site.validate(sent | {"message": WORDS, "title": "Shop"})
    assert answer["valid_signatures"] == ["ad", "repo", "cd"]
    assert told["signed"]["two_factor_token"]
    assert result(frame, made)["state"] == "approved", "it may be asked for again"


def test_the_phone_is_shown_who_asks_and_what(app, frame, phone, clock):
    made = ask(frame, title="Shop", message="two\nlines", level="OOBPIN")
    [shown] = phone.pending()
    assert shown == {
        "id": made["id"],
        "uid": frame.identity.uid,
        "origin": SHOP,
        "kind": "confirm",
        "level": "OOBPIN",
        "title": "Shop",
        "message": "two\nlines",
        "nonce": shown["nonce"],
        "audience": None,
        "asked": f"{clock.now:%Y-%m-%dT%H:%M:%SZ}",
        "expires": f"{clock.now + timedelta(seconds=120):%Y-%m-%dT%H:%M:%SZ}",
        "address": "127.0.0.1",
        "browser": shown["browser"],
        "proved": True,
        "number_wanted": False,
    }
    assert shown["browser"].startswith("Werkzeug")
    assert made["expires"] == shown["expires"]
    assert phone.do("/repo/confirmations/pending")["now"] == shown["asked"]


def test_what_a_browser_calls_itself_is_shown_harmless(app, frame, phone):
    raw = json.dumps(wish(frame)).encode()
    headers = {"Proof": frame.proof("/repo/confirmations", raw), "User-Agent": "A\xe2b" + "x" * 500}
    app.test_client().post("/repo/confirmations", data=raw, headers=headers)
    [shown] = phone.pending()
    assert shown["browser"] == "A b" + "x" * 197


def test_a_sign_in_is_confirmed_without_words(frame, phone, site):
    nonce = frame.nonce()
    made = ask(frame, kind="signin", message="", nonce=nonce)
    [shown] = phone.pending()
    assert (shown["kind"], shown["title"], shown["message"]) == ("signin", "", "")
    phone.approve(shown)
    assert site.code(payload(frame, result(frame, made), nonce)) == "success"


def test_the_popup_of_a_device_asks_like_a_frame(asked, phone, site):
    device, identity = asked.device, asked.frame.identity
    nonce = device.nonce()
    made = device.do("/repo/confirmations", wish(asked.frame, nonce=nonce))["confirmation"]
    phone.approve(phone.pending()[0])
    told = result(device, made)
    assert site.code(payload(asked.frame, told, nonce)) == "success"
    assert told["signed"]["uid"] == identity.uid
    told = asked.frame.code("/repo/confirmations/result", {"confirmation": made["id"]})
    assert told == "confirmation_refused", "only who asked is told"


@pytest.mark.parametrize("how", ["reject", "report"])
def test_a_no_is_told_without_signatures(frame, phone, how):
    made = ask(frame)
    phone.decide(phone.pending()[0], how)
    assert result(frame, made) == {"state": f"{how}ed", "signed": None, "cd": None}
    assert phone.pending() == []


def test_time_ends_a_confirmation_by_itself(frame, phone, clock):
    made = ask(frame)
    [shown] = phone.pending()
    clock.tick(seconds=119)
    assert state(frame, made) == "pending"
    clock.tick(seconds=1)
    assert state(frame, made) == "expired"
    assert phone.pending() == []
    assert phone.approve(shown) == {"state": "expired", "current": False}
    cancelled = frame.do("/repo/confirmations/cancel", {"confirmation": made["id"]})["confirmation"]
    assert cancelled["state"] == "expired"


def test_the_same_question_again_is_the_same_confirmation(frame, phone):
    question = wish(frame)
    first, again = (frame.do("/repo/confirmations", question)["confirmation"] for _ in range(2))
    assert first == again
    assert len(phone.pending()) == 1
    phone.approve(phone.pending()[0])
    assert frame.do("/repo/confirmations", question)["confirmation"]["id"] == first["id"]
    assert phone.pending() == []


def test_what_was_rejected_can_be_asked_again_with_the_same_nonce(frame, phone):
    question = wish(frame)
    first = frame.do("/repo/confirmations", question)["confirmation"]
    phone.reject(phone.pending()[0])
    again = frame.do("/repo/confirmations", question)["confirmation"]
    assert again["id"] != first["id"]
    assert state(frame, again) == "pending"


def test_a_confirmation_that_is_cancelled_can_not_be_approved_any_more(frame, phone):
    made = ask(frame)
    [shown] = phone.pending()
    told = frame.do("/repo/confirmations/cancel", {"confirmation": made["id"]})["confirmation"]
    assert told == {"state": "cancelled", "signed": None, "cd": None}
    assert phone.pending() == []
    assert phone.approve(shown) == {"state": "cancelled", "current": False}


def test_what_was_approved_before_it_was_cancelled_stays_so(frame, phone, site):
    nonce = frame.nonce()
    made = ask(frame, nonce=nonce)
    phone.approve(phone.pending()[0])
    told = frame.do("/repo/confirmations/cancel", {"confirmation": made["id"]})["confirmation"]
    assert told["state"] == "approved"
    assert site.code(payload(frame, told, nonce)) == "success"


def test_one_that_is_answered_twice_stays_as_it_was_first(frame, phone):
    made = ask(frame)
    [shown] = phone.pending()
    phone.reject(shown)
    assert phone.approve(shown) == {"state": "rejected", "current": True}
    assert phone.report(shown) == {"state": "rejected", "current": True}
    assert state(frame, made) == "rejected"
    assert phone.do("/repo/phone")["phone"]["silenced"] == [], "a report that comes late silences nobody"


def test_of_two_phones_one_answers_and_the_other_is_told(frame, phone):
    other = phone.connect_phone().pin_all()
    made = ask(frame)
    [shown] = other.pending()
    assert phone.pending() == [shown]
    assert other.approve(shown) == {"state": "approved", "current": True}
    assert phone.reject(shown) == {"state": "approved", "current": False}
    told = result(frame, made)
    assert told["cd"]["key"] == other.control[frame.identity.uid].text


def test_askers_and_phones_hear_of_changes(app, asked, clock):
    def change(ticket):
        return with_ticket(over_wsgi(app), "/repo/poll", ticket)[1]["change"]

    phone, frame = asked.phone, asked.frame
    for_phone = phone.do("/repo/ticket")["ticket"]["ticket"]
    before = change(for_phone)
    made = ask(frame)
    assert change(for_phone) > before
    assert change(made["ticket"]) == 0
    before = change(for_phone)
    phone.reject(phone.pending()[0])
    assert change(made["ticket"]) == 1
    assert change(for_phone) > before
    clock.tick(seconds=181)
    assert with_ticket(over_wsgi(app), "/repo/poll", made["ticket"])[1]["code"] == "ticket_refused"


def test_several_wait_at_once_and_each_gets_its_own_answer(frame, phone, site, clock):
    nonces, made = [], []
    for words in ("0", "1"):
        clock.tick(seconds=1)
        nonces.append(frame.nonce())
        made.append(ask(frame, nonce=nonces[-1], message=words))
    first, second = phone.pending()
    assert [first["message"], second["message"]] == ["0", "1"]
    phone.approve(second)
    phone.reject(first)
    assert [state(frame, each) for each in made] == ["rejected", "approved"]
    assert site.code(payload(frame, result(frame, made[1]), nonces[1]) | {"message": "1"}) == "success"


def test_the_repo_signs_nothing_for_a_signer_that_has_ended_meanwhile(asked, phone):
    onekey = asked.device.make_onekey()
    other = asked.device.second(onekey)
    frame = Frame(other, asked.frame.identity)
    frame.admit()
    made = ask(frame)
    phone.approve(phone.pending()[0])
    phone.do("/repo/devices/revoke", {"device": other.kid})
    assert frame.code("/repo/confirmations/result", {"confirmation": made["id"]}) == "signer_revoked"


def test_the_repo_signs_nothing_once_the_nonce_is_stale(frame, phone, clock):
    made = ask(frame)
    phone.approve(phone.pending()[0])
    clock.tick(seconds=301)
    assert frame.code("/repo/confirmations/result", {"confirmation": made["id"]}) == "nonce_expired"


def test_words_are_forgotten_a_day_after(frame, phone, clock, session):
    made = ask(frame)
    assert session.changed(confirmations.old(clock.now + timedelta(days=1, seconds=120), 10)) == 0
    assert session.changed(confirmations.old(clock.now + timedelta(days=1, seconds=121), 10)) == 1
    assert frame.code("/repo/confirmations/result", {"confirmation": made["id"]}) == "confirmation_refused"


WORDS_THAT_ARE_TAKEN = [
    {"message": "x" * 10_000},
    {"message": "\U0001f600" * 10_000},
    {"message": "\u202egnp.exe\u0001\u0007\u2028<b>html</b>"},
    {"title": "x" * 200},
    {"title": "\u202e\u0007"},
    {"message": "\n"},
]


@pytest.mark.parametrize("words", WORDS_THAT_ARE_TAKEN)
def test_words_are_signed_as_they_are(frame, phone, site, words):
    nonce = frame.nonce()
    raw = json.dumps(wish(frame, nonce=nonce, **words), ensure_ascii=False).encode()
    made = frame.do("/repo/confirmations", raw)["confirmation"]
    [shown] = phone.pending()
    assert {name: shown[name] for name in words} == words
    phone.approve(shown)
    said = {"message": WORDS} | words
    sent = payload(frame, result(frame, made), nonce) | said
    assert site.code(json.dumps(sent, ensure_ascii=False).encode()) == "success"


WORDS_THAT_ARE_REFUSED = [
    {"message": ""},
    {"message": "x" * 10_001},
    {"message": "\ud800"},
    {"message": "NUL \0"},
    {"message": "ok \udfff"},
    {"title": "x" * 201},
    {"title": "two\nlines"},
    {"title": "\udc00"},
    {"kind": "signin"},
    {"kind": "signin", "message": "", "title": "x"},
]


@pytest.mark.parametrize("words", WORDS_THAT_ARE_REFUSED)
def test_words_that_can_not_be_asked_are_refused(frame, phone, site, words):
    before = site.rows()
    status, members = frame.post("/repo/confirmations", wish(frame, **words))
    assert (status, members["code"]) == (200, "malformed_words")
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 1}
    assert phone.pending() == []


MALFORMED = [
    {"kind": "send_2fa"}, {"kind": "x"}, {"level": "ON"}, {"level": None}, {"title": None}, {"message": 1},
    {"shows_number": "true"}, {"shows_number": None}, {"uid": "x"}, {"origin": "x"}, {"more": 1}, {"nonce": None},
]  # fmt: skip


@pytest.mark.parametrize("changed", MALFORMED)
def test_members_of_another_form_are_refused(frame, phone, changed):
    assert ask_code(frame, **changed) == "malformed_member"
    assert phone.pending() == []


def test_who_may_not_ask_asks_nothing(asked, phone, clock):
    device, frame = asked.device, asked.frame
    elsewhere = device.mint(OTHER)
    stranger = Device(device.ask, clock).sign_up()
    assert ask_code(frame, uid=elsewhere.uid, origin=OTHER) == "identity_refused"
    assert ask_code(frame, uid=stranger.mint().uid) == "identity_refused"
    assert stranger.code("/repo/confirmations", wish(frame)) == "identity_refused"
    assert ask_code(frame, origin=OTHER) == "origin_refused"
    assert ask_code(frame, nonce="x") == "malformed_nonce"
    assert ask_code(frame, nonce=frame.nonce().replace("001", "0012000-", 1)) == "malformed_nonce"
    old = wish(frame)
    clock.tick(seconds=301)
    assert frame.code("/repo/confirmations", old) == "nonce_expired"
    once = device.frame(frame.identity, silent=False)
    clock.tick(seconds=301)
    assert ask_code(once) == "interaction_required"
    assert phone.pending() == []


def test_an_account_without_a_phone_can_not_be_asked(app, clock):
    device = Device(over_wsgi(app), clock).sign_up()
    frame = device.frame()
    status, members = frame.post("/repo/confirmations", wish(frame))
    assert (status, members["code"]) == (200, "no_phone")
    phone = device.connect_phone().pin_all()
    ask(frame)
    phone.do("/repo/devices/revoke", {"device": phone.kid})
    assert ask_code(frame) == "no_phone"


def test_another_accounts_confirmation_is_nobodys(asked, phone, clock, site):
    made = ask(asked.frame)
    stranger = Asked(Device(asked.device.ask, clock).sign_up())
    named = {"confirmation": made["id"]}
    for who in (stranger.device, stranger.frame, stranger.phone, asked.device, phone):
        assert who.code("/repo/confirmations/result", named) == "confirmation_refused"
        assert who.code("/repo/confirmations/cancel", named) == "confirmation_refused"
    [shown] = phone.pending()
    stranger.phone.control[asked.frame.identity.uid] = Key()
    assert stranger.phone.decide_code(shown) == "confirmation_refused"
    assert stranger.phone.decide_code(shown, "report") == "confirmation_refused"
    assert phone.decide_code(shown | {"id": "A" * 22}) == "confirmation_refused"
    assert phone.decide_code(shown | {"id": "x"}) == "malformed_member"
    assert phone.decide_code(shown | {"id": "A" * 20}) == "malformed_member"
    assert stranger.phone.pending() == []
    assert state(asked.frame, made) == "pending"


def test_only_a_phone_sees_and_answers(asked):
    ask(asked.frame)
    [shown] = asked.phone.pending()
    body = asked.phone.decision(shown, "approve")
    assert asked.device.code("/repo/confirmations/pending") == "phone_required"
    assert asked.device.code("/repo/confirmations/decide", body) == "phone_required"
    assert asked.frame.code("/repo/confirmations/pending") == "signer_refused"
    assert asked.frame.code("/repo/confirmations/decide", body) == "signer_refused"
    asked.phone.do("/repo/signout")
    assert asked.phone.code("/repo/confirmations/pending") == "device_locked"
    assert asked.phone.code("/repo/confirmations/decide", body) == "device_locked"
