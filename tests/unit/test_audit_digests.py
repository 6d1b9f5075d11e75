"""The digests of the audit log, computed a second time as the ADR says, by other code."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest

from keychain.audit import digests
from keychain.audit.events import Event

AT = datetime(2026, 11, 21, 20, 56, 18, 120000, tzinfo=UTC)
EVENT = Event(7, AT, "key_pinned", "BgAgUEDyTuWHOdBSnHzgwA==", '{"role":"ad"}', b"\x00:,-" * 16)


def netstrings(*values: bytes | None) -> bytes:
    return b"".join(b"-" if value is None else str(len(value)).encode() + b":" + value + b"," for value in values)


def test_an_event_is_written_as_documented():
    time = b"2026-11-21T20:56:18.120000+00:00"
    uid = b"BgAgUEDyTuWHOdBSnHzgwA=="
    written = netstrings(
        b"oneid-keychain audit event 1", b"7", time, b"key_pinned", uid, b'{"role":"ad"}', b"\x00:,-" * 16
    )
    assert digests.of_event(EVENT) == hashlib.sha256(written).digest()


def test_a_seal_is_written_as_documented():
    leaves, previous = b"\x01" * 64, b"\x02" * 32
    time = b"2026-11-21T20:56:18.120000+00:00"
    written = netstrings(b"oneid-keychain audit seal 1", b"3", b"7", b"9", b"2", time, previous, leaves)
    assert digests.of_seal(3, 7, 9, 2, AT, previous, leaves) == hashlib.sha256(written).digest()


def test_times_are_written_in_utc_whatever_zone_they_come_in():
    away = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert digests.of_event(Event(7, away, *list(vars(EVENT).values())[2:])) == digests.of_event(EVENT)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": 8},
        {"at": AT + timedelta(microseconds=1)},
        {"kind": "key_pinne", "subject": "d" + EVENT.subject},
        {"subject": EVENT.subject + "3:", "detail": EVENT.detail[2:]},
        {"detail": ""},
        {"public_key": None},
        {"public_key": b""},
        {"public_key": b"-"},
    ],
)
def test_no_two_events_are_written_alike(changed):
    assert digests.of_event(Event(**(vars(EVENT) | changed))) != digests.of_event(EVENT)


def test_no_key_and_an_empty_one_differ():
    without = vars(EVENT) | {"public_key": None}
    assert digests.of_event(Event(**without)) != digests.of_event(Event(**(without | {"public_key": b""})))
