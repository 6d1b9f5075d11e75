"""What a worker counts for the metrics, and how it reports that: off the way of the requests.

A request appends one tuple to a queue and is done. Once a second a thread of the worker's own folds what came into
sums, and sends those that are new to the exporter (``keychain.cli.exporter``) as datagrams, which never wait: where the
exporter does not take them, they are kept and sent later. Nothing here grows with what strangers send: what is not of a
known door, method or code is counted as ``unknown`` or ``other``, and no uid, API ID or address comes here at all.
"""

import json
import os
import socket
import threading
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from keychain import errors
from keychain.web.express import Way

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

EVERY = 1.0  # seconds
# More than a worker answers in a second. Where nothing is folded, memory stays bounded and the oldest are forgotten.
QUEUED_AT_MOST = 16_384
# Sums in one datagram, which so stays below what any system takes.
SUMS_AT_ONCE = 20
# Upper ends, in seconds. The doors of sites take milliseconds; ``send_2fa`` waits for a person for up to 48 s.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

VALIDATE = "/validate"
_JUDGING = {("POST", VALIDATE), ("POST", "/validate_batch")}
_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
_CODES = frozenset({"success", *(error.code for error in errors.every_code())})

Sums: TypeAlias = dict[tuple[str, ...], list[float]]
Answered: TypeAlias = tuple[str, str, str, str, float]


class Meters:
    """The counters of one worker. ``doors`` are the paths that may be named; ``gauges`` say what is so right now."""

    def __init__(self, doors: frozenset[str], gauges: Mapping[str, Callable[[], float]]) -> None:
        self._doors = doors
        self._gauges = gauges
        self._answered: deque[Answered] = deque(maxlen=QUEUED_AT_MOST)
        self._judged: deque[Sequence[str]] = deque(maxlen=QUEUED_AT_MOST)
        self._first_uses: deque[None] = deque(maxlen=QUEUED_AT_MOST)
        self._sums: Sums = {}

    def tally(self, door: str, method: str, status: str, code: str, seconds: float) -> None:
        """One request was answered."""
        self._answered.append((door, method, status, code, seconds))

    def watching(self, ways: Mapping[tuple[str, str], Way]) -> Mapping[tuple[str, str], Way]:
        """The same express ways; what a site is told of each payload is counted, where it is not said by the answer's
        code: first uses, and the payloads of a batch.
        """

        def watched(way: Way) -> Way:
            def judge(environ: "WSGIEnvironment") -> Mapping[str, object] | None:
                members = way(environ)
                if members is not None:
                    self._look_at(members)
                return members

            return judge

        return {of: watched(way) if of in _JUDGING else way for of, way in ways.items()}

    def _look_at(self, members: Mapping[str, Any]) -> None:
        answered = members.get("answers", (members,))
        if "answers" in members:
            self.judged([each.get("code", "success") for each in answered])
        for each in answered:
            if each.get("first_use"):
                self.first_use()

    def judged(self, codes: Sequence[str]) -> None:
        """A batch was answered: ``success`` or the code of the refusal, for each of its payloads."""
        self._judged.append(codes)

    def first_use(self) -> None:
        """A uid was put on record at first sight."""
        self._first_uses.append(None)

    def start(self, sink: socket.socket) -> None:
        """Fold and report once a second, in a thread, for as long as this process lives. After a fork, not before."""
        sink.setblocking(False)
        threading.Thread(target=self._report_forever, args=(sink,), daemon=True).start()

    def _report_forever(self, sink: socket.socket) -> None:
        while True:
            time.sleep(EVERY)
            self.report(sink)

    def report(self, sink: socket.socket) -> None:
        """Fold what came, and send what is new. What is not taken stays, to be sent with the next."""
        self.fold()
        gauges = {name: ask() for name, ask in self._gauges.items()}
        try:
            _send(sink, gauges=gauges)
            while some := dict(islice(self._sums.items(), SUMS_AT_ONCE)):
                _send(sink, sums=[[key, amounts] for key, amounts in some.items()])
                for key in some:
                    del self._sums[key]
        except OSError:  # nobody reads, or not as fast
            return

    def fold(self) -> Sums:
        """Add to the sums what was seen since the last time; by one thread."""
        counts: dict[tuple[str, str, str, str], int] = {}
        while self._answered:
            door, method, status, code, seconds = self._answered.popleft()
            alike = (door, method, status, code)
            counts[alike] = counts.get(alike, 0) + 1
            took = self._took(door)
            took[bisect_left(BUCKETS, seconds)] += 1
            took[-1] += seconds
        for (door, method, status, code), count in counts.items():
            self._count(door, method, status, _known(code, _CODES), count)
        while self._judged:
            for code in self._judged.popleft():
                self._add(("validations", "batch", _known(code, _CODES)), 1)
        while self._first_uses:
            self._first_uses.popleft()
            self._add(("first_uses",), 1)
        return self._sums

    def _took(self, door: str) -> list[float]:
        key = ("seconds", door if door in self._doors else "unknown")
        if key not in self._sums:
            self._sums[key] = [0.0] * (len(BUCKETS) + 2)
        return self._sums[key]

    def _count(self, door: str, method: str, status: str, code: str, count: int) -> None:
        door = door if door in self._doors else "unknown"
        status = status if len(status) == 3 and status.isascii() and status.isdigit() else "other"
        self._add(("requests", door, _known(method, _METHODS), status, code), count)
        if door == VALIDATE and method == "POST":
            self._add(("validations", "alone", code), count)

    def _add(self, key: tuple[str, ...], amount: float) -> None:
        self._sums.setdefault(key, [0.0])[0] += amount


def _known(word: str, words: frozenset[str]) -> str:
    return word if word in words else "other"


def _send(sink: socket.socket, **members: Any) -> None:  # noqa: ANN401 - JSON
    sink.send(json.dumps({"worker": os.getpid(), **members}).encode())
