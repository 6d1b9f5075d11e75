"""Keeping cards: written under the next version or not at all, so that no device undoes what another one wrote."""

from datetime import datetime

from keychain import errors
from keychain.repo import cards, signers
from keychain.repo.signers import Signer
from keychain.store.engine import Session


def keep(session: Session, signer: Signer, id_: str, version: int, sealed: bytes | None, now: datetime) -> None:
    """Write a card of the signer's account, or with ``None`` delete it. The same again is a success.

    Raises:
        CardRefused: for deleting a card that is not there.
        TooManyCards: beyond as many, or as much, as an account may have.
        VersionConflict: if ``version`` is not the next one.
    """
    with signers.acting(session, signer, now):
        before = cards.find(session, signer.account, id_)
        if before is not None and (before.version, before.sealed) == (version, sealed):
            return
        if sealed is None and (before is None or before.sealed is None):
            raise errors.CardRefused
        if not cards.write(session, signer.account, id_, version, sealed, now):
            raise errors.VersionConflict
        if sealed is not None and not cards.fit(session, signer.account):
            raise errors.TooManyCards
