"""Ending a device: it, and every frame session that it made, at once."""

from datetime import datetime
from functools import partial

from keychain import errors
from keychain.repo import devices, signers
from keychain.repo.signers import Signer
from keychain.store.engine import Session


def revoke(session: Session, signer: Signer, device: str, now: datetime) -> None:
    """End ``device`` for good. Its sessions end with it, because whether they are alive is asked of their device.

    Raises:
        DeviceRefused: unless it is one of the signer's account.
    """
    repeated = partial(ended_itself, device=device)
    with signers.acting(session, signer, now, while_locked=True, excuse=repeated):
        if not devices.revoke(session, signer.account, device, now):
            raise errors.DeviceRefused


def ended_itself(signer: Signer, device: str) -> bool:
    """Whether this is a device that asks again for its own end, because it did not hear of it."""
    return signer.device_revoked and signer.kid == device and not signer.account_closed
