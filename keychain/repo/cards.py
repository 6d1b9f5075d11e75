"""Cards: what a person keeps, sealed by the devices. The repo sees neither kind nor content, only that there is one.

A card is written under the next version or not at all: a unique insert or an UPDATE of the former version decides who
was first, so nobody overwrites what he has not seen. One that was deleted keeps its version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update

from keychain.store.engine import Session
from keychain.store.vault_tables import cards

MOST = 200  # of an account, deleted ones included
MOST_BYTES = 1024 * 1024  # sealed, all of an account together

_COLUMNS = (cards.c.id, cards.c.version, cards.c.sealed, cards.c.changed_at)


@dataclass(frozen=True)
class Card:
    """A card; ``sealed`` is ``None`` for one that was deleted."""

    id: str = field(repr=False)
    version: int
    sealed: bytes | None = field(repr=False)
    changed_at: datetime


def of(session: Session, account: str) -> list[Card]:
    """All cards that ``account`` ever had, the one that was left alone longest first."""
    mine = select(*_COLUMNS).where(cards.c.account == account)
    return [Card(*row) for row in session.rows(mine.order_by(cards.c.changed_at, cards.c.id))]


def find(session: Session, account: str, id_: str) -> Card | None:
    """The card of this id, if ``account`` ever had it."""
    found = session.rows(select(*_COLUMNS).where(cards.c.account == account, cards.c.id == id_))
    return Card(*found[0]) if found else None


def fit(session: Session, account: str) -> bool:
    """Whether ``account`` has no more than it may, deleted ones included."""
    weighed = select(func.count(), func.coalesce(func.sum(func.length(cards.c.sealed)), 0))
    [(count, size)] = session.rows(weighed.where(cards.c.account == account))
    return bool(count <= MOST and size <= MOST_BYTES)


def write(session: Session, account: str, id_: str, version: int, sealed: bytes | None, now: datetime) -> bool:
    """Write a card under the version after the one that is there, or 1; ``False``, and nothing changed, if that is not
    the next one.
    """
    row = {"account": account, "id": id_, "version": version, "sealed": sealed, "changed_at": now}
    if version == 1:
        return bool(session.add_new(cards, row))
    former = (cards.c.account == account) & (cards.c.id == id_) & (cards.c.version == version - 1)
    written = update(cards).where(former).values(version=version, sealed=sealed, changed_at=now)
    return session.changed(written) == 1


def renew(session: Session, account: str, written: Sequence[Card]) -> None:
    """Write these in the place of the ``account``'s cards of the same ids, whose versions were looked at."""
    this = (cards.c.account == account) & (cards.c.id == bindparam("of"))
    rows = [
        {"of": card.id, "version": card.version, "sealed": card.sealed, "changed_at": card.changed_at}
        for card in written
    ]
    session.change_each(update(cards).where(this), rows)


def forget(session: Session, account: str) -> None:
    """Delete every card of ``account``."""
    session.changed(delete(cards).where(cards.c.account == account))
