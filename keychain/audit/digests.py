"""What a seal is made of: SHA-256 over one unambiguous writing of events and of the seal before.

A value is written as its length in bytes, a colon, its bytes and a comma (a netstring), and one that is absent as a
hyphen: no two lists of values are written alike. Numbers are decimal, times ``2026-11-21T20:56:18.000000+00:00``, text
is UTF-8. The first value says what is written, and in which version. ``docs/adr/0016`` has it for those who verify
with a program of their own.
"""

import hashlib
from datetime import UTC, datetime

from keychain.audit.events import Event

EVENT = "oneid-keychain audit event 1"
SEAL = "oneid-keychain audit seal 1"
BYTES = 32

Value = str | int | bytes | datetime | None


def of_event(event: Event) -> bytes:
    """The digest of one event."""
    return _digest(EVENT, event.id, event.at, event.kind, event.subject, event.detail, event.public_key)


def of_seal(
    number: int, first_id: int, last_id: int, events: int, sealed_at: datetime, previous: bytes, leaves: bytes
) -> bytes:
    """The digest of a seal: of what it says, of the digests of its events, and of the seal before it."""
    return _digest(SEAL, number, first_id, last_id, events, sealed_at, previous, leaves)


def _digest(*values: Value) -> bytes:
    return hashlib.sha256(b"".join(map(_written, values))).digest()


def _written(value: Value) -> bytes:
    if value is None:
        return b"-"
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat(timespec="microseconds")
    octets = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
    return b"%d:%b," % (len(octets), octets)
