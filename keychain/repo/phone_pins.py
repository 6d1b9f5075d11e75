"""PINs of phones. A phone mixes what is typed with a key that never leaves it, and what is kept is a digest of that: no
database gives the PIN away, and no list of PINs opens it without the phone.

A try is counted, on disk, before it is compared. Five wrong ones in a row lock the PIN, and a right one in between
forgets them.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import delete, select, update

from keychain import errors
from keychain.store.engine import Session
from keychain.store.phone_tables import phone_pins
from keychain.store.repo_tables import devices

TRIES = 5


@dataclass(frozen=True)
class Standing:
    """Whether a phone has a PIN, and whether it is locked."""

    set: bool
    locked: bool


def standing(session: Session, device: str) -> Standing:
    """How it is with the PIN of a phone."""
    found = session.rows(select(phone_pins.c.tries).where(phone_pins.c.device == device))
    return Standing(bool(found), bool(found) and found[0][0] >= TRIES)


def check(session: Session, device: str, *typed: bytes | None) -> bytes:
    """Pass if one of these is the right PIN of a phone, in one try; that one. Wrong ones before it are forgotten. Not
    inside a transaction: the try has to stay counted whatever happens.

    Raises:
        PinUnset: if it has none.
        PinRefused: for a wrong one; for none, which is not counted.
        PinLocked: after five wrong ones in a row, the fifth included.
    """
    proofs = [proof for proof in typed if proof is not None]
    if not proofs:
        now = standing(session, device)
        raise errors.PinLocked if now.locked else errors.PinRefused if now.set else errors.PinUnset
    of_the_phone = phone_pins.c.device == device
    counted = update(phone_pins).where(of_the_phone, phone_pins.c.tries < TRIES).values(tries=phone_pins.c.tries + 1)
    found = session.rows(counted.returning(phone_pins.c.tries, phone_pins.c.digest))
    if not found:
        raise errors.PinLocked if standing(session, device).set else errors.PinUnset
    tries, digest = found[0]
    right = [proof for proof in proofs if compare_digest(_digest(proof), digest)]
    if not right:
        raise errors.PinLocked if tries >= TRIES else errors.PinRefused
    session.changed(update(phone_pins).where(of_the_phone, phone_pins.c.digest == digest).values(tries=0))
    return right[0]


def put(session: Session, device: str, proof: bytes, now: datetime) -> None:
    """This is the phone's PIN from now on."""
    session.changed(delete(phone_pins).where(phone_pins.c.device == device))
    session.add(phone_pins, {"device": device, "digest": _digest(proof), "tries": 0, "created_at": now})


def forget(session: Session, account: str) -> None:
    """Delete the PIN of every phone of ``account``."""
    mine = select(devices.c.id).where(devices.c.account == account)
    session.changed(delete(phone_pins).where(phone_pins.c.device.in_(mine)))


def _digest(proof: bytes) -> bytes:
    return hashlib.sha256(proof).digest()
