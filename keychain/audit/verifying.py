"""Verifying the audit log: every seal and every event that it covers is computed anew.

It finds what was changed, taken away or put in after it was sealed, and where. Who rewrites all of it, with every seal
from there on, or cuts off the end, is found only by a digest that was kept elsewhere (``expected``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from keychain import errors
from keychain.audit import digests, events, seals
from keychain.audit.seals import Seal
from keychain.store import audit_triggers
from keychain.store.engine import Session, Store


@dataclass(frozen=True)
class Verdict:
    """What was found, in words that say where; the newest seal; and what is not sealed yet."""

    findings: list[str]
    newest: Seal | None
    unsealed: int
    unsealed_since: datetime | None


def verify(store: Store, expected: Mapping[int, bytes] | None = None) -> Verdict:
    """Look at everything. ``expected`` are digests of seals, by number, that were kept elsewhere."""
    findings = [f"trigger {name} is not there, or is off" for name in audit_triggers.missing(store)]
    awaited = dict(expected or {})
    before: Seal | None = None
    since: datetime | None = None
    count = 0
    with store.session() as session:
        try:
            while page := seals.read(session, before.number if before else 0, 1):
                [seal] = page
                findings += [f"seal {seal.number}: {what}" for what in _of_seal(seal, before)]
                findings += [
                    f"seal {seal.number}: {what}" for what in _of_events(session, seal, before, store.is_sqlite)
                ]
                if awaited.pop(seal.number, seal.digest) != seal.digest:
                    findings.append(f"seal {seal.number}: it is not the one that was expected")
                before = seal
            findings += [f"seal {number}: it is not there, and was expected" for number in sorted(awaited)]
            last = before.last_id if before else None
            while batch := events.read(session, last):  # nothing proves them, but each has to be readable to be sealed
                since = since or batch[0].at
                count, last = count + len(batch), batch[-1].id
        except (ValueError, TypeError, OverflowError, errors.Unavailable) as error:
            _pass_unreadable(error)
            findings.append(f"what comes after seal {before.number if before else 0} can not be read any more")
    return Verdict(findings, before, count, since)


def _pass_unreadable(error: Exception) -> None:
    """Raise again what is wrong with the database, and not with what somebody wrote into it: SQLite keeps anything in
    any column, also what is no time, or no text.
    """
    if isinstance(error, errors.Unavailable) and "decode" not in str(error.__cause__):
        raise error


def _of_seal(seal: Seal, before: Seal | None) -> Iterator[str]:
    """What is wrong with a seal by itself, and with its place."""
    if seal.number != (before.number + 1 if before else 1):
        yield "seals before it are missing"
    elif seal.previous != (before.digest if before else b"") or (before and seal.first_id <= before.last_id):
        yield "it does not follow the one before it"
    about = (seal.number, seal.first_id, seal.last_id, seal.events, seal.sealed_at, seal.previous, seal.leaves)
    if digests.of_seal(*about) != seal.digest or len(seal.leaves) != seal.events * digests.BYTES:
        yield "it was changed"


def _of_events(session: Session, seal: Seal, before: Seal | None, is_sqlite: bool) -> Iterator[str]:
    """What is wrong with the events that a seal covers. All between two seals are those of the later one."""
    if seal.number == 1:
        after = None
    elif before and seal.number == before.number + 1:
        after = before.last_id
    else:  # of what seals that are missing covered, nothing can be said
        after = seal.first_id - 1
    try:
        present = _all(session, after, seal.last_id)
    except (ValueError, errors.Unavailable) as error:
        _pass_unreadable(error)
        yield f"an event from {seal.first_id} to {seal.last_id} was changed, and can not be read any more"
        return
    ids, found = list(present), list(present.values())
    leaves = [seal.leaves[at : at + digests.BYTES] for at in range(0, len(seal.leaves), digests.BYTES)]
    if leaves != found:
        yield from _differences(leaves, found, ids)
    elif is_sqlite:
        yield from (f"event {id_} was changed" for id_ in events.misdated(session, seal.first_id - 1, seal.last_id))


def _all(session: Session, after: int | None, up_to: int) -> dict[int, bytes]:
    """The digests of events by their ids. Who put in a million is not let fill the memory with them."""
    present: dict[int, bytes] = {}
    while page := events.read(session, after, up_to):
        present |= {event.id: digests.of_event(event) for event in page}
        after = page[-1].id
        if len(present) > 2 * seals.BATCH:
            break
    return present


def _differences(leaves: list[bytes], found: list[bytes], ids: list[int]) -> Iterator[str]:
    matched = SequenceMatcher(None, leaves, found, autojunk=False)
    for what, since, until, first, last in matched.get_opcodes():
        if what == "equal":
            continue
        changed = min(until - since, last - first)
        yield from (f"event {id_} was changed" for id_ in ids[first : first + changed])
        yield from (f"event {id_} was put in" for id_ in ids[first + changed : last])
        if lost := until - since - changed:
            behind = f"after event {ids[last - 1]}" if last else "at its beginning"
            yield f"{lost} {'event is' if lost == 1 else 'events are'} missing {behind}"
