"""The real service in processes of its own, for tests of sockets, signals and races."""

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

PATIENCE = 60  # seconds; fifteen times what the slowest start took: the tests share the machine


# Below what the kernel gives out by itself (ip_local_port_range), so that until a service listens there no one else
# comes by it, and past what browsers refuse; each process that tests begins elsewhere.
_PORTS = itertools.cycle(range(10_100, 32_000))
for _ in range(5_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) + os.getppid() % 5_000):
    next(_PORTS)


def free_port() -> int:
    """A port that nobody listens at, and that is not given to anybody before its turn comes again."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port := next(_PORTS)))
            return port


class Running:
    """A started service: its process, its address, and its log."""

    def __init__(self, process: subprocess.Popen[str], url: str, log: Path) -> None:
        self.process, self.url, self.log = process, url, log

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def service(data: Path, *options: str, verify=True, command=(sys.executable, "-m", "keychain"), **setting: str):
    """``keychain serve`` on a free port, until the block ends. ``setting``: KEYCHAIN_* by lower-case name."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEYCHAIN_")}
    named = {f"KEYCHAIN_{name.upper()}": value for name, value in setting.items()}
    log = data.parent / f"log-{port}"
    with log.open("w") as lines:
        process = subprocess.Popen(
            [*command, "serve", "--port", str(port), *options],
            env={**kept, "KEYCHAIN_DATA_DIR": str(data), **named},
            stdout=subprocess.PIPE,
            stderr=lines,
            text=True,
        )
    url = f"{'https' if 'tls_key' in setting else 'http'}://127.0.0.1:{port}"
    try:
        wait_for(url, process, log, verify)
        yield Running(process, url, log)
    finally:
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
        process.kill()
        process.wait()
        process.stdout.close()


def wait_for(url: str, process: subprocess.Popen[str], log: Path, verify) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url, verify=verify)
            return
        time.sleep(0.05)
    raise AssertionError(f"the service did not start: {log.read_text()}")


def workers(process: subprocess.Popen[str]) -> Iterator[int]:
    """The process ids of the workers."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    yield from map(int, listed.split())
