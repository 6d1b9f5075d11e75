"""Many at once at the doors of the repo: one account, one identity, one use of a proof, no session of a dead device."""

import json
from collections import Counter

import pytest
from crowd import at_once
from device import Device, Frame, Identity, over_wsgi
from sqlalchemy import func, select

from keychain.store.repo_tables import accounts, devices, frame_sessions, identities

pytestmark = pytest.mark.slow


@pytest.fixture
def newcomer(roomy, clock) -> Device:
    """A browser that nobody knows yet."""
    return Device(over_wsgi(roomy), clock)


@pytest.fixture
def device(newcomer) -> Device:
    return newcomer.sign_up()


def count(session, table) -> int:
    return session.rows(select(func.count()).select_from(table))[0][0]


def test_fifty_first_set_ups_at_once_make_one_account(newcomer, session):
    answers = at_once(*[lambda: newcomer.post("/repo/accounts", newcomer.members)[1]] * 50)
    assert {answer.get("code", "success") for answer in answers} <= {"success", "unavailable"}
    told = [answer["account"] for answer in answers if not answer["errorcode"]]
    assert len({account["id"] for account in told}) == 1
    assert sum(account["created"] for account in told) <= 1
    assert count(session, accounts) == count(session, devices) == 1


def test_two_hundred_replays_of_one_proof_at_once_are_one_success(device):
    frame = device.frame()
    raw = json.dumps(frame.question()).encode()
    proof = frame.proof("/repo/cosign", raw)
    codes = Counter(at_once(*[lambda: frame.code("/repo/cosign", raw, proof=proof)] * 200))
    assert codes.pop("success") == 1
    assert set(codes) <= {"replayed_proof", "unavailable"}


def test_first_wishes_for_one_origin_at_once_make_one_identity(device, session, site):
    wishes = [Identity() for _ in range(8)]
    answers = at_once(
        *[
            lambda wish=wish: device.post("/repo/identities", wish.wish(device.nonce()))[1]
            for wish in wishes
            for _ in range(2)
        ]
    )
    told = [answer["identity"] for answer in answers if not answer["errorcode"]]
    assert {answer.get("code", "success") for answer in answers} <= {"success", "unavailable"}
    assert count(session, identities) == 1
    assert len({(identity["uid"], identity["ad_key"]) for identity in told}) == 1
    [winner] = [wish for wish in wishes if wish.key.text == told[0]["ad_key"]]
    winner.uid = device.do("/repo/identities", winner.wish(device.nonce()))["identity"]["uid"]
    assert site.code(device.frame(winner).payload()) == "success"


def test_a_revocation_beside_new_sessions_leaves_none_alive(device, session):
    onekey, identity = device.make_onekey(), device.mint()
    for _ in range(10):
        other = device.second(onekey)
        frames = [Frame(other, identity) for _ in range(6)]
        admitting = [lambda frame=frame: frame.device.code("/repo/sessions", frame.wish) for frame in frames]
        revoking = lambda other=other: device.code("/repo/devices/revoke", {"device": other.kid})  # noqa: E731
        codes = at_once(revoking, *admitting)
        assert codes[0] == "success"
        assert set(codes[1:]) <= {"success", "signer_revoked"}
        admitted = codes[1:].count("success")
        made = select(func.count()).select_from(frame_sessions).where(frame_sessions.c.device == other.kid)
        assert session.rows(made)[0][0] == admitted
        after = {frame.cosign() for frame in frames}
        assert after <= {"signer_revoked", "signer_refused"}, "none alive; those that were never made are nobody's"


def test_a_sign_out_beside_new_sessions_leaves_none_alive(device):
    identity = device.mint()
    for _ in range(10):
        frames = [Frame(device, identity) for _ in range(6)]
        admitting = [lambda frame=frame: device.code("/repo/sessions", frame.wish) for frame in frames]
        codes = at_once(lambda: device.code("/repo/signout"), *admitting)
        assert codes[0] == "success"
        assert set(codes[1:]) <= {"success", "device_locked"}
        assert {frame.cosign() for frame in frames} <= {"signer_revoked", "signer_refused"}
        device.do("/repo/unlock")


def test_cosigning_beside_a_revocation_never_brings_a_session_back(device):
    onekey, identity = device.make_onekey(), device.mint()
    for _ in range(5):
        other = device.second(onekey)
        frame = other.frame(identity)
        asking = [lambda frame=frame: frame.cosign()] * 8
        codes = at_once(lambda other=other: device.code("/repo/devices/revoke", {"device": other.kid}), *asking)
        assert codes[0] == "success"
        assert set(codes[1:]) <= {"success", "signer_revoked"}
        assert frame.cosign() == "signer_revoked"


def test_two_onekeys_made_at_once_leave_one(device, session):
    from device import OneIDKey

    made = [OneIDKey() for _ in range(8)]
    codes = at_once(*[lambda key=key: device.code("/repo/recovery", key.members) for key in made])
    assert set(codes) <= {"success", "unavailable"}
    opening = [device.ask("/repo/recovery/open", json.dumps({"locator": key.locator}).encode(), {}) for key in made]
    assert sum(status == 200 for status, _ in opening) == 1
