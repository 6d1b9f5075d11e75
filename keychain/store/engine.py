"""Two databases behind one ``Store``: SQLite on a local disk, or PostgreSQL.

Reads autocommit. A write is one short explicit transaction: ``BEGIN IMMEDIATE`` on SQLite, because a deferred one that
reads and then writes fails under load instead of waiting. A COMMIT returns only when the database has it on disk
(SQLite with ``synchronous=FULL``): see ``docs/adr/0004``. Whatever the database can not do becomes ``Unavailable``;
its own words, which quote statements and parameters, stay in the log's cause and out of every answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Table,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql import Executable
from sqlalchemy.sql.dml import ReturningInsert, UpdateBase

from keychain import errors
from keychain.settings import Settings
from keychain.store import drivers, files, turns
from keychain.store.prepared import Prepared

Values = dict[str, Any] | list[dict[str, Any]]


class Session:
    """One connection, for as long as one request needs it. It belongs to one thread, and is a context manager.

    Raises:
        Unavailable: whenever the database can not, from every method.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        try:
            self._pooled = engine.raw_connection()
        except (PoolTimeout, engine.dialect.loaded_dbapi.Error, OSError) as error:
            raise errors.Unavailable from error
        self._made: Connection | None = None  # what SQLAlchemy wants around it, where a statement is not prepared

    def __enter__(self) -> "Session":
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the connection back to the pool."""
        (self._made or self._pooled).close()

    @property
    def _driver(self) -> Any:  # noqa: ANN401 - one of two drivers' connections
        """The driver's connection. Where it was cut off, this session is over: SQLAlchemy would go on with another one,
        which is in no transaction of ours.
        """
        driver = self._pooled.dbapi_connection
        if driver is None:
            raise errors.Unavailable
        return driver

    @property
    def _connection(self) -> Connection:
        if self._driver and self._made is None:
            self._made = Connection(self._engine, self._pooled)
        assert self._made is not None  # noqa: S101 - it was made, here or before
        return self._made

    def rows(self, statement: Executable, parameters: Values | None = None) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows that a statement returns. Outside ``transaction`` it is a transaction of its own."""
        with _or_unavailable():
            return self._connection.execute(statement, parameters).all()

    def ask(self, prepared: Prepared, parameters: Mapping[str, str]) -> list[tuple[Any, ...]]:
        """As ``rows``, by the short way of a prepared statement."""
        dialect = self._engine.dialect
        compiled = prepared.compiled(dialect)
        driver = self._driver
        try:
            with self._turn() if compiled.writes else nullcontext():
                return compiled.values(driver.execute(compiled.sql, compiled.arguments(parameters)).fetchall())
        except dialect.loaded_dbapi.Error as error:
            if dialect.is_disconnect(error, driver, None):  # then so is every connection of the pool
                self._pooled.invalidate(error)
                self._engine.dispose()
            raise errors.Unavailable from error

    def _turn(self) -> AbstractContextManager[None]:
        """On SQLite, one's turn to write; who is in a transaction has it already."""
        driver = self._driver
        place = self._pooled.info.get(drivers.QUEUE)
        return nullcontext() if place is None or driver.in_transaction else turns.turn(place)

    def changed(self, statement: UpdateBase) -> int:
        """How many rows an UPDATE or DELETE changed."""
        with _or_unavailable(), self._turn():
            return self._connection.execute(statement).rowcount

    def change_each(self, statement: UpdateBase, each: list[dict[str, Any]]) -> None:
        """Run an UPDATE once for each of these parameters, in one go."""
        if each:
            with _or_unavailable(), self._turn():
                self._connection.execute(statement, each)

    def add(self, table: Table, values: Values) -> None:
        """Insert one row, or several in one statement."""
        with _or_unavailable(), self._turn():
            self._connection.execute(table.insert(), values)

    def add_new(self, table: Table, values: Values, *returned: Column[Any]) -> Sequence[Row[*tuple[Any, ...]]]:
        """Insert what is not there yet, leave alone what is, and return the rows that were written: their keys, or the
        ``returned`` columns.

        What comes back is the proof of having won; a count of rows is none, because one driver answers it with -1.
        """
        with self._turn():
            return self.rows(_insert_new(self._engine.dialect.name, table, returned), values)

    def add_new_if(
        self, condition: ColumnElement[bool], table: Table, values: dict[str, Any]
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """As ``add_new``, but nothing is written unless ``condition`` holds in the very statement that writes.

        The condition may speak of ``given`` columns. It is kept for good, so it has to be a constant.
        """
        statement = _insert_new_if(self._engine.dialect.name, table, condition, tuple(values))
        with self._turn():
            return self.rows(statement, {given(table.c[name]).key: value for name, value in values.items()})

    def setting(self, name: str) -> str:
        """What PostgreSQL is set to."""
        [(value,)] = self.rows(select(func.current_setting(name)))
        return str(value)

    def now(self) -> datetime:
        """The database's clock, the one that all nodes share."""
        [(moment,)] = self.rows(select(func.now()))
        aware: datetime = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return aware

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One short write transaction: committed and on disk when the block ends, gone when it raises."""
        with _or_unavailable(), self._turn():
            self._connection.exec_driver_sql("BEGIN IMMEDIATE" if self._engine.dialect.name == "sqlite" else "BEGIN")
            try:
                yield self._connection
                self._connection.commit()
            finally:
                if self._pooled.dbapi_connection is not None:  # with a connection that is gone, so is its transaction
                    self._connection.rollback()  # after a commit there is nothing to take back


class Store:
    """A database, open. Threads share it; each session takes a connection of its own from the pool."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"

    def session(self) -> Session:
        """A connection to read and write with.

        Raises:
            Unavailable: whenever the database can not, here and from every method of the session.
        """
        return Session(self.engine)

    def connections(self) -> int:
        """How many connections are in use."""
        return self.engine.pool.checkedout() if isinstance(self.engine.pool, QueuePool) else 0

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_store(settings: Settings) -> Store:
    """Open the database that the settings name. Makes the data directory; builds no tables.

    Raises:
        UnusableStore: for a file that can not be made, or where SQLite's promises do not hold; for a URL that is none.
    """
    if settings.sqlite_path is None:
        return Store(drivers.postgresql(settings))
    try:
        files.make_private_directory(settings.data_dir)
        files.check_local(settings.sqlite_path)
        files.make_private_file(settings.sqlite_path)
    except OSError as error:
        raise files.UnusableStore(f"{settings.sqlite_path} can not be opened ({error.strerror})") from error
    return Store(drivers.sqlite(settings.sqlite_path, settings))


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
    return insert_selected(dialect, table, select(*(given(table.c[name]) for name in names)).where(condition), names)


def insert_selected(
    dialect: str, table: Table, rows: Select[*tuple[Any, ...]], names: tuple[str, ...], *returned: Column[Any]
) -> ReturningInsert[Any]:
    """The statement that writes what ``rows`` selects into the columns ``names``, as ``Session.add_new`` does."""
    written = _insert(dialect, table).from_select(names, rows)
    return written.on_conflict_do_nothing().returning(*returned or table.primary_key)


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@contextmanager
def _or_unavailable() -> Iterator[None]:
    """Whatever goes wrong between us and the database, in the service's words; the database's own are the cause."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        raise errors.Unavailable from error
