"""Slow-loris, half-open and never-reading clients by the hundred at one worker: everybody else is answered.

Loopback only. The times are those of the others; the house's ceilings are checked with a fivefold slack.
"""

import base64
import contextlib
import json
import os
import re
import signal
import socket
import struct
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from authenticator import Person
from running import PATIENCE, service

from keychain.app import utc_now
from tests.faults import nodes
from tests.faults.lines import Line, Request

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# More than the threads of a worker would be, were they those of its work and of who waits for a person (4 + 200).
BODIES = 300
CLIENTS = 150
OTHERS = 4
ASKED_BY_EACH = 15
P95_SECONDS, SLACK = 1, 5
# The service with a shorter patience than the minute and a half that it has, so that a test can wait for its end.
IMPATIENT = """
from keychain import cli
from keychain.web import stalled
stalled.SECONDS, stalled.LOOK_EVERY_SECONDS = 10, 0.5
cli.main()
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with service(tmp_path_factory.mktemp("slow") / "data", workers="1", first_use_limit="100000/minute") as started:
        yield started


class Slow:
    """Connections of clients that do not behave, held open until the block ends."""

    def __init__(self, url: str) -> None:
        self.address = ("127.0.0.1", int(url.rpartition(":")[2]))
        self.held: list[socket.socket] = []
        self._ended = threading.Event()
        self._dripping = threading.Thread(target=self._drip, daemon=True)
        self._late: list[socket.socket] = []

    def __enter__(self) -> "Slow":
        self._dripping.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._dripping.join()
        for one in self.held:
            one.close()

    def connect(self, receives: int = 0) -> socket.socket:
        one = socket.socket()
        if receives:  # before it connects, or the window is larger already
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        one.settimeout(20)
        one.connect(self.address)
        self.held.append(one)
        return one

    def _drip(self) -> None:
        """A byte now and then, of what never becomes whole."""
        while not self._ended.wait(0.5):
            for one in list(self._late):
                with contextlib.suppress(OSError):
                    one.sendall(b"a")

    def heads(self, count: int) -> None:
        """Slow-loris: a head that comes letter by letter."""
        for _ in range(count):
            one = self.connect()
            one.sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            self._late.append(one)

    def bodies(self, count: int, path: bytes = b"/validate", drips: bool = True) -> None:
        """The half of a body, and then a byte now and then or nothing."""
        for number in range(count):
            one = self.connect()
            length = b"Transfer-Encoding: chunked\r\n\r\nff\r\n" if number % 5 == 0 else b"Content-Length: 4000\r\n\r\n"
            one.sendall(b"POST %b HTTP/1.1\r\nHost: x\r\n%b{" % (path, length))
            if drips and number % 2:
                self._late.append(one)

    def silent(self, count: int) -> None:
        """Connected, and nothing more."""
        for _ in range(count):
            self.connect()

    def vanished(self, count: int) -> None:
        """Gone with a reset in the middle of a body; of every other one the end comes never."""
        self.bodies(count, drips=False)
        for one in self.held[-count::2]:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()

    def never_reading(self, count: int) -> None:
        """Request upon request, and no answer is read."""
        for _ in range(count):
            one = self.connect(receives=2048)
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(200):
                    one.send(b"GET /validate HTTP/1.1\r\nHost: x\r\n\r\n" * 20)


class Others:
    """Sites that validate, each on a connection that stays open and once in a while on a new one."""

    def __init__(self, url: str) -> None:
        fresh = httpx.get(f"{url}/register").json()
        pair = base64.b64encode(f"{fresh['API_ID']}:{fresh['API_KEY']}".encode()).decode()
        self.port = int(url.rpartition(":")[2])
        self.headers = {"Authorization": f"Basic {pair}"}
        self.people = [Person() for _ in range(OTHERS)]

    def ask(self) -> list[float]:
        """The seconds of each answer, shortest first. All of them are a success."""
        with ThreadPoolExecutor(OTHERS) as pool:
            return sorted(time for times in pool.map(self._ask_often, self.people) for time in times)

    def _ask_often(self, person: Person) -> list[float]:
        line, times = Line(self.port), []
        for number in range(ASKED_BY_EACH):
            if number % 5 == 0:
                line.close()
            body = json.dumps(person.payload(utc_now())).encode()
            began = time.perf_counter()
            answer = line.ask(Request("/validate", body, self.headers))
            times.append(time.perf_counter() - began)
            assert answer.code == "success"
        line.close()
        return times


def everybody(slow: Slow) -> None:
    slow.heads(100)
    slow.bodies(100)
    slow.bodies(50, b"/repo/cosign")
    slow.bodies(50, b"/repo/send_2fa")
    slow.silent(100)
    slow.vanished(100)
    slow.never_reading(100)


WAYS = {
    "heads, letter by letter": lambda slow: slow.heads(CLIENTS),
    "half a body": lambda slow: slow.bodies(BODIES),
    "half a batch": lambda slow: slow.bodies(BODIES, b"/validate_batch"),
    "half a body at a door of the repo": lambda slow: slow.bodies(BODIES, b"/repo/cosign"),
    "half a body at send_2fa": lambda slow: slow.bodies(BODIES, b"/repo/send_2fa"),
    "nothing at all": lambda slow: slow.silent(CLIENTS),
    "resets in the middle": lambda slow: slow.vanished(CLIENTS),
    "answers that nobody reads": lambda slow: slow.never_reading(CLIENTS),
    "all of them at once": everybody,
}


@pytest.mark.parametrize("way", WAYS)
def test_slow_clients_do_not_stop_others(running, way):
    others = Others(running.url)
    with Slow(running.url) as slow:
        WAYS[way](slow)
        time.sleep(0.5)  # the server has met them all
        times = others.ask()
    median, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"{way}: {len(slow.held)} of them; others: median {median * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms")
    assert p95 < P95_SECONDS * SLACK


def test_who_stalls_is_cut_off_and_who_is_answered_is_not(tmp_path):
    with service(tmp_path / "data", workers="1", command=(sys.executable, "-c", IMPATIENT)) as started:
        honest = Line(Others(started.url).port)
        with Slow(started.url) as slow:
            slow.bodies(40)
            slow.bodies(20, b"/repo/cosign")
            slow.never_reading(20)
            give_up = time.monotonic() + PATIENCE
            while _cut(started.log) < len(slow.held):
                assert time.monotonic() < give_up
                assert honest.ask(Request("/healthz", method="GET")).status == 200
                time.sleep(0.5)
            made = honest._made
            assert [_is_open(one) for one in slow.held] == [False] * len(slow.held)
            assert honest.ask(Request("/healthz", method="GET")).status == 200
            assert honest._made == made  # on the connection that it had from the beginning
            honest.close()
        assert '"code": "malformed_body"' in started.log.read_text()  # what became of the reads


def _cut(log: Path) -> int:
    """How many connections the service says that it has cut."""
    return sum(map(int, re.findall(r'"connections": (\d+), "event": "stalled connections cut"', log.read_text())))


def _is_open(one: socket.socket) -> bool:
    one.settimeout(0.2)
    try:
        while one.recv(65536):
            pass
    except TimeoutError:
        return True
    except OSError:
        return False
    return False


def test_who_stalls_keeps_no_worker_of_a_killed_server(tmp_path):
    with nodes.running(tmp_path / "node") as node, socket.create_connection(("127.0.0.1", node.port)) as stalling:
        stalling.sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        time.sleep(1)
        os.kill(node.pid, signal.SIGKILL)
        node.await_end()
