"""Audit events: read, and noted where no row of a table stands for what was done.

All others are written by triggers (``docs/adr/0016``): whoever changes a row need not think of them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, select

from keychain.store.audit_tables import audit_events
from keychain.store.engine import Session

PAGE = 1000


@dataclass(frozen=True)
class Event:
    """One event. ``detail`` is a JSON object as text, ``public_key`` X||Y, of a key that was put on record or off."""

    id: int
    at: datetime
    kind: str
    subject: str
    detail: str
    public_key: bytes | None

    def __post_init__(self) -> None:
        """SQLite keeps anything in any column, and the same bytes as text and as bytes have one digest.

        Raises:
            ValueError: for what is not of its column's type.
        """
        texts = (self.kind, self.subject, self.detail)
        known = isinstance(self.id, int) and isinstance(self.at, datetime) and isinstance(self.public_key, bytes | None)
        if not known or not all(isinstance(one, str) for one in texts):
            raise ValueError("what stands in a column is not of its type")


def note(session: Session, kind: str, subject: str = "", detail: Mapping[str, str] | None = None) -> None:
    """Note an act that changes no row of its own. Inside a transaction the event is gone with it.

    Nothing secret goes in, and nothing that a person wrote: the log is kept for good, and shown to auditors.
    """
    session.add(audit_events, {"kind": kind, "subject": subject, "detail": json.dumps(dict(detail or {}))})


def read(session: Session, after: int | None = None, up_to: int | None = None, limit: int = PAGE) -> list[Event]:
    """At most ``limit`` events, in the order of their ids: those after one, and not after another."""
    wanted = select(*audit_events.c)
    if after is not None:
        wanted = wanted.where(audit_events.c.id > after)
    if up_to is not None:
        wanted = wanted.where(audit_events.c.id <= up_to)
    return _events(session, wanted.order_by(audit_events.c.id).limit(limit))


def misdated(session: Session, after: int, up_to: int) -> list[int]:
    """On SQLite, where times are texts: events with one that is not written as the database writes it.

    It may be the very same time and have the same digest; but it is compared otherwise, and not found by it.
    """
    at = cast(audit_events.c.at, Text)
    other = at.is_distinct_from(func.strftime("%Y-%m-%d %H:%M:%f000", at)) | (func.typeof(audit_events.c.at) != "text")
    ids = audit_events.c.id
    return [id_ for (id_,) in session.rows(select(ids).where(ids > after, ids <= up_to, other).order_by(ids))]


def search(
    session: Session, since: datetime | None = None, kind: str | None = None, subject: str | None = None
) -> Iterator[Event]:
    """All events from a time on, of a kind, about a subject, in the order of their ids."""
    asked: list[ColumnElement[bool]] = []
    if since is not None:
        asked.append(audit_events.c.at >= since)
    if kind is not None:
        asked.append(audit_events.c.kind == kind)
    if subject is not None:
        asked.append(audit_events.c.subject == subject)
    page = select(*audit_events.c).where(*asked).order_by(audit_events.c.id).limit(PAGE)
    found = _events(session, page)
    while found:
        yield from found
        found = _events(session, page.where(audit_events.c.id > found[-1].id))


def _events(session: Session, wanted: Select[Any]) -> list[Event]:
    try:
        return [Event(*row) for row in session.rows(wanted)]
    except (TypeError, OverflowError) as error:  # a time that is a number, or before the first of all
        raise ValueError("what stands in a column is not of its type") from error
