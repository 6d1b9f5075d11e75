"""Backups of a PostgreSQL database, by its own ``pg_dump``, ``pg_restore`` and ``psql``.

A restore is one transaction: it drops what is there, brings back what was dumped, writes the floor under nonces, and
commits. The COMMIT is sent last, by this process; so killed at any moment it leaves the database as it was. A password
never stands on a command line.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, NoReturn

from sqlalchemy import make_url, text

from keychain.store import files, floor, schema
from keychain.store.engine import Store
from keychain.store.files import UnusableStore
from keychain.store.tables import metadata

OURS = {"alembic_version", "sites", "records", "pins", "spent_nonces", "nonce_floor", "master_key_marks"}
CHUNK = 1 << 20

_PLACES = Path("/usr/lib/postgresql")  # where Debian keeps the programs of each version
_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE (\S+) (\S+) ", re.MULTILINE)
_REVISION = re.compile(r"^COPY \S*alembic_version .*;\n(\S+)\n\\\.$", re.MULTILINE)

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'keychain'"
    " AND pid <> pg_backend_pid()"
)
_THERE = text(
    "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(:schema) AND relkind IN ('r', 'p', 'v', 'm')"
)
# What is there goes, functions of triggers too: what was dumped may be from before them.
_EMPTIED = """BEGIN;
SET LOCAL lock_timeout = '10s';
DO $$ DECLARE each text; BEGIN
  FOR each IN SELECT format('DROP TABLE IF EXISTS %I.%I CASCADE', '{schema}', relname) FROM pg_class
    WHERE relnamespace = to_regnamespace('{schema}') AND relkind IN ('r', 'p') LOOP EXECUTE each; END LOOP;
  FOR each IN SELECT format('DROP ROUTINE IF EXISTS %I.%I(%s) CASCADE', '{schema}', proname,
      pg_get_function_identity_arguments(pg_proc.oid)) FROM pg_proc
    WHERE pronamespace = to_regnamespace('{schema}') AND pg_get_userbyid(proowner) = current_user
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid
        AND deptype = 'e') LOOP EXECUTE each; END LOOP;
END $$;
"""
# By both clocks: nothing is spent in tables that were dropped, so now is late enough.
_FLOORED = """
DELETE FROM {schema}.nonce_floor;
INSERT INTO {schema}.nonce_floor SELECT max(each COLLATE "C") FROM (VALUES ('{floor}'), (to_char(
  (clock_timestamp() + interval '{ahead} s') AT TIME ZONE 'UTC', '"001"YYYY-MM-DD"T"HH24:MI:SS"Z"'))) AS both_of (each);
COMMIT;
"""


@dataclass(frozen=True)
class Dump:
    """A file that ``make`` wrote, and what it was found to hold."""

    path: Path
    schema: str
    revision: str
    tables: frozenset[str]


def make(store: Store, url: str, target: Path, now: datetime) -> None:
    """Write a dump to ``target``: one consistent state. It appears when it is whole and on disk.

    Raises:
        UnusableStore: if that can not be.
    """
    program = _program("pg_dump", _server(store))
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as part:
        written = Path(part.name)  # made with mode 0600
        try:
            with _at(url) as database:
                _run(program, "--format=custom", "--no-owner", "--no-privileges", f"--file={written}", database)
            _read(store, written)
            os.fsync(part.fileno())
            os.utime(written, (now.timestamp(), now.timestamp()))
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
    files.keep_names(target.parent)


def look(store: Store, path: Path) -> Dump:
    """What a file holds.

    Raises:
        UnusableStore: if it is no dump of this service, is damaged, or was made by a later version.
    """
    dump = _read(store, path)
    if schema.is_newer(dump.revision):
        raise UnusableStore(f"{path} was made by a later version (tables at {dump.revision}); install that one")
    return dump


def _read(store: Store, path: Path) -> Dump:
    program = _program("pg_restore", _server(store))
    try:
        found = {name: place for place, name in _TABLE.findall(_run(program, "--list", str(path)))}
        versions = _run(program, "--data-only", "--table=alembic_version", "--file=-", str(path))
        with Path(os.devnull).open("wb") as nowhere:  # all of it has to be readable
            _run(program, "--file=-", str(path), into=nowhere)
    except UnusableStore as error:
        raise UnusableStore(f"{path} is no backup of this service, or it is damaged: {error}") from error
    revision = _REVISION.search(versions)
    if not found.keys() >= OURS or revision is None:
        raise UnusableStore(f"{path} is no backup of this service")
    return Dump(path, found["nonce_floor"], revision[1], frozenset(found))


def check_alone(store: Store, dump: Dump) -> None:
    """Pass a database that nobody uses and that holds nothing of anybody else.

    Raises:
        UnusableStore: otherwise.
    """
    with store.session() as session:
        [(others,)] = session.rows(_OTHERS)
        if others:
            raise UnusableStore(f"{others} connections of the service are open; stop `keychain serve` on every node")
        there = {row.relname for row in session.rows(_THERE, {"schema": dump.schema})}
    if strange := there - metadata.tables.keys() - dump.tables - {"alembic_version"}:
        raise UnusableStore(
            f"the database holds tables that are not of this service ({', '.join(sorted(strange)[:3])}); restore into a"
            " database of its own"
        )


def restore(store: Store, url: str, dump: Dump, clock: Callable[[], datetime]) -> None:
    """Let a dump take the place of what is in the database, with the floor under nonces, and bring it up to date.

    Raises:
        UnusableStore: if that can not be; the database is as it was then.
    """
    reading = [_program("pg_restore", _server(store)), "--no-owner", "--no-privileges", "--file=-", str(dump.path)]
    with _at(url) as database, tempfile.TemporaryFile() as said:
        writing = [
            _program("psql", 0),
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--output=/dev/null",
            database,
        ]
        with subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            writing, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        ) as psql:
            assert psql.stdin is not None  # noqa: S101 - it was asked for
            with suppress(BrokenPipeError):  # psql has said why it ended
                psql.stdin.write(_EMPTIED.format(schema=dump.schema).encode())
                if _pass_on(reading, psql.stdin):
                    end = {"floor": floor.text(clock()), "ahead": int(floor.AHEAD.total_seconds())}
                    psql.stdin.write(_FLOORED.format(schema=dump.schema, **end).encode())
                psql.stdin.close()
        if psql.returncode:
            _refuse("psql", said)
    schema.upgrade(store)


def _pass_on(reading: list[str], to: IO[bytes]) -> bool:
    """Whether all of a dump was read and passed on."""
    with subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
        reading, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as source:
        assert source.stdout is not None  # noqa: S101 - it was asked for
        shutil.copyfileobj(source.stdout, to, CHUNK)
    if source.returncode:
        to.write(b"DO $$ BEGIN RAISE EXCEPTION 'the backup can not be read to its end'; END $$;\n")
    return not source.returncode


def _server(store: Store) -> int:
    """The server's major version."""
    with store.session() as session:
        [(number,)] = session.rows(text("SHOW server_version_num"))
    return int(number) // 10000


def _program(name: str, version: int) -> str:
    """One of PostgreSQL's programs, of at least the server's version: an older one can not read from a newer server."""
    placed = sorted(_PLACES.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    for candidate in (*map(str, placed), shutil.which(name)):
        if candidate is not None and _version(candidate) >= version:
            return candidate
    raise UnusableStore(f"{name} of PostgreSQL {version or 'any version'} is not here; install postgresql-client")


def _version(program: str) -> int:
    said = subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


def _run(program: str, *arguments: str, into: IO[bytes] | int = subprocess.PIPE) -> str:
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(  # noqa: S603 - nothing in it comes from outside
            [program, *arguments], stdin=subprocess.DEVNULL, stdout=into, stderr=said, check=False
        )
        if done.returncode:
            _refuse(Path(program).name, said)
    return (done.stdout or b"").decode(errors="replace")


def _refuse(program: str, said: IO[bytes]) -> NoReturn:
    said.seek(0)
    lines = said.read(CHUNK).decode(errors="replace").splitlines()
    raise UnusableStore(lines[0] if lines else f"{program} failed")


@contextmanager
def _at(url: str) -> Iterator[str]:
    """The argument that says where the database is. The password stands in a private file while it is needed."""
    parts = make_url(url)
    query = {name: value if isinstance(value, str) else ",".join(value) for name, value in parts.query.items()}
    password = parts.password or query.pop("password", None)
    if "sslpassword" in query:
        raise UnusableStore("sslpassword in KEYCHAIN_DATABASE_URL would be seen by all; use pg_dump by yourself")
    named = {"host": parts.host, "port": parts.port, "user": parts.username, "dbname": parts.database} | query
    with tempfile.NamedTemporaryFile("w", prefix="keychain-") as kept:
        if password is not None:
            escaped = str(password).replace("\\", "\\\\").replace(":", "\\:")
            kept.write(f"*:*:*:*:{escaped}\n")
            kept.flush()
            named["passfile"] = kept.name
        from psycopg.conninfo import make_conninfo  # the driver is 9 MB that a worker need not carry

        yield "--dbname=" + make_conninfo(**{name: str(value) for name, value in named.items() if value is not None})
