"""The OneID Key's life: made, confirmed, replaced, used on a new browser."""

from datetime import datetime

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.repo import accounts, recovery, signers
from keychain.repo.recovery import RecoveryKey
from keychain.repo.signers import Signer
from keychain.store.engine import Session


def replace(session: Session, signer: Signer, locator: bytes, key: PublicKey, sealed: bytes, now: datetime) -> None:
    """Give the account this OneID Key; a former one opens nothing any more, from this moment.

    Raises:
        AlreadyTaken: if its key or locator is another's. The former one stays then.
    """
    with signers.acting(session, signer, now):
        recovery.remove(session, signer.account)
        taken = signers.is_taken(session, key.thumbprint)
        if taken or not recovery.add(session, signer.account, locator, key, sealed, now):
            raise errors.AlreadyTaken


def confirm(session: Session, signer: Signer, now: datetime) -> None:
    """Somebody has the OneID Key on paper: from now on the account counts as opened.

    Raises:
        OneIDKeyRefused: if the account has none.
    """
    with signers.acting(session, signer, now):
        if not recovery.exists(session, signer.account):
            raise errors.OneIDKeyRefused
        accounts.mark_opened(session, signer.account, now)


def open_sealed(session: Session, locator: bytes) -> RecoveryKey:
    """What the OneID Key of this locator opens.

    Raises:
        OneIDKeyRefused: if there is none.
    """
    found = recovery.located(session, locator)
    if found is None:
        raise errors.OneIDKeyRefused
    return found
