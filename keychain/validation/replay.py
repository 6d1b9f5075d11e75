"""Spent nonces: ``(uid, nonce)`` is spent once, for all sites, nodes and restarts, and forgotten after a day.

A unique insert decides who spends. A nonce stays spent for 24 hours by the database's clock; nothing older than an
hour is ever fresh, so what ``prune`` takes away could not be spent again.
"""

import time
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, func, select, tuple_

from keychain import errors, nonce
from keychain.store.engine import Session, Store
from keychain.store.tables import spent_nonces

KEPT = timedelta(hours=24)
# A batch holds the write lock for a few milliseconds; the pause between two lets every waiting validation through.
BATCH = 500
PAUSE_SECONDS = 0.05

Spending = tuple[str, str, str]  # nonce, uid, request


def spend(session: Session, spending: Spending) -> None:
    """Spend a nonce, as the last step of a validation.

    Raises:
        RepeatedRequest: if this very request has spent it: the site's own network retry.
        ReplayedNonce: if any other has.
    """
    if not session.add_new(spent_nonces, _row(spending)):
        raise refusals(session, [spending])[spending]


def spend_many(session: Session, spendings: Collection[Spending]) -> set[Spending]:
    """Spend many, each under its own ``(nonce, uid)``, in one statement; those that had not been spent before."""
    # Two batches that take the same rows in two orders could wait for each other; in one order they can not.
    rows = [_row(spending) for spending in sorted(spendings)]
    columns = (spent_nonces.c.nonce, spent_nonces.c.uid, spent_nonces.c.request)
    return {(text, uid, request) for text, uid, request in session.add_new(spent_nonces, rows, *columns)}


def refusals(session: Session, spendings: Collection[Spending]) -> dict[Spending, errors.ProofRefused]:
    """Why each of ``spendings`` came too late, in one statement."""
    key = tuple_(spent_nonces.c.nonce, spent_nonces.c.uid)
    by = select(spent_nonces.c.nonce, spent_nonces.c.uid, spent_nonces.c.request).where(
        key.in_([(text, uid) for text, uid, _ in spendings])
    )
    spent = {(text, uid, request) for text, uid, request in session.rows(by)}
    return {
        spending: errors.RepeatedRequest() if spending[2] and spending in spent else errors.ReplayedNonce()
        for spending in spendings
    }


def prune(store: Store, pause: float = PAUSE_SECONDS) -> int:
    """Forget the nonces that were spent more than a day ago; how many. Small batches, so that nobody waits for it.

    Both clocks have to agree that a nonce is old: the one in its text and the database's at its spending. A node whose
    clock is wrong can so neither lose a spent nonce early nor keep the range scan from finding it.
    """
    forgotten = 0
    while True:
        with store.session() as session:
            batch = session.changed(_batch(session.now() - KEPT))
        forgotten += batch
        if batch < BATCH:
            return forgotten
        time.sleep(pause)


def count(session: Session) -> int:
    """How many spent nonces are kept."""
    [(kept,)] = session.rows(select(func.count()).select_from(spent_nonces))
    return int(kept)


def _batch(cutoff: datetime) -> Delete:
    key = tuple_(spent_nonces.c.nonce, spent_nonces.c.uid)
    old = (
        select(spent_nonces.c.nonce, spent_nonces.c.uid)
        .where(spent_nonces.c.nonce < nonce.floor(cutoff), spent_nonces.c.spent_at < cutoff)
        .order_by(spent_nonces.c.nonce)
        .limit(BATCH)
    )
    return delete(spent_nonces).where(key.in_(old))


def _row(spending: Spending) -> dict[str, str]:
    text, uid, request = spending
    return {"nonce": text, "uid": uid, "request": request}
