"""How often a person may be asked: no phone is buried, and no asker uses up what is another's."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from confirming import Asked, ask, ask_code, state, wish
from device import Device, over_wsgi
from sqlalchemy import select

from keychain.app import create_app
from keychain.store.phone_tables import confirmations, phone_pins

UNLIMITED = "100000/minute"
GENEROUS = dict.fromkeys(
    ("signer_limit", "account_limit", "repo_limit", "confirmation_limit", "confirmations_limit"), UNLIMITED
)


@pytest.fixture
def make_asked(config, store, clock):
    def make(**changed) -> Asked:
        app = create_app(replace(config, **changed), clock=clock, store=store)
        return Asked(Device(over_wsgi(app), clock).sign_up())

    return make


def test_three_of_one_asker_wait_at_once(make_asked):
    asked = make_asked()
    frame, phone = asked.frame, asked.phone
    made = [ask(frame) for _ in range(3)]
    status, members = frame.post("/repo/confirmations", wish(frame))
    assert (status, members["code"]) == (429, "too_many_confirmations")
    other = asked.device.frame(asked.device.mint("https://other.example"))
    assert ask_code(other) == "success"
    assert len(phone.pending()) == 4
    frame.do("/repo/confirmations/cancel", {"confirmation": made[0]["id"]})
    assert ask_code(frame) == "success"


def test_ten_of_an_account_wait_at_once(make_asked):
    asked = make_asked(**GENEROUS)
    frames = [asked.device.frame(asked.device.mint(f"https://shop{place}.example")) for place in range(4)]
    codes = [ask_code(frame) for frame in frames for _ in range(3)]
    assert codes == ["success"] * 10 + ["too_many_confirmations"] * 2
    assert len(asked.phone.pending()) == 10


def test_one_asker_asks_one_account_no_oftener_than_it_may(make_asked):
    asked = make_asked(confirmation_limit="2/minute")
    other = asked.device.frame(asked.device.mint("https://other.example"))
    codes = [ask_code(asked.frame) for _ in range(3)]
    assert codes == ["success", "success", "too_many_confirmations"]
    assert ask_code(other) == "success"


def test_what_is_refused_uses_up_nothing(make_asked):
    asked = make_asked(confirmation_limit="4/minute", confirmations_limit="5/minute", signer_limit=UNLIMITED)
    frame, phone = asked.frame, asked.phone
    question = wish(frame)
    assert {frame.code("/repo/confirmations", question) for _ in range(6)} == {"success"}, "one question, six times"
    assert [ask_code(frame) for _ in range(2)] == ["success"] * 2
    assert {ask_code(frame) for _ in range(6)} == {"too_many_confirmations"}, "three wait"
    phone.report(phone.pending()[0])
    assert {ask_code(frame) for _ in range(6)} == {"asker_silenced"}
    other = asked.device.frame(asked.device.mint("https://other.example"))
    assert [ask_code(other) for _ in range(3)] == ["success", "success", "too_many_confirmations"], "three and two"


def test_an_account_is_asked_no_oftener_than_it_may_be(make_asked):
    asked = make_asked(confirmations_limit="3/minute")
    other = asked.device.frame(asked.device.mint("https://other.example"))
    codes = [ask_code(frame) for _ in range(2) for frame in (asked.frame, other)]
    assert codes == ["success"] * 3 + ["too_many_confirmations"]


@pytest.mark.slow
def test_a_storm_of_a_thousand_buries_no_phone_and_hurts_nobody_else(make_asked, clock):
    asked = make_asked(signer_limit=UNLIMITED, account_limit=UNLIMITED, repo_limit=UNLIMITED)
    neighbour = Asked(Device(asked.device.ask, clock).sign_up())
    other = asked.device.frame(asked.device.mint("https://other.example"))
    codes: Counter = Counter()
    for count in range(1000):
        codes[ask_code(asked.frame)] += 1
        if count == 500:
            assert ask_code(other) == "success", "another site of the same person"
            assert ask_code(neighbour.frame) == "success", "and another person"
            of_the_storm = [one for one in asked.phone.pending() if one["uid"] == asked.frame.identity.uid]
            asked.phone.report(of_the_storm[0])
    assert codes["success"] == 3
    assert set(codes) == {"success", "too_many_confirmations", "asker_silenced"}
    assert len(asked.phone.pending()) <= 3
    assert len(neighbour.phone.pending()) == 1
    clock.tick(minutes=5)
    assert ask_code(asked.frame) == "asker_silenced"


def at_once(*deeds) -> list:
    barrier = Barrier(len(deeds))

    def go(deed):
        barrier.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(go, deeds))


@pytest.fixture
def racing(make_asked):
    return make_asked(threads=16, **GENEROUS)


@pytest.mark.slow
def test_of_two_phones_that_answer_at_once_one_wins_and_both_are_told(racing):
    frame, phone = racing.frame, racing.phone
    other = phone.connect_phone().pin_all()
    phone.do("/repo/phone/settings", {"demands_phone": False, "numbers": "never"})
    for _ in range(10):
        made = ask(frame)
        [shown] = phone.pending()
        yes, no = phone.decision(shown, "approve"), other.decision(shown, "reject")
        told = at_once(
            lambda body=yes: phone.do("/repo/confirmations/decide", body)["confirmation"],
            lambda body=no: other.do("/repo/confirmations/decide", body)["confirmation"],
        )
        assert told[0]["state"] == told[1]["state"] == state(frame, made)
        assert told[0]["state"] in ("approved", "rejected")
        assert sorted(one["current"] for one in told) == [False, True]


@pytest.mark.slow
def test_a_cancel_beside_an_approval_ends_in_one_of_them_for_both(racing, clock):
    frame, phone = racing.frame, racing.phone
    phone.do("/repo/phone/settings", {"demands_phone": False, "numbers": "never"})
    for _ in range(10):
        made = ask(frame)
        body = phone.decision(phone.pending()[0], "approve")
        asker, told = at_once(
            lambda made=made: frame.do("/repo/confirmations/cancel", {"confirmation": made["id"]})["confirmation"],
            lambda body=body: phone.do("/repo/confirmations/decide", body)["confirmation"],
        )
        assert asker["state"] == told["state"] == state(frame, made)
        assert (asker["signed"] is not None) == (told["state"] == "approved")


@pytest.mark.slow
def test_fifty_wrong_pins_at_once_count_five(racing, session):
    frame, phone = racing.frame, racing.phone
    phone.set_pin("1234")
    ask(frame, level="OOBPIN")
    [shown] = phone.pending()
    codes = Counter(at_once(*[lambda: phone.decide_code(shown, pin="0000")] * 50))
    assert codes["pin_refused"] == 4
    assert set(codes) <= {"pin_refused", "pin_locked", "unavailable"}
    assert session.rows(select(phone_pins.c.tries)) == [(5,)]
    assert phone.decide_code(shown, pin="1234") == "pin_locked"


@pytest.mark.slow
def test_fifty_wrong_numbers_at_once_are_three_tries_and_a_no(racing, session):
    frame, phone = racing.frame, racing.phone
    phone.do("/repo/phone/settings", {"demands_phone": False, "numbers": "always"})
    made = ask(frame)
    [shown] = phone.pending()
    wrong = "11" if made["number"] != "11" else "12"
    codes = Counter(at_once(*[lambda: phone.decide_code(shown, number=wrong)] * 50))
    assert codes["number_refused"] <= 2
    assert session.rows(select(confirmations.c.tries, confirmations.c.state)) == [(3, "rejected")]


@pytest.mark.slow
def test_storming_at_once_makes_three(racing):
    frame, phone = racing.frame, racing.phone
    codes = Counter(at_once(*[lambda: ask_code(frame)] * 40))
    assert codes["success"] == 3
    assert set(codes) <= {"success", "too_many_confirmations", "unavailable"}
    assert len(phone.pending()) == 3
