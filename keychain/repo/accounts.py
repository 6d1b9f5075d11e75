"""Accounts: what devices and identities belong to. No name, no address, no password: an id and three times."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from keychain.jose import base64url
from keychain.store.engine import Session
from keychain.store.repo_tables import accounts

ID_BYTES = 16


@dataclass(frozen=True)
class Account:
    """An account that is not closed."""

    id: str
    created_at: datetime
    opened_at: datetime | None

    def can_be_taken_back(self, window: timedelta, now: datetime) -> bool:
        """Whether it is no older than ``window``, and nobody has made sure of it."""
        return self.opened_at is None and now - self.created_at <= window


def add(session: Session, now: datetime) -> str:
    """A new account; its id."""
    account = base64url.encode(secrets.token_bytes(ID_BYTES))
    session.add(accounts, {"id": account, "created_at": now})
    return account


def take_back(session: Session, account: str) -> None:
    """Remove an account that nothing belongs to yet."""
    session.changed(delete(accounts).where(accounts.c.id == account))


def hold(session: Session, account: str) -> Account | None:
    """Read an account, and let nobody else who holds it act until the end of the transaction; ``None`` if closed."""
    columns = (accounts.c.id, accounts.c.created_at, accounts.c.opened_at)
    living = (accounts.c.id == account) & accounts.c.closed_at.is_(None)
    found = session.rows(select(*columns).where(living).with_for_update())
    return Account(*found[0]) if found else None


def changed(session: Session, account: str) -> None:
    """Something happened that the account's devices want to hear of."""
    session.changed(update(accounts).where(accounts.c.id == account).values(changes=accounts.c.changes + 1))


def mark_renewed(session: Session, account: str, now: datetime) -> None:
    """The account's secret was made anew; its devices want to hear of it."""
    news = {"changes": accounts.c.changes + 1, "renewed_at": now}
    session.changed(update(accounts).where(accounts.c.id == account).values(news))


def mark_opened(session: Session, account: str, now: datetime) -> None:
    """From now on the account can not be taken back."""
    unopened = (accounts.c.id == account) & accounts.c.opened_at.is_(None)
    session.changed(update(accounts).where(unopened).values(opened_at=now))


def close(session: Session, account: str, now: datetime) -> None:
    """Nobody can sign in with this account again."""
    session.changed(update(accounts).where(accounts.c.id == account).values(closed_at=now))
