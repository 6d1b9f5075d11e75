"""Relaying a pairing: two browsers agree on a key through messages that are bytes here, and the repo learns nothing.

What keeps a relay that lies out is between the two (``docs/repo.md``, pairing): a commitment, six digits that a person
carries over, and keys that only they have. The repo's part is that a code works once and not for long.
"""

from dataclasses import dataclass, field
from datetime import datetime

from keychain import errors
from keychain.repo import pairings
from keychain.repo.pairings import Pairing
from keychain.store.engine import Session

A, B = "a", "b"  # who shows the code, and who types it
MOST_MESSAGES = 16  # of each side


@dataclass(frozen=True)
class Begun:
    """A pairing that waits for somebody with its code."""

    id: str = field(repr=False)
    code: str = field(repr=False)
    expires: datetime


def begin(session: Session, kind: str, commitment: bytes, by: tuple[str, str], now: datetime) -> Begun:
    """A new pairing, made by this address and browser."""
    while True:
        code = pairings.draw_code()
        if made := pairings.add(session, kind, commitment, code, by, now):
            return Begun(made, code, now + pairings.OPENED_WITHIN)


def find(session: Session, code: str, now: datetime) -> Pairing:
    """What waits under a code; it waits on.

    Raises:
        PairingRefused: if nothing does (any more).
    """
    found = pairings.waiting(session, code)
    if found is None or found.is_over(now):
        raise errors.PairingRefused
    return found


def open_(session: Session, code: str, message: bytes, now: datetime) -> Pairing:
    """Use a code up, and leave the first message of side B.

    Raises:
        PairingRefused: if nothing waits under the code (any more); of many at once, for all but one.
    """
    found = find(session, code, now)
    with session.transaction():
        if not pairings.use_code(session, found.id, now):
            raise errors.PairingRefused
        pairings.add_message(session, found.id, B, 0, message)
    return found


def send(session: Session, pairing: str, side: str, number: int, message: bytes, now: datetime) -> None:
    """Keep a side's message ``number``; one that is there already is not kept twice.

    Raises:
        PairingRefused: if the pairing is not open, or one before this is missing.
        AlreadyTaken: if another message has this number.
    """
    with session.transaction():
        held = pairings.hold(session, pairing)
        if held is None or held.opened_at is None or held.is_over(now):
            raise errors.PairingRefused
        sent = pairings.messages(session, pairing, side)
        if number > len(sent):
            raise errors.PairingRefused
        if number == len(sent):
            pairings.add_message(session, pairing, side, number, message)
        elif sent[number] != message:
            raise errors.AlreadyTaken


def read(session: Session, pairing: str, side: str, after: int, now: datetime) -> tuple[list[bytes], bool]:
    """What the other side sent, but for the first ``after``; and whether it is over, so that nothing more comes."""
    found = pairings.of(session, pairing)
    if found is None or found.is_over(now):
        return [], True
    return pairings.messages(session, pairing, A if side == B else B, after), False


def end(session: Session, pairing: str, now: datetime) -> None:
    """End a pairing, whoever of the two it is."""
    with session.transaction():
        pairings.hold(session, pairing)
        pairings.end(session, pairing, now)
