"""The floor under nonces, which a restore sets: what a forgotten nonce could be spent as once more is refused."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from keychain import nonce
from keychain.store.engine import Session
from keychain.store.tables import nonce_floor

# A nonce is taken up to the leeway before its time, at the end of that second too; the floor is the first text that no
# nonce spent so far sorts after.
AHEAD = nonce.LEEWAY + timedelta(seconds=1)


def text(now: datetime) -> str:
    """The floor that everything spent up to ``now`` lies under."""
    return nonce.floor(now + AHEAD)


def put(session: Session, now: datetime) -> None:
    """Refuse every nonce that could have been spent by now, by this machine's clock or the database's."""
    with session.transaction():
        session.changed(delete(nonce_floor))
        session.add(nonce_floor, {"floor": max(text(now), text(session.now()))})
