"""Two databases behind one ``Store``: SQLite on a local disk, or PostgreSQL.

Reads autocommit. A write is one short explicit transaction: ``BEGIN IMMEDIATE`` on SQLite, because a deferred one that
reads and then writes fails under load instead of waiting. A COMMIT returns only when the database has it on disk
(SQLite with ``synchronous=FULL``): see ``docs/adr/0004``. Whatever the database can not do becomes ``Unavailable``;
its own words, which quote statements and parameters, stay in the log's cause and out of every answer.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, Engine, Row, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql import Executable
from sqlalchemy.sql.dml import ReturningInsert

from keychain import errors
from keychain.settings import Settings
from keychain.store import files

# Seconds. Longer than any honest transaction here, shorter than a caller's patience.
LOCK_WAIT = 4
CONNECT_WAIT = 3


class Store:
    """A database, open. Threads share it; each takes a connection of its own from the pool."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._inserts: dict[tuple[Table, tuple[Column[Any], ...]], ReturningInsert[Any]] = {}
        self._begin = "BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN"

    def rows(self, statement: Executable, parameters: dict[str, Any] | None = None) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows of one read, outside any transaction."""
        with self._connection() as connection:
            return connection.execute(statement, parameters).all()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One short write transaction: committed and on disk when the block ends, gone when it raises."""
        with self._connection() as connection:
            connection.exec_driver_sql(self._begin)
            yield connection
            # Without this line the pool rolls back what it gets back, on every way out of the block.
            connection.exec_driver_sql("COMMIT")

    def insert_new(self, table: Table, *returned: Column[Any]) -> ReturningInsert[Any]:
        """An INSERT that leaves an existing row alone, and returns the rows that it wrote and no others.

        What comes back is the proof of having won; a count of rows is none, because one driver answers it with -1.
        """
        if (table, returned) not in self._inserts:  # a statement that is built once is compiled once
            fresh = sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)
            self._inserts[table, returned] = fresh.on_conflict_do_nothing().returning(*returned or table.primary_key)
        return self._inserts[table, returned]

    def now(self) -> datetime:
        """The database's clock, the one that all nodes share."""
        [(moment,)] = self.rows(select(func.now()))
        aware: datetime = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return aware

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                yield connection
        except (DBAPIError, PoolTimeout) as error:
            raise errors.Unavailable from error


def open_store(settings: Settings) -> Store:
    """Open the database that the settings name. Makes the data directory; builds no tables.

    Raises:
        UnusableStore: for a SQLite file where SQLite's promises do not hold.
    """
    if settings.sqlite_path is None:
        return Store(_postgresql(settings))
    files.make_private_directory(settings.data_dir)
    files.check_local(settings.sqlite_path)
    files.make_private_file(settings.sqlite_path)
    return Store(_sqlite(settings))


def _sqlite(settings: Settings) -> Engine:
    engine = create_engine(
        f"sqlite:///{settings.sqlite_path}",
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_size=settings.threads,
        max_overflow=2,
        connect_args={"timeout": LOCK_WAIT},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _postgresql(settings: Settings) -> Engine:
    # TimeZone: a session may be set to any zone, and timestamps come back in it.
    limits = f"-c statement_timeout={LOCK_WAIT}s -c lock_timeout={LOCK_WAIT}s -c TimeZone=UTC"
    return create_engine(
        settings.database_url,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_size=settings.threads,
        max_overflow=2,
        pool_timeout=LOCK_WAIT,
        pool_use_lifo=True,
        connect_args={
            "connect_timeout": CONNECT_WAIT,
            "options": limits,
            "application_name": "keychain",
        },
    )
