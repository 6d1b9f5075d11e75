"""The record: which public keys speak for a uid, per role.

A uid that nobody has seen is put on record by its first fully valid payload ("first use"). From then on its record
changes only by a payload that two roles on record signed, repo among them, and that names the change: ``pins`` (role
to RFC 7638 thumbprint) adds a key whose own signature is present, ``unpins`` takes one away. A bare extra role and a
differing key are refused: whoever holds an unspent payload must not be able to add a phone to it.

Unpinned and revoked keys stay in their table, marked, so that no uid ever becomes unknown again and no key comes back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import String, bindparam, select, tuple_, update

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.store.prepared import Prepared
from keychain.store.tables import pins, records
from keychain.validation import roles

KEYS_PER_ROLE = 8

Keys = Mapping[str, PublicKey]  # role to the key that signed for it

_COLUMNS = (records.c.version, pins.c.role, pins.c.public_key, pins.c.revoked_at)
_OF_ONE = pins.c.uid == records.c.uid
_READ_MANY = (
    select(records.c.uid, *_COLUMNS)
    .join_from(records, pins, _OF_ONE)
    .where(records.c.uid.in_(bindparam("uids", expanding=True)))
)
# For a uid that nobody has seen it has a row as well, an empty one: to have nothing takes a database less time.
_ASKED = select(bindparam("uid", type_=String).label("uid")).subquery()
_READ_ONE = Prepared(
    select(_ASKED.c.uid, *_COLUMNS).select_from(
        _ASKED.outerjoin(records, records.c.uid == _ASKED.c.uid).outerjoin(pins, _OF_ONE)
    )
)

_NONE: Mapping[str, Any] = MappingProxyType({})
_NOBODY = [("", 1, role, bytes(64), None) for role in ("ad", "repo")]  # as long as most records


class Change(NamedTuple):
    """A signed wish to change a record: role to thumbprint. Exactly one of the two is not empty."""

    pins: Mapping[str, str] = _NONE
    unpins: Mapping[str, str] = _NONE


class Record(NamedTuple):
    """The keys on record of one uid; ``version`` 0 is a uid that nobody has seen."""

    uid: str
    version: int = 0
    active: frozenset[tuple[str, PublicKey]] = frozenset()
    revoked: frozenset[tuple[str, PublicKey]] = frozenset()

    def strangers(self, keys: Keys) -> dict[str, PublicKey]:
        """Those of ``keys`` that are not on record for their role."""
        return {role: key for role, key in keys.items() if (role, key) not in self.active}


class Ruling(NamedTuple):
    """What ``match`` found: the roles that were on record already, and what has to be written."""

    known: tuple[str, ...]
    first_use: bool = False
    pinned: Mapping[str, PublicKey] = _NONE
    unpinned: Mapping[str, PublicKey] = _NONE

    @property
    def writes(self) -> bool:
        """Whether the record has to be written."""
        return self.first_use or bool(self.pinned or self.unpinned)


def read(session: Session, uid: str) -> Record:
    """The record of ``uid``; an empty one for a uid that nobody has seen, after as much work as another takes: what is
    refused alike shall not be told apart by time.
    """
    found = session.ask(_READ_ONE, {"uid": uid})
    [(_, _, role, *_), *_] = found
    return _gather(found if role else _NOBODY).get(uid, Record(uid))


def read_many(session: Session, uids: Collection[str]) -> dict[str, Record]:
    """The records of ``uids``, in one statement."""
    seen = _gather(session.rows(_READ_MANY, {"uids": list(uids)}))
    return {uid: seen.get(uid, Record(uid)) for uid in uids}


def match(on_record: Record, keys: Keys, change: Change | None, *, pin_unknown: bool) -> Ruling:
    """Hold the keys of a payload, whose signatures have all been verified, against the record.

    Raises:
        KeyNotOnRecord: for a key that is not on record and that no signed change introduces; in the same words for a
            uid that is not on record where first use is refused.
        RecordChangeRefused: for a change that the record does not allow.
    """
    strangers = on_record.strangers(keys)
    if not on_record.version:
        if not pin_unknown:
            raise errors.KeyNotOnRecord
        if change:
            raise errors.RecordChangeRefused
        return Ruling(roles.in_order(keys), first_use=True, pinned=dict(keys))
    if change is None:
        if strangers:
            raise errors.KeyNotOnRecord
        return Ruling(roles.in_order(keys))
    introduced = {role: key for role, key in strangers.items() if change.pins.get(role) == key.thumbprint}
    if strangers.keys() != introduced.keys():
        raise errors.KeyNotOnRecord
    known = roles.in_order(keys.keys() - introduced.keys())
    if not roles.suffice(known):
        raise errors.RecordChangeRefused
    _check_pins(on_record, keys, change)
    return Ruling(known, pinned=introduced, unpinned=_unpinned(on_record, change))


def _check_pins(on_record: Record, keys: Keys, change: Change) -> None:
    """Pass pins whose keys sign beside them, never were another role's or revoked, and find room."""
    for role, thumbprint in change.pins.items():
        key = keys.get(role)
        if key is None or key.thumbprint != thumbprint or (role, key) in on_record.revoked:
            raise errors.RecordChangeRefused
        if any(other == key and holder != role for holder, other in on_record.active | on_record.revoked):
            raise errors.RecordChangeRefused  # one key in two roles would be two signers in one
        beside = [other for holder, other in on_record.active if holder == role and other != key]
        if len(beside) >= KEYS_PER_ROLE:
            raise errors.RecordChangeRefused


def _unpinned(on_record: Record, change: Change) -> dict[str, PublicKey]:
    """The keys to take off the record. One that is off it already is no news, so that a request can be repeated."""
    gone = {}
    for role, thumbprint in change.unpins.items():
        held = {key.thumbprint: key for holder, key in on_record.active | on_record.revoked if holder == role}
        if thumbprint not in held:
            raise errors.RecordChangeRefused
        if (role, held[thumbprint]) in on_record.active:
            gone[role] = held[thumbprint]
    left = {role for role, key in on_record.active if gone.get(role) != key}
    if not roles.suffice(left):
        raise errors.RecordChangeRefused
    return gone


def hold(session: Session, uid: str) -> None:
    """Let nobody else write this record until the end of the transaction; on SQLite nobody else writes anyway."""
    session.changed(update(records).where(records.c.uid == uid).values(version=records.c.version))


def write(session: Session, on_record: Record, ruling: Ruling, now: datetime) -> bool:
    """Write what a ruling asks for, inside a transaction; ``False``, and nothing written, if somebody else changed the
    record since.

    A unique insert decides who is first, a compared version who changes: never a SELECT before it.
    """
    uid = on_record.uid
    if ruling.first_use:
        won = bool(session.add_new(records, {"uid": uid, "version": 1, "created_at": now}))
    else:
        held = (records.c.uid == uid) & (records.c.version == on_record.version)
        won = session.changed(update(records).where(held).values(version=on_record.version + 1)) == 1
    if won and ruling.pinned:
        named = ruling.pinned.items()
        session.add(pins, [{"uid": uid, "role": role, "public_key": key.raw, "created_at": now} for role, key in named])
    if won and ruling.unpinned:
        _mark_revoked(session, uid, ruling.unpinned.items(), now)
    return won


def revoke(session: Session, uid: str, thumbprint: str | None, now: datetime) -> int:
    """Take one key, or with ``None`` every key, off the record for good (an operator's act); how many it were."""
    with session.transaction():
        hold(session, uid)
        gone = [(role, key) for role, key in read(session, uid).active if thumbprint in (None, key.thumbprint)]
        if gone:
            session.changed(update(records).where(records.c.uid == uid).values(version=records.c.version + 1))
            _mark_revoked(session, uid, gone, now)
        return len(gone)


def history(session: Session, uid: str) -> list[tuple[str, PublicKey, datetime, datetime | None]]:
    """Every key that was ever on record for ``uid``: role, key, since when, until when."""
    columns = (pins.c.role, pins.c.public_key, pins.c.created_at, pins.c.revoked_at)
    rows = session.rows(select(*columns).where(pins.c.uid == uid).order_by(pins.c.created_at, pins.c.role))
    return [(role, PublicKey(raw), since, until) for role, raw, since, until in rows]


def _gather(rows: Iterable[Sequence[Any]]) -> dict[str, Record]:
    keys: dict[str, tuple[int, set[tuple[str, PublicKey]], set[tuple[str, PublicKey]]]] = {}
    for uid, version, role, raw, revoked_at in rows:
        _, active, revoked = keys.setdefault(uid, (version, set(), set()))
        (active if revoked_at is None else revoked).add((role, PublicKey(raw)))
    return {
        uid: Record(uid, version, frozenset(active), frozenset(revoked))
        for uid, (version, active, revoked) in keys.items()
    }


def _mark_revoked(session: Session, uid: str, gone: Iterable[tuple[str, PublicKey]], now: datetime) -> None:
    named = [(role, key.raw) for role, key in gone]
    session.changed(
        update(pins).where(pins.c.uid == uid, tuple_(pins.c.role, pins.c.public_key).in_(named)).values(revoked_at=now)
    )
