"""The nonce: its grammar and its freshness (legacy wire, 0.3).

``001`` + a UTC second ``YYYY-MM-DDTHH:MM:SSZ`` + at least six letters or digits, 64 characters at most. ``001`` says
that the time is that of its making; other prefixes, and the prefix-less nonces of 2012, are refused. So is a leap
second's ``:60``, which no clock of ours can compare. Pure: the time is an argument.
"""

import re
import secrets
import string
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from keychain import errors

MAX_LENGTH = 64
LEEWAY = timedelta(minutes=2)  # how far a signer's clock may be ahead of ours (legacy wire, 0.3)

_PREFIX = "001"
_SECOND = "%Y-%m-%dT%H:%M:%SZ"
_GRAMMAR = re.compile(r"001(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z[A-Za-z0-9]{6,41}", re.ASCII)
_ALPHABET = string.ascii_letters + string.digits
_RANDOM_LENGTH = 6


class Nonce(NamedTuple):
    """A well-formed nonce and the second in which it was made (aware, UTC)."""

    text: str
    made_at: datetime


def make(now: datetime) -> Nonce:
    """A nonce of this second."""
    made_at = now.astimezone(UTC).replace(microsecond=0)
    return Nonce(floor(made_at) + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH)), made_at)


def floor(moment: datetime) -> str:
    """The text that sorts before every nonce of this second and after all of the one before."""
    return f"{_PREFIX}{moment.astimezone(UTC):{_SECOND}}"


def parse(text: object) -> Nonce:
    """The nonce of a text.

    Raises:
        MalformedNonce: if it is not one.
    """
    found = _GRAMMAR.fullmatch(text) if isinstance(text, str) and len(text) <= MAX_LENGTH else None
    if not found:
        raise errors.MalformedNonce
    try:
        made_at = datetime(*map(int, found.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type] # six numbers by the grammar
    except ValueError as error:
        raise errors.MalformedNonce from error
    return Nonce(found.string, made_at)


def check_freshness(nonce: Nonce, now: datetime, max_age: timedelta) -> None:
    """Pass a nonce that is at most ``max_age`` old and at most two minutes ahead of ``now``; the ends are inside.

    Raises:
        NonceExpired, NonceFromTheFuture: otherwise.
    """
    age = now - nonce.made_at
    if age > max_age:
        raise errors.NonceExpired
    if -age > LEEWAY:
        raise errors.NonceFromTheFuture
