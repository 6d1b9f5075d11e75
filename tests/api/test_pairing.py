"""Pairings: two browsers meet by a code that works once and not for long, and the repo carries what it can not read."""

import hashlib
import json
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from authenticator import b64url
from device import over_wsgi, with_ticket
from site_client import SiteClient
from sqlalchemy import select, update

from keychain.app import create_app
from keychain.repo import pairings as codes
from keychain.repo import pruning
from keychain.store.phone_tables import pairing_messages, pairings

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


class Meeting:
    """Two browsers that nobody knows, at one application."""

    def __init__(self, app) -> None:
        self.ask = over_wsgi(app)
        self.commitment = b64url(secrets.token_bytes(32))

    def post(self, path: str, body: dict, ticket: str = "", **headers: str) -> tuple[int, dict]:
        return self.ask(f"/repo/pairings{path}", json.dumps(body).encode(), {"Ticket": ticket, **headers})

    def code(self, path: str, body: dict, ticket: str = "") -> str:
        return self.post(path, body, ticket)[1].get("code", "success")

    def begin(self, kind: str = "phone", **headers: str) -> dict:
        made = self.post("", {"kind": kind, "commitment": self.commitment}, **headers)[1]
        return made["pairing"]

    def find(self, code: str) -> dict:
        return self.post("/find", {"code": code})[1]["pairing"]

    def open(self, code: str, message: bytes = b"b0") -> dict:
        return self.post("/open", {"code": code, "message": b64url(message)})[1]["pairing"]

    def opened(self) -> tuple[str, str]:
        """The tickets of both sides of a pairing that was opened."""
        begun = self.begin()
        return begun["ticket"], self.open(begun["code"])["ticket"]

    def send(self, ticket: str, number: int, message: bytes) -> str:
        return self.code("/send", {"number": number, "message": b64url(message)}, ticket)

    def read(self, ticket: str, after: int = 0) -> dict:
        answer = self.post("/read", {"after": after}, ticket)[1]
        return {member: answer[member] for member in ("messages", "ended")}


@pytest.fixture
def meeting(app) -> Meeting:
    return Meeting(app)


@pytest.fixture
def make_meeting(config, store, clock):
    def make(**changed) -> Meeting:
        return Meeting(create_app(replace(config, **changed), clock=clock, store=store))

    return make


@pytest.fixture
def rows(app):
    return SiteClient(app, "", "", None).rows


def text(moment) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def said(*messages: bytes, ended: bool = False) -> dict:
    return {"messages": [b64url(message) for message in messages], "ended": ended}


@pytest.mark.parametrize("kind", ["phone", "browser"])
def test_two_browsers_meet_by_a_code(meeting, clock, kind):
    begun = meeting.begin(kind, **{"User-Agent": BROWSER})
    assert begun == {"id": begun["id"], "code": begun["code"], "expires": begun["expires"], "ticket": begun["ticket"]}
    assert begun["expires"] == text(clock.now + timedelta(minutes=2))
    assert len(begun["id"]) == 22
    assert meeting.find(begun["code"]) == {
        "kind": kind, "commitment": meeting.commitment, "expires": begun["expires"], "address": "127.0.0.1",
        "browser": BROWSER,
    }  # fmt: skip
    assert meeting.find(begun["code"])["kind"] == kind, "looking uses nothing up"
    opened = meeting.open(begun["code"])
    assert opened == {"id": begun["id"], "ticket": opened["ticket"]}
    a, b = begun["ticket"], opened["ticket"]
    assert meeting.read(a) == said(b"b0")
    assert meeting.send(a, 0, b"a0") == meeting.send(b, 1, b"b1") == meeting.send(a, 1, b"a1") == "success"
    assert meeting.read(b) == said(b"a0", b"a1")
    assert meeting.read(b, 1) == said(b"a1")
    assert meeting.read(a, 1) == said(b"b1")
    assert meeting.read(a, 2) == meeting.read(a, 16) == said()


def test_a_code_is_read_as_people_type_it(meeting, monkeypatch):
    monkeypatch.setattr(codes, "draw_code", lambda: "01ABCDEF")
    begun = meeting.begin()
    assert begun["code"] == "01AB-CDEF"
    for typed in ("01ABCDEF", "01ab-cdef", "Oiab cdef", "  oL aB-c D-ef ", "0-1-A-B-C-D-E-F"):
        assert meeting.find(typed)["kind"] == "phone", typed
    assert meeting.open("olab cdef")["id"] == begun["id"]


def test_codes_are_drawn_from_forty_bits(meeting):
    drawn = {codes.draw_code() for _ in range(2000)}
    assert len(drawn) == 2000
    assert set("".join(drawn)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert {len(code) for code in drawn} == {8}


def test_two_pairings_never_wait_under_one_code(meeting, monkeypatch):
    drawn = iter(["AAAAAAAA", "AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    monkeypatch.setattr(codes, "draw_code", lambda: next(drawn))
    assert [meeting.begin()["code"] for _ in range(2)] == ["AAAA-AAAA", "BBBB-BBBB"]


def test_a_code_works_once(meeting, rows):
    begun = meeting.begin()
    meeting.open(begun["code"])
    before = rows()
    again = {"code": begun["code"], "message": b64url(b"x")}
    assert meeting.code("/open", again) == meeting.code("/find", {"code": begun["code"]}) == "pairing_refused"
    assert rows() == before
    assert meeting.read(begun["ticket"]) == said(b"b0")


def test_a_code_expires_after_exactly_two_minutes(meeting, clock, rows):
    first, second = meeting.begin(), meeting.begin()
    clock.tick(minutes=2)
    assert meeting.find(first["code"])
    assert meeting.open(first["code"])["id"] == first["id"]
    clock.tick(seconds=1)
    before = rows()
    never_was = {"code": "0000-0000"}
    answers = [meeting.post("/find", asked) for asked in ({"code": second["code"]}, never_was)]
    answers += [meeting.post("/open", asked | {"message": "AAAA"}) for asked in ({"code": second["code"]}, never_was)]
    assert {(status, members["code"], members["error"]) for status, members in answers} == {
        (403, "pairing_refused", "no pairing waits under this code, or it has ended")
    }
    assert rows() == before
    assert meeting.read(second["ticket"]) == said(ended=True)
    assert meeting.send(second["ticket"], 0, b"x") == "pairing_refused"


def test_an_opened_pairing_lasts_ten_minutes(meeting, clock):
    begun = meeting.begin()
    clock.tick(seconds=100)
    b = meeting.open(begun["code"])["ticket"]
    clock.tick(minutes=10)
    assert meeting.send(b, 1, b"late") == "success"
    assert meeting.read(begun["ticket"]) == said(b"b0", b"late")
    clock.tick(seconds=1)
    assert meeting.send(begun["ticket"], 0, b"x") == "pairing_refused"
    assert meeting.read(begun["ticket"]) == said(ended=True)
    assert meeting.send(b, 2, b"x") == "ticket_refused", "its ticket ends with it"
    clock.tick(seconds=20)
    assert meeting.code("/read", {"after": 0}, begun["ticket"]) == "ticket_refused"


def test_who_made_a_pairing_says_nothing_before_it_is_opened(meeting, rows):
    """Or its key would be shown before the other side's is chosen."""
    begun = meeting.begin()
    before = rows()
    assert meeting.send(begun["ticket"], 0, b"a0") == "pairing_refused"
    assert meeting.read(begun["ticket"]) == said()
    assert rows() == before


def test_a_message_has_one_number_and_a_number_one_message(meeting, rows):
    a, b = meeting.opened()
    for _ in range(2):
        assert meeting.send(a, 0, b"a0") == "success"
    before = rows()
    assert meeting.send(a, 0, b"another") == meeting.send(b, 0, b"another") == "already_taken"
    assert meeting.send(a, 2, b"too soon") == meeting.send(b, 2, b"too soon") == "pairing_refused"
    assert meeting.send(b, 0, b"b0") == "success"
    assert rows() == before
    assert meeting.read(b) == said(b"a0")


def test_a_side_says_at_most_sixteen_things(meeting):
    a, b = meeting.opened()
    for number in range(16):
        assert meeting.send(a, number, b"%d" % number) == "success"
    assert meeting.send(a, 16, b"16") == "malformed_member"
    assert len(meeting.read(b)["messages"]) == 16


@pytest.mark.parametrize("by", [0, 1])
def test_either_side_ends_it_for_both_and_nothing_of_it_is_left(meeting, session, by):
    tickets = meeting.opened()
    meeting.send(tickets[0], 0, b"a0")
    for _ in range(2):
        assert meeting.code("/end", {}, tickets[by]) == "success"
    for ticket in tickets:
        assert meeting.read(ticket) == said(ended=True)
        assert meeting.send(ticket, 1, b"x") == "pairing_refused"
        assert with_ticket(meeting.ask, "/repo/poll", ticket)[1]["change"] == 3
    assert session.rows(select(pairing_messages)) == []


def test_one_that_ended_before_it_was_opened_opens_no_more(meeting):
    begun = meeting.begin()
    assert meeting.code("/end", {}, begun["ticket"]) == "success"
    assert meeting.code("/find", {"code": begun["code"]}) == "pairing_refused"
    assert meeting.code("/open", {"code": begun["code"], "message": "AAAA"}) == "pairing_refused"


def test_each_side_learns_by_a_poll_that_the_other_said_something(meeting):
    begun = meeting.begin()

    def change(ticket: str) -> int:
        return with_ticket(meeting.ask, "/repo/poll", ticket)[1]["change"]

    assert change(begun["ticket"]) == 0
    b = meeting.open(begun["code"])["ticket"]
    assert change(begun["ticket"]) == change(b) == 1
    meeting.send(begun["ticket"], 0, b"a0")
    meeting.send(begun["ticket"], 0, b"a0")
    assert change(b) == 2


def test_of_a_code_the_digest_is_kept_and_messages_are_not_looked_at(meeting, session):
    begun = meeting.begin()
    [row] = session.rows(select(pairings))
    bare = begun["code"].replace("-", "")
    assert row.code_digest == hashlib.sha256(bare.encode()).digest()
    noise = secrets.token_bytes(4096)
    meeting.open(begun["code"], noise)
    [row] = session.rows(select(pairings))
    assert row.code_digest is None
    assert [message.message for message in session.rows(select(pairing_messages))] == [noise]


BAD = {
    "kind": [None, 1, "", "Phone", "tablet", []],
    "commitment": [None, 1, "", "A" * 42, "A" * 44, "A" * 43 + "="],
    "code": [None, 1, "", "AAAA-AAA", "AAAAAAAAA", "AAAA-AAAU", "\u0430AAAAAAA", "A" * 8 + " " * 40, "AAAA\nAAAA", []],
    "message": [None, 1, "", "A", "AA==", "A+A/", {}],
    "number": [None, "0", -1, 16, 1.0, True, []],
    "after": [None, "0", -1, 17, 0.0, False, {}],
}


def test_every_member_has_one_form_and_no_other_is_known(meeting, rows):
    a, _ = meeting.opened()
    begun = meeting.begin()
    before = rows()
    doors = {
        "": {"kind": "phone", "commitment": meeting.commitment},
        "/find": {"code": begun["code"]},
        "/open": {"code": begun["code"], "message": "AAAA"},
        "/send": {"number": 0, "message": "AAAA"},
        "/read": {"after": 0},
        "/end": {},
    }
    for path, body in doors.items():
        for member in body:
            for bad in BAD[member]:
                assert meeting.code(path, body | {member: bad}, a) == "malformed_member", (path, member, bad)
            assert meeting.code(path, {name: body[name] for name in body if name != member}, a) == "malformed_member"
        assert meeting.code(path, body | {"more": 1}, a) == "malformed_member"
    for path in ("/open", "/send"):
        status, members = meeting.post(path, doors[path] | {"message": b64url(bytes(4097))}, a)
        assert (status, members["code"]) == (413, "sealed_too_large")
    assert rows() == before


def test_what_its_browser_calls_itself_can_not_hide_anything(meeting):
    begun = meeting.begin(**{"User-Agent": "Ann\u00ffs \x0b\x7f browser" + "x" * 500})
    shown = meeting.find(begun["code"])["browser"]
    assert shown.startswith("Ann s    browserxxx")
    assert len(shown) == 200
    assert meeting.find(meeting.begin()["code"])["browser"].isprintable()


def test_beginning_finding_and_opening_are_limited_together_per_address(make_meeting):
    meeting = make_meeting(pairing_limit="4/minute")
    begun = meeting.begin()
    wrong = {"code": "0000-0000"}
    codes = [
        meeting.code("/find", wrong),
        meeting.code("/open", wrong | {"message": "AAAA"}),
        meeting.code("/find", wrong),
    ]
    assert codes == ["pairing_refused"] * 3
    right = {"code": begun["code"]}
    assert meeting.code("/find", right) == meeting.code("/open", right | {"message": "AAAA"}) == "too_many_requests"
    assert meeting.code("", {"kind": "phone", "commitment": meeting.commitment}) == "too_many_requests"
    assert meeting.read(begun["ticket"]) == said()


def test_a_side_is_limited_by_its_ticket(make_meeting):
    meeting = make_meeting(poll_limit="3/minute")
    a, b = meeting.opened()
    codes = [meeting.code("/read", {"after": 0}, a) for _ in range(4)]
    assert codes == ["success"] * 3 + ["too_many_requests"]
    assert meeting.code("/read", {"after": 0}, b) == "success"


def test_pairings_and_their_messages_are_forgotten_soon(meeting, store, session):
    """By the database's clock, which no test sets: so the rows are made older instead."""
    a, _ = meeting.opened()
    meeting.begin()
    kept = meeting.begin()
    assert not any(pruning.prune(store, 0).values())
    long_ago = session.now() - timedelta(hours=2, seconds=2)
    session.changed(update(pairings).where(pairings.c.id != kept["id"]).values(created_at=long_ago))
    forgotten = pruning.prune(store, 0)
    assert (forgotten["pairing_messages"], forgotten["pairings"]) == (1, 2)
    assert [row.id for row in session.rows(select(pairings))] == [kept["id"]]
    assert meeting.read(a) == said(ended=True)
    assert meeting.code("/end", {}, a) == "success"
    assert with_ticket(meeting.ask, "/repo/poll", a)[1]["code"] == "ticket_refused"
