"""Confirmations: what a person is asked on the phone, and what was answered.

The first answer wins: an UPDATE of one that still waits decides, never a SELECT before it. Time ends one by itself:
no job has to run for that. The words are forgotten a day later.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Delete, and_, bindparam, case, delete, func, select, update

from keychain.jose import base64url
from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.store.phone_tables import confirmations
from keychain.store.repo_tables import identities

ID_BYTES = 16
NUMBER_TRIES = 3
KEPT = timedelta(days=1)  # after it expired
LISTED = 100

PENDING, APPROVED, REJECTED, REPORTED = "pending", "approved", "rejected", "reported"
EXPIRED, CANCELLED = UNANSWERED = ("expired", "cancelled")

_LEFT = frozenset({"changes", "cd_key", "cd_signed", "decided_at"})
_COLUMNS = [column for column in confirmations.c if column.name not in _LEFT]
_WAITING = select(confirmations.c.id).where(
    confirmations.c.id.in_(bindparam("ids", expanding=True)), confirmations.c.state == PENDING
)


@dataclass(frozen=True)
class Confirmation:
    """What a person is asked. ``asker`` is who it is for limits and silence, ``asked_by`` who may read the outcome."""

    id: str
    account: str = field(repr=False)
    uid: str = field(repr=False)
    kind: str
    level: str
    asker: str = field(repr=False)
    asked_by: str = field(repr=False)
    proved: bool
    audience: str | None
    title: str = field(repr=False)
    message: str = field(repr=False)
    nonce: str = field(repr=False)
    number: str | None = field(repr=False)
    tries: int
    address: str = field(repr=False)
    browser: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    state: str
    decided_by: str | None

    def state_at(self, now: datetime) -> str:
        """Its state; one that nobody answered in time is expired without anybody having written that down."""
        return EXPIRED if self.state == PENDING and self.expires_at <= now else self.state


@dataclass(frozen=True)
class Past:
    """What a person reads of it later. ``asker`` is an origin, or the API ID of a site that is not proved."""

    asker: str
    kind: str
    state: str
    asked_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True)
class Approval:
    """What the control device signed."""

    key: PublicKey
    signed: str = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """How a decision is written down: by which device, and for an approval with what signature."""

    state: str
    by: str | None = None
    approval: Approval | None = None


def new_id() -> str:
    """An id that nobody can guess."""
    return base64url.encode(secrets.token_bytes(ID_BYTES))


def add(session: Session, asked: Confirmation) -> None:
    """Ask."""
    row = {column.name: getattr(asked, column.name) for column in _COLUMNS}
    session.add(confirmations, row | {"changes": 0})


def of(session: Session, account: str, id_: str) -> Confirmation | None:
    """The confirmation of this id, if ``account`` was asked."""
    return _one(session, (confirmations.c.id == id_) & (confirmations.c.account == account))


def asked_by(session: Session, asker: str, id_: str) -> Confirmation | None:
    """The confirmation of this id, if ``asker`` asked."""
    return _one(session, (confirmations.c.id == id_) & (confirmations.c.asked_by == asker))


def same(session: Session, asked: Confirmation) -> Confirmation | None:
    """What was asked before in the same words, about the same nonce, by the same asker, if it waits or was approved."""
    members = ("account", "asked_by", "uid", "kind", "level", "title", "message", "nonce")
    equal = [confirmations.c[name] == getattr(asked, name) for name in members]
    good = _waits(asked.created_at) | (confirmations.c.state == APPROVED)
    return _one(session, and_(good, *equal))


def pending(session: Session, account: str, now: datetime) -> list[Confirmation]:
    """What ``account`` is asked at this moment, newest last."""
    waiting = select(*_COLUMNS).where(_waits(now), confirmations.c.account == account)
    return [
        Confirmation(*row) for row in session.rows(waiting.order_by(confirmations.c.created_at, confirmations.c.id))
    ]


def shown(session: Session, account: str, now: datetime) -> list[tuple[Confirmation, str]]:
    """As ``pending``, each with the origin of its identity."""
    waiting = select(*_COLUMNS, identities.c.origin).join(identities, identities.c.uid == confirmations.c.uid)
    mine = waiting.where(_waits(now), confirmations.c.account == account)
    rows = session.rows(mine.order_by(confirmations.c.created_at, confirmations.c.id))
    return [(Confirmation(*columns), origin) for *columns, origin in rows]


def count_since(session: Session, account: str, since: datetime) -> int:
    """How many times ``account`` was asked since then, whatever came of it."""
    of_late = (confirmations.c.account == account) & (confirmations.c.created_at > since)
    [(count,)] = session.rows(select(func.count()).select_from(confirmations).where(of_late))
    return int(count)


def approval(session: Session, id_: str) -> Approval | None:
    """What the control device signed."""
    signed = select(confirmations.c.cd_key, confirmations.c.cd_signed).where(confirmations.c.id == id_)
    found = session.rows(signed.where(confirmations.c.state == APPROVED))
    return Approval(PublicKey(found[0][0]), found[0][1]) if found else None


def decide(session: Session, id_: str, outcome: Outcome, now: datetime, *, in_time: bool = True) -> bool:
    """Answer one that waits; ``False``, and nothing changed, if it does not any more. ``in_time`` asks for its time
    too: who writes down that it is over does not have to be in time.
    """
    waits = _waits(now) if in_time else confirmations.c.state == PENDING
    values = {"state": outcome.state, "decided_at": now, "decided_by": outcome.by}
    if outcome.approval:
        values |= {"cd_key": outcome.approval.key.raw, "cd_signed": outcome.approval.signed}
    answered = update(confirmations).where(confirmations.c.id == id_, waits)
    return session.changed(answered.values(values | {"changes": confirmations.c.changes + 1})) == 1


def note_report(session: Session, id_: str, device: str, now: datetime) -> bool:
    """Note that a device reported one that ended without an answer; ``False``, and nothing changed, if one did before
    or it did not end so.
    """
    over = (confirmations.c.state == PENDING) & (confirmations.c.expires_at <= now)
    ended = over | confirmations.c.state.in_(UNANSWERED)
    noted = update(confirmations).where(confirmations.c.id == id_, confirmations.c.decided_by.is_(None), ended)
    state = case((confirmations.c.state == PENDING, EXPIRED), else_=confirmations.c.state)
    return session.changed(noted.values(state=state, decided_by=device)) == 1


def count_try(session: Session, id_: str, now: datetime) -> int | None:
    """Count one more try at the number, before anybody compares it; which one it is, or ``None`` if none is left.

    On disk when this returns: what happens next does not give it back.
    """
    left = (confirmations.c.id == id_) & _waits(now) & (confirmations.c.tries < NUMBER_TRIES)
    counted = update(confirmations).where(left).values(tries=confirmations.c.tries + 1)
    found = session.rows(counted.returning(confirmations.c.tries))
    return int(found[0][0]) if found else None


def latest(session: Session, account: str, now: datetime) -> list[Past]:
    """What ``account`` was asked of late, newest first, without the words."""
    asker = case((confirmations.c.proved, identities.c.origin), else_=confirmations.c.audience)
    ended = (confirmations.c.state == PENDING) & (confirmations.c.expires_at <= now)
    state = case((ended, EXPIRED), else_=confirmations.c.state)
    told = select(asker, confirmations.c.kind, state, confirmations.c.created_at, confirmations.c.decided_at)
    mine = told.join(identities, identities.c.uid == confirmations.c.uid).where(confirmations.c.account == account)
    newest = mine.order_by(confirmations.c.created_at.desc(), confirmations.c.id).limit(LISTED)
    return [Past(*row) for row in session.rows(newest)]


def forget(session: Session, account: str) -> None:
    """Delete everything that ``account`` was asked."""
    session.changed(delete(confirmations).where(confirmations.c.account == account))


def forget_at(session: Session, uid: str) -> None:
    """Delete everything that ``uid`` was asked."""
    session.changed(delete(confirmations).where(confirmations.c.uid == uid))


def decided(session: Session, ids: Collection[str]) -> list[str]:
    """Those of ``ids`` that do not wait any more, because of an answer or because their site was forgotten; in one
    statement.
    """
    waiting = {id_ for (id_,) in session.rows(_WAITING, {"ids": list(ids)})}
    return [id_ for id_ in ids if id_ not in waiting]


def old(now: datetime, limit: int) -> Delete:
    """The statement that forgets at most ``limit`` confirmations that expired more than a day ago."""
    gone = select(confirmations.c.id).where(confirmations.c.expires_at < now - KEPT).limit(limit)
    return delete(confirmations).where(confirmations.c.id.in_(gone))


def _waits(now: datetime) -> ColumnElement[bool]:
    return (confirmations.c.state == PENDING) & (confirmations.c.expires_at > now)


def _one(session: Session, condition: ColumnElement[bool]) -> Confirmation | None:
    found = session.rows(select(*_COLUMNS).where(condition))
    return Confirmation(*found[0]) if found else None
