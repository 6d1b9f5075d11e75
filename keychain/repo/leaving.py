"""Signing a browser out and in again, and taking a new account back."""

from datetime import datetime, timedelta

from keychain import errors
from keychain.repo import accounts, devices, frame_sessions, identities, recovery, signers
from keychain.repo.signers import Signer
from keychain.store.engine import Session


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
        if account.opened_at is not None or now - account.created_at > window:
            raise errors.OptoutRefused
        accounts.close(session, account.id, now)
        devices.revoke_all(session, account.id, now)
        recovery.remove(session, account.id)
        identities.forget_sealed(session, account.id)
