"""Ending a device: it, and every frame session that it made, at once; or a phone, in a day, unless it objects.

A phone is what an account is held with. So who has no phone can not end one at once: a thief of a browser, or of the
OneID Key, would be rid of the only device that can stop him.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from keychain import errors
from keychain.repo import accounts, address_proofs, devices, signers
from keychain.repo.signers import Signer
from keychain.store.engine import Session

NOTICE = timedelta(hours=24)


@dataclass(frozen=True)
class Ending:
    """When a device ends, where that is not now; and whether nobody had asked for it before."""

    ends: datetime | None
    is_news: bool


def revoke(session: Session, signer: Signer, device: str, now: datetime) -> Ending:
    """End ``device`` for good. Its sessions end with it, because whether they are alive is asked of their device; what
    was mailed for the account is no longer good, because it may have asked for that.

    Asked again, it ends when it was going to.

    Raises:
        DeviceRefused: unless it is one of the signer's account.
    """
    repeated = partial(ended_itself, device=device)
    with signers.acting(session, signer, now, while_locked=True, excuse=repeated):
        named = devices.find(session, signer.account, device)
        if named is None:
            raise errors.DeviceRefused
        at_once = signer.phone or not named.phone
        news = devices.revoke(session, device, now) if at_once else devices.end_at(session, device, now + NOTICE)
        if at_once:
            address_proofs.forget(session, signer.account)
        if news:
            accounts.changed(session, signer.account)
        after = devices.find(session, signer.account, device)
    return Ending(after.ends(now) if after else None, news)


def keep(session: Session, signer: Signer, now: datetime) -> None:
    """The phone objects to its removal."""
    with signers.acting(session, signer, now):
        if devices.keep(session, signer.device):
            accounts.changed(session, signer.account)


def check_unguarded(session: Session, signer: Signer, now: datetime) -> None:
    """Pass a signer whose account no other living phone guards: what can not be undone is a phone's to do.

    Raises:
        PhoneRequired: for any other.
    """
    if any(phone.id != signer.device for phone in devices.living_phones(session, signer.account, now)):
        raise errors.PhoneRequired


def ended_itself(signer: Signer, device: str) -> bool:
    """Whether this is a device that asks again for its own end, because it did not hear of it."""
    return signer.device_revoked and signer.kid == device and not signer.account_closed
