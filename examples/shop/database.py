"""The shop's own tables: SQLite, no ORM, one transaction at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

# The uid is compared byte by byte, which is what SQLite does unless told otherwise. One uid opens one account.
_TABLES = """
CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    uid TEXT UNIQUE,
    linked INTEGER,
    token TEXT,
    email TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    hash TEXT PRIMARY KEY,
    account INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
    begun INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS nonces (
    number INTEGER PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (hash) ON DELETE CASCADE,
    nonce TEXT NOT NULL,
    UNIQUE (session, nonce)
) STRICT;
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    tea TEXT NOT NULL,
    price TEXT NOT NULL,
    state TEXT NOT NULL,
    placed INTEGER NOT NULL,
    delivery TEXT NOT NULL DEFAULT '',
    paid_with TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS asked (
    number INTEGER PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (hash) ON DELETE CASCADE,
    purchase INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    nonce TEXT NOT NULL,
    UNIQUE (session, nonce)
) STRICT;
"""
_ADDED = (
    ("accounts", "token TEXT"),
    ("accounts", "email TEXT"),
    ("orders", "delivery TEXT NOT NULL DEFAULT ''"),
    ("orders", "paid_with TEXT NOT NULL DEFAULT ''"),
)


class Database:
    """The file at ``path``, made for its owner alone (0600)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch(mode=0o600)
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_TABLES)
            for table, column in _ADDED:  # to a file of an earlier release
                name = column.split()[0]
                if name not in {known["name"] for known in connection.execute(f"PRAGMA table_info({table})")}:
                    connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
            # One address opens one account.
            connection.execute("CREATE UNIQUE INDEX IF NOT EXISTS accounts_email ON accounts (email)")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block or nothing of it. Writers wait for each other before they read, so none decides on
        what another is about to change.
        """
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:  # commits, or rolls back where the block raises
                yield connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
