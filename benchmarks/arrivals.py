"""Requests that arrive on a schedule, whether or not those before them are answered; how late each answer came.

A client that waits for one answer before it asks again never sees a queue. Here every latency counts from the moment
at which its request was due, on kept connections, so that a server that stands still for a while is late for all that
would have come in meanwhile.
"""

import json
import os
import selectors
import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import databases, identities, load, measure, processes, server
from benchmarks.identities import Identity
from benchmarks.wanted import Wanted

CONNECTIONS = 8
ROUNDS = 5
SECONDS = 3.0
BURST = 1500
WANTED_TIMES = 5.0


@dataclass(frozen=True)
class Late:
    """Seconds: the median and the 99th percentile."""

    median: float
    p99: float

    def text(self) -> str:
        """In milliseconds."""
        return f"median {self.median * 1e3:.2f} ms, 99th percentile {self.p99 * 1e3:.2f} ms"


@dataclass(frozen=True)
class HalfLoad:
    """Validations at half of what one worker can answer: medians of the rounds. ``stolen`` is the share of the
    machine's processors that its host gave to others meanwhile, which a percentile shows first.
    """

    database: str
    throughput: float
    per_second: float
    late: Late
    stolen: float

    def text(self) -> str:
        """One line of the report."""
        return (
            f"{self.database}: {self.per_second:.0f} validations a second, half of {self.throughput:.0f}:"
            f" {self.late.text()}; its host gave {self.stolen:.1%} of the processors to others meanwhile"
        )

    def wanted(self) -> list[Wanted]:
        """Few may wait much longer than most."""
        times = self.late.p99 / self.late.median
        return [Wanted(f"99th percentile at half load, times the median, {self.database}", times, WANTED_TIMES)]


def half_load(kind: str, people: Sequence[Identity], rounds: int = ROUNDS, seconds: float = SECONDS) -> HalfLoad:
    """Find what one worker answers in a second, and ask for half of it."""
    with databases.fresh(kind) as database:
        site = measure.prepare(database, people)
        with server.running(database) as running:
            bursts = []
            for _ in range(3):
                asking = identities.requests(people[:BURST], site)
                bursts.append(len(asking) / load.send(running.port, asking, connections=4))
            throughput = max(bursts)
            found = []
            began, stolen = time.monotonic(), processes.stolen_seconds()
            for _ in range(rounds):
                count = min(len(people), int(throughput / 2 * seconds))
                found.append(late(on_schedule(running.port, identities.requests(people[:count], site), throughput / 2)))
            lost = (processes.stolen_seconds() - stolen) / (time.monotonic() - began) / (os.cpu_count() or 1)
    median = Late(statistics.median(one.median for one in found), statistics.median(one.p99 for one in found))
    return HalfLoad(kind, throughput, throughput / 2, median, lost)


def late(seconds: Sequence[float]) -> Late:
    """What the distribution says."""
    return Late(statistics.median(seconds), statistics.quantiles(seconds, n=100, method="inclusive")[98])


def on_schedule(port: int, asking: Sequence[bytes], per_second: float, connections: int = CONNECTIONS) -> list[float]:
    """Ask evenly, so many a second; how many seconds after it was due each was answered.

    Raises:
        WrongAnswer: unless each succeeded.
    """
    client = _Client(port, connections)
    try:
        return client.run(asking, per_second)
    finally:
        client.close()


class _Client:
    def __init__(self, port: int, connections: int) -> None:
        self._idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
        self._all = list(self._idle)
        # select(2), because epoll(7) as Python calls it counts in whole milliseconds.
        self._answers = selectors.SelectSelector()
        for connection in self._all:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._answers.register(connection, selectors.EVENT_READ)
        self._received = dict.fromkeys(self._all, b"")
        self._due: dict[socket.socket, float] = {}
        self._late: list[float] = []
        self._bodies: list[bytes] = []

    def run(self, asking: Sequence[bytes], per_second: float) -> list[float]:
        began = time.monotonic() + 0.01
        sent = 0
        while len(self._late) < len(asking):
            due = began + sent / per_second
            if sent < len(asking) and self._idle and due <= time.monotonic():
                connection = self._idle.pop()
                self._due[connection] = due
                connection.sendall(asking[sent])
                sent += 1
                continue
            patience = load.ANSWER_SECONDS if sent == len(asking) or not self._idle else due - time.monotonic()
            ready = self._answers.select(max(patience, 0))
            if not ready and patience == load.ANSWER_SECONDS:
                raise load.WrongAnswer("no answer")
            for key, _ in ready:
                self._read(key.fileobj)  # type: ignore[arg-type] # what was registered
        for body in self._bodies:
            if json.loads(body)["errorcode"] != 0:
                raise load.WrongAnswer(body.decode())
        return self._late

    def close(self) -> None:
        self._answers.close()
        for connection in self._all:
            connection.close()

    def _read(self, connection: socket.socket) -> None:
        more = connection.recv(1 << 16)
        if not more:
            raise load.WrongAnswer("the server closed the connection")
        self._received[connection] += more
        body = load.whole_body(self._received[connection])
        if body is not None:
            self._late.append(time.monotonic() - self._due.pop(connection))
            self._bodies.append(body)
            self._received[connection] = b""
            self._idle.append(connection)
