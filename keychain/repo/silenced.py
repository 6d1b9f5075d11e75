"""Whom a person does not want to hear of any more: askers that "this was not me" was said of."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from keychain.store.engine import Session
from keychain.store.phone_tables import silenced


@dataclass(frozen=True)
class Silenced:
    """An asker, the name that the person knows it by, and since when."""

    asker: str
    name: str
    since: datetime


def add(session: Session, account: str, asker: str, name: str, now: datetime) -> None:
    """Do not ask ``account`` for this asker any more."""
    session.add_new(silenced, {"account": account, "asker": asker, "name": name, "created_at": now})


def remove(session: Session, account: str, asker: str) -> None:
    """Let it ask again."""
    session.changed(delete(silenced).where(silenced.c.account == account, silenced.c.asker == asker))


def forget(session: Session, account: str) -> None:
    """Let all of them ask again."""
    session.changed(delete(silenced).where(silenced.c.account == account))


def holds(session: Session, account: str, asker: str) -> bool:
    """Whether ``account`` silenced this asker."""
    found = select(silenced.c.asker).where(silenced.c.account == account, silenced.c.asker == asker)
    return bool(session.rows(found))


def of(session: Session, account: str) -> list[Silenced]:
    """All that ``account`` silenced, oldest first."""
    mine = select(silenced.c.asker, silenced.c.name, silenced.c.created_at).where(silenced.c.account == account)
    return [Silenced(*row) for row in session.rows(mine.order_by(silenced.c.created_at, silenced.c.asker))]
