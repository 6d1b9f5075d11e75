"""The repo's signature under a nonce: the cloud half of a sign-in.

The device's own signature never comes here, or a broken repo could sign in before the user. What is signed is
``{"nonce": N}`` and nothing else, so a co-signature can not change a record or approve words.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keychain import errors
from keychain import nonce as nonces
from keychain.jose import jws
from keychain.jose.jwk import PublicKey
from keychain.repo import identities
from keychain.repo.frame_sessions import ONE_TIME
from keychain.repo.identities import Identity
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.signers import Frame, Signer
from keychain.store.engine import Session


@dataclass(frozen=True)
class Signed:
    """The repo's part of a payload."""

    uid: str = field(repr=False)
    key: PublicKey = field(repr=False)
    nonce: str = field(repr=False)


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
) -> Signed:
    """Sign the nonce ``text`` for the identity ``uid`` of a living signer.

    Raises:
        IdentityRefused: unless ``uid`` is the session's, or one of the device's account, and on record.
        OriginRefused: if the identity is another origin's.
        InteractionRequired: if the session was made for this once, and its five minutes are over.
        MalformedNonce, NonceExpired, NonceFromTheFuture: as for a payload that is validated.
    """
    identity = _identity(session, signer, uid)
    if identity.origin != origin:
        raise errors.OriginRefused
    if signer.frame and not signer.frame.silent and now - signer.frame.created_at > ONE_TIME:
        raise errors.InteractionRequired
    nonce = nonces.parse(text)
    nonces.check_freshness(nonce, now, max_age)
    return sign(keys, uid, identity.key_version, nonce)


def sign(keys: MasterKeys, uid: str, version: int, nonce: nonces.Nonce) -> Signed:
    """The repo's signature for ``uid`` under a nonce."""
    key = keys.signing_key(uid, version)
    return Signed(uid, key.public, jws.sign({"nonce": nonce.text}, key))


def _identity(session: Session, signer: Signer, uid: str) -> Identity | Frame:
    found: Identity | Frame | None = signer.frame or identities.of(session, signer.account, uid)
    if found is None or found.uid != uid or not found.minted:
        raise errors.IdentityRefused
    return found
