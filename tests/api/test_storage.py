"""What the database keeps, for how long, and what happens where it can not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from authenticator import Person, make_nonce, new_uid
from confirming import WORDS, ask, payload, result
from conftest import empty
from device import SHOP, Device, over_wsgi
from site_client import SiteClient
from sqlalchemy import select, text, update

from keychain import errors
from keychain.app import create_app
from keychain.settings import Settings
from keychain.store import drivers, engine, migrating, schema
from keychain.store.files import UnusableStore
from keychain.store.repo_tables import accounts, devices, identities
from keychain.store.tables import metadata, sites, spent_nonces
from keychain.validation import replay


def test_migrations_build_what_the_tables_say(store):
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrations_go_down_and_up_with_rows_in_the_tables(site, store, clock):
    person = Person("ad", "repo", "cd")
    assert site.code(person.payload(clock.now)) == "success"
    assert schema.current(store) == schema.head()
    schema.downgrade(store, "base")
    assert schema.current(store) is None
    schema.upgrade(store)
    schema.upgrade(store)
    assert schema.current(store) == schema.head()
    assert {name for name, count in site.rows().items() if count} == {"audit_events"}, "of the migration itself"
    assert SiteClient.registered(site.app, clock).code(person.payload(clock.now)) == "success"


def test_an_account_from_before_phones_goes_on_and_gets_one(app, site, store, clock):
    device = Device(over_wsgi(app), clock).sign_up()
    onekey = device.make_onekey()
    frames = [device.frame(device.mint(origin)) for origin in (SHOP, "https://other.example")]
    schema.downgrade(store, "0002")
    with store.session() as session:
        [columns] = session.rows(text("SELECT * FROM accounts"))
        assert "changes" not in columns._mapping
    schema.upgrade(store)
    with store.session() as session:
        assert session.rows(select(identities.c.token_generation, identities.c.token_digest)) == [(0, None)] * 2
        assert session.rows(select(devices.c.phone, devices.c.ends_at)) == [(False, None)]
        wanted = (accounts.c.changes, accounts.c.demands_phone, accounts.c.numbers)
        assert session.rows(select(*wanted)) == [(0, False, "auto")]
    assert {site.code(frame.payload()) for frame in frames} == {"success"}
    phone = device.second(onekey).connect_phone().pin_all()
    nonce = frames[0].nonce()
    made = ask(frames[0], nonce=nonce)
    phone.approve(phone.pending()[0])
    answer = site.validate(payload(frames[0], result(frames[0], made), nonce) | {"message": WORDS})
    assert answer["valid_signatures"] == ["ad", "repo", "cd"]


def test_a_migration_that_fails_leaves_nothing(store):
    schema.downgrade(store, "base")
    with store.session() as session, session.transaction() as connection:
        connection.execute(text("CREATE TABLE pins (x INTEGER)"))
    with pytest.raises(errors.Unavailable):
        schema.upgrade(store)
    assert schema.current(store) is None
    with store.session() as session, session.transaction() as connection:
        connection.execute(text("DROP TABLE pins"))
    schema.upgrade(store)


def test_times_are_aware_and_utc_and_naive_ones_are_refused(site, session, clock):
    [created] = [row.created_at for row in session.rows(sites.select())]
    assert created == clock.now
    assert created.utcoffset() == timedelta(0)
    with pytest.raises(Exception, match="naive"):
        session.changed(update(sites).values(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - that is the point
    assert abs(session.now() - datetime.now(UTC)) < timedelta(seconds=5)


def spend(session, at: datetime, spent_at: datetime) -> str:
    nonce = make_nonce(at)
    replay.spend(session, (nonce, new_uid(), ""))
    session.changed(update(spent_nonces).where(spent_nonces.c.nonce == nonce).values(spent_at=spent_at))
    return nonce


def kept(session) -> set[str]:
    return {row.nonce for row in session.rows(spent_nonces.select())}


def test_pruning_forgets_after_a_day_by_both_clocks(store, session):
    now = session.now()
    day, hour = timedelta(hours=24, seconds=5), timedelta(hours=1)
    old = spend(session, now - day, now - day)
    stay = {
        spend(session, now, now),
        spend(session, now - day + hour, now - day + hour),
        spend(session, now - day, now),  # a node whose clock is behind spent it just now
        spend(session, now + hour, now - day),  # a node whose clock was ahead
        spend(session, now.replace(year=2013), now),
    }
    assert replay.prune(store, pause=0) == 1
    assert kept(session) == stay
    assert old not in kept(session)
    assert replay.prune(store, pause=0) == 0


def test_pruning_takes_small_bites_and_blocks_no_validation(site, store, session, clock):
    old = session.now() - timedelta(hours=25)
    rows = [{"nonce": make_nonce(old, f"{n:06}"), "uid": "u" * 24, "request": "", "spent_at": old} for n in range(1200)]
    session.add(spent_nonces, rows)
    person = Person()
    assert site.code(person.payload(clock.now)) == "success"
    with ThreadPoolExecutor(1) as pool:
        pruning = pool.submit(replay.prune, store, 0.05)
        while not pruning.done():
            assert site.code(person.payload(clock.now)) == "success"
        assert pruning.result() == 1200
    assert all(nonce.startswith(f"001{clock.now:%Y-%m-%d}") for nonce in kept(session))


def test_a_commit_on_sqlite_is_on_disk(tmp_path):
    store = engine.open_store(Settings(data_dir=tmp_path / "data"))
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    store.close()


def test_the_data_directory_and_the_database_are_their_owners_alone(tmp_path):
    store = engine.open_store(Settings(data_dir=tmp_path / "made"))
    schema.upgrade(store)
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "made").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    store.close()


def test_a_locked_database_is_unavailable_and_recovers(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(drivers, "LOCK_WAIT", 0.1)
    store = engine.open_store(Settings(data_dir=tmp_path / "data"))
    schema.upgrade(store)
    site = SiteClient.registered(create_app(Settings(only="validation"), clock=clock, store=store), clock)
    payload = Person().payload(clock.now)
    with store.session() as session, session.transaction():
        answer = site.ask("/validate", payload)
        assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
        assert site.ask("/register").status_code == 503
        assert site.ask("/validate_batch", {"payloads": [payload]}).get_json()["answers"][0]["code"] == "unavailable"
    assert site.code(payload) == "success"
    store.close()


def test_revisions_by_their_files_are_those_of_alembic():
    scripts = ScriptDirectory.from_config(migrating._config())
    assert scripts.get_heads() == [schema.head()]
    assert sorted(script.revision for script in scripts.walk_revisions()) == list(schema.known())


def test_a_lost_postgresql_is_unavailable_and_recovers(postgresql, clock, tmp_path):
    away = engine.open_store(Settings(database_url=f"{postgresql}/nowhere"))
    site = SiteClient(create_app(Settings(only="validation"), clock=clock, store=away), "0" * 36, "x", clock)
    for path in ("/validate", "/register", "/make_nonce"):
        assert site.ask(path, Person().payload(clock.now)).status_code == 503
    away.close()

    store = engine.open_store(Settings(database_url=postgresql))
    site = SiteClient.registered(create_app(Settings(only="validation"), clock=clock, store=store), clock)
    payload = Person().payload(clock.now)
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'keychain'"
    )
    other = engine.open_store(Settings(database_url=postgresql))
    with other.session() as session:
        session.rows(text(cut))
    other.close()
    assert site.ask("/validate", payload).status_code == 503
    assert site.code(payload) == "success"
    empty(store)
    store.close()


def test_nothing_is_kept_of_a_transaction_that_raises_and_the_session_goes_on(session):
    spending = (make_nonce(datetime.now(UTC)), new_uid(), "")

    def spend_and_fail() -> None:
        with session.transaction():
            replay.spend(session, spending)
            raise KeyError

    with pytest.raises(KeyError):
        spend_and_fail()
    assert replay.count(session) == 0
    with session.transaction():
        replay.spend(session, spending)
    assert replay.count(session) == 1


def test_a_database_file_that_was_replaced_is_not_used_beside_the_old_one(tmp_path, clock):
    store = engine.open_store(Settings(data_dir=tmp_path / "data"))
    schema.upgrade(store)
    site = SiteClient.registered(create_app(Settings(only="validation"), clock=clock, store=store), clock)
    payload = Person().payload(clock.now)
    assert site.code(payload) == "success"
    backup = engine.open_store(Settings(data_dir=tmp_path / "backup"))
    schema.upgrade(backup)
    backup.close()
    (tmp_path / "backup" / "keychain.db").rename(tmp_path / "data" / "keychain.db")
    for _ in range(3):
        assert site.code(payload) == "unavailable"
    store.close()


def test_a_directory_with_odd_characters_holds_the_database_itself(tmp_path):
    folder = tmp_path / "a?b#c%20 d"
    store = engine.open_store(Settings(data_dir=folder))
    schema.upgrade(store)
    assert (folder / "keychain.db").stat().st_size > 0
    assert {path.name for path in tmp_path.iterdir()} == {folder.name}
    store.close()


def test_a_url_that_is_none_is_refused_without_quoting_it():
    for rest in ("", "@h:port/x"):
        url = f"postgresql+psycopg://u:hunter2{rest}"
        with pytest.raises(UnusableStore) as refusal:
            engine.open_store(Settings(database_url=url))
        assert "hunter2" not in str(refusal.value)
        assert refusal.value.__cause__ is None


def test_a_commit_on_postgresql_is_on_disk_whatever_the_database_is_set_to(postgresql):
    store = engine.open_store(Settings(database_url=postgresql))
    with store.session() as session:
        [(setting,)] = session.rows(text("SHOW synchronous_commit"))
    assert setting == "on"
    store.close()


def test_connections_that_are_given_up_leave_no_descriptor(tmp_path):
    store = engine.open_store(Settings(data_dir=tmp_path / "data"))
    for _ in range(3):
        with store.session(), store.session():
            pass
        store.close()
    open_files = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    assert not [name for name in open_files if name.startswith(str(tmp_path))]
