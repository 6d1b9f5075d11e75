"""Spent nonces: ``(uid, nonce)`` is spent once, for all sites, nodes and restarts, and forgotten after a day.

A unique insert decides who spends. A nonce stays spent for 24 hours by the database's clock; nothing older than an
hour is ever fresh, so what ``prune`` takes away could not be spent again. What a restored backup has forgotten lies
under the floor that the restore set, and the insert itself looks whether a nonce does.
"""

import json
import time
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, String, bindparam, cast, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import ReturningInsert

from keychain import errors, nonce
from keychain.store.engine import Session, Store, insert_selected
from keychain.store.prepared import Prepared
from keychain.store.tables import nonce_floor, spent_nonces

KEPT = timedelta(hours=24)
# A batch holds the write lock for a few milliseconds; the pause between two lets every waiting validation through.
BATCH = 500
PAUSE_SECONDS = 0.05

Spending = tuple[str, str, str]  # nonce, uid, request
_COLUMNS = (spent_nonces.c.nonce, spent_nonces.c.uid, spent_nonces.c.request)
_NAMES = tuple(column.name for column in _COLUMNS)


def spend(session: Session, spending: Spending) -> None:
    """Spend a nonce, as the last step of a validation.

    Raises:
        RepeatedRequest: if this very request has spent it: the site's own network retry.
        ReplayedNonce: if any other has.
        NonceExpired: if it lies under the floor that a restore set.
    """
    if not session.ask(_SPEND, dict(zip(_NAMES, spending, strict=True))):
        raise refusals(session, [spending])[spending]


def spend_many(session: Session, spendings: Collection[Spending]) -> set[Spending]:
    """Spend many, each under its own ``(nonce, uid)``, in one statement; those that had not been spent before."""
    # Two batches that take the same rows in two orders could wait for each other; in one order they can not.
    rows = session.ask(_SPEND_MANY, {"rows": json.dumps(sorted(spendings))})
    return {(text, uid, request) for text, uid, request in rows}


def refusals(session: Session, spendings: Collection[Spending]) -> dict[Spending, errors.ProofRefused]:
    """Why each of ``spendings`` could not be spent, in one statement."""
    key = tuple_(spent_nonces.c.nonce, spent_nonces.c.uid)
    by = select(*_COLUMNS).where(key.in_([(text, uid) for text, uid, _ in spendings]))
    spent = {(text, uid): request for text, uid, request in session.rows(by)}
    return {spending: _refusal(spending, spent) for spending in spendings}


def _refusal(spending: Spending, spent: Mapping[tuple[str, str], str]) -> errors.ProofRefused:
    text, uid, request = spending
    if (text, uid) not in spent:
        return errors.NonceExpired()
    return errors.RepeatedRequest() if request and request == spent[text, uid] else errors.ReplayedNonce()


def _above_the_floor(text: ColumnElement[str]) -> ColumnElement[bool]:
    return text >= func.coalesce(select(func.max(nonce_floor.c.floor)).scalar_subquery(), "")


def _spend(dialect: str) -> ReturningInsert[Any]:
    given = [bindparam(column.name, type_=column.type) for column in _COLUMNS]
    return insert_selected(dialect, spent_nonces, select(*given).where(_above_the_floor(given[0])), _NAMES)


def _spend_many(dialect: str) -> ReturningInsert[Any]:
    """One text however many there are: they come as a JSON array of arrays."""
    rows = bindparam("rows", type_=String)
    members: list[ColumnElement[str]]
    if dialect == "sqlite":
        one = func.json_each(rows).table_valued("value").c.value
        members = [func.json_extract(one, f"$[{place}]") for place in range(len(_COLUMNS))]
    else:
        one = func.jsonb_array_elements(cast(rows, JSONB)).column_valued("one")
        members = [one.op("->>", return_type=String())(place) for place in range(len(_COLUMNS))]
    found = select(*members).where(_above_the_floor(members[0]))
    return insert_selected(dialect, spent_nonces, found, _NAMES, *_COLUMNS)


_SPEND = Prepared(_spend)
_SPEND_MANY = Prepared(_spend_many)


def prune(store: Store, pause: float = PAUSE_SECONDS) -> int:
    """Forget the nonces that were spent more than a day ago; how many. Small batches, so that nobody waits for it.

    Both clocks have to agree that a nonce is old: the one in its text and the database's at its spending. A node whose
    clock is wrong can so neither lose a spent nonce early nor keep the range scan from finding it. And now is no later
    than the newest nonce: the clock of an embedded database is the machine's, which may be wrong for a while.
    """
    forgotten = 0
    while True:
        with store.session() as session:
            batch = session.changed(_batch(_now(session) - KEPT))
        forgotten += batch
        if batch < BATCH:
            return forgotten
        time.sleep(pause)


def count(session: Session) -> int:
    """How many spent nonces are kept."""
    [(kept,)] = session.rows(select(func.count()).select_from(spent_nonces))
    return int(kept)


def _now(session: Session) -> datetime:
    [(newest,)] = session.rows(select(func.max(spent_nonces.c.nonce)))
    return session.now() if newest is None else min(session.now(), nonce.parse(newest).made_at)


def _batch(cutoff: datetime) -> Delete:
    key = tuple_(spent_nonces.c.nonce, spent_nonces.c.uid)
    old = (
        select(spent_nonces.c.nonce, spent_nonces.c.uid)
        .where(spent_nonces.c.nonce < nonce.floor(cutoff), spent_nonces.c.spent_at < cutoff)
        .order_by(spent_nonces.c.nonce)
        .limit(BATCH)
    )
    return delete(spent_nonces).where(key.in_(old))
