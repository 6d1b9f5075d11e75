"""Making a user at a site: an identity, and its keys on record at the Keychain.

The row comes first and the record second. Whatever gets lost between the two, the row says what was begun: its uid and
version of the master key stay, and the next attempt goes on with them. The Keychain takes the same keys again.

This one payload's AD signature passes through the repo. Putting it on record spends its nonce, and no site knows the
uid yet, so there is nobody whom it could be shown to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keychain import errors
from keychain import nonce as nonces
from keychain.jose import base64url, jws
from keychain.jose.jwk import PublicKey
from keychain.repo import accounts, cosigning, identities, signers, tokens
from keychain.repo.identities import Identity
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.signers import Signer
from keychain.store.engine import Session


@dataclass(frozen=True)
class RecordPayload:
    """What puts an identity on record, or changes its record: role to (JWS, key)."""

    uid: str = field(repr=False)
    nonces: Mapping[str, tuple[str, str]] = field(repr=False)


# The one thing that the repo wants of a Keychain: to take this for the record, or to raise a KeychainError.
Mint = Callable[[RecordPayload, Session, datetime], None]


@dataclass(frozen=True)
class Wish:
    """What a device asks for. ``signed`` is its AD key's JWS over a nonce that it made for this."""

    origin: str = field(repr=False)
    ad_key: PublicKey = field(repr=False)
    sealed: bytes = field(repr=False)
    signed: str = field(repr=False)


def mint(
    session: Session, signer: Signer, wish: Wish, *, keys: MasterKeys, mint: Mint, max_age: timedelta, now: datetime
) -> Identity:
    """The identity of the signer's account at an origin, on record if ``wish`` was made with its own AD key.

    The first wish for an origin decides the AD key. Who comes with another gets the identity that is there, and, if
    that one is not minted yet, comes again with its key.

    Raises:
        MalformedJWS, MalformedNonce, NonceExpired, NonceFromTheFuture, BadSignature: for a signature that could not
            mint anything; nothing is written then.
        TooManyCards: for a new one beyond as many, or as much, as an account may have.
        IdentityRefused: if it was forgotten meanwhile.
        ProofRefused, Unavailable: if the Keychain does not take it. The identity is there then, and not minted.
    """
    nonce = _nonce(wish, max_age, now)
    with signers.acting(session, signer, now):
        made = identities.add(session, signer.account, wish.origin, wish.ad_key, wish.sealed, keys.in_use, now)
        if made and not identities.fit(session, signer.account):
            raise errors.TooManyCards
        identity = identities.at(session, signer.account, wish.origin)
    assert identity is not None  # noqa: S101 - it is there, or the transaction has raised
    if identity.minted or identity.ad_key != wish.ad_key:
        return identity
    signed = cosigning.sign(keys, identity.uid, identity.key_version, nonce)
    by_device, by_repo = (wish.signed, _text(wish.ad_key)), (signed.nonce, _text(signed.key))
    try:
        mint(RecordPayload(identity.uid, {"ad": by_device, "repo": by_repo}), session, now)
    except errors.ReplayedNonce:
        # The same wish twice at one moment: the other one has spent its nonce.
        twin = identities.of(session, signer.account, identity.uid)
        if twin is None or not twin.minted:
            raise
        return twin
    token = keys.token(identity.uid, identity.key_version, identity.token_generation)
    return _finish(session, signer, identity, tokens.digest(token), now)


def _finish(session: Session, signer: Signer, identity: Identity, token_digest: bytes, now: datetime) -> Identity:
    with signers.acting(session, signer, now):
        identities.mark_minted(session, identity.uid, token_digest, now)
        if identities.count_minted(session, signer.account) > 1:
            accounts.mark_opened(session, signer.account, now)
        finished = identities.of(session, signer.account, identity.uid)
    if finished is None:  # it was forgotten just now
        raise errors.IdentityRefused
    return finished


def _nonce(wish: Wish, max_age: timedelta, now: datetime) -> nonces.Nonce:
    """The nonce that the wish is signed with: nothing is written for a signature that no Keychain would take."""
    try:
        signature = jws.parse(wish.signed)
    except ValueError as error:
        raise errors.MalformedJWS from error
    if signature.unverified_claims.keys() != {"nonce"}:
        raise errors.MalformedJWS
    nonce = nonces.parse(signature.unverified_claims["nonce"])
    nonces.check_freshness(nonce, now, max_age)
    if jws.verify(signature, wish.ad_key) is None:
        raise errors.BadSignature
    return nonce


def _text(key: PublicKey) -> str:
    return base64url.encode(key.raw)
