"""Asking, without doing it: what an operation yields, what it is given back, and when it may ask again.

An operation (``operations``) is a generator. It yields an ``Ask`` and receives a ``Reply`` or a ``NoReply``;
a driver (``drivers``) does the input and output, once with blocking calls and once with asyncio. So each rule is
written once, here and in ``operations``, and can be tried in a REPL with ``next`` and ``send``.
"""

import re
import secrets
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import TypeVar

import httpx

from .errors import AnswerLost, Unreachable

__all__ = ["LARGEST_ANSWER", "PAUSES", "Ask", "NoReply", "Reply", "Steps", "exchange", "jittered"]

LARGEST_ANSWER = 1024 * 1024
"""Bytes. The largest proper answer, to a batch of 1,000, has about a third of that."""

PAUSES = (0.1, 0.4)
"""Seconds before the second and the third try, at most half as much again."""

_JSON = "application/json"
_SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ask:
    """POST ``body``, JSON on one line, to ``path`` below the server's address, or the repo's where it is ``of_repo``,
    ``pause`` seconds from now. ``patience``: seconds until the reply begins, where they are more than the site's
    own.
    """

    path: str
    body: str = field(repr=False)
    pause: float = 0.0
    patience: float = 0.0
    of_repo: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Some HTTP response. ``retry_after`` is in seconds.

    The body of what is no plain JSON is not read: it can not be an answer, and a compressed one could be of
    any size.
    """

    status: int
    is_json: bool
    retry_after: int | None = None
    body: bytearray = field(default_factory=bytearray, repr=False)

    @classmethod
    def opening(cls, response: httpx.Response) -> "Reply":
        """The head of ``response``; ``take`` its body if ``is_json``."""
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        retry_after = response.headers.get("retry-after", "")
        return cls(
            response.status_code,
            media_type == _JSON and encoding == "identity",
            int(retry_after) if _SECONDS.fullmatch(retry_after) else None,
        )

    def take(self, part: bytes) -> bool:
        """Add ``part`` to the body. False once there is more than any answer has: read no further."""
        self.body.extend(part)
        return len(self.body) <= LARGEST_ANSWER


@dataclass(frozen=True, slots=True)
class NoReply:
    """No whole response. ``sent``: whether the service may have read the question."""

    sent: bool
    cause: httpx.HTTPError

    @classmethod
    def because(cls, error: httpx.HTTPError) -> "NoReply":
        """What ``error`` means for asking again."""
        # Of all failures only these are certain to come before the first byte.
        unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
        return cls(not unsent, error)


Finished = TypeVar("Finished")
Steps = Generator[Ask, Reply | NoReply, Finished]


def exchange(ask: Ask, *, harmless: bool = False) -> Steps[Reply]:
    """Yield ``ask`` until there is a reply. Raises Unreachable or AnswerLost.

    It is asked again, twice at most, where nothing was sent; where something may have been, only if asking
    twice is ``harmless``.
    """
    pauses = iter(PAUSES)
    while isinstance(outcome := (yield ask), NoReply):
        pause = next(pauses, None) if harmless or not outcome.sent else None
        if pause is None:
            raise _gave_up(outcome) from outcome.cause
        ask = replace(ask, pause=jittered(pause))
    return outcome


def jittered(pause: float) -> float:
    """``pause`` and up to half as much again, so that not all sites come back at once."""
    return pause * (1 + secrets.randbelow(500) / 1000)


def _gave_up(outcome: NoReply) -> AnswerLost | Unreachable:
    if outcome.sent:
        return AnswerLost("the question was sent, but no answer came back")
    return Unreachable("the service can not be reached, or its certificate does not verify")
