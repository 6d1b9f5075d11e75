"""Forgetting what can not matter any more: proofs, frame sessions, pairings and all that is long over."""

import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Delete

from keychain.repo import address_proofs, confirmations, frame_sessions, pairings, proofs, sign_ins
from keychain.store.engine import Store

# As for spent nonces: a batch holds the write lock for milliseconds, and the pause lets every waiting request through.
BATCH = 500
PAUSE_SECONDS = 0.05

# What a statement forgets of, in this order: messages belong to pairings.
_OLD: dict[str, Callable[[datetime, int], Delete]] = {
    "proofs": proofs.old,
    "frame_sessions": frame_sessions.dead,
    "pairing_messages": pairings.old_messages,
    "pairings": pairings.old,
    "confirmations": confirmations.old,
    "sign_ins": sign_ins.old,
    "address_proofs": address_proofs.old,
}


def prune(store: Store, pause: float = PAUSE_SECONDS) -> dict[str, int]:
    """Forget all of this, by the database's clock; how many of each."""
    return {what: _all(store, batch, pause) for what, batch in _OLD.items()}


def _all(store: Store, batch: Callable[[datetime, int], Delete], pause: float) -> int:
    forgotten = 0
    while True:
        with store.session() as session:
            gone = session.changed(batch(session.now(), BATCH))
        forgotten += gone
        if gone < BATCH:
            return forgotten
        time.sleep(pause)
