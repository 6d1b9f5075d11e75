"""How a device comes to an account: by signing up, by the account's OneID Key, or because a device lets it in.

All can be repeated: a device that is there already gets the answer that it missed.
"""

from dataclasses import dataclass
from datetime import datetime

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.repo import accounts, devices, recovery, signers
from keychain.repo.recovery import RecoveryKey
from keychain.repo.signers import Signer
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
    before = signers.find(session, key.thumbprint, now)
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
    if winner is None:  # a control key's; or a OneID Key's, which another took the place of just now
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
        if joined := _again(session, opened.account, key, now):
            return joined
        _add(session, opened.account, key, name, now)
    return Joined(opened.account, key.thumbprint, created=True)


def admit(session: Session, signer: Signer, key: PublicKey, name: str, now: datetime, *, phone: bool) -> Joined:
    """Let ``key`` be a device of the signer's account. A phone lets in whom it wants, a browser the first phone alone.

    Raises:
        PhoneRequired: if only a phone may let this one in.
        TooManyPhones: if the account has as many as it may.
        SignerRevoked: if it was a device of this account and ended.
        AlreadyTaken: if the key is another account's, speaks as something else, or is a device of the other kind.
    """
    with signers.acting(session, signer, now):
        if joined := _again(session, signer.account, key, now, phone=phone):
            return joined
        phones = devices.living_phones(session, signer.account, now)
        if not signer.phone and (not phone or phones):
            raise errors.PhoneRequired
        if phone and len(phones) >= devices.PHONES:
            raise errors.TooManyPhones
        _add(session, signer.account, key, name, now, phone=phone)
    return Joined(signer.account, key.thumbprint, created=True)


def _again(
    session: Session, account: str, key: PublicKey, now: datetime, *, phone: bool | None = None
) -> Joined | None:
    """The answer for a device that is there already; of either kind, or as ``phone`` says."""
    before = signers.find(session, key.thumbprint, now)
    if before is None or before.frame is not None or before.account != account:
        return None
    signers.check_alive(before, now, while_locked=True)
    if phone not in (None, before.phone):
        raise errors.AlreadyTaken
    return Joined(account, key.thumbprint, created=False)


def _add(session: Session, account: str, key: PublicKey, name: str, now: datetime, *, phone: bool = False) -> None:
    taken = signers.is_taken(session, key.thumbprint)
    if taken or not devices.add(session, account, key, name, now, phone=phone):
        raise errors.AlreadyTaken
    accounts.mark_opened(session, account, now)
    accounts.changed(session, account)
