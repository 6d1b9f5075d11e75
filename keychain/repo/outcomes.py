"""What an asker gets of a confirmation: its state, and, once it is approved, what makes a payload of it.

The repo signs only now, and only for who asked: with an approval on the phone and a living signer, but never before the
control device's own signature is there. A confirmation for a site's server names that site as its audience.

An approval is worth what the phone is that gave it: once that has ended, or its control key is off the record, it is
nobody's, and is told as if it had been taken back.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keychain import errors
from keychain import nonce as nonces
from keychain.repo import accounts, confirmations, control_keys, cosigning, devices, identities, sign_ins, signers
from keychain.repo.confirmations import (
    APPROVED,
    CANCELLED,
    EXPIRED,
    REJECTED,
    REPORTED,
    Approval,
    Confirmation,
    Outcome,
)
from keychain.repo.cosigning import Signed
from keychain.repo.identities import Identity
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.sign_ins import SignIn
from keychain.repo.signers import Signer
from keychain.store.engine import Session

_REFUSALS = {
    REJECTED: errors.ConfirmationDenied,
    REPORTED: errors.ConfirmationReported,
    EXPIRED: errors.ConfirmationTimedOut,
}


@dataclass(frozen=True)
class CoSigned:
    """The repo's and the control device's parts of a payload, and the user's two_factor_token."""

    repo: Signed
    cd: Approval
    two_factor_token: str = field(repr=False)


@dataclass(frozen=True)
class Told:
    """What an asker learns."""

    state: str
    payload: CoSigned | None


def read(session: Session, signer: Signer, id_: str, keys: MasterKeys, max_age: timedelta, now: datetime) -> Told:
    """How it stands with what ``signer`` asked; it may ask again. What is signed is noted for the person to read, once.

    Raises:
        ConfirmationRefused: if it never asked this.
        NonceExpired: if it was approved, and it is too late to sign its nonce.
    """
    asked = _asked(session, signer, id_)
    state = asked.state_at(now)
    if state != APPROVED:
        return Told(state, None)
    approval = _approval(session, asked, now)
    if approval is None:
        return Told(CANCELLED, None)
    identity = identities.of(session, asked.account, asked.uid)
    if identity is None:  # it was forgotten just now
        raise errors.ConfirmationRefused
    payload = _sign(session, asked, identity, approval, keys, max_age, now)
    made = SignIn(identity.origin, identity.uid, signer.device, True, now)
    sign_ins.add(session, asked.account, made)
    return Told(state, payload)


def cancel(session: Session, signer: Signer, id_: str, keys: MasterKeys, max_age: timedelta, now: datetime) -> Told:
    """Do not ask any more; what was answered before stays answered.

    Raises:
        ConfirmationRefused, NonceExpired: as ``read``.
    """
    asked = _asked(session, signer, id_)
    with signers.acting(session, signer, now):
        if confirmations.decide(session, id_, Outcome(CANCELLED), now):
            accounts.changed(session, asked.account)
    return read(session, signer, id_, keys, max_age, now)


def finish(session: Session, asked: Confirmation, keys: MasterKeys, max_age: timedelta, now: datetime) -> CoSigned:
    """The end of a question by a site's server, whose one request waited for it. If nobody answered, nobody can from
    now on: what the server is told is how it ended.

    Raises:
        ConfirmationDenied, ConfirmationReported, ConfirmationTimedOut: unless it was approved, by a phone that is one
            still.
        NonceExpired: if it is too late to sign its nonce.
        TokenRefused: if the account has ended meanwhile, or the person has forgotten the site.
    """
    with session.transaction():
        if accounts.hold(session, asked.account) is None:
            raise errors.TokenRefused
        if confirmations.decide(session, asked.id, Outcome(EXPIRED), now, in_time=False):
            accounts.changed(session, asked.account)
        ended = confirmations.of(session, asked.account, asked.id)
        identity = identities.of(session, asked.account, asked.uid)
        approval = _approval(session, asked, now)
    if ended is None or identity is None:
        raise errors.TokenRefused
    if ended.state != APPROVED:
        raise _REFUSALS[ended.state]
    if approval is None:
        raise errors.ConfirmationDenied
    return _sign(session, ended, identity, approval, keys, max_age, now)


def _asked(session: Session, signer: Signer, id_: str) -> Confirmation:
    asked = confirmations.asked_by(session, signer.kid, id_)
    if asked is None:
        raise errors.ConfirmationRefused
    return asked


def _approval(session: Session, asked: Confirmation, now: datetime) -> Approval | None:
    """The yes to what was asked, if its phone is alive still, and the key that signed it on record."""
    approval = confirmations.approval(session, asked.id)
    if approval is None:
        return None
    key = control_keys.named(session, asked.uid, approval.key.thumbprint)
    living = {phone.id for phone in devices.living_phones(session, asked.account, now)}
    return approval if key and key.pinned and not key.ended and key.device in living else None


def _sign(
    session: Session,
    asked: Confirmation,
    identity: Identity,
    approval: Approval,
    keys: MasterKeys,
    max_age: timedelta,
    now: datetime,
) -> CoSigned:
    nonce = nonces.parse(asked.nonce)
    nonces.check_freshness(nonce, now, max_age)
    audience = {"aud": asked.audience} if asked.audience else {}
    signed = cosigning.sign(keys, asked.uid, identity.key_version, nonce, audience)
    return CoSigned(signed, approval, cosigning.token(session, keys, identity))
