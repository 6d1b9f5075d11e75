"""Backups of a PostgreSQL database, by its own ``pg_dump``, ``pg_restore`` and ``psql``.

A restore is one transaction: it drops what is there, brings back what was dumped, writes the floor under nonces, and
commits. The COMMIT is sent last, by this process; so killed at any moment it leaves the database as it was. A database
that holds anything of others is refused: it would be taken back with ours.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from keychain.settings import of_a_child
from keychain.store import dump_sql, files, floor, schema
from keychain.store import postgresql_programs as programs
from keychain.store.engine import Store
from keychain.store.files import UnusableStore
from keychain.store.tables import metadata

OURS = {"alembic_version", "sites", "records", "pins", "spent_nonces", "nonce_floor", "master_key_marks"}
HEAD_LINES = 30  # of what pg_restore writes, before there can be any data

_HEADER = b"PGDMP"
_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA )(\S+) (\S+) ", re.MULTILINE)
_REVISION = re.compile(r"^COPY \S*alembic_version .*;\n(\S+)\n\\\.$", re.MULTILINE)
# A newer pg_restore says it to servers that do not know it: 17 was the first that does.
_TOO_NEW, _KNOWN_SINCE = b"SET transaction_timeout = 0;\n", 17


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
    _check_ours(store, frozenset())
    program = programs.program("pg_dump", programs.server(store))
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as part:
        written = Path(part.name)  # made with mode 0600
        try:
            database, secret = programs.reach(url)
            only = f'--schema="{_schema(store)}"'  # a pattern: quoted, it is a name
            line = ("--format=custom", "--no-owner", "--no-privileges", only, f"--file={written}", database)
            programs.run(program, *line, knowing=secret)
            _check_ours(store, _read(store, written).tables)
            os.fsync(part.fileno())
            os.utime(written, (now.timestamp(), now.timestamp()))
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
    files.keep_names(target.parent)


def is_one(path: Path) -> bool:
    """Whether a file begins like a dump."""
    with path.open("rb") as opened:
        return opened.read(len(_HEADER)) == _HEADER


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
    program = programs.program("pg_restore", programs.server(store))
    try:
        found = {name: place for place, name in _TABLE.findall(programs.run(program, "--list", str(path)))}
        versions = programs.run(program, "--data-only", "--table=alembic_version", "--file=-", str(path))
        with Path(os.devnull).open("wb") as nowhere:  # all of it has to be readable
            programs.run(program, "--file=-", str(path), into=nowhere)
    except UnusableStore as error:
        raise UnusableStore(f"{path} is no backup of this service, or it is damaged: {error}") from error
    revision = _REVISION.search(versions)
    if not found.keys() >= OURS or revision is None:
        raise UnusableStore(f"{path} is no backup of this service")
    return Dump(path, found["nonce_floor"], revision[1], frozenset(found))


def check_alone(store: Store, dump: Dump) -> None:
    """Pass a database that nobody else uses, and whose tables are ours and will stand where this service looks.

    Raises:
        UnusableStore: otherwise.
    """
    with store.session() as session:
        [(others,)] = session.rows(dump_sql.OTHERS)
    here = _schema(store)
    if others:
        raise UnusableStore(f"{others} connections of the service are open; stop `keychain serve` on every node")
    if here != dump.schema:
        raise UnusableStore(
            f"the backup's tables are in the schema {dump.schema}, and the service looks into {here}; set the"
            f" role's search_path to {dump.schema}"
        )
    _check_ours(store, dump.tables)


def _schema(store: Store) -> str:
    """Where the service's tables stand, or would be made."""
    with store.session() as session:
        [(here,)] = session.rows(dump_sql.SCHEMA)
    return str(here)


def _check_ours(store: Store, dumped: frozenset[str]) -> None:
    with store.session() as session:
        there = {str(name) for by in (dump_sql.RELATIONS, dump_sql.ROUTINES) for (name,) in session.rows(by)}
    if strange := (there | dumped) - metadata.tables.keys() - {"alembic_version"}:
        raise UnusableStore(
            f"the database holds what is not of this service ({', '.join(sorted(strange)[:3])}), and a restore would"
            " take it back as well; let the service have a database of its own"
        )


def restore(
    store: Store, url: str, dump: Dump, taken: datetime, clock: Callable[[], datetime], detail: dict[str, str]
) -> None:
    """Let a dump take the place of what is in the database, with the floor under nonces, and bring it up to date. The
    rights of others at the tables stay. ``taken`` is when it was made; ``detail`` goes with the event of it.

    Raises:
        UnusableStore: if that can not be; the database is as it was then.
    """
    version = programs.server(store)
    reader = programs.program("pg_restore", version)
    reading = [reader, "--no-owner", "--no-privileges", f"--schema={dump.schema}", "--file=-", str(dump.path)]
    database, secret = programs.reach(url)
    writing = [programs.psql(reader), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", database]
    with store.session() as session:
        grants = [(str(grant), str(name)) for grant, name in session.rows(dump_sql.GRANTS)]
    words = _Words(dump, taken)
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            writing, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=of_a_child(secret)
        ) as psql:
            assert psql.stdin is not None  # noqa: S101 - it was asked for
            with suppress(BrokenPipeError):  # psql has said why it ended
                psql.stdin.write(words.begun())
                if _pass_on(reading, psql.stdin, version):
                    psql.stdin.write(words.ended(clock(), grants, detail))
                psql.stdin.close()
        if psql.returncode:
            programs.refuse("psql", said)
    schema.upgrade(store)
    with store.session() as session, session.transaction() as connection:
        for grant, _ in grants:  # at tables, too, that are of a later version than what was dumped
            connection.exec_driver_sql(grant)


class _Words:
    """What is said before and after a dump."""

    def __init__(self, dump: Dump, taken: datetime) -> None:
        self._dump, self._taken = dump, floor.text(taken)
        self._named = {"schema": _quoted(dump.schema), "ahead": int(floor.AHEAD.total_seconds())} | {
            "form": dump_sql.FORM
        }

    def begun(self) -> bytes:
        return dump_sql.BEGUN.format(**self._named).encode()

    def ended(self, now: datetime, grants: list[tuple[str, str]], detail: dict[str, str]) -> bytes:
        """The floor, the event, the rights, and the COMMIT."""
        late = {"taken": self._taken, "floor": floor.text(now), "slack": int(floor.SLACK.total_seconds())}
        table, behind = self._in_schema("nonce_floor"), _quoted(floor.BEHIND)
        parts = [dump_sql.FLOORED.format(table=table, behind=behind, **late, **self._named)]
        if "audit_events" in self._dump.tables:
            noted = {"table": self._in_schema("audit_events"), "detail": _quoted(json.dumps(detail))}
            parts.append(dump_sql.NOTED.format(**noted))
        for grant, name in grants:
            parts.append(dump_sql.GRANTED.format(grant=grant, name=_quoted(self._in_schema(name))))
        return "".join([*parts, dump_sql.COMMITTED]).encode()

    def _in_schema(self, table: str) -> str:
        escaped = self._dump.schema.replace('"', '""')
        return f'"{escaped}"."{table}"'


def _quoted(value: str) -> str:
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def _pass_on(reading: list[str], to: IO[bytes], version: int) -> bool:
    """Whether all of a dump was read and passed on."""
    with subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
        reading, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as source:
        assert source.stdout is not None  # noqa: S101 - it was asked for
        to.writelines(_head(source.stdout, version))
        shutil.copyfileobj(source.stdout, to, programs.CHUNK)
    if source.returncode:
        to.write(b"DO $$ BEGIN RAISE EXCEPTION 'the backup can not be read to its end'; END $$;\n")
    return not source.returncode


def _head(source: IO[bytes], version: int) -> Iterator[bytes]:
    for _ in range(HEAD_LINES):
        line = source.readline()
        if line != _TOO_NEW or version >= _KNOWN_SINCE:
            yield line
