"""Tickets: an open page asks once a second whether something happened, and is told a number and nothing else."""

import hmac
import json
import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from authenticator import b64url
from device import Device, over_wsgi, with_ticket
from sqlalchemy import update

from keychain import errors
from keychain.app import create_app, master_keys
from keychain.repo import tickets
from keychain.repo.masterkeys import MasterKeys
from keychain.store.repo_tables import accounts, devices
from keychain.web import board, front

MASTER = bytes(range(32))


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


def ticket_of(device: Device) -> str:
    return device.do("/repo/ticket")["ticket"]["ticket"]


def poll(device: Device, ticket: str) -> tuple[int, dict]:
    return with_ticket(device.ask, "/repo/poll", ticket)


def code(device: Device, ticket: str) -> str:
    return poll(device, ticket)[1].get("code", "success")


def derived(master: bytes, info: str) -> bytes:
    """RFC 5869 by hand, one block."""
    return hmac.digest(hmac.digest(bytes(32), master, "sha256"), info.encode() + b"\x01", "sha256")


def test_a_device_gets_a_ticket_for_a_day(device, clock):
    made = device.do("/repo/ticket")["ticket"]
    assert made["expires"] == f"{clock.now + timedelta(hours=24):%Y-%m-%dT%H:%M:%SZ}"
    status, members = poll(device, made["ticket"])
    assert (status, members) == (200, {"errorcode": 0, "error": "success", "attr_claims": {}, "change": 0})
    clock.tick(hours=24)
    assert code(device, made["ticket"]) == "success"
    clock.tick(seconds=1)
    assert code(device, made["ticket"]) == "ticket_refused"


def test_the_express_way_answers_as_the_door_does(device, app):
    """Flask alone, without what stands before it, and the whole application."""
    asking = {"path": "/repo/poll", "headers": {"Ticket": ticket_of(device)}}
    express = app.test_client().get(**asking)
    with app.test_request_context(**asking, environ_base={front.REQUEST_ID: "0" * 16}):
        door = app.full_dispatch_request()
    assert express.data == door.data
    sent = {name: value for name, value in express.headers if name != "X-Request-Id"}
    assert sent == dict(door.headers)


def test_a_ticket_is_no_proof_and_a_frame_gets_none(device):
    ticket = ticket_of(device)
    assert device.code("/repo/devices/list", proof=ticket) == "malformed_proof"
    assert device.frame().code("/repo/ticket") == "signer_refused"
    assert device.code("/repo/ticket", {"more": 1}) == "malformed_member"


def test_a_poll_costs_one_statement_and_a_refused_one_none(device, statements):
    ticket = ticket_of(device)
    statements.clear()
    assert code(device, ticket) == "success"
    assert len(statements) == 1, statements
    assert code(device, ticket[:-1]) == "ticket_refused"
    assert len(statements) == 1


def test_of_many_who_ask_each_learns_its_own_within_a_moment(config, store, clock, statements):
    app = create_app(config, clock=clock, store=store)
    crowd = [Device(over_wsgi(app), clock).sign_up() for _ in range(board.FEW + 2)]
    held = {device.kid: ticket_of(device) for device in crowd}

    def told() -> list[int | str]:
        said = [poll(one, held[one.kid])[1] for one in crowd]
        return [answer.get("code") or min(answer["change"], 1) for answer in said]

    def until(expected: list[int | str]) -> None:
        give_up = time.monotonic() + 5
        while told() != expected:
            assert time.monotonic() < give_up, told()
            time.sleep(board.LOOK_EVERY)

    until([0] * len(crowd))
    time.sleep(board.LOOK_EVERY)
    until([0] * len(crowd))
    statements.clear()
    began = time.monotonic()
    assert told() == [0] * len(crowd)
    assert len(statements) <= (time.monotonic() - began) / board.LOOK_EVERY + 2, "a look or two for all"
    crowd[4].do("/repo/devices/revoke", {"device": crowd[4].kid})
    crowd[2].connect_phone()
    expected: list[int | str] = [0] * len(crowd)
    expected[2], expected[4] = 1, "signer_revoked"
    until(expected)


def forms(good: str) -> list[str]:
    topic, id_, expires, mac = good.split(".")
    later = str(int(expires) + 1)
    return [
        "", "x", ".", "...", good + "=", good[:-1], good + "A", f" {good}x", f"{topic}.{id_}.{later}.{mac}",
        f"confirmation.{id_}.{expires}.{mac}", f"{topic}.{id_[:-1]}.{expires}.{mac}", f"{topic}.{id_}.{expires}.",
        f"{topic}.{id_}.{expires}.{mac.lower()}", f"{topic}.{id_}.{mac}", "a" * 5000, "account.\u00e9.1.\u00e9",
        f"{topic}.{id_}.{expires}.{b64url(bytes(32))}",
    ]  # fmt: skip


def test_what_is_no_ticket_of_ours_is_refused(device):
    good = ticket_of(device)
    for text in forms(good):
        assert poll(device, text)[0] == 403, text
        assert code(device, text) == "ticket_refused", text
    assert device.ask("/repo/poll", b"", {}, method="GET")[1]["code"] == "ticket_refused"
    assert code(device, good) == "success"


def test_any_changed_character_of_a_ticket_is_refused(device):
    good = ticket_of(device)
    for at, letter in enumerate(good):
        if at == len(good) - 1:
            continue  # its last character has bits that mean nothing, and is compared as text all the same
        other = "B" if letter == "A" else "A"
        assert code(device, good[:at] + other + good[at + 1 :]) == "ticket_refused", at


def test_a_ticket_is_for_its_topic_alone(device):
    account = ticket_of(device)
    body = json.dumps({"kind": "phone", "commitment": b64url(bytes(32))}).encode()
    pairing = device.ask("/repo/pairings", body, {})[1]["pairing"]["ticket"]
    for path, members in (("send", {"number": 0, "message": "AAAA"}), ("read", {"after": 0}), ("end", {})):
        assert with_ticket(device.ask, f"/repo/pairings/{path}", account, members)[1]["code"] == "ticket_refused"
        assert with_ticket(device.ask, f"/repo/pairings/{path}", "", members)[1]["code"] == "ticket_refused"
    assert code(device, pairing) == "success"


@pytest.mark.parametrize("topic", ["account", "confirmation", "pairing-a", "pairing-b", "elsewhere"])
def test_a_ticket_for_what_is_not_there_tells_nothing(device, app, store, clock, topic):
    keys = master_keys(app.extensions["keychain"].settings, store)
    ticket = tickets.make(keys, topic, "x" * 22, clock.now)
    refused = "signer_revoked" if topic == "account" else "ticket_refused"
    assert with_ticket(device.ask, "/repo/poll", ticket)[1]["code"] == refused


def test_a_device_that_ended_learns_nothing_more(device, session, clock):
    phone = device.connect_phone()
    tickets_of = {one: ticket_of(one) for one in (device, phone)}
    assert code(device, tickets_of[device]) == code(phone, tickets_of[phone]) == "success"
    phone.do("/repo/signout")
    assert code(phone, tickets_of[phone]) == "success", "a locked device is one still"
    device.do("/repo/devices/revoke", {"device": phone.kid})
    assert code(phone, tickets_of[phone]) == "success"
    clock.tick(hours=23, minutes=59, seconds=59)
    assert code(phone, tickets_of[phone]) == "success"
    clock.tick(seconds=1)
    assert code(phone, tickets_of[phone]) == "signer_revoked"
    device.do("/repo/devices/revoke", {"device": device.kid})
    assert code(device, tickets_of[device]) == "signer_revoked"


def test_a_closed_account_tells_nothing(device, session, clock):
    ticket = ticket_of(device)
    session.changed(update(accounts).values(closed_at=clock.now))
    assert code(device, ticket) == "signer_revoked"
    session.changed(update(accounts).values(closed_at=None))
    session.changed(update(devices).values(revoked_at=clock.now))
    assert code(device, ticket) == "signer_revoked"


@pytest.mark.parametrize("from_where", ["cross-site", "same-site", ""])
def test_another_sites_page_learns_nothing(device, from_where):
    ticket = ticket_of(device)
    headers = {"Ticket": ticket, "Sec-Fetch-Site": from_where}
    assert device.ask("/repo/poll", b"", headers, method="GET")[1]["code"] == "origin_refused"


def test_polls_are_limited_per_ticket_and_refused_ones_per_address(config, store, clock):
    app = create_app(replace(config, poll_limit="3/minute", repo_limit="6/minute"), clock=clock, store=store)
    device = Device(over_wsgi(app), clock).sign_up()
    first, second = ticket_of(device), device.connect_phone()
    other = ticket_of(second)
    for ticket in (first, other):
        assert [code(device, ticket) for _ in range(4)] == ["success"] * 3 + ["too_many_requests"]
    # Of the address's six, four are used: by signing up, two tickets and a phone, and by no good poll.
    assert [code(device, "x") for _ in range(3)] == ["ticket_refused"] * 2 + ["too_many_requests"]


def test_of_polls_only_the_refused_ones_are_logged_as_other_requests_are(device, monkeypatch):
    good, said = ticket_of(device), []
    recorder = SimpleNamespace(
        debug=lambda _event, **named: said.append(("debug", named)),
        info=lambda _event, **named: said.append(("info", named)),
    )
    monkeypatch.setattr(front, "_log", recorder)
    assert [code(device, ticket) for ticket in (good, "x")] == ["success", "ticket_refused"]
    device.do("/repo/devices/list")
    assert [(level, named["door"], named["code"]) for level, named in said] == [
        ("debug", "/repo/poll", "success"),
        ("info", "/repo/poll", "ticket_refused"),
        ("info", "/repo/devices/list", "success"),
    ]
    assert good not in repr(said)
    assert device.kid not in repr(said)


def test_a_ticket_is_what_is_written_down(clock):
    keys = MasterKeys([(1, MASTER), (2, MASTER[::-1])])
    said = f"account.x.{int(clock.now.timestamp())}"
    mac = hmac.digest(derived(MASTER[::-1], "oneid/1 ticket"), said.encode(), "sha256")
    assert tickets.make(keys, "account", "x", clock.now) == f"{said}.{b64url(mac)}"


def test_a_ticket_of_an_older_master_key_is_good_and_one_of_another_is_not(clock):
    older, both = MasterKeys([(1, MASTER)]), MasterKeys([(1, MASTER), (2, MASTER[::-1])])
    made = tickets.make(older, "account", "x", clock.now)
    assert tickets.parse(both, made, clock.now) == tickets.Ticket("account", "x")
    for others in ([(2, MASTER[::-1])], [(1, bytes(32))]):
        with pytest.raises(errors.TicketRefused):
            tickets.parse(MasterKeys(others), made, clock.now)


def test_a_ticket_shows_nothing_of_itself():
    assert "x" * 22 not in repr(tickets.Ticket("account", "x" * 22))
