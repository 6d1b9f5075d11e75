"""Releasing cards to sites: what a device seals for one site's frames, and what those may read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from keychain import errors
from keychain.repo import identities, releases, signers, vouching
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.releases import Release
from keychain.repo.signers import Signer
from keychain.store.engine import Session


@dataclass(frozen=True)
class Wish:
    """What is to be released of a card; ``fields`` are the names that its sealed part has values for."""

    uid: str = field(repr=False)
    card: str = field(repr=False)
    fields: Sequence[str] = field(repr=False)
    version: int
    sealed: bytes = field(repr=False)


def release(session: Session, signer: Signer, wish: Wish, now: datetime) -> None:
    """Let a site read this. The same again is a success.

    Raises:
        IdentityRefused: unless the uid is one of the signer's account, and on record.
        TooManyCards: for a new one beyond as many as a site may read; beyond as many, or as much, as an account may
            release to all sites.
        VersionConflict: if the version is not the next one.
    """
    with signers.acting(session, signer, now):
        _identity(session, signer, wish.uid)
        before = releases.find(session, wish.uid, wish.card)
        if before is None and releases.count(session, wish.uid) >= releases.MOST:
            raise errors.TooManyCards
        if before is not None and before.says(wish.fields, wish.version, wish.sealed):
            return
        if not releases.write(session, wish.uid, wish.card, wish.fields, wish.version, wish.sealed, now):
            raise errors.VersionConflict
        if not releases.fit(session, signer.account):
            raise errors.TooManyCards


def withdraw(session: Session, signer: Signer, uid: str, card: str | None, now: datetime) -> None:
    """Let a site read a card no more, or with ``None`` none at all. What is not released stays so.

    Raises:
        IdentityRefused: as ``release``.
    """
    with signers.acting(session, signer, now):
        _identity(session, signer, uid)
        releases.withdraw(session, uid, card, now)


def read(
    session: Session, signer: Signer, uid: str, origin: str, cards: Collection[str], now: datetime
) -> list[Release]:
    """What is released of ``cards``, to a frame of that very site, or to a device of the account.

    Raises:
        IdentityRefused: unless ``uid`` is the session's, or one of the device's account, and on record.
        OriginRefused: if the identity is another origin's.
        InteractionRequired: if the session was made for this once, and its five minutes are over.
    """
    found = signer.frame or _identity(session, signer, uid)
    if found.uid != uid or not found.minted:
        raise errors.IdentityRefused
    if found.origin != origin:
        raise errors.OriginRefused
    signers.check_frame(signer, now)
    return releases.living(session, uid, cards)


def claims(
    session: Session, signer: Signer, uid: str, given: Collection[Release], keys: MasterKeys, now: datetime
) -> Mapping[str, str]:
    """What the repo vouches for of what is given to read: an e-mail address, if the account proved one."""
    address = any(one.card == vouching.EMAIL and vouching.EMAIL in one.fields for one in given)
    return vouching.claims(session, keys, signer.account, uid, now) if address else {}


def _identity(session: Session, signer: Signer, uid: str) -> identities.Identity:
    identity = identities.of(session, signer.account, uid)
    if identity is None or not identity.minted:
        raise errors.IdentityRefused
    return identity
