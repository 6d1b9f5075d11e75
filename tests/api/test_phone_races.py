"""Many at once at the doors of phones: a code opens once, there is one first phone, a key goes on record once."""

import json
import secrets

import pytest
from authenticator import b64url
from crowd import at_once
from device import Device, Phone, over_wsgi, with_ticket
from sqlalchemy import func, select

from keychain.store.phone_tables import control_keys, pairing_messages
from keychain.store.repo_tables import devices
from keychain.store.tables import pins

pytestmark = pytest.mark.slow


@pytest.fixture
def device(roomy, clock) -> Device:
    return Device(over_wsgi(roomy), clock).sign_up()


def count(session, what) -> int:
    return session.rows(select(func.count()).select_from(what))[0][0]


def post(device: Device, path: str, body: dict) -> dict:
    return device.ask(path, json.dumps(body).encode(), {})[1]


def test_of_fifty_that_open_one_code_at_once_one_does(device, session):
    begun = post(device, "/repo/pairings", {"kind": "phone", "commitment": b64url(bytes(32))})["pairing"]
    messages = [secrets.token_bytes(100) for _ in range(50)]
    answers = at_once(
        *[
            lambda sent=sent: post(device, "/repo/pairings/open", {"code": begun["code"], "message": b64url(sent)})
            for sent in messages
        ]
    )
    codes = [answer.get("code", "success") for answer in answers]
    assert codes.count("success") == 1
    assert set(codes) <= {"success", "pairing_refused", "unavailable"}
    read = with_ticket(device.ask, "/repo/pairings/read", begun["ticket"], {"after": 0})[1]["messages"]
    assert read == [b64url(messages[codes.index("success")])]
    assert count(session, pairing_messages) == 1


def test_of_messages_with_one_number_at_once_one_is_kept(device, session):
    begun = post(device, "/repo/pairings", {"kind": "phone", "commitment": b64url(bytes(32))})["pairing"]
    opened = post(device, "/repo/pairings/open", {"code": begun["code"], "message": "AAAA"})["pairing"]
    bodies = [{"number": 0, "message": b64url(secrets.token_bytes(50))} for _ in range(8)] * 2
    sending = [
        lambda body=body: with_ticket(device.ask, "/repo/pairings/send", begun["ticket"], body)[1] for body in bodies
    ]
    codes = [answer.get("code", "success") for answer in at_once(*sending)]
    assert set(codes) <= {"success", "already_taken", "unavailable"}
    [read] = with_ticket(device.ask, "/repo/pairings/read", opened["ticket"], {"after": 0})[1]["messages"]
    assert {body["message"] for body, code in zip(bodies, codes, strict=True) if code == "success"} <= {read}


def test_of_first_phones_at_once_an_account_gets_one(device, session):
    onekey = device.make_onekey()
    browsers = [device, *(device.second(onekey) for _ in range(3))]
    asking = [
        lambda browser=browser: browser.code(
            "/repo/devices/admit", Phone(device.ask, device.clock).members | {"phone": True}
        )
        for browser in browsers
        for _ in range(4)
    ]
    codes = at_once(*asking)
    assert codes.count("success") == 1
    assert set(codes) <= {"success", "phone_required", "unavailable"}
    assert session.rows(select(func.count()).where(devices.c.phone))[0][0] == 1


def test_two_phones_that_end_each_other_at_once_leave_one_or_none(device):
    phone = device.connect_phone()
    for _ in range(5):
        other = phone.connect_phone()
        codes = at_once(
            lambda other=other: phone.code("/repo/devices/revoke", {"device": other.kid}),
            lambda other=other: other.code("/repo/devices/revoke", {"device": other.kid}),
        )
        assert codes[0] == "success"
        assert codes[1] in {"success", "signer_revoked"}
        assert other.code("/repo/devices/list") == "signer_revoked"


def test_one_control_key_from_many_requests_at_once_is_on_record_once(device, session):
    phone, identity = device.connect_phone(), device.mint()
    phone.pinning(identity.uid, identity)  # makes its key
    wishes = [phone.pinning(identity.uid, identity) for _ in range(8)]
    codes = at_once(*[lambda wish=wish: phone.code("/repo/control_keys", wish) for wish in wishes])
    assert "success" in codes
    assert set(codes) <= {"success", "unavailable"}
    assert count(session, control_keys) == 1
    assert session.rows(select(func.count()).where(pins.c.role == "cd"))[0][0] == 1


def test_a_revocation_beside_its_own_pinning_leaves_nothing_unlisted(device, session):
    phone, identity = device.connect_phone(), device.mint()
    for _ in range(5):
        other = phone.connect_phone()
        wish = other.pinning(identity.uid, identity)
        at_once(
            lambda other=other, wish=wish: other.code("/repo/control_keys", wish),
            lambda other=other: phone.code("/repo/devices/revoke", {"device": other.kid}),
        )
        for listed in device.wanted()["unpin"]:
            assert device.take_off(listed) == "success"
        assert device.wanted()["unpin"] == []
    living = select(func.count()).where(pins.c.role == "cd", pins.c.revoked_at.is_(None))
    assert session.rows(living)[0][0] == 0
