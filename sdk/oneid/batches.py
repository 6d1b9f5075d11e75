"""Many payloads cut into batches that the service takes: at most 1,000 payloads and 4 MiB each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .errors import Refused
from .payload import Payload, UnverifiedPayload, parse

__all__ = ["LARGEST_BATCH", "MOST_PAYLOADS", "Batch", "Question", "envelope", "of"]

MOST_PAYLOADS = 1_000
LARGEST_BATCH = 4 * 1024 * 1024
"""Bytes of the body."""

_ENVELOPE = len('{"payloads":[]}')
_COMMA = 1


@dataclass(frozen=True, slots=True)
class Question:
    """A payload and the JSON that asks about it."""

    payload: UnverifiedPayload = field(repr=False)
    text: str = field(repr=False)


Batch = list[Question | Refused]
"""In the order of the payloads; what is Refused already is not asked about."""


def of(payloads: Iterable[Payload]) -> Iterator[Batch]:
    """Batches in the order of the payloads, none larger than the service takes."""
    batch: Batch = []
    size = _ENVELOPE
    for payload in payloads:
        entry = _entry(payload)
        # The texts are ASCII, so characters are bytes.
        length = len(entry.text) + _COMMA if isinstance(entry, Question) else 0
        if len(batch) == MOST_PAYLOADS or size + length > LARGEST_BATCH:
            yield batch
            batch, size = [], _ENVELOPE
        batch.append(entry)
        size += length
    if batch:
        yield batch


def envelope(questions: Iterable[str]) -> str:
    """The body of one batch."""
    return f'{{"payloads":[{",".join(questions)}]}}'


def _entry(payload: Payload) -> Question | Refused:
    try:
        unverified = parse(payload)
        return Question(unverified, unverified.question())
    except Refused as refusal:
        return refusal
