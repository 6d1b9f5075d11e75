"""Proving an e-mail address: a code and a link are mailed, and who has one of them has the mailbox.

The address is here only while it is mailed to. The code is typed on a device of the account; the link, opened
anywhere, is as good. Who was mailed without having asked refuses: then nothing was proved, and an account that is
minutes old, and that nobody has made sure of, is closed.
"""

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest

from keychain import errors
from keychain.jose import base64url
from keychain.repo import accounts, address_proofs, leaving, signers, verified_addresses
from keychain.repo.accounts import Account
from keychain.repo.address_proofs import AddressProof
from keychain.repo.letters import Language, Letter
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.signers import Signer
from keychain.repo.verified_addresses import Proved
from keychain.store.engine import Session


@dataclass(frozen=True)
class Begun:
    """A proof that is about to begin, and its letter. It shows nothing of itself."""

    proof: AddressProof = field(repr=False)
    letter: Letter = field(repr=False)


def recipient(keys: MasterKeys, address: str) -> str:
    """By what mails to an address are counted: nobody who reads the counters learns whose they are."""
    return hmac.new(keys.mail_keys[keys.oldest], b"recipient " + address.lower().encode(), "sha256").hexdigest()


def draw(
    session: Session, account: str, address: str, language: Language, *, keys: MasterKeys, origin: str, now: datetime
) -> Begun:
    """What is to be mailed for an account. Nothing is written yet: a mail that can not be sent changes nothing."""
    id_, code = address_proofs.draw_id(), address_proofs.draw_code()
    link = secrets.token_bytes(address_proofs.LINK_BYTES)
    proof = address_proofs.make(
        account,
        address,
        id_=id_,
        code_digest=_code_digest(keys.mail_keys[keys.in_use], id_, code),
        link=link,
        mailbox=_mailbox(keys, account, address),
        now=now,
    )
    first = verified_addresses.proved(session, account) is None
    return Begun(proof, Letter(origin, code, base64url.encode(link), first, language))


def begin(session: Session, signer: Signer, begun: Begun, now: datetime) -> None:
    """It was mailed: from now on code and link are good, and those of a former mail are not."""
    with signers.acting(session, signer, now):
        address_proofs.put(session, begun.proof)


def confirm(session: Session, signer: Signer, id_: str, code: str, keys: MasterKeys, now: datetime) -> Proved:
    """The address of a proof, by the code that was mailed. The same again is answered alike.

    Raises:
        AddressCodeRefused: for a wrong code, one that is too old, after five tries, and for another account's.
    """
    proof = address_proofs.try_code(session, signer.account, id_, now)
    typed = [_code_digest(key, id_, code) for key in keys.mail_keys.values()]  # whichever node mailed it, whenever
    if proof is None or not any(compare_digest(one, proof.code_digest) for one in typed):
        raise errors.AddressCodeRefused
    with signers.acting(session, signer, now):
        return _prove(session, proof, now)


def follow(session: Session, link: bytes, now: datetime) -> None:
    """Prove the address of a link. The same again is a success.

    Raises:
        AddressCodeRefused: if it is wrong or too old, or another mail took its place.
    """
    proof = address_proofs.of_link(session, link)
    if proof is None or now > proof.expires:
        raise errors.AddressCodeRefused
    with _held(session, proof.account):
        _prove(session, proof, now)


def refuse(session: Session, link: bytes, window: timedelta, now: datetime) -> bool:
    """Who was mailed says that it was a mistake: nothing is proved by it, nor by another mail to the same mailbox, also
    if it was used before, and whatever was mailed for the account since. Whether the account was closed as well.

    Raises:
        AddressCodeRefused: if the link is wrong, more than a day old, or nothing is left that came of it.
    """
    mailed = _mailed(session, link, now)
    if mailed is None:
        raise errors.AddressCodeRefused
    with _held(session, mailed.account) as account:
        if _mailed(session, link, now) is None:
            raise errors.AddressCodeRefused
        for collection in (address_proofs, verified_addresses):
            collection.take_back(session, account.id, mailed.link_digest, mailed.mailbox)
        accounts.changed(session, account.id)
        closes = account.can_be_taken_back(window, now)
        if closes:
            leaving.end(session, account.id, now)
    return closes


def _mailed(session: Session, link: bytes, now: datetime) -> AddressProof | Proved | None:
    """What came of the mail of this link: a proof, or, where another mail took its place, what it proved before."""
    proof = address_proofs.of_link(session, link)
    if proof is not None:
        return proof if now <= proof.created_at + address_proofs.KEPT else None
    proved = verified_addresses.of_link(session, address_proofs.digest_of_link(link))
    return proved if proved and now <= proved.verified_at + address_proofs.KEPT else None


@contextmanager
def _held(session: Session, account: str) -> Iterator[Account]:
    """A transaction that holds a living account."""
    with session.transaction():
        held = accounts.hold(session, account)
        if held is None:
            raise errors.AddressCodeRefused
        yield held


def _prove(session: Session, proof: AddressProof, now: datetime) -> Proved:
    """Inside a transaction that holds the account."""
    if not address_proofs.stands(session, proof):  # another mail took its place just now
        raise errors.AddressCodeRefused
    before = verified_addresses.proved(session, proof.account)
    if before is not None and before.salt == proof.salt:
        return before
    proved = Proved(proof.account, proof.salt, proof.digest, proof.link_digest, proof.mailbox, now)
    verified_addresses.put(session, proved)
    accounts.changed(session, proof.account)
    return proved


def _mailbox(keys: MasterKeys, account: str, address: str) -> bytes:
    """By what an account's mails to one mailbox are known as such. It tells nobody that two accounts have the same."""
    return hmac.digest(keys.mail_keys[keys.oldest], f"mailbox {account} {address.lower()}".encode(), "sha256")


def _code_digest(mail_key: bytes, id_: str, code: str) -> bytes:
    return hmac.digest(mail_key, f"code {id_} {code}".encode(), "sha256")
