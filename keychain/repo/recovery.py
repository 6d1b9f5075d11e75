"""The OneID Key's server side: where its sealed half is found, and the key that it signs with. One per account.

The OneID Key itself never leaves a browser. Of the locator only a digest is kept, so that the database does not even
hold what finds the sealed half.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select

from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.store.repo_tables import accounts, recovery_keys


@dataclass(frozen=True)
class RecoveryKey:
    """What a OneID Key opens."""

    account: str
    key: PublicKey
    sealed: bytes = field(repr=False)


def add(session: Session, account: str, locator: bytes, key: PublicKey, sealed: bytes, now: datetime) -> bool:
    """Give ``account`` a OneID Key; ``False``, and nothing changed, if it has one or these are another's."""
    row = {"account": account, "locator_digest": _digest(locator), "thumbprint": key.thumbprint}
    return bool(
        session.add_new(recovery_keys, row | {"public_key": key.raw, "sealed": sealed, "created_at": now}),
    )


def remove(session: Session, account: str) -> None:
    """From now on the account's OneID Key opens nothing."""
    session.changed(delete(recovery_keys).where(recovery_keys.c.account == account))


def located(session: Session, locator: bytes) -> RecoveryKey | None:
    """What this locator finds."""
    return _one(session, recovery_keys.c.locator_digest == _digest(locator))


def signing(session: Session, thumbprint: str) -> RecoveryKey | None:
    """What the recovery key of this thumbprint may open."""
    return _one(session, recovery_keys.c.thumbprint == thumbprint)


def exists(session: Session, account: str) -> bool:
    """Whether ``account`` has a OneID Key."""
    return _one(session, recovery_keys.c.account == account) is not None


def _one(session: Session, condition: ColumnElement[bool]) -> RecoveryKey | None:
    columns = (recovery_keys.c.account, recovery_keys.c.public_key, recovery_keys.c.sealed)
    living = select(*columns).join(accounts, accounts.c.id == recovery_keys.c.account)
    found = session.rows(living.where(accounts.c.closed_at.is_(None), condition))
    return RecoveryKey(found[0][0], PublicKey(found[0][1]), found[0][2]) if found else None


def _digest(locator: bytes) -> bytes:
    return hashlib.sha256(locator).digest()
