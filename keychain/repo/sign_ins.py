"""Sign-ins: when a user signed in where, for the person to read. Kept for ninety days, and a hundred at most.

Of one user and device the first of each hour is noted, and the first with a phone: a site that signs its visitor in
again and again pushes nothing of the others out.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Delete, delete, func, select

from keychain.jose import base64url
from keychain.store.engine import Session
from keychain.store.vault_tables import sign_ins

SHOWN = 100
KEPT = timedelta(days=90)
# Whose sign-ins are counted when the rest is forgotten: only who signed in lately has new ones too many.
LATELY = timedelta(hours=2)
ID_BYTES = 16

_COLUMNS = (sign_ins.c.origin, sign_ins.c.uid, sign_ins.c.device, sign_ins.c.phone, sign_ins.c.signed_at)


@dataclass(frozen=True)
class SignIn:
    """One time that a user signed in; ``phone`` says whether it was confirmed on one."""

    origin: str = field(repr=False)
    uid: str = field(repr=False)
    device: str = field(repr=False)
    phone: bool
    signed_at: datetime


def add(session: Session, account: str, made: SignIn) -> None:
    """Note a sign-in, unless one like it was noted in this hour."""
    hour = f"{made.signed_at.astimezone(UTC):%Y%m%d%H}"
    digest = hashlib.sha256(f"{made.uid} {made.device} {made.phone:d} {hour}".encode()).digest()
    row = {"id": base64url.encode(digest[:ID_BYTES]), "account": account, "uid": made.uid, "origin": made.origin}
    times = {"device": made.device, "phone": made.phone, "signed_at": made.signed_at}
    session.add_new(sign_ins, row | times)


def of(session: Session, account: str) -> list[SignIn]:
    """The latest of ``account``, newest first."""
    mine = select(*_COLUMNS).where(sign_ins.c.account == account)
    newest = mine.order_by(sign_ins.c.signed_at.desc(), sign_ins.c.id).limit(SHOWN)
    return [SignIn(*row) for row in session.rows(newest)]


def forget(session: Session, account: str) -> None:
    """Delete every sign-in of ``account``."""
    session.changed(delete(sign_ins).where(sign_ins.c.account == account))


def forget_at(session: Session, account: str, uid: str) -> None:
    """Delete every sign-in of ``account`` as ``uid``."""
    session.changed(delete(sign_ins).where(sign_ins.c.account == account, sign_ins.c.uid == uid))


def old(now: datetime, limit: int) -> Delete:
    """The statement that forgets at most ``limit`` sign-ins that are too old, or more than are shown."""
    of_late = select(sign_ins.c.account).where(sign_ins.c.signed_at > now - LATELY)
    rank = func.row_number().over(
        partition_by=sign_ins.c.account, order_by=(sign_ins.c.signed_at.desc(), sign_ins.c.id)
    )
    ranked = select(sign_ins.c.id, rank.label("rank")).where(sign_ins.c.account.in_(of_late)).subquery()
    gone = select(sign_ins.c.id).where(sign_ins.c.signed_at < now - KEPT)
    beyond = select(ranked.c.id).where(ranked.c.rank > SHOWN)
    some = gone.union(beyond).subquery()
    return delete(sign_ins).where(sign_ins.c.id.in_(select(some.c.id).limit(limit)))
