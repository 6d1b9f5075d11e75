"""The repo's signature under a nonce: the cloud half of a sign-in.

The device's own signature never comes here, or a broken repo could sign in before the user. What is signed for a
sign-in is ``{"nonce": N}`` and nothing else, so a co-signature can not change a record or approve words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from keychain import errors
from keychain import nonce as nonces
from keychain.jose import jws
from keychain.jose.jwk import PublicKey
from keychain.repo import identities, sign_ins, signers, tokens
from keychain.repo.identities import Identity
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.sign_ins import SignIn
from keychain.repo.signers import Frame, Signer
from keychain.store.engine import Session


@dataclass(frozen=True)
class Signed:
    """The repo's part of a payload."""

    uid: str = field(repr=False)
    key: PublicKey = field(repr=False)
    nonce: str = field(repr=False)


@dataclass(frozen=True)
class CoSigned(Signed):
    """What a sign-in gets with it: the user's two_factor_token, and whether there is a phone to confirm with."""

    two_factor_token: str = field(repr=False)
    phone: bool


def cosign(
    session: Session,
    signer: Signer,
    uid: str,
    origin: str,
    text: str,
    *,
    keys: MasterKeys,
    max_age: timedelta,
    now: datetime,
) -> CoSigned:
    """Sign the nonce ``text`` for the identity ``uid`` of a living signer, and note that for the person to read.

    Raises:
        IdentityRefused: unless ``uid`` is the session's, or one of the device's account, and on record.
        OriginRefused: if the identity is another origin's.
        InteractionRequired: if the session was made for this once, and its five minutes are over.
        PhoneRequired: if the account wants every sign-in confirmed, and has a phone for it.
        MalformedNonce, NonceExpired, NonceFromTheFuture: as for a payload that is validated.
    """
    identity = _identity(session, signer, uid)
    if identity.origin != origin:
        raise errors.OriginRefused
    signers.check_frame(signer, now)
    if signer.demands_phone and signer.has_phone:
        raise errors.PhoneRequired
    nonce = nonces.parse(text)
    nonces.check_freshness(nonce, now, max_age)
    signed = sign(keys, uid, identity.key_version, nonce)
    given = token(session, keys, identity)
    sign_ins.add(session, signer.account, SignIn(origin, uid, signer.device, False, now))
    return CoSigned(signed.uid, signed.key, signed.nonce, given, signer.has_phone)


def sign(
    keys: MasterKeys, uid: str, version: int, nonce: nonces.Nonce, claims: Mapping[str, Any] = MappingProxyType({})
) -> Signed:
    """The repo's signature for ``uid`` under a nonce, and under ``claims`` beside it."""
    key = keys.signing_key(uid, version)
    return Signed(uid, key.public, jws.sign({"nonce": nonce.text, **claims}, key))


def token(session: Session, keys: MasterKeys, identity: Identity | Frame) -> str:
    """The two_factor_token of an identity. From the first time on that it is given away, it finds the identity."""
    made = keys.token(identity.uid, identity.key_version, identity.token_generation)
    if not identity.has_token:
        identities.keep_token(session, identity.uid, identity.token_generation, tokens.digest(made))
    return tokens.text(made)


def _identity(session: Session, signer: Signer, uid: str) -> Identity | Frame:
    found: Identity | Frame | None = signer.frame or identities.of(session, signer.account, uid)
    if found is None or found.uid != uid or not found.minted:
        raise errors.IdentityRefused
    return found
