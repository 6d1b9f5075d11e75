"""``/healthz`` and ``/readyz``: live while the process answers; ready while the database is the one that it needs."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from conftest import empty, opening
from site_client import well_formed
from sqlalchemy import Engine, create_engine, delete, func, insert, text, update
from structlog.testing import capture_logs

from keychain.app import create_app
from keychain.settings import Settings
from keychain.store import engine, schema
from keychain.store.repo_tables import master_key_marks
from keychain.web import health

SECOND = health.GOOD_FOR
DOORS = pytest.mark.parametrize("path", ["/healthz", "/readyz", "/keychain/readyz/"])


@pytest.fixture(autouse=True)
def no_finding_lasts(monkeypatch):
    """What one test found is nothing to the next one, which has the same application."""
    monkeypatch.setattr(health, "GOOD_FOR", 0.0)


@pytest.fixture
def ready(app):
    """Whether the application says that it is ready."""
    return lambda: code_of(app) == "success"


def code_of(app, path: str = "/readyz") -> str:
    answer = app.test_client().get(path)
    well_formed(answer)
    assert (answer.status_code, answer.headers.get("Retry-After")) in {(200, None), (503, "1")}
    return answer.get_json().get("code", "success")


@DOORS
def test_anyone_may_ask_and_is_told_nothing_but_yes(app, path):
    answer = app.test_client().get(path, auth=("nobody", "sesame"))
    well_formed(answer)
    assert answer.get_json() == {"errorcode": 0, "error": "success", "attr_claims": {}}


@DOORS
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_no_other_method_is_answered(app, path, method):
    answer = app.test_client().open(path, method=method)
    well_formed(answer)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


def test_a_live_process_asks_no_database(app, statements):
    assert code_of(app, "/healthz") == "success"
    assert statements == []


def test_strangers_that_ask_a_hundred_times_make_the_process_look_once_a_second(app, statements, monkeypatch):
    assert code_of(app) == "success"
    of_one_look = len(statements)
    assert 1 <= of_one_look <= 2
    monkeypatch.setattr(health, "GOOD_FOR", 1000.0)
    with ThreadPoolExecutor(8) as crowd:
        assert set(crowd.map(lambda _: code_of(app), range(100))) == {"success"}
    assert len(statements) == of_one_look


def test_a_finding_is_good_for_a_second_and_no_longer(app, store, monkeypatch):
    assert SECOND == 1.0
    monkeypatch.setattr(health, "GOOD_FOR", SECOND)
    with other_revision(store):
        deadline = time.monotonic() + 10
        while code_of(app) == "success":
            assert time.monotonic() < deadline
            time.sleep(0.05)


@contextlib.contextmanager
def other_revision(store, number: str = "0001"):
    def write(revision):
        with store.session() as session, session.transaction() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})

    write(number)
    try:
        yield
    finally:
        write(schema.head())


def test_tables_of_an_older_version_are_not_ready_and_their_own_are_again(ready, store):
    assert ready()
    with other_revision(store):
        assert not ready()
    assert ready()


def test_a_node_goes_on_while_others_are_upgraded(ready, store):
    with other_revision(store, "9999"):
        assert ready()


def test_no_tables_are_not_ready(ready, store):
    try:
        schema.downgrade(store, "base")
        assert not ready()
    finally:
        schema.upgrade(store)


def test_a_master_key_that_left_another_mark_is_not_ready(ready, session):
    [(mark,)] = session.rows(master_key_marks.select().with_only_columns(master_key_marks.c.mark))
    assert ready()
    session.changed(update(master_key_marks).values(mark=bytes(32)))
    assert not ready()
    session.changed(update(master_key_marks).values(mark=mark))
    assert ready()


def test_a_master_key_that_this_database_never_saw_is_not_ready(ready, session):
    assert ready()
    session.changed(delete(master_key_marks))
    assert not ready()


def test_a_master_key_that_others_use_and_this_process_lacks_is_not_ready(ready, session):
    row = {"version": 9, "mark": bytes(32)}
    session.add(master_key_marks, row)
    assert ready(), "it is known to some node, and used by none"
    session.changed(update(master_key_marks).where(master_key_marks.c.version == 9).values(used_since=func.now()))
    assert not ready()
    session.changed(delete(master_key_marks).where(master_key_marks.c.version == 9))
    assert ready()


def test_readiness_writes_nothing(ready, site, session):
    session.changed(delete(master_key_marks))
    before = site.rows()
    assert not ready()
    assert site.rows() == before


def test_the_keychain_alone_needs_no_master_key(config, store, session):
    app = create_app(replace(config, only="validation"), store=store)
    session.changed(delete(master_key_marks))
    session.changed(insert(master_key_marks).values(version=9, mark=bytes(32), used_since=func.now()))
    assert code_of(app) == "success"


@pytest.fixture
def own(config: Settings, opened, tmp_path):
    """Settings of a database of this test's own, and a context in which that database is away."""
    if config.sqlite_path:
        settings = Settings(data_dir=tmp_path / "data")
        yield settings, lambda: moved(settings.sqlite_path)
        return
    name = "away"
    patient = create_engine(config.database_url, isolation_level="AUTOCOMMIT")  # without a service's haste
    admin = lambda command: administer(patient, command)  # noqa: E731 - as short as it is
    admin(f"CREATE DATABASE {name}")
    try:
        url = config.database_url.replace("/keychain?", f"/{name}?")
        assert url != config.database_url
        yield Settings(data_dir=tmp_path / "data", database_url=url), lambda: closed(admin, name)
    finally:
        admin(f"DROP DATABASE {name} WITH (FORCE)")
        patient.dispose()


def administer(server: Engine, command: str) -> None:
    with server.connect() as connection:
        connection.exec_driver_sql(command)


@contextlib.contextmanager
def moved(path):
    path.rename(path.with_suffix(".away"))
    try:
        yield
    finally:
        path.with_suffix(".away").rename(path)


@contextlib.contextmanager
def closed(admin, name: str):
    admin(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    try:
        yield
    finally:
        admin(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


def test_a_database_that_is_away_is_not_ready_but_live_and_ready_again_without_a_restart(own):
    settings, away = own
    for store in opening(settings):
        app = create_app(settings, store=store)
        assert code_of(app) == "success"
        with away(), capture_logs() as log:
            assert [code_of(app) for _ in range(3)] == ["not_ready"] * 3
            assert code_of(app, "/healthz") == "success"
        assert [line["event"] for line in log if line["event"] != "request"].count("not ready") == 1
        with capture_logs() as log:
            assert code_of(app) == "success"
        assert "ready again" in [line["event"] for line in log]


def test_both_answer_while_every_permit_is_held_by_requests_that_hang(app):
    service = app.extensions["keychain"]
    with ThreadPoolExecutor(1) as asking, contextlib.ExitStack() as held:
        for _ in range(service.settings.threads_used):
            held.enter_context(service.permits)
        for path in ("/healthz", "/readyz"):
            assert asking.submit(code_of, app, path).result(timeout=10) == "success"


def test_while_a_look_hangs_others_are_told_at_once_what_was_found_before(postgresql, tmp_path):
    settings = Settings(data_dir=tmp_path / "data", database_url=postgresql)
    store, other = engine.open_store(settings), engine.open_store(settings)
    app = create_app(settings, store=store)
    with ThreadPoolExecutor(1) as asking, contextlib.closing(store), contextlib.closing(other):
        assert code_of(app) == "success"
        with other.session() as session, session.transaction() as connection:
            connection.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))
            hanging = asking.submit(code_of, app)
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            while not connection.execute(waiting).scalar_one():
                assert not hanging.done()
            assert code_of(app) == "success"
            assert not hanging.done()
        assert hanging.result(timeout=10) == "success"
        empty(other)
