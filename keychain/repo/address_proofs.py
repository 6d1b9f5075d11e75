"""Proofs of e-mail addresses under way, at most one per account: what was mailed, and how often it was tried.

Of the address there is a salted digest, of code and link digests too; that of the code, and a second one of the address
by which the same mailbox is known again, under a key that is in no database, because they are found by trying. A try is
counted, on disk, before it is compared. What was used stays good until it expires, so that who did not hear the answer
can ask again; and it is kept for a day, so that who was mailed by mistake can say so.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, Row, delete, select, update

from keychain.jose import base64url
from keychain.store.engine import Session
from keychain.store.vault_tables import address_proofs

GOOD_FOR = timedelta(minutes=30)
KEPT = timedelta(days=1)
TRIES = 5
ID_BYTES = 16
SALT_BYTES = 32
LINK_BYTES = 32
CODE_DIGITS = 6

_COLUMNS = [column for column in address_proofs.c if column.name != "tries"]


@dataclass(frozen=True)
class AddressProof:
    """One that is under way, or was."""

    account: str = field(repr=False)
    id: str = field(repr=False)
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    code_digest: bytes = field(repr=False)
    link_digest: bytes = field(repr=False)
    mailbox: bytes = field(repr=False)
    created_at: datetime

    @property
    def expires(self) -> datetime:
        """Until when code and link are good."""
        return self.created_at + GOOD_FOR


def make(
    account: str, address: str, *, id_: str, code_digest: bytes, link: bytes, mailbox: bytes, now: datetime
) -> AddressProof:
    """A proof for an address, which is not written anywhere."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = hashlib.sha256(salt + address.encode()).digest()
    return AddressProof(account, id_, salt, digest, code_digest, digest_of_link(link), mailbox, now)


def draw_id() -> str:
    """A new id."""
    return base64url.encode(secrets.token_bytes(ID_BYTES))


def draw_code() -> str:
    """A new code."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def digest_of_link(link: bytes) -> bytes:
    """What is kept of a link."""
    return hashlib.sha256(link).digest()


def put(session: Session, proof: AddressProof) -> None:
    """Keep a proof; a former one of the account is no longer good."""
    forget(session, proof.account)
    row = {column.name: getattr(proof, column.name) for column in _COLUMNS}
    session.add(address_proofs, row | {"tries": 0})


def try_code(session: Session, account: str, id_: str, now: datetime) -> AddressProof | None:
    """The account's proof of this id, for one try of its code, which is counted; ``None`` if there is none that is
    good, or it was tried five times. Not inside a transaction: the try has to stay counted whatever happens.
    """
    this = (address_proofs.c.account == account) & (address_proofs.c.id == id_)
    good = (address_proofs.c.created_at >= now - GOOD_FOR) & (address_proofs.c.tries < TRIES)
    counted = update(address_proofs).where(this, good).values(tries=address_proofs.c.tries + 1)
    return _one(session.rows(counted.returning(*_COLUMNS)))


def of_link(session: Session, link: bytes) -> AddressProof | None:
    """The proof of this link, good or not any more."""
    return _one(session.rows(select(*_COLUMNS).where(address_proofs.c.link_digest == digest_of_link(link))))


def stands(session: Session, proof: AddressProof) -> bool:
    """Whether this is still the account's proof, inside a transaction that holds the account."""
    this = (address_proofs.c.account == proof.account) & (address_proofs.c.id == proof.id)
    return bool(session.rows(select(address_proofs.c.id).where(this)))


def take_back(session: Session, account: str, link_digest: bytes, mailbox: bytes) -> None:
    """What this link was mailed with, or what was mailed to the same mailbox, is no longer good."""
    same = (address_proofs.c.link_digest == link_digest) | (address_proofs.c.mailbox == mailbox)
    session.changed(delete(address_proofs).where(address_proofs.c.account == account, same))


def forget(session: Session, account: str) -> None:
    """Nothing that was mailed for this account is good any more."""
    session.changed(delete(address_proofs).where(address_proofs.c.account == account))


def old(now: datetime, limit: int) -> Delete:
    """The statement that forgets at most ``limit`` proofs that are over long since."""
    gone = select(address_proofs.c.account).where(address_proofs.c.created_at < now - KEPT).limit(limit)
    return delete(address_proofs).where(address_proofs.c.account.in_(gone))


def _one(found: Sequence[Row[*tuple[Any, ...]]]) -> AddressProof | None:
    return AddressProof(**found[0]._mapping) if found else None  # noqa: SLF001 - a row's documented mapping
