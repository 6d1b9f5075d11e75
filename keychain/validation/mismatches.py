"""Keys that were refused although signatures by keys on record stood beside them: a trace of somebody's attempt.

Each is kept once per uid, key and day, in a transaction of its own after the refused one is gone: the refusal must not
take its evidence with it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import func, select

from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.store.tables import key_mismatches

PER_DAY = 8  # of one uid: the holder of one payload could otherwise fill the table with made-up keys


def note(session: Session, uid: str, strangers: Mapping[str, PublicKey], api_id: str, now: datetime) -> None:
    """Keep that ``strangers``, by role, were refused for ``uid`` when the site ``api_id`` asked. The caller holds the
    record in a transaction, so that the count is still true when the rows are written.
    """
    day = now.astimezone(UTC).strftime("%Y-%m-%d")
    of_today = (key_mismatches.c.uid == uid) & (key_mismatches.c.day == day)
    [(count,)] = session.rows(select(func.count()).select_from(key_mismatches).where(of_today))
    events = [
        {"uid": uid, "thumbprint": key.thumbprint, "day": day, "role": role, "api_id": api_id, "seen_at": now}
        for role, key in sorted(strangers.items())[: max(0, PER_DAY - count)]
    ]
    if events:
        session.add_new(key_mismatches, events)


def of(session: Session, uid: str) -> list[tuple[str, str, str]]:
    """Those of ``uid``: day, role, thumbprint; newest first."""
    columns = (key_mismatches.c.day, key_mismatches.c.role, key_mismatches.c.thumbprint)
    rows = session.rows(select(*columns).where(key_mismatches.c.uid == uid).order_by(key_mismatches.c.seen_at.desc()))
    return [(day, role, thumbprint) for day, role, thumbprint in rows]
