"""Devices: the browsers of an account, each with a key of its own whose thumbprint is its id."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.store.repo_tables import devices

NAME_LENGTH = 64

# Letters that are drawn as nothing: the Hangul fillers.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
# What moves or hides the characters around it, and so makes one name look like another (Unicode TR 36, 2.7).
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True)
class Device:
    """What the owner sees of a device. Its frame sessions' use counts as its own."""

    id: str
    name: str
    created_at: datetime
    last_used: datetime
    revoked_at: datetime | None


def check_name(name: str) -> None:
    """Pass 1 to 64 characters, at least one of them visible, none of which controls how others are shown.

    Raises:
        ValueError: otherwise.
    """
    if len(name) > NAME_LENGTH or not any(map(_is_seen, name)):
        raise ValueError("a name has 1 to 64 characters, and something to see")
    if any(letter in _BIDI or unicodedata.category(letter) in _UNSEEN for letter in name):
        raise ValueError("a name has no control characters")


def _is_seen(letter: str) -> bool:
    """Neither a space, a mark on another character, a control or format character, nor unassigned."""
    return letter not in _FILLERS and unicodedata.category(letter)[0] not in "ZMC"


def add(session: Session, account: str, key: PublicKey, name: str, now: datetime) -> bool:
    """Let ``key`` be a device of ``account``; ``False``, and nothing changed, if it is a device already."""
    row = {"id": key.thumbprint, "account": account, "public_key": key.raw, "name": name}
    return bool(session.add_new(devices, row | {"created_at": now, "last_used": now}))


def of(session: Session, account: str) -> list[Device]:
    """All devices that ``account`` ever had, oldest first."""
    columns = (devices.c.id, devices.c.name, devices.c.created_at, devices.c.last_used, devices.c.revoked_at)
    mine = select(*columns).where(devices.c.account == account)
    return [Device(*row) for row in session.rows(mine.order_by(devices.c.created_at, devices.c.id))]


def revoke(session: Session, account: str, device: str, now: datetime) -> bool:
    """End a device of ``account`` for good; ``False`` if it has no such device. One that has ended stays as it was."""
    named = (devices.c.account == account) & (devices.c.id == device)
    session.changed(update(devices).where(named, devices.c.revoked_at.is_(None)).values(revoked_at=now))
    return bool(session.rows(select(devices.c.id).where(named)))


def revoke_all(session: Session, account: str, now: datetime) -> None:
    """End every device of ``account``."""
    living = (devices.c.account == account) & devices.c.revoked_at.is_(None)
    session.changed(update(devices).where(living).values(revoked_at=now))


def lock(session: Session, device: str, now: datetime) -> None:
    """Sign a device out."""
    unlocked = (devices.c.id == device) & devices.c.locked_at.is_(None)
    session.changed(update(devices).where(unlocked).values(locked_at=now))


def unlock(session: Session, device: str) -> None:
    """Sign it in again."""
    session.changed(update(devices).where(devices.c.id == device).values(locked_at=None))


def touch(session: Session, device: str, now: datetime) -> None:
    """Note that a device was used."""
    session.changed(update(devices).where(devices.c.id == device).values(last_used=now))
