"""Signing a browser out and in again, taking a new account back, and closing one for good."""

from datetime import datetime, timedelta

from keychain import errors
from keychain.repo import (
    accounts,
    address_proofs,
    cards,
    confirmations,
    control_keys,
    devices,
    frame_sessions,
    identities,
    phone_pins,
    push_subscriptions,
    recovery,
    releases,
    revoking,
    sign_ins,
    signers,
    silenced,
    verified_addresses,
)
from keychain.repo.signers import Signer
from keychain.store.engine import Session

# Nothing of these is left of an account that ended.
_KEPT = (
    cards,
    releases,
    sign_ins,
    confirmations,
    control_keys,
    phone_pins,
    silenced,
    push_subscriptions,
    address_proofs,
    verified_addresses,
)


def sign_out(session: Session, signer: Signer, now: datetime) -> None:
    """Lock the signer's device, and end the frame sessions that it made.

    A session that this ended before may ask again, because it did not hear the answer.
    """
    with signers.acting(session, signer, now, while_locked=True, excuse=signed_out):
        devices.lock(session, signer.device, now)
        frame_sessions.revoke_of(session, signer.device, now)


def signed_out(signer: Signer) -> bool:
    """Whether signing out is what ended this frame session."""
    return signer.is_signed_out


def unlock(session: Session, signer: Signer, now: datetime) -> None:
    """Sign the device in again; the sessions that ended stay ended."""
    with signers.acting(session, signer, now, while_locked=True):
        devices.unlock(session, signer.device)


def opt_out(session: Session, signer: Signer, window: timedelta, now: datetime) -> None:
    """Close a new account: nobody can sign in with it again, and what was sealed is deleted.

    Raises:
        OptoutRefused: if it is older than ``window``, or somebody has made sure of it.
    """
    with signers.acting(session, signer, now) as account:
        if not account.can_be_taken_back(window, now):
            raise errors.OptoutRefused
        end(session, account.id, now)


def close(session: Session, signer: Signer, now: datetime) -> None:
    """Close an account for good, however old it is.

    Raises:
        PhoneRequired: if a phone guards it, and is not the signer: a stolen browser is no reason to lose it.
    """
    with signers.acting(session, signer, now) as account:
        revoking.check_unguarded(session, signer, now)
        end(session, account.id, now)


def end(session: Session, account: str, now: datetime) -> None:
    """End an account, inside a transaction that holds it: nobody signs in with it again, and what it kept is deleted.

    What stays says that it was: the keys of its devices, and the uids of its identities with their origins.
    """
    accounts.close(session, account, now)
    devices.revoke_all(session, account, now)
    recovery.remove(session, account)
    devices.forget_names(session, account)
    identities.forget_sealed(session, account)
    for kept in _KEPT:
        kept.forget(session, account)
