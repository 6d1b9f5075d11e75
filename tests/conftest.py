"""What tests stand on: a real SQLite, a real PostgreSQL, the real application, and a clock that they set."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from logged import put_back
from site_client import SiteClient
from sqlalchemy import Connection, event

from keychain import settings
from keychain.app import create_app, master_keys
from keychain.settings import Settings
from keychain.store import engine, schema
from keychain.store.engine import Session, Store
from keychain.store.prepared import Prepared
from keychain.store.tables import metadata

DATABASES = ("sqlite", "postgresql")

# A slow machine is no failure.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")


class Clock:
    """The time, as a test says it is. It starts at a whole second of today's."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def tick(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of these tests alone, on a Unix socket; the URL of its database, migrated."""
    folder = Path(tempfile.mkdtemp(prefix="keychain-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, pwd.getpwnam("postgres").pw_uid)
        as_user = ["runuser", "-u", "postgres", "--"]
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    binaries = found[-1] if found else Path(shutil.which("initdb") or "initdb").parent

    def run(command: str, *arguments: str) -> None:
        subprocess.run([*as_user, str(binaries / command), *arguments], check=True, capture_output=True, cwd=folder)

    run("initdb", "-D", f"{folder}/pg", "-A", "trust", "-U", "keychain", "--no-sync", "--locale=C.UTF-8")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
    run("pg_ctl", "-D", f"{folder}/pg", "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        run("createdb", "-h", str(folder), "-U", "keychain", "keychain")
        url = f"postgresql+psycopg://keychain@/keychain?host={folder}"
        store = engine.open_store(Settings(database_url=url))
        schema.upgrade(store)
        store.close()
        yield url
    finally:
        run("pg_ctl", "-D", f"{folder}/pg", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", params=DATABASES)
def config(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings on each of the two databases; SQLite in memory-backed files where there are such."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        url = request.getfixturevalue("postgresql") if request.param == "postgresql" else ""
        # Some tests let a second request in while the first is in the middle of something, in one thread.
        yield settings.read({}, data_dir=Path(folder, "data"), database_url=url, threads=4)


@pytest.fixture(scope="session")
def opened(config: Settings) -> Iterator[Store]:
    """The database, open and migrated, for all tests: connecting takes longer than most of them."""
    yield from opening(config)


def opening(config: Settings) -> Iterator[Store]:
    opened = engine.open_store(config)
    schema.upgrade(opened)
    empty(opened)  # of what tests left that opened it by themselves
    yield opened
    opened.close()


@pytest.fixture
def store(opened: Store) -> Iterator[Store]:
    """An open database with empty tables."""
    yield opened
    empty(opened)


def empty(store: Store) -> None:
    """Take every row out of every table. The audit log, which refuses that, comes last: it notes the others' end."""
    logs = [table for table in metadata.sorted_tables if table.name.startswith("audit_")]
    others = [table for table in reversed(metadata.sorted_tables) if table not in logs]
    with store.session() as session, session.transaction() as connection, unguarded(connection):
        for table in [*others, *logs]:
            connection.execute(table.delete())


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """What only an owner of the database can do: change the audit log. On PostgreSQL no other trigger acts either."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield
        return
    look = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'audit_*_no_*'"
    guards = [(name, sql) for name, sql in connection.exec_driver_sql(look) if "append-only" in sql]
    for name, _ in guards:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in guards:
        connection.exec_driver_sql(sql)


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    """A connection to look into the database with, beside those of the application."""
    with store.session() as opened:
        yield opened


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """``serve`` configures logging before it refuses, and some tests ask it in this process."""
    with put_back():
        yield


class _Watch:
    """The clock of the test that runs."""

    clock: Clock

    def __call__(self) -> datetime:
        return self.clock()


@pytest.fixture(scope="session")
def built(config: Settings, opened: Store) -> tuple[Flask, _Watch]:
    """The application, for all tests: putting up its doors takes longer than most of them."""
    return building(config, opened)


def building(config: Settings, opened: Store) -> tuple[Flask, _Watch]:
    watch = _Watch()
    return create_app(config, clock=watch, store=opened), watch


@pytest.fixture
def app(built: tuple[Flask, _Watch], store: Store, clock: Clock) -> Flask:
    """The application with a clock, empty tables and rates of this test's own."""
    app, watch = built
    watch.clock = clock
    counted = app.extensions["keychain"].rates._limiter.storage
    counted.timer.cancel()  # it may be looking through what is forgotten here
    counted.timer.join()
    counted.reset()
    master_keys(app.extensions["keychain"].settings, store)  # leaves their marks, as a start does
    return app


@pytest.fixture
def site(app: Flask, clock: Clock) -> SiteClient:
    """A registered site that asks the application."""
    return SiteClient.registered(app, clock)


@pytest.fixture
def make_site(config: Settings, store: Store, clock: Clock):
    """A registered site of an application with other settings, on the same database."""

    def make(**changed) -> SiteClient:
        return SiteClient.registered(create_app(replace(config, **changed), clock=clock, store=store), clock)

    return make


@pytest.fixture
def statements(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each statement that the database gets from now on, but for BEGIN and COMMIT."""
    sent: list[str] = []
    compiled = Prepared.compiled

    def note_prepared(prepared, dialect):
        known = compiled(prepared, dialect)
        sent.append(known.sql)
        return known

    def note(_connection, _cursor, statement, *_):
        if not statement.startswith(("BEGIN", "COMMIT")):
            sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    monkeypatch.setattr(Prepared, "compiled", note_prepared)  # they go to the driver past SQLAlchemy's events
    return sent
