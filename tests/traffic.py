"""Load from threads of a test: deeds in a loop, with what was answered to each, when, and how long it took."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 20
REPLAYS = {"replayed_proof", "replayed_nonce"}


@dataclass
class Answered:
    """One deed that was done: its name, when its answer came, how long it took, and what is to be remembered of it."""

    name: str
    at: float
    took: float
    what: Any


class Unanswered(Exception):
    """What was asked was done, and its connection closed before the answer: sent again, it is a replay."""


@dataclass
class Traffic:
    """What came of all deeds so far."""

    answered: list[Answered] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def of(self, name: str, before: float = float("inf")) -> list[Any]:
        return [each.what for each in list(self.answered) if each.name == name and each.at < before]

    def slowest_twentieth(self, name: str, since: float, until: float) -> float:
        """The 95th percentile of what deeds took that were answered in between."""
        took = sorted(each.took for each in self.answered if each.name == name and since <= each.at <= until)
        assert took, "nothing was answered"
        return took[int(len(took) * 0.95)]


# What a thread does in each round; each deed yields its name before it begins, and returns what to remember.
Deeds = Callable[[], list[tuple[str, Callable[[], Any]]]]


@contextmanager
def running(make: Deeds, threads: int = 4) -> Iterator[Traffic]:
    """Threads that do their deeds over and over until the block ends."""
    traffic, stop = Traffic(), threading.Event()

    def go() -> None:
        try:
            deeds = make()
        except Exception as error:  # noqa: BLE001 - as below
            traffic.failed.append(f"not begun: {error!r}")
            return
        while not stop.is_set():
            for name, deed in deeds:
                began = time.monotonic()
                try:
                    what = deed()
                except Unanswered:
                    traffic.unanswered.append(name)
                    continue
                except Exception as error:  # noqa: BLE001 - each is a failure of the test, and is shown by it
                    traffic.failed.append(f"{name}: {error!r}")
                    continue
                now = time.monotonic()
                traffic.answered.append(Answered(name, now, now - began, what))

    started = [threading.Thread(target=go) for _ in range(threads)]
    for thread in started:
        thread.start()
    try:
        yield traffic
    finally:
        stop.set()
        for thread in started:
            thread.join(PATIENCE)


def asking(url: str) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Asks a served application, over a new connection each time, as old clients and many proxies do.

    Where a connection is closed without a word, the very same bytes are sent once more, as clients do. Whatever may be
    done once alone (a proof, a nonce) so shows whether the first had been begun: it is refused as a replay then.
    """
    host, port = url.removeprefix("http://").split(":")

    def ask(*line: Any, **options: Any):
        try:
            return once(*line, **options)
        except (ConnectionResetError, BrokenPipeError):  # http.client.RemoteDisconnected is one
            status, members = once(*line, **options)
            if members.get("code") in REPLAYS:
                raise Unanswered from None
            return status, members

    def once(path: str, body: bytes = b"", headers: Mapping[str, str] = {}, method: str = "POST"):
        connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    return ask
