"""The two databases, as they come: SQLite in a directory, and a PostgreSQL cluster of this run alone.

The cluster keeps its defaults where they cost something: ``fsync`` and ``synchronous_commit`` are on, because a spent
nonce that a power cut brings back was not spent. It listens on a Unix socket alone.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes

KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Database:
    """A directory for the service, the URL it is given, and the id of the database's own server, if it has one."""

    kind: str
    data_dir: Path
    url: str = ""
    server: int | None = None


def cpu_seconds(database: Database) -> float:
    """What the database's own server has used so far; nothing for SQLite, whose work is the service's."""
    return processes.cpu_seconds(database.server) if database.server else 0.0


@contextmanager
def fresh(kind: str) -> Iterator[Database]:
    """A new, empty database of this kind. Nothing of it is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="keychain-bench-") as folder:
        data_dir = Path(folder, "data")
        data_dir.mkdir(mode=0o700)
        if kind == "sqlite":
            yield Database(kind, data_dir)
        else:
            with _cluster() as (url, pid):
                yield Database(kind, data_dir, url, pid)


@contextmanager
def _cluster() -> Iterator[tuple[str, int]]:
    folder = Path(tempfile.mkdtemp(prefix="keychain-bench-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, pwd.getpwnam("postgres").pw_uid)
        as_user = ["runuser", "-u", "postgres", "--"]
    programs = binaries()

    def run(command: str, *arguments: str) -> None:
        subprocess.run([*as_user, str(programs / command), *arguments], check=True, capture_output=True, cwd=folder)

    try:
        run("initdb", "-D", f"{folder}/pg", "-A", "trust", "-U", "keychain", "--no-sync", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
        run("pg_ctl", "-D", f"{folder}/pg", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            run("createdb", "-h", str(folder), "-U", "keychain", "keychain")
            pid = int((folder / "pg" / "postmaster.pid").read_text().split()[0])
            yield f"postgresql+psycopg://keychain@/keychain?host={folder}", pid
        finally:
            run("pg_ctl", "-D", f"{folder}/pg", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def binaries() -> Path:
    """Where the server's programs are."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    return found[-1] if found else Path(shutil.which("initdb") or "initdb").parent
