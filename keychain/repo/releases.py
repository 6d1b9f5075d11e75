"""Releases: what one site may read of one kind of card, sealed by a device for that site's frames alone.

The names of card and fields stand in clear; what they hold does not. Written like a card: under the next version, or
not at all. One that was withdrawn keeps its version, so that nobody can bring it back unnoticed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from keychain.store.engine import Session
from keychain.store.repo_tables import identities
from keychain.store.vault_tables import releases

MOST = 64  # of an identity, withdrawn ones included
MOST_OF_ACCOUNT = 1000
MOST_BYTES = 1024 * 1024  # sealed, all of an account together; the names of fields count twice
BETWEEN = ","  # the names of fields, which have none

_COLUMNS = (
    releases.c.uid,
    releases.c.card,
    releases.c.fields,
    releases.c.version,
    releases.c.sealed,
    releases.c.changed_at,
)


@dataclass(frozen=True)
class Release:
    """A release; ``sealed`` is ``None`` for one that was withdrawn."""

    uid: str = field(repr=False)
    card: str = field(repr=False)
    fields: tuple[str, ...] = field(repr=False)
    version: int
    sealed: bytes | None = field(repr=False)
    changed_at: datetime

    def says(self, fields: Sequence[str], version: int, sealed: bytes) -> bool:
        """Whether exactly this was written."""
        return (self.fields, self.version, self.sealed) == (tuple(fields), version, sealed)


def of(session: Session, account: str) -> list[tuple[Release, str]]:
    """All releases that ``account`` ever made, each with the origin of its site."""
    mine = select(*_COLUMNS, identities.c.origin).join(identities, identities.c.uid == releases.c.uid)
    rows = session.rows(mine.where(identities.c.account == account).order_by(releases.c.uid, releases.c.card))
    return [(_release(*columns), origin) for *columns, origin in rows]


def living(session: Session, uid: str, cards: Collection[str]) -> list[Release]:
    """What is released of ``cards`` at ``uid``."""
    wanted = (releases.c.uid == uid) & releases.c.card.in_(cards) & releases.c.sealed.is_not(None)
    return _some(session, wanted)


def find(session: Session, uid: str, card: str) -> Release | None:
    """What was ever released of ``card`` at ``uid``."""
    return next(iter(_some(session, (releases.c.uid == uid) & (releases.c.card == card))), None)


def count(session: Session, uid: str) -> int:
    """How many cards were ever released at ``uid``."""
    [(counted,)] = session.rows(select(func.count()).select_from(releases).where(releases.c.uid == uid))
    return int(counted)


def fit(session: Session, account: str) -> bool:
    """Whether ``account`` has no more than it may, withdrawn ones included."""
    weight = func.coalesce(func.length(releases.c.sealed), 0) + 2 * func.length(releases.c.fields)
    weighed = select(func.count(), func.coalesce(func.sum(weight), 0))
    mine = weighed.join(identities, identities.c.uid == releases.c.uid).where(identities.c.account == account)
    [(count, size)] = session.rows(mine)
    return bool(count <= MOST_OF_ACCOUNT and size <= MOST_BYTES)


def write(
    session: Session, uid: str, card: str, fields: Sequence[str], version: int, sealed: bytes, now: datetime
) -> bool:
    """Write a release under the version after the one that is there, or 1; ``False``, and nothing changed, if that is
    not the next one.
    """
    values = {"fields": BETWEEN.join(fields), "version": version, "sealed": sealed, "changed_at": now}
    if version == 1:
        return bool(session.add_new(releases, {"uid": uid, "card": card} | values))
    former = (releases.c.uid == uid) & (releases.c.card == card) & (releases.c.version == version - 1)
    return session.changed(update(releases).where(former).values(values)) == 1


def withdraw(session: Session, uid: str, card: str | None, now: datetime) -> None:
    """Release nothing of ``card`` at ``uid`` any more, or with ``None`` nothing at all."""
    living = (releases.c.uid == uid) & releases.c.sealed.is_not(None)
    if card is not None:
        living &= releases.c.card == card
    ended = {"fields": "", "version": releases.c.version + 1, "sealed": None, "changed_at": now}
    session.changed(update(releases).where(living).values(ended))


def renew(session: Session, written: Sequence[Release]) -> None:
    """Write these in the place of those of the same identities and cards, whose versions were looked at."""
    this = (releases.c.uid == bindparam("at")) & (releases.c.card == bindparam("of"))
    rows = [
        {
            "at": one.uid,
            "of": one.card,
            "fields": BETWEEN.join(one.fields),
            "version": one.version,
            "sealed": one.sealed,
            "changed_at": one.changed_at,
        }
        for one in written
    ]
    session.change_each(update(releases).where(this), rows)


def forget(session: Session, account: str) -> None:
    """Delete every release of ``account``."""
    mine = select(identities.c.uid).where(identities.c.account == account)
    session.changed(delete(releases).where(releases.c.uid.in_(mine)))


def forget_at(session: Session, uid: str) -> None:
    """Delete every release at ``uid``."""
    session.changed(delete(releases).where(releases.c.uid == uid))


def _some(session: Session, condition: ColumnElement[bool]) -> list[Release]:
    rows = session.rows(select(*_COLUMNS).where(condition).order_by(releases.c.card))
    return [_release(*row) for row in rows]


def _release(uid: str, card: str, fields: str, version: int, sealed: bytes | None, changed_at: datetime) -> Release:
    return Release(uid, card, tuple(fields.split(BETWEEN)) if fields else (), version, sealed, changed_at)
