"""What a thief tries with a browser, a token or a phone that he has: to be believed, to bury a phone, to shut its owner
out.
"""

from dataclasses import replace

import pytest
from confirming import WORDS, Asked, ask, ask_code, payload, result, state, wish
from device import Device, over_wsgi
from sqlalchemy import select, update

from keychain.app import create_app
from keychain.store.phone_tables import confirmations, control_keys

UNLIMITED = "100000/minute"


@pytest.fixture
def asked(app, clock) -> Asked:
    return Asked(Device(over_wsgi(app), clock).sign_up())


@pytest.fixture
def make_asked(config, store, clock):
    def make(**changed) -> Asked:
        app = create_app(replace(config, **changed), clock=clock, store=store)
        return Asked(Device(over_wsgi(app), clock).sign_up())

    return make


@pytest.fixture
def approved(asked):
    """A confirmation that one of two phones approved, its nonce, and the other phone."""
    other = asked.phone.connect_phone().pin_all()
    nonce = asked.frame.nonce()
    made = ask(asked.frame, nonce=nonce)
    assert asked.phone.approve(asked.phone.pending()[0])["state"] == "approved"
    return made, nonce, other


NOTHING = {"state": "cancelled", "signed": None, "cd": None}


def test_an_approval_ends_with_the_phone_that_gave_it(asked, approved):
    made, _, other = approved
    assert result(asked.frame, made)["signed"]
    other.do("/repo/devices/revoke", {"device": asked.phone.kid})
    assert result(asked.frame, made) == NOTHING
    cancelled = asked.frame.do("/repo/confirmations/cancel", {"confirmation": made["id"]})
    assert cancelled["confirmation"] == NOTHING


def test_an_approval_ends_at_the_moment_at_which_its_phone_does(asked, approved, clock):
    made, _, _ = approved
    clock.tick(seconds=60)
    asked.device.do("/repo/devices/revoke", {"device": asked.phone.kid})
    assert result(asked.frame, made)["signed"], "it ends in a day"
    clock.tick(hours=24)
    assert result(asked.frame, made) == NOTHING


def test_an_approval_ends_with_the_control_key_that_gave_it(asked, approved, site, session, clock):
    made, nonce, other = approved
    told = result(asked.frame, made)
    session.changed(update(control_keys).where(control_keys.c.device == asked.phone.kid).values(ended_at=clock.now))
    assert result(asked.frame, made) == NOTHING
    session.changed(update(control_keys).values(ended_at=None))
    assert result(asked.frame, made)["cd"] == told["cd"]
    assert other.code("/repo/devices/revoke", {"device": other.kid}) == "success", "another phone's end changes nothing"
    assert site.code(payload(asked.frame, result(asked.frame, made), nonce) | {"message": WORDS}) == "success"


def test_what_a_stolen_browser_asks_does_not_keep_the_phone_from_answering(make_asked):
    asked = make_asked(account_limit="20/minute", signer_limit=UNLIMITED)
    ask(asked.frame)
    [shown] = asked.phone.pending()
    thief = asked.device.frame(asked.frame.identity)
    while thief.cosign(nonce="x") != "too_many_requests":
        pass
    assert asked.phone.code("/repo/phone") == "too_many_requests"
    assert asked.phone.pending() == [shown]
    assert asked.phone.report(shown)["state"] == "reported"
    assert asked.phone.code("/repo/devices/revoke", {"device": asked.device.kid}) == "success"


def silenced(phone) -> list[str]:
    return [entry["id"] for entry in phone.do("/repo/phone")["phone"]["silenced"]]


@pytest.mark.parametrize("how", ["cancelled", "expired"])
def test_who_asks_and_is_gone_before_the_answer_is_silenced_all_the_same(asked, clock, how, site):
    frame, phone = asked.frame, asked.phone
    made = ask(frame)
    [shown] = phone.pending()
    if how == "cancelled":
        frame.do("/repo/confirmations/cancel", {"confirmation": made["id"]})
    else:
        clock.tick(seconds=121)
    assert phone.reject(shown) == {"state": how, "current": False}
    assert silenced(phone) == []
    assert phone.report(shown) == {"state": how, "current": True}
    assert silenced(phone) == [f"site:{frame.identity.uid}"]
    assert state(frame, made) == how, "what became of it stays"
    assert ask_code(frame) == "asker_silenced"
    before = site.rows()
    phone.do("/repo/phone/unsilence", {"id": f"site:{frame.identity.uid}"})
    assert phone.report(shown)["state"] == how
    assert silenced(phone) == [], "a question is reported once"
    assert site.rows() == before | {"silenced": 0, "seen_proofs": before["seen_proofs"] + 3}


def test_what_is_taken_back_while_it_is_reported_is_reported(asked, store, clock):
    """Between two statements of the report the asker cancels."""
    from sqlalchemy import event

    frame, phone = asked.frame, asked.phone
    made = ask(frame)
    body = phone.decision(phone.pending()[0], "report")
    taken = []

    def take_back(_connection, _cursor, statement, *_):
        if statement.startswith("BEGIN") and not taken:
            taken.append(statement)
            with store.session() as other:
                other.changed(update(confirmations).values(state="cancelled", decided_at=clock.now))

    event.listen(store.engine, "before_cursor_execute", take_back)
    try:
        told = phone.do("/repo/confirmations/decide", body)["confirmation"]
    finally:
        event.remove(store.engine, "before_cursor_execute", take_back)
    assert taken
    assert told == {"state": "cancelled", "current": True}
    assert silenced(phone) == [f"site:{frame.identity.uid}"]
    assert state(frame, made) == "cancelled"


def test_another_accounts_phone_reports_nothing_of_this_one(asked, clock, app):
    stranger = Asked(Device(over_wsgi(app), clock).sign_up())
    ask(asked.frame)
    [shown] = asked.phone.pending()
    clock.tick(seconds=121)
    body = asked.phone.decision(shown, "report")
    assert stranger.phone.code("/repo/confirmations/decide", body) == "confirmation_refused"
    assert silenced(asked.phone) == silenced(stranger.phone) == []


def test_sites_that_use_up_an_accounts_day_keep_nobody_from_signing_in(make_asked):
    asked = make_asked(confirmations_limit="6/day", confirmation_limit="4/day")
    phone = asked.phone
    phone.do("/repo/phone/settings", {"demands_phone": True, "numbers": "never"})
    bad = [asked.device.frame(asked.device.mint(f"https://bad{place}.example")) for place in range(2)]
    codes = []
    for place in range(8):
        codes.append(ask_code(bad[place % 2]))
        for shown in phone.pending():
            phone.reject(shown)
    assert codes == ["success"] * 6 + ["too_many_confirmations"] * 2
    assert ask_code(asked.frame) == "too_many_confirmations"
    assert asked.frame.cosign() == "phone_required"
    codes = []
    for _ in range(4):
        codes.append(ask_code(asked.frame, kind="signin", message=""))
        for shown in phone.pending():
            assert phone.approve(shown)["state"] == "approved"
    assert codes == ["success"] * 3 + ["too_many_confirmations"], "the asker's own: one was used up above"


def test_a_phone_is_not_asked_for_longer_than_its_yes_is_worth(make_asked, clock):
    asked = make_asked(nonce_max_age=60)
    nonce = asked.frame.nonce()
    clock.tick(seconds=20)
    made = ask(asked.frame, nonce=nonce)
    [shown] = asked.phone.pending()
    clock.tick(seconds=39)
    assert asked.phone.pending() == [shown]
    clock.tick(seconds=1)
    assert asked.phone.pending() == []
    assert asked.phone.approve(shown)["state"] == state(asked.frame, made) == "expired"


def test_a_number_that_nobody_typed_is_no_try(asked, session):
    phone = asked.phone
    phone.do("/repo/phone/settings", {"demands_phone": False, "numbers": "always"})
    made = ask(asked.frame)
    [shown] = phone.pending()
    assert [phone.decide_code(shown) for _ in range(5)] == ["number_refused"] * 5
    assert session.rows(select(confirmations.c.tries)) == [(0,)]
    assert phone.approve(shown, number=made["number"])["state"] == "approved"


def test_of_an_address_as_much_is_kept_as_there_is_room_for(app, clock):
    address = "fe80::1%" + "x" * 100
    asked = Asked(Device(over_wsgi(app, environ_overrides={"REMOTE_ADDR": address}), clock).sign_up())
    ask(asked.frame)
    assert asked.phone.pending()[0]["address"] == address[:64]


def test_an_account_has_at_most_eight_phones(asked, clock):
    phones = [asked.phone, *(asked.phone.connect_phone() for _ in range(7))]
    ninth = Device(asked.device.ask, clock)
    status, members = asked.phone.post("/repo/devices/admit", ninth.members | {"phone": True})
    assert (status, members["code"]) == (409, "too_many_phones")
    again = asked.phone.code("/repo/devices/admit", phones[7].members | {"phone": True})
    assert again == "success", "one that is there is answered as it was"
    assert asked.phone.code("/repo/devices/admit", ninth.members | {"phone": False}) == "success", "browsers are not"
    asked.phone.do("/repo/devices/revoke", {"device": phones[1].kid})
    assert len(asked.phone.do("/repo/phone")["phone"]["phones"]) == 7
    asked.phone.connect_phone()


def test_a_question_that_was_taken_back_or_refused_is_asked_anew(asked):
    """Also with the same nonce: nothing of the former one is handed out."""
    body = wish(asked.frame)
    first = asked.frame.do("/repo/confirmations", body)["confirmation"]
    assert asked.frame.do("/repo/confirmations", body)["confirmation"]["id"] == first["id"]
    asked.phone.reject(asked.phone.pending()[0])
    assert asked.frame.do("/repo/confirmations", body)["confirmation"]["id"] != first["id"]
