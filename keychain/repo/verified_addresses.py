"""The e-mail address that an account proved, at most one: a salt and a digest, and no address."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select

from keychain.store.engine import Session
from keychain.store.vault_tables import verified_addresses


@dataclass(frozen=True)
class Proved:
    """``digest`` is SHA-256 over salt and address; ``link_digest`` and ``mailbox`` say by which mail, and to whom."""

    account: str = field(repr=False)
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    link_digest: bytes = field(repr=False)
    mailbox: bytes = field(repr=False)
    verified_at: datetime


def proved(session: Session, account: str) -> Proved | None:
    """What the account has proved."""
    return _one(session, verified_addresses.c.account == account)


def of_link(session: Session, link_digest: bytes) -> Proved | None:
    """What was proved by the mail of this link, whoever confirmed it and in which way."""
    return _one(session, verified_addresses.c.link_digest == link_digest)


def put(session: Session, address: Proved) -> None:
    """From now on this is the account's proved address, and a former one is no more."""
    forget(session, address.account)
    session.add(verified_addresses, asdict(address))


def forget(session: Session, account: str) -> None:
    """The account has proved nothing."""
    session.changed(delete(verified_addresses).where(verified_addresses.c.account == account))


def take_back(session: Session, account: str, link_digest: bytes, mailbox: bytes) -> None:
    """What was proved by the mail of this link, or by another to the same mailbox, was not; another address stays."""
    same = (verified_addresses.c.link_digest == link_digest) | (verified_addresses.c.mailbox == mailbox)
    session.changed(delete(verified_addresses).where(verified_addresses.c.account == account, same))


def _one(session: Session, condition: ColumnElement[bool]) -> Proved | None:
    found = session.rows(select(verified_addresses).where(condition))
    return Proved(**found[0]._mapping) if found else None  # noqa: SLF001 - a row's documented mapping
