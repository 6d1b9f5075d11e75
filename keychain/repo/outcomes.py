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
from keychain.repo import accounts, confirmations, control_keys, cosigning, devices, identities, signers
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
from keychain.repo.masterkeys import MasterKeys
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
    """How it stands with what ``signer`` asked; it may ask again.

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
    return Told(state, _sign(session, asked, approval, keys, max_age, now))


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
        TokenRefused: if the account has ended meanwhile.
    """
    with session.transaction():
        if accounts.hold(session, asked.account) is None:
            raise errors.TokenRefused
        if confirmations.decide(session, asked.id, Outcome(EXPIRED), now, in_time=False):
            accounts.changed(session, asked.account)
        ended = confirmations.of(session, asked.account, asked.id)
        approval = _approval(session, asked, now)
    assert ended is not None  # noqa: S101 - it is kept for a day
    if ended.state != APPROVED:
        raise _REFUSALS[ended.state]
    if approval is None:
        raise errors.ConfirmationDenied
    return _sign(session, ended, approval, keys, max_age, now)


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
    session: Session, asked: Confirmation, approval: Approval, keys: MasterKeys, max_age: timedelta, now: datetime
) -> CoSigned:
    nonce = nonces.parse(asked.nonce)
    nonces.check_freshness(nonce, now, max_age)
    identity = identities.of(session, asked.account, asked.uid)
    assert identity is not None  # noqa: S101 - identities are never deleted
    audience = {"aud": asked.audience} if asked.audience else {}
    signed = cosigning.sign(keys, asked.uid, identity.key_version, nonce, audience)
    return CoSigned(signed, approval, cosigning.token(session, keys, identity))
