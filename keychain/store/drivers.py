"""How the two databases are connected to: what each connection is told, and how long it is waited for."""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from keychain import errors
from keychain.settings import Settings
from keychain.store import files, turns

# Seconds. Longer than any honest transaction here, shorter than a caller's patience.
LOCK_WAIT = 4
CONNECT_WAIT = 3

# What is kept with a connection: which file it is in, and its place in the queue of those that write.
_FILE, QUEUE = "keychain.file", "keychain.queue"


def sqlite(path: Path, settings: Settings) -> Engine:
    """The embedded database in the file ``path``."""
    file = str(path)
    opened = files.identity(file)

    def hold() -> None:
        """Pass if the file is still the one that was opened."""
        if files.identity(file) != opened:
            error = errors.Unavailable()
            error.__cause__ = files.UnusableStore("the database file was replaced; start the service anew")
            raise error

    def connect() -> sqlite3.Connection:
        hold()  # another one would take over the write-ahead log that lies beside it
        # As it is or not at all: SQLite would make an empty one where the file is away for a moment.
        uri = f"{path.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(uri, uri=True, timeout=LOCK_WAIT, check_same_thread=False)

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_size=settings.threads_used,
        max_overflow=2,
        pool_timeout=LOCK_WAIT,
        pool_reset_on_return=None,  # statements commit by themselves, and a transaction leaves nothing open
    )
    _configure(engine, path)

    @event.listens_for(engine, "checkout")
    def check(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        hold()  # old connections would go on in a file that is away: two tables of spent nonces in one service
        if record.info[_FILE] != opened:  # it was made while another file stood there; the pool makes a new one
            raise DisconnectionError

    return engine


def _configure(engine: Engine, path: Path) -> None:
    @event.listens_for(engine, "connect")
    def begin(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        record.info[_FILE] = files.identity(str(path))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        record.info[QUEUE] = turns.join(path)

    @event.listens_for(engine, "close")
    def end(_connection: object, record: ConnectionPoolEntry) -> None:
        turns.leave(record.info.pop(QUEUE, None))


def postgresql(settings: Settings) -> Engine:
    """The database server that the settings name.

    Raises:
        UnusableStore: for a URL that is none.
    """
    # TimeZone: a session may be set to any zone, and timestamps come back in it.
    # synchronous_commit: a database may be set to answer before a commit is on disk; here that would be a lie.
    limits = f"-c statement_timeout={LOCK_WAIT}s -c lock_timeout={LOCK_WAIT}s -c TimeZone=UTC -c synchronous_commit=on"
    try:
        url = make_url(settings.database_url)
    except (ArgumentError, ValueError):  # in their own words, the password may stand
        raise files.UnusableStore("KEYCHAIN_DATABASE_URL is no URL; postgresql+psycopg://user@host/name is") from None
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_size=settings.threads_used,
        max_overflow=2,
        pool_reset_on_return=None,  # statements commit by themselves, and a transaction leaves nothing open
        pool_timeout=LOCK_WAIT,
        pool_use_lifo=True,
        connect_args={
            "connect_timeout": CONNECT_WAIT,
            "options": limits,
            "application_name": "keychain",
        },
    )

    from keychain.store import impatience

    impatience.install(engine)
    return engine
