"""The two_factor_token of every user at every site: derived, found by its digest, in every payload, revocable."""

import base64
import hashlib
import hmac

import pytest
from device import Device, over_wsgi
from sqlalchemy import select, update

from keychain import errors
from keychain.repo import identities as collection
from keychain.repo import tokens
from keychain.repo.masterkeys import MasterKeys
from keychain.store.repo_tables import identities

MASTER = bytes(range(32))
UID = "AAECAwQFBgcICQoLDA0ODw=="


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


def cosigned(asking, identity) -> dict:
    question = {"uid": identity.uid, "origin": identity.origin, "nonce": asking.nonce()}
    return asking.do("/repo/cosign", question)["signed"]


def digest(text: str) -> bytes:
    return hashlib.sha256(base64.b64decode(text)).digest()


def test_a_token_is_what_is_written_down():
    made = MasterKeys([(1, MASTER)]).token(UID, 1, 3)
    key = hmac.digest(bytes(32), MASTER, "sha256")
    assert made == hmac.digest(key, f"oneid/1 token {UID} 3".encode() + b"\x01", "sha256")[:16]
    assert tokens.parse(tokens.text(made)) == made
    with pytest.raises(errors.InternalFault):
        MasterKeys([(1, MASTER)]).token(UID, 2, 3)


@pytest.mark.parametrize("text", ["", "x", "A" * 24, "A" * 22, "A" * 22 + "==\n", "A" * 21 + "B==", "_" * 22 + "=="])
def test_what_is_no_token_is_none(text):
    with pytest.raises(ValueError, match=r"base64|bytes"):
        tokens.parse(text)


def test_every_sign_in_carries_the_token_and_says_whether_there_is_a_phone(device, session):
    frame = device.frame()
    first, second = cosigned(frame, frame.identity), cosigned(device, frame.identity)
    assert set(first) == {"uid", "key", "nonce", "two_factor_token", "phone"}
    assert first["two_factor_token"] == second["two_factor_token"]
    assert len(base64.b64decode(first["two_factor_token"], validate=True)) == 16
    assert (first["phone"], second["phone"]) == (False, False)
    phone = device.connect_phone()
    assert cosigned(frame, frame.identity)["phone"] is True
    phone.do("/repo/devices/revoke", {"device": phone.kid})
    assert cosigned(frame, frame.identity)["phone"] is False
    [row] = session.rows(select(identities))
    assert row.token_digest == digest(first["two_factor_token"])


def test_every_user_at_every_site_has_a_token_of_its_own(device, app, clock):
    other = Device(over_wsgi(app), clock).sign_up()
    made = {
        cosigned(asking, asking.mint(origin))["two_factor_token"]
        for asking in (device, other)
        for origin in ("https://shop.example", "https://other.example")
    }
    assert len(made) == 4


@pytest.mark.parametrize("by_frame", [True, False])
def test_an_identity_of_before_gets_its_token_at_its_next_sign_in(device, session, statements, by_frame):
    frame = device.frame()
    asking = frame if by_frame else device
    token = cosigned(asking, frame.identity)["two_factor_token"]
    session.changed(update(identities).values(token_digest=None))
    costs = []
    for _ in range(2):
        question = frame.question()
        statements.clear()
        assert asking.do("/repo/cosign", question)["signed"]["two_factor_token"] == token
        costs.append(len(statements))
    assert costs == ([4, 3] if by_frame else [5, 4]), "one more, once"
    assert session.rows(select(identities))[0].token_digest == digest(token)


def test_a_new_generation_ends_the_former_token(device, session, app):
    frame = device.frame()
    former = cosigned(frame, frame.identity)["two_factor_token"]
    assert collection.by_token(session, digest(former)).uid == frame.identity.uid
    master = app.extensions["keychain"]
    assert master.settings.master_keys == (), "the keys are those of the data directory"
    collection.new_token(session, frame.identity.uid, 1, hashlib.sha256(b"to be replaced").digest())
    newer = cosigned(frame, frame.identity)["two_factor_token"]
    assert newer != former
    session.changed(update(identities).values(token_digest=None))
    assert cosigned(frame, frame.identity)["two_factor_token"] == newer
    assert collection.by_token(session, digest(former)) is None
    assert collection.by_token(session, digest(newer)).token_generation == 1
    collection.new_token(session, frame.identity.uid, 1, digest(former))
    assert collection.by_token(session, digest(former)) is None, "no generation comes twice"
    collection.keep_token(session, frame.identity.uid, 0, digest(former))
    assert collection.by_token(session, digest(former)) is None


def test_the_database_holds_no_token(device, session):
    frame = device.frame()
    token = base64.b64decode(cosigned(frame, frame.identity)["two_factor_token"])
    values = [value for row in session.rows(select(identities)) for value in row if isinstance(value, bytes)]
    assert all(token not in value for value in values)


def test_phones_are_told_with_the_identity(device, clock):
    asked = {"origin": "https://shop.example"}
    assert device.do("/repo/identities/find", asked)["phones"] == []
    phone = device.connect_phone()
    clock.tick(seconds=1)
    second = phone.connect_phone()
    phone.connect_browser()
    found = device.do("/repo/identities/find", asked)
    assert found["identity"] is None
    assert found["phones"] == [{"id": one.kid, "name": "Ann's phone", "ends": None} for one in (phone, second)]
