"""The floor under nonces, which a restore sets: what a forgotten nonce could be spent as once more is refused.

A machine's clock may be wrong, so it is not asked alone: what a database holds shows how late it has been. A floor is
never lowered.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from keychain import errors, nonce
from keychain.store.engine import Session
from keychain.store.files import UnusableStore
from keychain.store.tables import nonce_floor

# A nonce is taken up to the leeway before its time, at the end of that second too; the floor is the first text that no
# nonce spent so far sorts after.
AHEAD = nonce.LEEWAY + timedelta(seconds=1)
SLACK = timedelta(seconds=2)  # by which clocks that are kept right differ
BEHIND = "this machine's clock is behind what the backup has seen; set it right first"

_FORM = "001%Y-%m-%dT%H:%M:%SZ"


def text(now: datetime) -> str:
    """The floor that everything spent up to ``now`` lies under."""
    return nonce.floor(now + AHEAD)


def found(session: Session) -> datetime | None:
    """From when on sign-ins have to be begun in this database; ``None`` where it has no floor."""
    [(kept,)] = session.rows(select(func.max(nonce_floor.c.floor)))
    return datetime.strptime(kept, _FORM).replace(tzinfo=UTC) if kept else None


def _above_nonce(newest: str) -> str:
    return nonce.floor(nonce.parse(newest).made_at + timedelta(seconds=1))


def _above_event(at: str) -> str:
    return text(datetime.fromisoformat(at).replace(tzinfo=UTC))


# A nonce may be the leeway ahead of the clock that it was spent by; what was spent by then lies under the next second.
_SHOWN: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("SELECT max(floor) FROM nonce_floor", str),
    ("SELECT max(nonce) FROM spent_nonces", _above_nonce),
    ("SELECT max(at) FROM audit_events", _above_event),
)


def shown(opened: sqlite3.Connection) -> str:
    """The floor over all that a database shows to have been; empty where it shows nothing, or is damaged."""
    found = [""]
    for by, above in _SHOWN:
        with suppress(sqlite3.DatabaseError, ValueError, errors.MalformedNonce):
            found += [above(value) for (value,) in opened.execute(by) if value]
    return max(found)


def check_clock(now: datetime, backup: str) -> None:
    """Pass a clock that is not behind what the backup shows.

    Raises:
        UnusableStore: otherwise. What was spent since the backup would be under no floor.
    """
    if text(now + SLACK) < backup:
        raise UnusableStore(f"{BEHIND} (it says {now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)")


def put(opened: sqlite3.Connection, floor: str) -> None:
    """Refuse every nonce that sorts before ``floor``."""
    opened.execute("BEGIN IMMEDIATE")
    opened.execute("DELETE FROM nonce_floor")
    opened.execute("INSERT INTO nonce_floor VALUES (?)", (floor,))
    opened.execute("COMMIT")
