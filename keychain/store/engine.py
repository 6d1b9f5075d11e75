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
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Table,
    bindparam,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql import Executable
from sqlalchemy.sql.dml import ReturningInsert, UpdateBase

from keychain import errors
from keychain.settings import Settings
from keychain.store import files

# Seconds. Longer than any honest transaction here, shorter than a caller's patience.
LOCK_WAIT = 4
CONNECT_WAIT = 3

Values = dict[str, Any] | list[dict[str, Any]]


class Session:
    """One connection, for as long as one request needs it. It belongs to one thread."""

    def __init__(self, connection: Connection, begin: str) -> None:
        self._connection = connection
        self._begin = begin

    def rows(self, statement: Executable, parameters: Values | None = None) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows that a statement returns. Outside ``transaction`` it is a transaction of its own."""
        with _or_unavailable():
            return self._connection.execute(statement, parameters).all()

    def changed(self, statement: UpdateBase) -> int:
        """How many rows an UPDATE or DELETE changed."""
        with _or_unavailable():
            return self._connection.execute(statement).rowcount

    def change_each(self, statement: UpdateBase, each: list[dict[str, Any]]) -> None:
        """Run an UPDATE once for each of these parameters, in one go."""
        if each:
            with _or_unavailable():
                self._connection.execute(statement, each)

    def add(self, table: Table, values: Values) -> None:
        """Insert one row, or several in one statement."""
        with _or_unavailable():
            self._connection.execute(table.insert(), values)

    def add_new(self, table: Table, values: Values, *returned: Column[Any]) -> Sequence[Row[*tuple[Any, ...]]]:
        """Insert what is not there yet, leave alone what is, and return the rows that were written: their keys, or the
        ``returned`` columns.

        What comes back is the proof of having won; a count of rows is none, because one driver answers it with -1.
        """
        return self.rows(_insert_new(self._connection.dialect.name, table, returned), values)

    def add_new_if(
        self, condition: ColumnElement[bool], table: Table, values: dict[str, Any]
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """As ``add_new``, but nothing is written unless ``condition`` holds in the very statement that writes.

        The condition may speak of ``given`` columns. It is kept for good, so it has to be a constant.
        """
        statement = _insert_new_if(self._connection.dialect.name, table, condition, tuple(values))
        return self.rows(statement, {given(table.c[name]).key: value for name, value in values.items()})

    def now(self) -> datetime:
        """The database's clock, the one that all nodes share."""
        [(moment,)] = self.rows(select(func.now()))
        aware: datetime = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return aware

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One short write transaction: committed and on disk when the block ends, gone when it raises."""
        with _or_unavailable():
            self._connection.exec_driver_sql(self._begin)
            try:
                yield self._connection
                self._connection.commit()
            finally:
                self._connection.rollback()  # after a commit there is nothing to take back


class Store:
    """A database, open. Threads share it; each session takes a connection of its own from the pool."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A connection to read and write with.

        Raises:
            Unavailable: whenever the database can not, here and from every method of the session.
        """
        with _or_unavailable(), self.engine.connect() as connection:
            yield Session(connection, "BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_store(settings: Settings) -> Store:
    """Open the database that the settings name. Makes the data directory; builds no tables.

    Raises:
        UnusableStore: for a file that can not be made, or where SQLite's promises do not hold; for a URL that is none.
    """
    if settings.sqlite_path is None:
        return Store(_postgresql(settings))
    try:
        files.make_private_directory(settings.data_dir)
        files.check_local(settings.sqlite_path)
        files.make_private_file(settings.sqlite_path)
    except OSError as error:
        raise files.UnusableStore(f"{settings.sqlite_path} can not be opened ({error.strerror})") from error
    return Store(_sqlite(settings.sqlite_path, settings))


def _sqlite(path: Path, settings: Settings) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
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

    opened = files.identity(path)

    @event.listens_for(engine, "checkout")
    def check(_connection: object, _record: object, _proxy: object) -> None:
        # Old connections would go on in the file that was there before: two tables of spent nonces in one service.
        if files.identity(path) != opened:
            raise errors.Unavailable from files.UnusableStore("the database file was replaced; start the service anew")

    return engine


def _postgresql(settings: Settings) -> Engine:
    # TimeZone: a session may be set to any zone, and timestamps come back in it.
    # synchronous_commit: a database may be set to answer before a commit is on disk; here that would be a lie.
    limits = f"-c statement_timeout={LOCK_WAIT}s -c lock_timeout={LOCK_WAIT}s -c TimeZone=UTC -c synchronous_commit=on"
    try:
        url = make_url(settings.database_url)
    except (ArgumentError, ValueError):  # in their own words, the password may stand
        raise files.UnusableStore("KEYCHAIN_DATABASE_URL is no URL; postgresql+psycopg://user@host/name is") from None
    return create_engine(
        url,
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


def given(column: Column[Any]) -> BindParameter[Any]:
    """What ``Session.add_new_if`` is about to write into ``column``, for its condition."""
    return bindparam(f"given_{column.name}", type_=column.type)


@cache
def _insert_new(dialect: str, table: Table, returned: tuple[Column[Any], ...]) -> ReturningInsert[Any]:
    """Built once, and so compiled once."""
    return _insert(dialect, table).on_conflict_do_nothing().returning(*returned or table.primary_key)


@cache
def _insert_new_if(
    dialect: str, table: Table, condition: ColumnElement[bool], names: tuple[str, ...]
) -> ReturningInsert[Any]:
    row = select(*(given(table.c[name]) for name in names)).where(condition)
    written = _insert(dialect, table).from_select(names, row)
    return written.on_conflict_do_nothing().returning(*table.primary_key)


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@contextmanager
def _or_unavailable() -> Iterator[None]:
    """Whatever goes wrong between us and the database, in the service's words; the database's own are the cause."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        raise errors.Unavailable from error
