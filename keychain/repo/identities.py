"""Identities: one user at one site. One per account and origin; the uid is random, so no two can be linked."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.store.repo_tables import identities

UID_BYTES = 16

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


def add(
    session: Session, account: str, origin: str, ad_key: PublicKey, sealed: bytes, key_version: int, now: datetime
) -> None:
    """Make the identity of ``account`` at ``origin``; one that is there already stays as it is."""
    row = {"account": account, "origin": origin, "ad_key": ad_key.raw, "sealed": sealed, "key_version": key_version}
    uid = base64.b64encode(secrets.token_bytes(UID_BYTES)).decode()
    session.add_new(identities, row | {"uid": uid, "created_at": now})


def at(session: Session, account: str, origin: str) -> Identity | None:
    """The identity of ``account`` at ``origin``."""
    return _one(session, (identities.c.account == account) & (identities.c.origin == origin))


def of(session: Session, account: str, uid: str) -> Identity | None:
    """The identity ``uid``, if it is one of ``account``."""
    return _one(session, (identities.c.account == account) & (identities.c.uid == uid))


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


def forget_sealed(session: Session, account: str) -> None:
    """Delete what is sealed in all identities of ``account``."""
    session.changed(update(identities).where(identities.c.account == account).values(sealed=b""))


def _one(session: Session, condition: ColumnElement[bool]) -> Identity | None:
    found = session.rows(select(*_COLUMNS).where(condition))
    if not found:
        return None
    uid, account, origin, ad_key, sealed, key_version, minted_at, generation, digest = found[0]
    minted, has_token = minted_at is not None, digest is not None
    return Identity(uid, account, origin, PublicKey(ad_key), sealed, key_version, minted, generation, has_token)
