"""How a device comes to an account: by signing up, or by the account's OneID Key.

Both can be repeated: a device that is there already gets the answer that it missed.
"""

from dataclasses import dataclass
from datetime import datetime

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.repo import accounts, devices, recovery, signers
from keychain.repo.recovery import RecoveryKey
from keychain.store.engine import Session


@dataclass(frozen=True)
class Joined:
    """A device of an account; ``created`` if it just became one."""

    account: str
    device: str
    created: bool


def known(session: Session, key: PublicKey, now: datetime) -> Joined | None:
    """The device that signed up with ``key`` before; ``None`` for a key that nobody knows.

    Raises:
        SignerRevoked, DeviceLocked: if it can not act any more.
        AlreadyTaken: if the key speaks as something else.
    """
    before = signers.find(session, key.thumbprint)
    if before is None:
        if recovery.signing(session, key.thumbprint):
            raise errors.AlreadyTaken
        return None
    if before.frame is not None:
        raise errors.AlreadyTaken
    signers.check_alive(before, now)
    return Joined(before.account, before.device, created=False)


def sign_up(session: Session, key: PublicKey, name: str, now: datetime) -> Joined:
    """Make an account whose first device is ``key``. Of two that arrive together one makes it, and both are told.

    Raises:
        SignerRevoked, DeviceLocked, AlreadyTaken: as ``known``.
    """
    with session.transaction():
        if not signers.is_taken(session, key.thumbprint):
            account = accounts.add(session, now)
            if devices.add(session, account, key, name, now):
                return Joined(account, key.thumbprint, created=True)
            accounts.take_back(session, account)
    winner = known(session, key, now)
    if winner is None:  # a OneID Key's, which another took the place of just now
        raise errors.AlreadyTaken
    return winner


def join(session: Session, opened: RecoveryKey, key: PublicKey, name: str, now: datetime) -> Joined:
    """Let ``key`` be a device of the account that a OneID Key opened.

    Raises:
        OneIDKeyRefused: if it does not open the account any more.
        SignerRevoked: if it was a device of this account and ended.
        AlreadyTaken: if the key is another account's, or speaks as something else.
    """
    with session.transaction():
        held = accounts.hold(session, opened.account)
        if held is None or recovery.signing(session, opened.key.thumbprint) != opened:
            raise errors.OneIDKeyRefused
        before = signers.find(session, key.thumbprint)
        if before is not None and before.frame is None and before.account == opened.account:
            signers.check_alive(before, now, while_locked=True)
            return Joined(opened.account, key.thumbprint, created=False)
        taken = signers.is_taken(session, key.thumbprint)
        if taken or not devices.add(session, opened.account, key, name, now):
            raise errors.AlreadyTaken
        accounts.mark_opened(session, opened.account, now)
    return Joined(opened.account, key.thumbprint, created=True)
