"""Audit events: read, and noted where no row of a table stands for what was done.

All others are written by triggers (``docs/adr/0016``): whoever changes a row need not think of them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

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
    return [Event(*row) for row in session.rows(wanted.order_by(audit_events.c.id).limit(limit))]


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
    found = [Event(*row) for row in session.rows(page)]
    while found:
        yield from found
        found = [Event(*row) for row in session.rows(page.where(audit_events.c.id > found[-1].id))]
