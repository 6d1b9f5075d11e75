"""A new secret: everything that was sealed under a key from the former one is sealed anew, all of it at once or none.

It is what a person does after losing a device: who has the former secret opens nothing that is written from then on,
and whatever else could act for the account has ended.

All of it is compared before anything is written: who wants what can not be costs three looks and no writing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from keychain import errors
from keychain.repo import (
    accounts,
    address_proofs,
    cards,
    devices,
    frame_sessions,
    identities,
    recovery,
    releases,
    revoking,
    signers,
)
from keychain.repo.cards import Card
from keychain.repo.releases import Release
from keychain.repo.releasing import Wish
from keychain.repo.signers import Signer
from keychain.store.engine import Session


@dataclass(frozen=True)
class NewCard:
    """A card under its next version."""

    id: str = field(repr=False)
    version: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True)
class Renewal:
    """All of an account, sealed anew: its identities by uid, its cards, and what sites may go on to read."""

    identities: Mapping[str, bytes] = field(repr=False)
    cards: Sequence[NewCard] = field(repr=False)
    releases: Sequence[Wish] = field(repr=False)


def renew(session: Session, signer: Signer, sealed: Renewal, now: datetime) -> None:
    """Replace all that is sealed, and end every other device, every frame session and the OneID Key.

    Raises:
        PhoneRequired: if a phone guards the account, and is not the signer.
        VersionConflict: unless these are exactly the account's identities and living cards, none of them sealed as
            before, and every version the next one.
        TooManyCards: if it is more than an account may have.
    """
    with signers.acting(session, signer, now):
        revoking.check_unguarded(session, signer, now)
        _check_identities(session, signer, sealed.identities)
        renewed = _renewed_cards(session, signer, sealed.cards, now)
        moved = _moved_releases(session, signer, sealed.releases, now)
        identities.reseal(session, sealed.identities)
        cards.renew(session, signer.account, renewed)
        releases.renew(session, moved)
        if not all(kept.fit(session, signer.account) for kept in (identities, cards, releases)):
            raise errors.TooManyCards
        address_proofs.forget(session, signer.account)
        devices.revoke_all(session, signer.account, now, but=signer.device)
        frame_sessions.revoke_all(session, signer.account, now)
        recovery.remove(session, signer.account)
        accounts.mark_renewed(session, signer.account, now)


def _check_identities(session: Session, signer: Signer, sealed: Mapping[str, bytes]) -> None:
    former = {identity.uid: identity.sealed for identity in identities.all_of(session, signer.account)}
    if former.keys() != sealed.keys() or any(former[uid] == sealed[uid] for uid in former):
        raise errors.VersionConflict


def _renewed_cards(session: Session, signer: Signer, sealed: Sequence[NewCard], now: datetime) -> list[Card]:
    living = {card.id: card.version for card in cards.of(session, signer.account) if card.sealed is not None}
    if {id_: version + 1 for id_, version in living.items()} != {card.id: card.version for card in sealed}:
        raise errors.VersionConflict
    return [Card(card.id, card.version, card.sealed, now) for card in sealed]


def _moved_releases(session: Session, signer: Signer, sealed: Sequence[Wish], now: datetime) -> list[Release]:
    """All that are not withdrawn, under their next versions: those that are named as wished, the others withdrawn."""
    made = [one for one, _ in releases.of(session, signer.account) if one.sealed is not None]
    moved = {(one.uid, one.card): Release(one.uid, one.card, (), one.version + 1, None, now) for one in made}
    for wish in sealed:
        place = wish.uid, wish.card
        if place not in moved or moved[place].version != wish.version:  # it releases nothing that was not
            raise errors.VersionConflict
        moved[place] = Release(*place, tuple(wish.fields), wish.version, wish.sealed, now)
    return list(moved.values())
