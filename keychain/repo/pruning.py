"""Forgetting what can not matter any more: proofs that are no longer fresh, frame sessions that ended long ago."""

import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Delete

from keychain.repo import frame_sessions, proofs
from keychain.store.engine import Store

# As for spent nonces: a batch holds the write lock for milliseconds, and the pause lets every waiting request through.
BATCH = 500
PAUSE_SECONDS = 0.05


def prune(store: Store, pause: float = PAUSE_SECONDS) -> tuple[int, int]:
    """Forget old proofs and dead frame sessions, by the database's clock; how many of each."""
    return _all(store, proofs.old, pause), _all(store, frame_sessions.dead, pause)


def _all(store: Store, batch: Callable[[datetime, int], Delete], pause: float) -> int:
    forgotten = 0
    while True:
        with store.session() as session:
            gone = session.changed(batch(session.now(), BATCH))
        forgotten += gone
        if gone < BATCH:
            return forgotten
        time.sleep(pause)
