"""Devices: the browsers and phones of an account, each with a key of its own whose thumbprint is its id.

A phone is a device that confirms. It ends at ``ends_at`` where its removal was asked for, unless it objects before.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, FromClause, or_, select, update

from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.store.repo_tables import devices

NAME_LENGTH = 64
PHONES = 8  # of an account, alive: a record has room for as many control keys, and each is woken for each question

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
    phone: bool
    ends_at: datetime | None

    def ended(self, now: datetime) -> datetime | None:
        """When it ended; ``None`` for one that is alive."""
        due = self.ends_at if self.ends_at is not None and self.ends_at <= now else None
        return self.revoked_at or due

    def ends(self, now: datetime) -> datetime | None:
        """When it is going to end; ``None`` for one that is not, or has."""
        return None if self.ended(now) else self.ends_at


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


def add(session: Session, account: str, key: PublicKey, name: str, now: datetime, *, phone: bool = False) -> bool:
    """Let ``key`` be a device of ``account``; ``False``, and nothing changed, if it is a device already."""
    row = {"id": key.thumbprint, "account": account, "public_key": key.raw, "name": name, "phone": phone}
    return bool(session.add_new(devices, row | {"created_at": now, "last_used": now}))


def of(session: Session, account: str) -> list[Device]:
    """All devices that ``account`` ever had, oldest first."""
    return _listed(session, devices.c.account == account)


def living_phones(session: Session, account: str, now: datetime) -> list[Device]:
    """The phones of ``account``, oldest first; one that is signed out, or is going to be removed, is one still."""
    return _listed(session, (devices.c.account == account) & devices.c.phone.is_(True) & alive(now))


def alive(now: datetime | BindParameter[datetime], of: FromClause = devices) -> ColumnElement[bool]:
    """That a device has not ended."""
    return of.c.revoked_at.is_(None) & or_(of.c.ends_at.is_(None), of.c.ends_at > now)


def find(session: Session, account: str, device: str) -> Device | None:
    """This device, if ``account`` ever had it."""
    return next(iter(_listed(session, (devices.c.account == account) & (devices.c.id == device))), None)


def revoke(session: Session, device: str, now: datetime) -> bool:
    """End a device for good; ``False`` if it has ended. One that has stays as it was."""
    living = (devices.c.id == device) & alive(now)
    return bool(session.changed(update(devices).where(living).values(revoked_at=now)))


def end_at(session: Session, device: str, moment: datetime) -> bool:
    """Let a device end at that moment; ``False``, and nothing changed, if it is going to end already."""
    staying = (devices.c.id == device) & devices.c.revoked_at.is_(None) & devices.c.ends_at.is_(None)
    return bool(session.changed(update(devices).where(staying).values(ends_at=moment)))


def keep(session: Session, device: str) -> bool:
    """Let a device not end after all; ``False`` if it was not going to."""
    leaving = (devices.c.id == device) & devices.c.ends_at.is_not(None)
    return bool(session.changed(update(devices).where(leaving).values(ends_at=None)))


def revoke_all(session: Session, account: str, now: datetime, *, but: str | None = None) -> None:
    """End every device of ``account``, ``but`` one."""
    living = (devices.c.account == account) & devices.c.revoked_at.is_(None)
    if but is not None:
        living &= devices.c.id != but
    session.changed(update(devices).where(living).values(revoked_at=now))


def forget_names(session: Session, account: str) -> None:
    """Forget what the devices of ``account`` were called."""
    session.changed(update(devices).where(devices.c.account == account).values(name=""))


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


def _listed(session: Session, condition: ColumnElement[bool]) -> list[Device]:
    columns = (devices.c.id, devices.c.name, devices.c.created_at, devices.c.last_used, devices.c.revoked_at)
    found = select(*columns, devices.c.phone, devices.c.ends_at).where(condition)
    return [Device(*row) for row in session.rows(found.order_by(devices.c.created_at, devices.c.id))]
