"""Sealing: what happened, in batches, each bound to the one before by its digest.

It happens beside the requests, in transactions of its own. A unique number decides between two that seal at once. An
event that another could still overtake is not sealed yet: PostgreSQL gives out ids before it commits. So sealing looks
how far the ids go, takes a transaction number for itself, and waits until every transaction with a lower one has ended:
whoever had taken an id by then has one of these. SQLite has one writer at a time, and nobody overtakes.
"""

import time
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import BigInteger, Text, cast, func, select

from keychain.audit import digests, events
from keychain.audit.events import Event
from keychain.store.audit_tables import audit_events, audit_seals
from keychain.store.engine import Session, Store

BATCH = 1000
PATIENCE_SECONDS = 5.0
POLL_SECONDS = 0.02

# All transactions with lower numbers than the first of these have ended; the second is this one's.
_OLDEST_RUNNING = select(cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text), BigInteger))
_OWN_NUMBER = select(cast(cast(func.pg_current_xact_id(), Text), BigInteger))


@dataclass(frozen=True)
class Seal:
    """A seal; ``leaves`` are the digests of its events one after the other, ``previous`` is empty for the first."""

    number: int
    first_id: int
    last_id: int
    events: int
    sealed_at: datetime
    previous: bytes
    leaves: bytes = field(repr=False)
    digest: bytes

    def __post_init__(self) -> None:
        """As of events: SQLite keeps anything in any column.

        Raises:
            ValueError: for what is not of its column's type.
        """
        numbers, octets = (self.number, self.first_id, self.last_id, self.events), (self.previous, self.leaves)
        if not (
            all(isinstance(one, int) for one in numbers)
            and all(isinstance(one, bytes) for one in (*octets, self.digest))
            and isinstance(self.sealed_at, datetime)
        ):
            raise ValueError("what stands in a column is not of its type")


def newest(session: Session) -> Seal | None:
    """The last seal."""
    found = session.rows(select(*audit_seals.c).order_by(audit_seals.c.number.desc()).limit(1))
    return Seal(*found[0]) if found else None


def read(session: Session, after: int, limit: int) -> list[Seal]:
    """At most ``limit`` seals with higher numbers than ``after``, in their order."""
    following = select(*audit_seals.c).where(audit_seals.c.number > after)
    return [Seal(*row) for row in session.rows(following.order_by(audit_seals.c.number).limit(limit))]


def seal(store: Store, patience: float = PATIENCE_SECONDS, pause: float = 0) -> list[Seal]:
    """Seal what happened until now, with ``pause`` seconds between two seals; the seals that this made.

    Nothing is sealed if a transaction that was running is running still after ``patience`` seconds: another time, then.
    Who comes second to a number leaves the rest to the first, which goes on.
    """
    made = []
    end = _settled(store, patience)
    while end is not None:
        with store.session() as session:
            before = newest(session)
            batch = events.read(session, before.last_id if before else None, end, BATCH)
            if not batch:
                break
            fresh = _over(batch, before, session.now())
            if not session.add_new(audit_seals, asdict(fresh)):
                break
        made.append(fresh)
        time.sleep(pause)
    return made


def _over(batch: list[Event], before: Seal | None, now: datetime) -> Seal:
    number, previous = (before.number + 1, before.digest) if before else (1, b"")
    first, last = batch[0].id, batch[-1].id
    leaves = b"".join(map(digests.of_event, batch))
    digest = digests.of_seal(number, first, last, len(batch), now, previous, leaves)
    return Seal(number, first, last, len(batch), now, previous, leaves, digest)


def _settled(store: Store, patience: float) -> int | None:
    """An id that no event will come before any more; ``None`` if there is nothing to seal, or not yet."""
    with store.session() as session:
        before = newest(session)
        if not events.read(session, before.last_id if before else None, limit=1):
            return None
        with session.transaction():
            [(end,)] = session.rows(select(func.max(audit_events.c.id)))
            own = None if store.is_sqlite else session.rows(_OWN_NUMBER)[0][0]  # after the look, not before it
    if own is None or _all_ended(store, own, patience):
        return int(end)
    return None


def _all_ended(store: Store, number: int, patience: float) -> bool:
    """Whether all transactions with lower numbers end in time. No connection is held while they do not."""
    deadline, pause = time.monotonic() + patience, POLL_SECONDS
    while True:
        with store.session() as session:
            if session.rows(_OLDEST_RUNNING)[0][0] >= number:
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(2 * pause, 1.0)
