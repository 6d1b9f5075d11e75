"""``keychain backup`` and ``restore``: what comes back, what is refused, and that nothing spent comes back to life."""

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from authenticator import Person
from conftest import DATABASES
from places import Place, place
from site_client import SiteClient
from sqlalchemy import select, text

from keychain.app import create_app, utc_now
from keychain.nonce import LEEWAY
from keychain.store import dumps, engine, files, floor
from keychain.store.audit_tables import audit_events
from keychain.store.tables import nonce_floor, records

pytestmark = pytest.mark.slow

EXPIRED = "nonce_expired"


@pytest.fixture(params=DATABASES)
def at(request, run, tmp_path, monkeypatch):
    """A migrated database of this test's own."""
    cluster = request.getfixturevalue("postgresql") if request.param == "postgresql" else ""
    with place(request.param, tmp_path, cluster) as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        run("migrate")
        yield made


@pytest.fixture
def embedded(run, tmp_path) -> Place:
    run("migrate")
    return Place(tmp_path)


@contextmanager
def serving(at: Place, **by: float):
    """The application, closed when the block ends; its clock is ahead ``by`` so much."""
    app = create_app(at.settings, clock=lambda: utc_now() + timedelta(**by))
    with closing(app.extensions["keychain"].store):
        yield app


@contextmanager
def looking(at: Place):
    with closing(engine.open_store(at.settings)) as store, store.session() as session:
        yield session


def uids(at: Place) -> set[str]:
    with looking(at) as session:
        return {row.uid for row in session.rows(select(records.c.uid))}


def accepted(app, count: int = 3, site: SiteClient | None = None):
    site = site or SiteClient.registered(app, utc_now)
    made = [Person().payload(utc_now()) for _ in range(count)]
    assert [site.code(payload) for payload in made] == ["success"] * count
    return site, made


def test_a_restore_brings_back_what_was_there_and_forgives_no_nonce(at, run, tmp_path):
    with serving(at) as app:
        site, before = accepted(app)
        assert "all that was answered before" in run("backup", str(tmp_path / "b"))
        _, after = accepted(app, site=site)
    with looking(at) as session:
        assert [row.kind for row in session.rows(select(audit_events.c.kind))][-1] != "restored"
    ahead = Person().payload(utc_now() + LEEWAY)  # it could be spent now, by a signer whose clock is ahead
    printed = run("restore", "--yes", str(tmp_path / "b"))
    assert "is whole, and of" in printed
    assert "refused as expired, none is replayed" in printed
    assert uids(at) == {payload["uid"] for payload in before}
    with serving(at) as app:
        site.app = app
        assert {site.code(payload) for payload in before} <= {EXPIRED, "replayed_nonce"}
        assert {site.code(payload) for payload in after} == {EXPIRED}, "of these the backup knows nothing"
        assert site.code(ahead) == EXPIRED
    with serving(at, minutes=2, seconds=2) as app:
        site.app, now = app, utc_now() + timedelta(minutes=2, seconds=2)
        assert site.code(Person().payload(now)) == "success"
        known = Person(uid=before[0]["uid"])
        assert site.code(known.payload(now)) == "key_not_on_record", "its keys came back, and others are no good"
    with looking(at) as session:
        assert "restored" in {row.kind for row in session.rows(select(audit_events.c.kind))}


def test_the_floor_lies_above_all_that_could_have_been_spent(at):
    with looking(at) as session:
        now = utc_now().replace(microsecond=999_999)
        floor.put(session, now)
        [(kept,)] = session.rows(select(nonce_floor.c.floor))
        last = Person().payload(now + LEEWAY)
        assert last["uid"]
        assert kept > f"001{now + LEEWAY:%Y-%m-%dT%H:%M:%SZ}zzzzzz"
        floor.put(session, now - timedelta(hours=1))
        [(later,)] = session.rows(select(nonce_floor.c.floor))
        assert later >= f"001{utc_now() + LEEWAY:%Y-%m-%dT%H:%M:%SZ}", "the later of both clocks"


def test_a_backup_is_its_owners_alone_and_replaces_nothing_unasked(at, run, tmp_path):
    target = tmp_path / "b"
    run("backup", str(target))
    assert target.stat().st_mode & 0o777 == 0o600
    kept = target.read_bytes()
    assert "is there already" in run("backup", str(target), fails=1)
    assert target.read_bytes() == kept
    run("backup", "--force", str(target))
    assert "there is no directory" in run("backup", str(tmp_path / "away" / "b"), fails=1)
    for elsewhere in ("https://backup.example/b", "host:/backup/b"):
        assert "is no path of this machine" in run("backup", elsewhere, fails=1)
    assert "is there already" in run("backup", "--force", str(tmp_path), fails=1)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "data") == ["b"], "and leaves nothing beside"


def test_a_restore_asks_first_and_a_no_changes_nothing(at, run, tmp_path):
    run("backup", str(tmp_path / "b"))
    with serving(at) as app:
        _, later = accepted(app)
    assert "in the place of" in run("restore", str(tmp_path / "b"), input="n\n", fails=1)
    assert uids(at) == {payload["uid"] for payload in later}
    with looking(at) as session:
        assert session.rows(select(nonce_floor)) == []
    assert not (at.data / "restoring").exists()
    run("restore", str(tmp_path / "b"), input="y\n")
    assert uids(at) == set()


def test_a_restore_is_refused_while_somebody_uses_the_database(at, run, tmp_path):
    run("backup", str(tmp_path / "b"))
    with serving(at) as app:
        _, made = accepted(app)
        words = "open; stop"
        assert words in run("restore", "--yes", str(tmp_path / "b"), fails=1)
        assert uids(at) == {payload["uid"] for payload in made}
        accepted(app)


def test_a_service_that_idles_is_noticed_and_none_starts_meanwhile(embedded, run, tmp_path):
    run("backup", str(tmp_path / "b"))
    with files.held(embedded.data):
        assert "stop `keychain serve`" in run("restore", "--yes", str(tmp_path / "b"), fails=1)
    with files.held(embedded.data, alone=True):
        assert "is being restored" in run("register", fails=1)
        assert "is being restored" in run("serve", fails=1)
        assert "is being restored" in run("backup", str(tmp_path / "c"), fails=1)
    run("register")


@pytest.mark.parametrize("wrong", ["text", "empty", "cut", "bent", "other"])
def test_what_is_no_backup_or_damaged_is_refused_and_changes_nothing(at, run, tmp_path, wrong):
    with serving(at) as app:
        _, made = accepted(app)
    target = tmp_path / "b"
    run("backup", str(target))
    whole = target.read_bytes()
    middle = len(whole) // 2
    bent = whole[:middle] + bytes(4096) + whole[middle + 4096 :]
    if wrong == "other":
        target.unlink()
        with closing(sqlite3.connect(target)) as other:
            other.execute("CREATE TABLE sites (x)")
    else:
        target.write_bytes({"text": b"hello\n" * 9, "empty": b"", "cut": whole[:middle], "bent": bent}[wrong])
    refusal = run("restore", "--yes", str(target), fails=1)
    assert "Error: " in refusal
    assert refusal.count("\n") == 1
    assert "no backup of this service" in refusal or "can not be restored" in refusal
    assert uids(at) == {payload["uid"] for payload in made}
    assert "is not there" in run("restore", "--yes", str(tmp_path / "away"), fails=1)


def test_what_a_later_version_made_is_refused_and_what_an_earlier_made_is_brought_up_to_date(at, run, tmp_path):
    for revision, fails in (("9999", 1), ("0005", 0)):
        if not fails:
            run("migrate", "--down", revision, "--yes")
        with looking(at) as session, session.transaction() as connection:
            [(before,)] = session.rows(text("SELECT version_num FROM alembic_version"))
            connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        run("backup", "--force", str(tmp_path / "b"))
        with looking(at) as session, session.transaction() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": before})
        run("migrate")
        assert ("a later version" in run("restore", "--yes", str(tmp_path / "b"), fails=fails)) is bool(fails)
    assert "the tables are at 000" in run("migrate")
    with serving(at, minutes=3) as app:
        assert SiteClient.registered(app, utc_now).code(Person().payload(utc_now() + timedelta(minutes=3))) == "success"


def test_the_log_of_a_database_that_crashed_is_not_taken_for_the_new_ones(embedded, run, tmp_path):
    run("backup", str(tmp_path / "b"))
    database = embedded.settings.sqlite_path
    crash = (
        "import os, sqlite3, sys\n"
        "opened = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "opened.execute(\"INSERT INTO records VALUES ('lost', 1, '2026-11-21')\")\n"
        "os._exit(0)\n"
    )
    for damage in (b"", b"damaged" * 1000):
        subprocess.run([sys.executable, "-c", crash, database], check=not damage)
        log = Path(f"{database}-wal")
        if damage:
            database.write_bytes(damage)
            log.write_bytes(damage)
        assert log.stat().st_size
        run("restore", "--yes", str(tmp_path / "b"))
        assert not log.exists()
        assert uids(embedded) == set()
        assert database.stat().st_mode & 0o777 == 0o600
    kept = [path for path in embedded.data.iterdir() if ".before-" in path.name and not path.name.endswith("-wal")]
    assert len(kept) >= 2, "what was replaced is beside"
    with closing(sqlite3.connect(min(kept))) as former:
        assert former.execute("SELECT uid FROM records").fetchall() == [("lost",)], "with all that its log held"


def test_a_restore_makes_the_database_where_there_is_none(embedded, run, tmp_path, monkeypatch):
    run("register")
    run("backup", str(tmp_path / "b"))
    monkeypatch.setenv("KEYCHAIN_DATA_DIR", str(tmp_path / "new"))
    assert "there is no database" in run("backup", str(tmp_path / "c"), fails=1)
    run("restore", str(tmp_path / "b"))
    assert len(run("sites", "list").splitlines()) >= 1
    assert "no sites yet" not in run("sites", "list")


def test_files_of_a_stopped_service_are_a_backup_with_their_log(embedded, run, tmp_path, monkeypatch):
    with serving(embedded) as app:
        _, made = accepted(app)
        for end in ("", "-wal"):
            (tmp_path / f"copy{end}").write_bytes(Path(f"{embedded.settings.sqlite_path}{end}").read_bytes())
    run("restore", "--yes", str(tmp_path / "copy"))
    assert uids(embedded) == {payload["uid"] for payload in made}


@pytest.mark.parametrize("at", ["postgresql"], indirect=True)  # an embedded database is ours alone
def test_a_restore_leaves_tables_of_others_alone(at, run, tmp_path):
    run("backup", str(tmp_path / "b"))
    with looking(at) as session:
        session._connection.execute(text("CREATE TABLE of_others (x int)"))
    assert "tables that are not of this service (of_others)" in run("restore", "--yes", str(tmp_path / "b"), fails=1)


def test_a_password_stands_on_no_command_line():
    secret = "se:cr\\et"  # pragma: allowlist secret
    for url in (
        "postgresql+psycopg://u:se%3Acr%5Cet@h:7/d?sslmode=require",  # pragma: allowlist secret
        f"postgresql+psycopg://u@/d?host=h&password={secret}",
    ):
        with dumps._at(url) as argument:
            assert "cr" not in argument
            kept = Path(argument.partition("passfile=")[2].split()[0].strip("'"))
            assert kept.read_text() == "*:*:*:*:se\\:cr\\\\et\n"
            assert kept.stat().st_mode & 0o777 == 0o600
        assert not kept.exists()
