"""Putting a phone's control keys on the record of its identities, and taking those of ended phones off it.

A change is signed by the AD key, by the new control key, and by the repo, each over exactly ``{"nonce", "aud":
"record", "pins": {"cd": thumbprint}}``. Both signatures of the devices pass through here; the audience ``record`` keeps
this repo, and whoever else sees them, from signing in with them anywhere.

The row comes first and the record second, as in minting: whatever gets lost between the two, the row says what was
begun, and the next attempt, with the same key, goes on with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from keychain import errors
from keychain import nonce as nonces
from keychain.jose import base64url, jws
from keychain.jose.jwk import PublicKey
from keychain.repo import control_keys, cosigning, devices, identities, signers
from keychain.repo.control_keys import ControlKey
from keychain.repo.identities import Identity
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.minting import Mint, RecordPayload
from keychain.repo.signers import Signer
from keychain.store.engine import Session

FOR_THE_RECORD = "record"


@dataclass(frozen=True)
class Registrar:
    """Who changes records: the repo's keys, the port to the Keychain, and for how long a nonce is fresh."""

    keys: MasterKeys
    mint: Mint
    max_age: timedelta


@dataclass(frozen=True)
class Change:
    """A change of one identity's record: ``pins`` or ``unpins``, the control key's thumbprint, who has to sign it, and
    by whom it was signed (role to JWS).
    """

    verb: str
    control_key: str = field(repr=False)
    keys: Mapping[str, PublicKey] = field(repr=False)
    signed: Mapping[str, str] = field(repr=False)

    @property
    def claims(self) -> dict[str, Any]:
        """What everybody signs beside the nonce."""
        return {"aud": FOR_THE_RECORD, self.verb: {"cd": self.control_key}}


def identity_of(session: Session, signer: Signer, uid: str, origin: str) -> Identity:
    """The identity whose record is to change.

    Raises:
        IdentityRefused: unless ``uid`` is one of the signer's account, and on record.
        OriginRefused: if the identity is another origin's.
    """
    identity = identities.of(session, signer.account, uid)
    if identity is None or not identity.minted:
        raise errors.IdentityRefused
    if identity.origin != origin:
        raise errors.OriginRefused
    return identity


def pin(
    session: Session,
    signer: Signer,
    identity: Identity,
    key: PublicKey,
    signed: Mapping[str, str],
    by: Registrar,
    now: datetime,
) -> ControlKey:
    """Put ``key`` on record as what this phone confirms with for an identity; ``signed`` by ad and cd.

    Raises:
        MalformedJWS, NoncesDiffer, MalformedNonce, NonceExpired, NonceFromTheFuture, RecordChangeRefused, BadSignature:
            for signatures that no Keychain would take, or of anything else; nothing is written then.
        AlreadyTaken: if the phone has another control key for this identity, or the key speaks as something else.
        ControlKeyRefused: if it was taken off the record before.
        ProofRefused, Unavailable: if the Keychain does not take it. The key is noted then, and not pinned.
    """
    change = Change("pins", key.thumbprint, {"ad": identity.ad_key, "cd": key}, signed)
    nonce = _nonce(change, by.max_age, now)
    with signers.acting(session, signer, now):
        _check_kept(session, identity)
        if key != identity.ad_key and not signers.is_taken(session, key.thumbprint):
            control_keys.add(session, identity.uid, signer.device, key, now)
        noted = control_keys.of(session, identity.uid, signer.device)
        if noted is None or noted.id != key.thumbprint:
            raise errors.AlreadyTaken
        if noted.ended:
            raise errors.ControlKeyRefused
    if noted.pinned:
        return noted
    try:
        _put(session, identity, change, nonce, by, now)
    except errors.ReplayedNonce:
        # The same wish twice at one moment: the other one has spent its nonce.
        if control_keys.pinned(session, identity.uid, signer.device) is None:
            raise
    # It is on record, also for a phone that ended just now: then it is one of those that have to be taken off.
    control_keys.mark_pinned(session, noted.id, now)
    return noted


def end(
    session: Session,
    signer: Signer,
    identity: Identity,
    id_: str,
    signed: Mapping[str, str],
    by: Registrar,
    now: datetime,
) -> None:
    """Take a control key off the record: one of a phone that ended, or the signer's own; ``signed`` by ad.

    Raises:
        ControlKeyRefused: if this identity has no such control key, or it is a living phone's.
        as ``pin``: for the signature, and what the Keychain says.
    """
    change = Change("unpins", id_, {"ad": identity.ad_key}, signed)
    nonce = _nonce(change, by.max_age, now)
    with signers.acting(session, signer, now):
        named = control_keys.named(session, identity.uid, id_)
        if named is None or not _may_end(session, signer, named, now):
            raise errors.ControlKeyRefused
    if named.ended:
        return
    try:
        _put(session, identity, change, nonce, by, now)
    except errors.ReplayedNonce:
        twin = control_keys.named(session, identity.uid, id_)
        if twin is None or not twin.ended:
            raise
    except errors.RecordChangeRefused:
        if named.pinned:
            raise  # else it never came so far: a phone ended between noting its key and putting it on record
    control_keys.mark_ended(session, id_, now)


def left_over(session: Session, signer: Signer, now: datetime) -> list[control_keys.Wanted]:
    """The control keys of the account's phones that ended, which somebody has to take off the record."""
    return control_keys.to_end(session, signer.account, ~devices.alive(now))


def _check_kept(session: Session, identity: Identity) -> None:
    """Pass an identity that was not forgotten meanwhile."""
    if identities.of(session, identity.account, identity.uid) is None:
        raise errors.IdentityRefused


def _may_end(session: Session, signer: Signer, named: ControlKey, now: datetime) -> bool:
    if named.device == signer.device and signer.phone:
        return True
    phone = devices.find(session, signer.account, named.device)
    return phone is not None and phone.ended(now) is not None


def _put(
    session: Session, identity: Identity, change: Change, nonce: nonces.Nonce, by: Registrar, now: datetime
) -> None:
    ours = cosigning.sign(by.keys, identity.uid, identity.key_version, nonce, change.claims)
    payload = {role: (signed, _text(change.keys[role])) for role, signed in change.signed.items()}
    by.mint(RecordPayload(identity.uid, payload | {"repo": (ours.nonce, _text(ours.key))}), session, now)


def _nonce(change: Change, max_age: timedelta, now: datetime) -> nonces.Nonce:
    """The one fresh nonce of a change that everybody who has to signed, and nothing else with it."""
    try:
        signatures = {role: jws.parse(text) for role, text in change.signed.items()}
    except ValueError as error:
        raise errors.MalformedJWS from error
    said = [signature.unverified_claims for signature in signatures.values()]
    nonce = nonces.parse(said[0].get("nonce"))
    if any(other.get("nonce") != nonce.text for other in said):
        raise errors.NoncesDiffer
    nonces.check_freshness(nonce, now, max_age)
    if any(dict(claims) != {"nonce": nonce.text, **change.claims} for claims in said):
        raise errors.RecordChangeRefused
    if any(jws.verify(signature, change.keys[role]) is None for role, signature in signatures.items()):
        raise errors.BadSignature
    return nonce


def _text(key: PublicKey) -> str:
    return base64url.encode(key.raw)
