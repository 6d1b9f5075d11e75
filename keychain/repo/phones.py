"""What a person sets on a phone: its PIN, how it is woken, when it is asked, and whom it does not hear of any more."""

from dataclasses import replace
from datetime import datetime

from keychain.repo import accounts, phone_pins, phone_settings, push_subscriptions, signers, silenced
from keychain.repo.phone_settings import PhoneSettings
from keychain.repo.push_subscriptions import Subscription
from keychain.repo.signers import Signer
from keychain.store.engine import Session


def set_pin(session: Session, phone: Signer, proof: bytes, former: bytes | None, now: datetime) -> None:
    """Give the phone a PIN. One that has a PIN proves the former first. One that has this very PIN has it already: the
    answer got lost.

    Raises:
        PinRefused, PinLocked: if neither is right. Both together are one try.
    """
    if phone_pins.standing(session, phone.device).set:
        right = phone_pins.check(session, phone.device, former, proof)
        if right == proof:
            return
    with signers.acting(session, phone, now):
        phone_pins.put(session, phone.device, proof, now)


def set_settings(session: Session, phone: Signer, wanted: PhoneSettings, now: datetime) -> None:
    """What the account wants of its phones from now on."""
    with signers.acting(session, phone, now):
        phone_settings.put(session, phone.account, wanted)
        accounts.changed(session, phone.account)


def subscribe(session: Session, phone: Signer, subscription: Subscription, now: datetime) -> None:
    """Wake the phone there from now on."""
    with signers.acting(session, phone, now):
        push_subscriptions.put(session, replace(subscription, device=phone.device), now)


def unsubscribe(session: Session, phone: Signer, now: datetime) -> None:
    """Do not wake the phone any more."""
    with signers.acting(session, phone, now):
        push_subscriptions.remove(session, phone.device)


def unsilence(session: Session, phone: Signer, asker: str, now: datetime) -> None:
    """Let an asker ask again."""
    with signers.acting(session, phone, now):
        silenced.remove(session, phone.account, asker)
        accounts.changed(session, phone.account)
