"""Pairings: two browsers that meet by a short code, and messages between them that nobody here can read.

A code has 40 bits. It lives for two minutes and works once: an UPDATE of the pairing that still waits under it decides
who opens it. Only its digest is kept.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from string import ascii_uppercase, digits

from sqlalchemy import ColumnElement, Delete, delete, select, update

from keychain.jose import base64url
from keychain.store.engine import Session
from keychain.store.phone_tables import pairing_messages, pairings

OPENED_WITHIN = timedelta(minutes=2)
FINISHED_WITHIN = timedelta(minutes=10)  # after it was opened
KEPT = timedelta(hours=2)  # after it was made
ID_BYTES = 16
CODE_LENGTH = 8
# Crockford's base 32: no letter that looks like another one, and no U.
_LETTERS = "".join(letter for letter in digits + ascii_uppercase if letter not in "ILOU")
_READ_AS = str.maketrans("OIL", "011", "- ")


@dataclass(frozen=True)
class Pairing:
    """A pairing; ``address`` and ``browser`` are those of who made it."""

    id: str = field(repr=False)
    kind: str
    commitment: bytes = field(repr=False)
    address: str = field(repr=False)
    browser: str = field(repr=False)
    created_at: datetime
    opened_at: datetime | None
    ended_at: datetime | None

    @property
    def expires(self) -> datetime:
        """Until when it can be opened, or, once it was, finished."""
        if self.opened_at is None:
            return self.created_at + OPENED_WITHIN
        return self.opened_at + FINISHED_WITHIN

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended, in whichever way."""
        return self.ended_at is not None or now > self.expires


def draw_code() -> str:
    """A new code."""
    return "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))


def parse_code(text: str) -> str:
    """The code that somebody typed: in either case, with or without its hyphen, and with letters that look like digits.

    Raises:
        ValueError: if it is none.
    """
    code = text.upper().translate(_READ_AS)
    if len(code) != CODE_LENGTH or not set(code) <= set(_LETTERS):
        raise ValueError("a code has eight letters and digits")
    return code


def add(session: Session, kind: str, commitment: bytes, code: str, by: tuple[str, str], now: datetime) -> str | None:
    """A new pairing under ``code``, made by this address and browser; its id. ``None`` if another waits there."""
    pairing = base64url.encode(secrets.token_bytes(ID_BYTES))
    made = {"address": by[0], "browser": by[1], "created_at": now, "changes": 0}
    row = {"id": pairing, "kind": kind, "code_digest": _digest(code), "commitment": commitment, **made}
    return pairing if session.add_new(pairings, row) else None


def waiting(session: Session, code: str) -> Pairing | None:
    """The pairing that was made with this code and never opened; it may be over."""
    return _one(session, pairings.c.code_digest == _digest(code))


def of(session: Session, pairing: str) -> Pairing | None:
    """The pairing of this id."""
    return _one(session, pairings.c.id == pairing)


def hold(session: Session, pairing: str) -> Pairing | None:
    """The pairing of this id, which nobody else changes until the end of the transaction."""
    session.rows(select(pairings.c.id).where(pairings.c.id == pairing).with_for_update())
    return of(session, pairing)


def use_code(session: Session, pairing: str, now: datetime) -> bool:
    """Open a pairing; ``False``, and nothing changed, if it was opened or ended before. Its code works no more."""
    unopened = (pairings.c.id == pairing) & pairings.c.code_digest.is_not(None) & pairings.c.ended_at.is_(None)
    return bool(session.changed(update(pairings).where(unopened).values(code_digest=None, opened_at=now)))


def end(session: Session, pairing: str, now: datetime) -> None:
    """End a pairing; its messages are gone."""
    living = (pairings.c.id == pairing) & pairings.c.ended_at.is_(None)
    ended = {"ended_at": now, "code_digest": None, "changes": pairings.c.changes + 1}
    session.changed(update(pairings).where(living).values(**ended))
    session.changed(delete(pairing_messages).where(pairing_messages.c.pairing == pairing))


def add_message(session: Session, pairing: str, side: str, number: int, message: bytes) -> None:
    """Keep a side's next message for the other one."""
    session.add(pairing_messages, {"pairing": pairing, "side": side, "number": number, "message": message})
    session.changed(update(pairings).where(pairings.c.id == pairing).values(changes=pairings.c.changes + 1))


def messages(session: Session, pairing: str, side: str, after: int = 0) -> list[bytes]:
    """What a side sent, in order, but for the first ``after``."""
    found = select(pairing_messages.c.message).where(
        pairing_messages.c.pairing == pairing, pairing_messages.c.side == side, pairing_messages.c.number >= after
    )
    return [row.message for row in session.rows(found.order_by(pairing_messages.c.number))]


def old_messages(now: datetime, limit: int) -> Delete:
    """The statement that forgets at most ``limit`` messages of pairings that are over long since."""
    gone = select(pairings.c.id).where(pairings.c.created_at < now - KEPT)
    those = select(pairing_messages.c.pairing).where(pairing_messages.c.pairing.in_(gone)).limit(limit)
    return delete(pairing_messages).where(pairing_messages.c.pairing.in_(those))


def old(now: datetime, limit: int) -> Delete:
    """The statement that forgets at most ``limit`` pairings that are over long since, and have no messages any more."""
    messages_left = select(pairing_messages.c.number).where(pairing_messages.c.pairing == pairings.c.id).exists()
    those = select(pairings.c.id).where(pairings.c.created_at < now - KEPT, ~messages_left).limit(limit)
    return delete(pairings).where(pairings.c.id.in_(those))


def _one(session: Session, condition: ColumnElement[bool]) -> Pairing | None:
    columns = [
        column for column in pairings.c if column is not pairings.c.code_digest and column is not pairings.c.changes
    ]
    found = session.rows(select(*columns).where(condition))
    return Pairing(**found[0]._mapping) if found else None  # noqa: SLF001 - a row's documented mapping


def _digest(code: str) -> bytes:
    # Forty bits can be tried out; but who reads the database while the code lives can read what it opens as well.
    return hashlib.sha256(code.encode()).digest()
