"""One node of the service, as a user starts it, that is killed and started again on the same port and database.

A node is a process group of its own: the server and its workers. SIGKILL is sent to one of them or to all; nothing is
asked of the service before it, so there is nothing that it could tidy up.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
from crowd import LIMITS
from running import free_port
from sqlalchemy import make_url

from keychain.settings import Settings
from keychain.store import engine, schema

PATIENCE = 30  # seconds; many times what the slowest start took
ROOT = Path(__file__).parents[2]

# Room for a crowd that comes from one address. Nonces stay fresh for the whole run: a replay that is refused because
# it came too late would prove nothing.
SETTINGS = dict.fromkeys(LIMITS, "1000000/minute") | {
    "threads": "4",
    "waiting": "20",
    "register_limit": "1000000/minute",
    "first_use_limit": "1000000/minute",
    "nonce_max_age": "3600",
    "log_level": "WARNING",
}
_READY = b"GET /make_nonce HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Kill:
    """SIGKILL: who got it, when it was sent, and when the last of them was gone."""

    victims: tuple[int, ...]
    sent: float
    gone: float


@dataclass
class Node:
    """A service of several workers. ``settings``: KEYCHAIN_* by lower-case name; ``variables``: the rest of the
    environment. An empty ``database_url`` is SQLite in ``folder``.
    """

    folder: Path
    database_url: str = ""
    workers: int = 4
    settings: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()  # such as a tracer
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def origin(self) -> str:
        """What its browsers call it; proofs are about it."""
        return f"http://id.localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """All that it said on standard error, over all starts."""
        return self.folder / f"log-{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        # No coverage of processes that are killed: what they measured is lost, and half-written files would stay.
        ours = ("KEYCHAIN_", "COVERAGE_")
        kept = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
        named = SETTINGS | {"data_dir": str(self.data), "database_url": self.database_url} | self.settings
        return kept | {f"KEYCHAIN_{name.upper()}": text for name, text in named.items() if text} | self.variables

    def start(self) -> None:
        """Start it, and wait for its first answer."""
        self.spawn()
        self.await_answer()

    def spawn(self) -> None:
        """Start it. Whatever was left of the last start is gone before."""
        self.await_end()
        line = [*self.prefix, sys.executable, "-m", "keychain", "serve"]
        line += ["--port", str(self.port), "--workers", str(self.workers)]
        with self.log.open("ab") as lines:
            self.process = subprocess.Popen(
                line, env=self.environment, cwd=ROOT, stdout=lines, stderr=lines, start_new_session=True
            )

    def command(self, *line: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """What ``keychain`` says to a command line, beside the running service."""
        return subprocess.run(
            [sys.executable, "-m", "keychain", *line],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=check,
        )  # fmt: skip

    def working(self) -> list[int]:
        """The process ids of the workers that are alive."""
        return [pid for pid in self.members() if pid != self.pid]

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def members(self) -> list[int]:
        """Every process of the group that is alive, the server's first."""
        everyone = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return sorted(pid for pid in everyone if _group(pid) == self.pid)

    def kill(self, *victims: int) -> Kill:
        """SIGKILL to these, or to all of its processes; it returns when they are gone."""
        sent = time.monotonic()
        if victims:
            for pid in victims:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        else:
            victims = tuple(self.members())
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        _wait(lambda: not {*victims} & {*self.members()}, "killed processes to end")
        return Kill(victims, sent, time.monotonic())

    def await_answer(self) -> None:
        """Until it answers anything at all."""
        assert self.process is not None

        def answers() -> bool:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"the node ended: {self.last_words()}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as asking:
                asking.sendall(_READY)
                return asking.recv(1) != b""
            return False

        _wait(answers, "an answer", self.last_words)

    def await_workers(self) -> bool:
        """Until as many workers live as should: the server makes new ones of those that were killed. It gives up, and
        ends, where the same one dies twice within seconds; then this is false, and whoever supervises it starts it."""
        assert self.process is not None
        _wait(lambda: self.ended or len(self.working()) >= self.workers, f"{self.workers} workers", self.last_words)
        return not self.ended

    @property
    def ended(self) -> bool:
        """Whether the server is gone."""
        return self.process is None or self.process.poll() is not None

    def await_end(self) -> None:
        """Until no process of the last start is left; who outlives a killed server goes by itself."""
        if self.process is not None:
            _wait(lambda: self.process.poll() is not None and not self.members(), "the last start to end")

    def stop(self) -> None:
        """End it as an operator does, and what that leaves as nobody should have to."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


@contextlib.contextmanager
def running(folder: Path, **options) -> Iterator[Node]:
    """A node that has answered once, until the block ends. ``options``: the fields of a node."""
    folder.mkdir(parents=True, exist_ok=True)
    node = Node(folder, **options)
    try:
        node.start()
        yield node
    finally:
        node.stop()


@contextlib.contextmanager
def database(server: str) -> Iterator[str]:
    """The URL of a new, migrated database on the PostgreSQL server of that URL; other tests' tables are not touched."""
    url = make_url(server)
    name = f"faults_{uuid4().hex}"
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            named = url.set(database=name).render_as_string(hide_password=False)
            store = engine.open_store(Settings(database_url=named))
            schema.upgrade(store)
            store.close()
            yield named
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _group(pid: int) -> int | None:
    """The process group of a living process; a zombie is none."""
    try:
        state, _, group = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:3]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(group)


def _wait(until, what: str, words=lambda: "") -> None:
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline, f"waited in vain for {what}; {words()}"
        time.sleep(0.01)
