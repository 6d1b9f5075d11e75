"""A PostgreSQL cluster of one test's own, to be stopped, hung, cut off and filled up under a service that uses it.

It keeps ``fsync`` and ``synchronous_commit`` on, because a spent nonce that a crash brings back was not spent. It
listens on a Unix socket alone.
"""

import base64
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from keychain.settings import Settings
from keychain.store import schema
from keychain.store.engine import open_store
from tests.faults.nodes import Node, running

PATIENCE = 60  # seconds; many times what the slowest start took
MINE = "faults"  # the application name of connections that are not the service's
_OURS = "backend_type = 'client backend' AND application_name <> %s"


class Cluster:
    """A cluster below ``folder``, made and stopped by ``cluster``."""

    def __init__(self, folder: Path, made_with: Sequence[str] = ()) -> None:
        self.folder, self._made_with = folder, made_with
        self.url = f"postgresql+psycopg://keychain@/keychain?host={folder}"
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # it refuses to run as root
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        self._binaries = found[-1] if found else Path(shutil.which("initdb") or "initdb").parent

    def make(self) -> None:
        """A new cluster that runs, with an empty database whose tables are up to date."""
        if self._as_user:
            shutil.chown(self.folder, pwd.getpwnam("postgres").pw_uid)
        options = ["-A", "trust", "-U", "keychain", "--no-sync", "--locale=C.UTF-8"]
        self._run("initdb", "-D", str(self.data), *options, *self._made_with)
        self.start()
        self._run("createdb", "-h", str(self.folder), "-U", "keychain", "keychain")
        store = open_store(Settings(database_url=self.url))
        schema.upgrade(store)
        store.close()

    @property
    def data(self) -> Path:
        return self.folder / "pg"

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """``fast`` says goodbye to its clients, ``immediate`` is a crash."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    @contextlib.contextmanager
    def stopped(self, mode: str = "fast") -> Iterator[None]:
        self.stop(mode)
        try:
            yield
        finally:
            self.start()

    def restart(self, mode: str = "fast") -> None:
        self.stop(mode)
        self.start()

    def is_running(self) -> bool:
        line = [*self._as_user, str(self._binaries / "pg_ctl"), "-D", str(self.data), "status"]
        return subprocess.run(line, check=False, capture_output=True, cwd=self.folder).returncode == 0

    @contextlib.contextmanager
    def hung(self) -> Iterator[None]:
        """Every process of the server stopped in its tracks: connections stay open, and nothing is answered."""
        stopped = self.processes()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(stopped):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def processes(self) -> list[int]:
        """The server's own process, and one for each connection and duty."""
        server = int((self.data / "postmaster.pid").read_text().split()[0])
        return [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]

    def connect(self) -> psycopg.Connection[Any]:
        """A connection beside those of the service, not cut off with them."""
        return psycopg.connect(
            host=str(self.folder), user="keychain", dbname="keychain", application_name=MINE, autocommit=True
        )

    def rows(self, statement: str, *parameters: object) -> list[Any]:
        with self.connect() as connection:
            return connection.execute(statement.encode(), parameters).fetchall()

    def change(self, *statements: str) -> None:
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def cut(self) -> int:
        """End each of the service's connections, whatever it is doing; how many there were."""
        return len(self.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {_OURS}", MINE))

    @contextlib.contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Nobody writes to ``table``."""
        with self.connect() as holder, holder.transaction():
            holder.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE".encode())
            yield

    def await_waiting(self, count: int) -> None:
        """Until so many of the service's transactions wait for a lock."""
        counted = f"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND {_OURS}"
        deadline = time.monotonic() + PATIENCE
        while self.rows(counted, MINE)[0][0] < count:
            assert time.monotonic() < deadline, "no transaction of the service waits for a lock"
            time.sleep(0.02)

    def _run(self, command: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as_user, str(self._binaries / command), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would be held open by the server that pg_ctl starts
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            raise AssertionError(f"{command} failed: {log.read_text()[-2000:] if log.exists() else done.returncode}")


@contextlib.contextmanager
def cluster(folder: Path | None = None, *made_with: str) -> Iterator[Cluster]:
    """A cluster that runs until the block ends, below ``folder`` or in a new directory that is gone then.

    ``made_with``: what initdb is told besides.
    """
    place = folder or Path(tempfile.mkdtemp(prefix="keychain-fault-"))
    made = Cluster(place, made_with)
    try:
        made.make()
        yield made
    finally:
        if made.is_running():
            made.stop("immediate")
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def two_nodes(
    on: Cluster, folder: Path, variables: dict[str, str] | None = None, **options: Any
) -> Iterator[tuple[Node, Node]]:
    """Two nodes on one cluster, each with a directory of its own, until the block ends.

    ``options``: the fields of both; ``variables``: the environment of the first alone.
    """
    settings = {"master_keys": f"1:{base64.b64encode(secrets.token_bytes(32)).decode()}"} | options.pop("settings", {})
    with (
        running(folder / "one", database_url=on.url, settings=settings, variables=variables or {}, **options) as one,
        running(folder / "two", database_url=on.url, settings=settings, **options) as two,
    ):
        yield one, two
