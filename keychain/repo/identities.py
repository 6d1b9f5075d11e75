"""Identities: one user at one site. One per account and origin; the uid is random, so no two can be linked."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, select, update

from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.store.repo_tables import identities

UID_BYTES = 16
MOST = 2000  # of an account, on record or not
MOST_BYTES = 512 * 1024  # sealed, all of an account together

_COLUMNS = (
    identities.c.uid,
    identities.c.account,
    identities.c.origin,
    identities.c.ad_key,
    identities.c.sealed,
    identities.c.key_version,
    identities.c.minted_at,
    identities.c.token_generation,
    identities.c.token_digest,
    identities.c.created_at,
)


@dataclass(frozen=True)
class Identity:
    """A user at a site. ``sealed`` holds the private half of ``ad_key``, for the account's devices alone."""

    uid: str
    account: str
    origin: str
    ad_key: PublicKey
    sealed: bytes
    key_version: int
    minted: bool
    token_generation: int
    has_token: bool
    created_at: datetime


def add(
    session: Session, account: str, origin: str, ad_key: PublicKey, sealed: bytes, key_version: int, now: datetime
) -> bool:
    """Make the identity of ``account`` at ``origin``; one that is there already stays as it is. Whether it was made."""
    row = {"account": account, "origin": origin, "ad_key": ad_key.raw, "sealed": sealed, "key_version": key_version}
    uid = base64.b64encode(secrets.token_bytes(UID_BYTES)).decode()
    return bool(session.add_new(identities, row | {"uid": uid, "created_at": now}))


def at(session: Session, account: str, origin: str) -> Identity | None:
    """The identity of ``account`` at ``origin``."""
    return _one(session, (identities.c.account == account) & (identities.c.origin == origin))


def of(session: Session, account: str, uid: str) -> Identity | None:
    """The identity ``uid``, if it is one of ``account``."""
    return _one(session, (identities.c.account == account) & (identities.c.uid == uid))


def all_of(session: Session, account: str) -> list[Identity]:
    """The identities of ``account``, on record or not, oldest first."""
    mine = select(*_COLUMNS).where(identities.c.account == account)
    return [_identity(row) for row in session.rows(mine.order_by(identities.c.created_at, identities.c.uid))]


def by_token(session: Session, digest: bytes) -> Identity | None:
    """The identity whose two_factor_token has this digest."""
    return _one(session, identities.c.token_digest == digest)


def mark_minted(session: Session, uid: str, token_digest: bytes, now: datetime) -> None:
    """The Keychain has it on record; its two_factor_token has this digest."""
    unminted = (identities.c.uid == uid) & identities.c.minted_at.is_(None)
    session.changed(update(identities).where(unminted).values(minted_at=now, token_digest=token_digest))


def keep_token(session: Session, uid: str, generation: int, digest: bytes) -> None:
    """Keep the digest of a two_factor_token that is given away, unless its generation has ended."""
    absent = (identities.c.uid == uid) & (identities.c.token_generation == generation)
    session.changed(update(identities).where(absent, identities.c.token_digest.is_(None)).values(token_digest=digest))


def new_token(session: Session, uid: str, generation: int, digest: bytes) -> None:
    """From now on the two_factor_token of this generation finds the identity, and no former one."""
    older = (identities.c.uid == uid) & (identities.c.token_generation < generation)
    session.changed(update(identities).where(older).values(token_generation=generation, token_digest=digest))


def count_minted(session: Session, account: str) -> int:
    """How many identities of ``account`` are on record."""
    minted = (identities.c.account == account) & identities.c.minted_at.is_not(None)
    [(count,)] = session.rows(select(func.count()).select_from(identities).where(minted))
    return int(count)


def fit(session: Session, account: str) -> bool:
    """Whether ``account`` has no more than it may."""
    weighed = select(func.count(), func.coalesce(func.sum(func.length(identities.c.sealed)), 0))
    [(count, size)] = session.rows(weighed.where(identities.c.account == account))
    return bool(count <= MOST and size <= MOST_BYTES)


def reseal(session: Session, sealed: Mapping[str, bytes]) -> None:
    """Keep the private halves of AD keys, by uid, under other seals."""
    this = update(identities).where(identities.c.uid == bindparam("of"))
    session.change_each(this, [{"of": uid, "sealed": private} for uid, private in sealed.items()])


def remove(session: Session, uid: str) -> None:
    """Delete an identity that nothing belongs to any more."""
    session.changed(delete(identities).where(identities.c.uid == uid))


def forget_sealed(session: Session, account: str) -> None:
    """Delete what is sealed in all identities of ``account``."""
    session.changed(update(identities).where(identities.c.account == account).values(sealed=b""))


def _one(session: Session, condition: ColumnElement[bool]) -> Identity | None:
    found = session.rows(select(*_COLUMNS).where(condition))
    return _identity(found[0]) if found else None


def _identity(row: Row[*tuple[Any, ...]]) -> Identity:
    uid, account, origin, ad_key, sealed, key_version, minted_at, generation, digest, created_at = row
    minted, has_token = minted_at is not None, digest is not None
    key = PublicKey(ad_key)
    return Identity(uid, account, origin, key, sealed, key_version, minted, generation, has_token, created_at)
