"""The server under test: ``python -m keychain serve`` as a user starts it, in a process of its own.

Every setting that is not about where things are stays at its default, the log level included; the log goes to a file.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.databases import Database
from keychain.settings import PREFIX

KEYCHAIN = ("-m", "keychain", "serve")
EMPTY = ("-m", "benchmarks.empty")  # the same server around a view that does nothing
BARE = ("-m", "benchmarks.bare")  # and around what a validation is about, with nothing around that

START_SECONDS = 30
STOP_SECONDS = 30  # the server itself lets requests in flight end for ten


class NotStarted(Exception):
    """The server ended, or said nothing; the message is its log."""


@dataclass(frozen=True)
class Server:
    """A running server: the id of its first process, its port, and how long its first answer took."""

    pid: int
    port: int
    seconds_to_first_answer: float

    def cpu_seconds(self) -> float:
        """User and system seconds of all its processes so far."""
        return processes.cpu_seconds(self.pid)

    def peak_memory(self) -> list[int]:
        """The largest resident set of each process, the supervising one first."""
        return processes.peak_memory(self.pid)


def variables(database: Database, port: int = 0) -> dict[str, str]:
    """The settings of a server on ``database``; nothing of the caller's own environment is among them."""
    named = {
        "DATA_DIR": str(database.data_dir),
        "DATABASE_URL": database.url,
        "PORT": str(port or ""),
    }
    return {f"{PREFIX}{name}": text for name, text in named.items() if text}


def environment(database: Database, port: int = 0) -> dict[str, str]:
    """The whole environment of a process of the service on ``database``."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    return inherited | variables(database, port)


@contextmanager
def running(database: Database, command: tuple[str, ...] = KEYCHAIN, **numbers: int) -> Iterator[Server]:
    """A server on ``database`` that has answered once; settings that are ``numbers`` by their names in small letters.

    All its processes are gone afterwards.
    """
    port = free_port()
    environ = environment(database, port) | {f"{PREFIX}{name.upper()}": str(each) for name, each in numbers.items()}
    folder = Path(__file__).parents[1]
    with started([sys.executable, *command], port, environ, folder, database.data_dir / "log") as server:
        yield server


@contextmanager
def started(command: Sequence[str], port: int, environ: Mapping[str, str], folder: Path, log: Path) -> Iterator[Server]:
    """Any server that is to listen on ``port`` and has answered once. All its processes are gone afterwards."""
    began = time.monotonic()
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            env=environ,
            cwd=folder,
            stdout=stderr,
            stderr=stderr,
            start_new_session=True,  # an interrupt at the terminal is ours, and one signal reaches the whole group
        )
    try:
        _wait_for_answer(process, port, log)
        yield Server(process.pid, port, time.monotonic() - began)
    finally:
        _stop(process)


def _wait_for_answer(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as connection:
                connection.sendall(b"GET /make_nonce HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                if connection.recv(1):
                    return
        except OSError:
            pass  # not yet
        time.sleep(0.01)
    raise NotStarted(log.read_text(errors="replace"))


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    finally:
        with suppress(ProcessLookupError):  # none of the group is left, as it should be
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """A port of the loopback address that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
