"""The service and the example sites as ``make run`` starts them, in a process of their own."""

import contextlib
import os
import re
import selectors
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from running import PATIENCE, free_port

from tests.browser.sites import Service

# Every test signs somebody up, all from one address.
GENEROUS = {
    f"KEYCHAIN_{name}_LIMIT": "100000/minute"
    for name in (
        *("SIGN_UP", "RECOVERY", "SIGNER", "ACCOUNT", "REPO", "FIRST_USE"),
        *("PAIRING", "CONFIRMATION", "CONFIRMATIONS", "MAIL"),
    )
}


@dataclass(frozen=True)
class Neighbours:
    service: Service
    shop: str
    other: str

    def uids_of_the_shop(self) -> list[str]:
        """Those that the shop's server has accepted, from its own tables."""
        with contextlib.closing(sqlite3.connect(self.service.data / "shop.db")) as opened:
            return [uid for (uid,) in opened.execute("SELECT uid FROM accounts WHERE uid IS NOT NULL")]


@contextlib.contextmanager
def running(data: Path, **more: str) -> Iterator[Neighbours]:
    """``python -m examples`` on free ports, until the block ends. It logs beside ``data``; ``more`` are variables."""
    ports = {name: free_port() for name in ("service", "shop", "other")}
    options = [part for name, port in ports.items() for part in (f"--{name}-port", str(port))]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEYCHAIN_")}
    log = data.parent / "log"
    with log.open("w") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "examples", *options],
            env={**kept, **GENEROUS, **more, "KEYCHAIN_DATA_DIR": str(data)},
            stdout=subprocess.PIPE,
            stderr=lines,
            text=True,
        )
    try:
        wait_for(process, f"http://shop.localhost:{ports['shop']}", log)
        service = Service.at(f"http://127.0.0.1:{ports['service']}", data)
        yield Neighbours(service, *(f"http://{name}.localhost:{ports[name]}" for name in ("shop", "other")))
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        process.wait()
        process.stdout.close()


def wait_for(process: subprocess.Popen[str], address: str, log: Path) -> None:
    """Read what it prints until it names the address to open."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        while waiting.select(PATIENCE):
            line = process.stdout.readline()
            if re.search(rf"{re.escape(address)}\b", line):
                return
            if not line:
                break
    raise AssertionError(f"the service and the sites did not start: {log.read_text()}")
