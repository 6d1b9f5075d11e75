"""A yes on the phone: the control key's signature over exactly what was shown, and the number or PIN that was typed."""

import pytest
from authenticator import Key, b64url, words_sha256
from confirming import WORDS, Asked, ask, payload, result, state
from device import Device, over_wsgi
from sqlalchemy import select, update

from keychain.store.phone_tables import confirmations, control_keys, phone_pins


@pytest.fixture
def asked(app, clock) -> Asked:
    return Asked(Device(over_wsgi(app), clock).sign_up())


@pytest.fixture
def frame(asked):
    return asked.frame


@pytest.fixture
def phone(asked):
    return asked.phone


FORGED = [
    {"words_sha256": words_sha256("Pay $41 to Ann?")},
    {"words_sha256": words_sha256(WORDS, "Shop")},
    {"origin": "https://evil.example"},
    {"nonce": "0012026-11-21T10:00:00Zabcdef"},
    {"pin": True},
    {"pin": False},
    {"aud": "record"},
    {"pins": {"cd": "x"}},
    {"nonce": None},
]


@pytest.mark.parametrize("claims", FORGED)
def test_a_signature_over_anything_else_approves_nothing(frame, phone, claims, site):
    made = ask(frame)
    [shown] = phone.pending()
    body = phone.decision(shown, "approve") | {"cd": phone.signed(shown, **claims)}
    before = site.rows()
    status, members = phone.post("/repo/confirmations/decide", body)
    assert (status, members["code"]) == (403, "approval_refused")
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 1}
    assert state(frame, made) == "pending"
    assert phone.approve(shown)["state"] == "approved"


@pytest.mark.parametrize("claims", [{"pin": 1}, {"pin": "true"}, {"pin": False}])
def test_a_pin_is_signed_as_true_and_nothing_like_it(frame, phone, claims):
    phone.set_pin("1234")
    ask(frame, level="OOBPIN")
    [shown] = phone.pending()
    forged = phone.decision(shown, "approve", pin="1234") | {"cd": phone.signed(shown, **claims)}
    assert phone.code("/repo/confirmations/decide", forged) == "approval_refused"


def test_a_yes_without_a_signature_by_the_right_key_is_none(frame, phone):
    ask(frame)
    [shown] = phone.pending()
    honest = phone.decision(shown, "approve")
    told = {
        phone.code("/repo/confirmations/decide", honest | {"cd": signed})
        for signed in (None, "x", "a.b.c", Key().jws({}), honest["cd"] + "A", honest["cd"][:-6] + "AAAAAA")
    }
    claims = {"nonce": shown["nonce"], "words_sha256": words_sha256(WORDS), "origin": shown["origin"]}
    told.add(phone.code("/repo/confirmations/decide", honest | {"cd": Key().jws(claims)}))
    told.add(phone.code("/repo/confirmations/decide", honest | {"cd": frame.identity.key.jws(claims)}))
    proof_like = phone.control[shown["uid"]].jws(claims, {"typ": "proof+jwt", "alg": "ES256"})
    told.add(phone.code("/repo/confirmations/decide", honest | {"cd": proof_like}))
    assert told == {"approval_refused"}


def test_a_phone_whose_control_key_is_not_on_record_can_say_no_but_not_yes(frame, phone, session, clock):
    other = phone.connect_phone()
    made = ask(frame)
    [shown] = other.pending()
    other.control[shown["uid"]] = Key()
    assert other.decide_code(shown) == "control_key_refused"
    session.changed(update(control_keys).values(ended_at=clock.now))
    assert phone.decide_code(shown) == "control_key_refused"
    assert other.reject(shown)["state"] == "rejected"
    assert state(frame, made) == "rejected"


MALFORMED = [
    {"decision": "yes"}, {"decision": None}, {"number": "4"}, {"number": "423"}, {"number": "09"}, {"number": 42},
    {"number": "\u0664\u0662"}, {"number": "4\n"}, {"number": ""}, {"pin": "1234"}, {"pin": b64url(b"x" * 31)},
    {"cd": 1}, {"confirmation": None}, {"more": 1},
]  # fmt: skip


@pytest.mark.parametrize("changed", MALFORMED)
def test_answers_of_another_form_are_refused(frame, phone, changed):
    ask(frame)
    body = phone.decision(phone.pending()[0], "approve")
    assert phone.code("/repo/confirmations/decide", body | changed) == "malformed_member"
    del body["pin"]
    assert phone.code("/repo/confirmations/decide", body) == "malformed_member"


@pytest.fixture
def numbered(frame, phone):
    """A confirmation with a number, and another one than that."""
    phone.do("/repo/phone/settings", {"demands_phone": False, "numbers": "always"})
    made = ask(frame)
    assert 10 <= int(made["number"]) <= 99
    [shown] = phone.pending()
    assert shown["number_wanted"]
    assert made["number"] not in {str(value) for name, value in shown.items() if name not in ("id", "nonce")}
    return made, shown, "11" if made["number"] != "11" else "12"


def test_the_number_of_the_screen_is_typed_on_the_phone(frame, phone, numbered):
    made, shown, wrong = numbered
    assert phone.decide_code(shown, number=wrong) == "number_refused"
    assert phone.decide_code(shown) == "number_refused"
    assert phone.approve(shown, number=made["number"])["state"] == "approved"
    assert state(frame, made) == "approved"


def test_three_wrong_numbers_are_a_no(frame, phone, numbered):
    made, shown, wrong = numbered
    assert [phone.decide_code(shown, number=wrong) for _ in range(2)] == ["number_refused"] * 2
    assert phone.approve(shown, number=wrong) == {"state": "rejected", "current": True}
    assert phone.approve(shown, number=made["number"])["state"] == "rejected"
    assert result(frame, made) == {"state": "rejected", "signed": None, "cd": None}


def test_a_third_wrong_number_that_was_counted_and_not_told_is_a_no_all_the_same(frame, phone, numbered, session):
    made, shown, _ = numbered
    session.changed(update(confirmations).values(tries=3))
    assert phone.approve(shown, number=made["number"])["state"] == "rejected"


def test_a_bad_signature_or_pin_uses_up_no_try_at_the_number(frame, phone, numbered, session):
    made, shown, _ = numbered
    forged = phone.decision(shown, "approve", number=made["number"]) | {
        "cd": phone.signed(shown, origin="https://x.example")
    }
    assert phone.code("/repo/confirmations/decide", forged) == "approval_refused"
    assert session.rows(select(confirmations.c.tries)) == [(0,)]


def test_a_number_is_wanted_once_confirmations_repeat(frame, phone, clock):
    made = []
    for _ in range(3):
        made.append(ask(frame)["number"])
        phone.reject(phone.pending()[0])
    assert made[:2] == [None, None]
    assert made[2] is not None
    clock.tick(minutes=10, seconds=1)
    assert ask(frame)["number"] is None


def test_numbers_can_be_switched_off(frame, phone):
    phone.do("/repo/phone/settings", {"demands_phone": False, "numbers": "never"})
    for _ in range(4):
        assert ask(frame)["number"] is None
        phone.reject(phone.pending()[0])


def test_who_can_not_show_a_number_is_asked_to(frame, phone):
    phone.do("/repo/phone/settings", {"demands_phone": False, "numbers": "always"})
    question = {"shows_number": False}
    from confirming import ask_code

    assert ask_code(frame, **question) == "number_required"
    assert phone.pending() == []
    assert ask_code(frame) == "success"


def test_a_confirmation_with_a_pin_wants_the_phones_pin(frame, phone, site):
    nonce = frame.nonce()
    made = ask(frame, level="OOBPIN", nonce=nonce)
    [shown] = phone.pending()
    assert phone.decide_code(shown) == "pin_unset"
    assert phone.decide_code(shown, pin="1234") == "pin_unset"
    phone.set_pin("1234")
    assert phone.decide_code(shown) == "pin_refused"
    assert phone.decide_code(shown, pin="4321") == "pin_refused"
    assert phone.approve(shown, pin="1234")["state"] == "approved"
    assert site.code(payload(frame, result(frame, made), nonce) | {"message": WORDS}) == "success"


def test_five_wrong_pins_in_a_row_lock_it_for_good(frame, phone, clock, session):
    phone.set_pin("1234")
    ask(frame, level="OOBPIN")
    [shown] = phone.pending()
    told = [phone.decide_code(shown, pin="0000") for _ in range(6)]
    assert told == ["pin_refused"] * 4 + ["pin_locked"] * 2
    assert phone.decide_code(shown, pin="1234") == "pin_locked"
    assert phone.decide_code(shown) == "pin_locked"
    assert phone.do("/repo/phone")["phone"]["pin"] == {"set": True, "locked": True}
    proof = phone.pin_proof("1234")
    assert phone.code("/repo/phone/pin", {"proof": proof, "former": proof}) == "pin_locked"
    assert session.rows(select(phone_pins.c.tries)) == [(5,)]
    assert phone.reject(shown)["state"] == "rejected", "saying no needs none"


def test_a_right_pin_forgets_wrong_ones(frame, phone, session):
    phone.set_pin("1234")
    made = ask(frame, level="OOBPIN")
    [shown] = phone.pending()
    assert [phone.decide_code(shown, pin="0000") for _ in range(4)] == ["pin_refused"] * 4
    assert phone.approve(shown, pin="1234")["state"] == "approved"
    assert session.rows(select(phone_pins.c.tries)) == [(0,)]
    assert state(frame, made) == "approved"


def test_a_pin_is_one_phones_own(frame, phone):
    other = phone.connect_phone().pin_all()
    phone.set_pin("1234")
    ask(frame, level="OOBPIN")
    [shown] = other.pending()
    assert other.decide_code(shown, pin="1234") == "pin_unset"
    other.pin_key = phone.pin_key
    other.set_pin("9999")
    assert other.decide_code(shown, pin="1234") == "pin_refused"


def test_this_was_not_me_silences_who_asked(frame, phone, asked, caplog):
    made = ask(frame)
    assert phone.report(phone.pending()[0]) == {"state": "reported", "current": True}
    assert state(frame, made) == "reported"
    from confirming import ask_code, wish

    status, members = frame.post("/repo/confirmations", wish(frame))
    assert (status, members["code"]) == (200, "asker_silenced")
    assert phone.pending() == []
    other = asked.device.frame(asked.device.mint("https://other.example"))
    assert ask_code(other) == "success", "another site asks on"
    [entry] = phone.do("/repo/phone")["phone"]["silenced"]
    assert entry["name"] == frame.identity.origin
    assert phone.code("/repo/phone/unsilence", {"id": entry["id"]}) == "success"
    assert phone.do("/repo/phone")["phone"]["silenced"] == []
    assert ask_code(frame) == "success"
