"""Tickets: short-lived texts that let their holder learn that something changed, or use one side of a pairing.

``<topic>.<id>.<expiry>.<HMAC-SHA256>``, authenticated with a key from a master key, so that asking needs no signature
and no row: an open page asks every second. A ticket signs nothing and opens nothing that is sealed.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from keychain import errors
from keychain.jose import base64url
from keychain.repo.masterkeys import MasterKeys

ACCOUNT = "account"  # by a device's id
CONFIRMATION = "confirmation"
PAIRING_A = "pairing-a"
PAIRING_B = "pairing-b"


@dataclass(frozen=True)
class Ticket:
    """A ticket that is one of ours and has not expired."""

    topic: str
    id: str = field(repr=False)


def make(keys: MasterKeys, topic: str, id_: str, expires: datetime) -> str:
    """A ticket; whoever holds it may use it until ``expires``, to the second."""
    said = f"{topic}.{id_}.{int(expires.timestamp())}"
    return f"{said}.{_mac(keys.ticket_keys[keys.in_use], said)}"


def parse(keys: MasterKeys, text: str, now: datetime) -> Ticket:
    """The ticket of a text, made under any master key that is here.

    Raises:
        TicketRefused: if it is none, or has expired.
    """
    said, _, mac = text.rpartition(".")
    # As bytes: compare_digest refuses to look at a text with other letters than ASCII's.
    if not any(hmac.compare_digest(_mac(key, said).encode(), mac.encode()) for key in keys.ticket_keys.values()):
        raise errors.TicketRefused
    topic, id_, expires = said.split(".")  # we have said it
    if int(now.timestamp()) > int(expires):
        raise errors.TicketRefused
    return Ticket(topic, id_)


def _mac(key: bytes, said: str) -> str:
    return base64url.encode(hmac.digest(key, said.encode(), "sha256"))
