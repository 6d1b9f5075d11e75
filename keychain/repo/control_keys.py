"""Control keys: what a phone signs with for one identity, in the role ``cd``. One per identity and phone.

A control key is pinned once the Keychain has it on record, and has ended once it has it no more. Those of a phone that
ended wait here until a device that has the AD key takes them off the record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, select, update

from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.store.phone_tables import control_keys
from keychain.store.repo_tables import devices, identities

LISTED = 50

_IDENTITY = (identities.c.uid, identities.c.origin, identities.c.ad_key, identities.c.sealed)


@dataclass(frozen=True)
class ControlKey:
    """A control key; its id is its thumbprint."""

    id: str = field(repr=False)
    uid: str = field(repr=False)
    device: str = field(repr=False)
    key: PublicKey = field(repr=False)
    pinned: bool
    ended: bool


@dataclass(frozen=True)
class Wanted:
    """An identity that a control key is to be put on record for, or, with its id, one to be taken off."""

    uid: str = field(repr=False)
    origin: str = field(repr=False)
    ad_key: PublicKey = field(repr=False)
    sealed: bytes = field(repr=False)
    control_key: str | None = field(repr=False)


def add(session: Session, uid: str, device: str, key: PublicKey, now: datetime) -> None:
    """Note a control key before the Keychain hears of it; what is there already stays as it is."""
    row = {"id": key.thumbprint, "uid": uid, "device": device, "public_key": key.raw, "created_at": now}
    session.add_new(control_keys, row)


def of(session: Session, uid: str, device: str) -> ControlKey | None:
    """The control key of a phone for ``uid``, whatever became of it."""
    return _one(session, (control_keys.c.uid == uid) & (control_keys.c.device == device))


def pinned(session: Session, uid: str, device: str) -> ControlKey | None:
    """The control key that a phone signs for ``uid`` with."""
    found = of(session, uid, device)
    return found if found and found.pinned and not found.ended else None


def named(session: Session, uid: str, id_: str) -> ControlKey | None:
    """The control key of this id, if it is one for ``uid``."""
    return _one(session, (control_keys.c.uid == uid) & (control_keys.c.id == id_))


def mark_pinned(session: Session, id_: str, now: datetime) -> None:
    """The Keychain has it on record, whatever was thought of it meanwhile."""
    session.changed(update(control_keys).where(control_keys.c.id == id_).values(pinned_at=now, ended_at=None))


def mark_ended(session: Session, id_: str, now: datetime) -> None:
    """The Keychain has it no more."""
    living = (control_keys.c.id == id_) & control_keys.c.ended_at.is_(None)
    session.changed(update(control_keys).where(living).values(ended_at=now))


def forget_at(session: Session, uid: str) -> None:
    """Delete every control key for ``uid``."""
    session.changed(delete(control_keys).where(control_keys.c.uid == uid))


def forget(session: Session, account: str) -> None:
    """Delete every control key of ``account``."""
    mine = select(identities.c.uid).where(identities.c.account == account)
    session.changed(delete(control_keys).where(control_keys.c.uid.in_(mine)))


def to_pin(session: Session, account: str, device: str) -> list[Wanted]:
    """The identities of ``account`` on record that this phone has no control key for yet, or one that is not pinned."""
    beside = control_keys.c.uid == identities.c.uid
    done = select(control_keys.c.id).where(
        beside,
        control_keys.c.device == device,
        control_keys.c.pinned_at.is_not(None) | control_keys.c.ended_at.is_not(None),
    )
    minted = (identities.c.account == account) & identities.c.minted_at.is_not(None)
    wanting = select(*_IDENTITY).where(minted, ~done.exists()).order_by(identities.c.created_at, identities.c.uid)
    return [Wanted(uid, origin, PublicKey(key), sealed, None) for uid, origin, key, sealed in _some(session, wanting)]


def to_end(session: Session, account: str, device_ended: ColumnElement[bool]) -> list[Wanted]:
    """The control keys of phones of ``account`` that ended, which the Keychain has on record, or might have."""
    waiting = (
        select(*_IDENTITY, control_keys.c.id)
        .join(identities, identities.c.uid == control_keys.c.uid)
        .join(devices, devices.c.id == control_keys.c.device)
        .where(identities.c.account == account, control_keys.c.ended_at.is_(None), device_ended)
        .order_by(control_keys.c.created_at, control_keys.c.id)
    )
    return [
        Wanted(uid, origin, PublicKey(key), sealed, id_) for uid, origin, key, sealed, id_ in _some(session, waiting)
    ]


def _some(session: Session, statement: Select[tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
    return session.rows(statement.limit(LISTED))


def _one(session: Session, condition: ColumnElement[bool]) -> ControlKey | None:
    columns = (control_keys.c.id, control_keys.c.uid, control_keys.c.device, control_keys.c.public_key)
    found = session.rows(select(*columns, control_keys.c.pinned_at, control_keys.c.ended_at).where(condition))
    if not found:
        return None
    id_, uid, device, key, pinned_at, ended_at = found[0]
    return ControlKey(id_, uid, device, PublicKey(key), pinned_at is not None, ended_at is not None)
