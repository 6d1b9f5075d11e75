"""Rows in bulk: a service that has been in use for long, without the years.

Uids, nonces and times look as the service writes them; keys of people who will not ask are 64 bytes that nobody has a
private half of. SQLite gets them through one connection that does not wait for the disk, PostgreSQL by COPY.
"""

import base64
import random
import sqlite3
import string
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain, islice

import click
import psycopg
from sqlalchemy import make_url

from benchmarks import server
from benchmarks.databases import Database
from keychain import nonce
from keychain.settings import read

_ALPHABET = string.ascii_letters + string.digits
_COLUMNS = {
    "records": ("uid", "version", "created_at"),
    "pins": ("uid", "role", "public_key", "created_at"),
    "spent_nonces": ("nonce", "uid", "request", "spent_at"),
}

_AT_ONCE = 100_000  # so that the write-ahead log stays small beside the file
_SECOND = timedelta(seconds=1)

Row = tuple[object, ...]


def uids(count: int) -> Iterator[str]:
    """The same ones at each call, in no order, as people come."""
    made_up = random.Random(count)
    for _ in range(count):
        yield base64.b64encode(made_up.randbytes(16)).decode()


def add_people(database: Database, count: int, now: datetime) -> None:
    """As many records, each with two keys that nobody can sign with."""
    made_up = random.Random(-count)
    add(database, "records", count, ((uid, 1, now) for uid in uids(count)))
    add(
        database,
        "pins",
        2 * count,
        chain.from_iterable(
            ((uid, role, made_up.randbytes(64), now) for role in ("ad", "repo")) for uid in uids(count)
        ),
    )


def add_nonces(database: Database, count: int, first: datetime, last: datetime) -> None:
    """As many spent nonces, evenly between two moments."""
    add(database, "spent_nonces", count, nonces(count, first, last))


def nonces(count: int, first: datetime, last: datetime) -> Iterator[Row]:
    """Rows of spent nonces in the order of their times."""
    made_up = random.Random(count)
    step = (last - first) / count
    second, floor = first, nonce.floor(first)
    for number, uid in enumerate(uids(count)):
        moment = first + number * step
        if moment - second >= _SECOND:
            second = moment.replace(microsecond=0)
            floor = nonce.floor(second)
        yield floor + "".join(made_up.choices(_ALPHABET, k=6)), uid, "", second


def add(database: Database, table: str, count: int, rows: Iterable[Row]) -> None:
    """Write many rows at once, and leave nothing for the database to tidy up in the middle of a measurement."""
    write = _add_sqlite if database.kind == "sqlite" else _add_postgresql
    label = f"{database.kind}: {count:,} rows of {table}"
    with click.progressbar(rows, count, label, update_min_steps=_AT_ONCE, file=sys.stderr) as told:
        write(database, table, told)


def _add_sqlite(database: Database, table: str, rows: Iterable[Row]) -> None:
    path = read(server.variables(database)).sqlite_path
    if path is None:
        raise ValueError(database.url)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-4000000")
    marks = ", ".join("?" for _ in _COLUMNS[table])
    insert = f"INSERT INTO {table} ({', '.join(_COLUMNS[table])}) VALUES ({marks})"
    left = iter(rows)
    while some := [tuple(map(_as_sqlite, row)) for row in islice(left, _AT_ONCE)]:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert, some)
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@lru_cache(maxsize=16)
def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _as_sqlite(value: object) -> object:
    return _text(value) if isinstance(value, datetime) else value


def _add_postgresql(database: Database, table: str, rows: Iterable[Row]) -> None:
    address = make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        # No look for the record of each key: it was written just now.
        connection.execute("SET session_replication_role = replica")
        with connection.cursor().copy(f"COPY {table} ({', '.join(_COLUMNS[table])}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute(f"VACUUM ANALYZE {table}")
        connection.execute("CHECKPOINT")
