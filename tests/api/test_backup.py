"""``keychain backup`` and ``restore``: what comes back, what is refused, and that nothing spent comes back to life."""

import io
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from authenticator import Person
from conftest import DATABASES
from places import Place, place
from site_client import SiteClient
from sqlalchemy import make_url, select, text

from keychain import nonce
from keychain.app import create_app, utc_now
from keychain.nonce import LEEWAY
from keychain.store import dumps, engine, files, floor, postgresql_programs
from keychain.store.audit_tables import audit_events
from keychain.store.tables import nonce_floor, records, spent_nonces

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


def floor_of(at: Place) -> str:
    with looking(at) as session:
        [(kept,)] = session.rows(select(nonce_floor.c.floor))
    return kept


def test_the_floor_lies_above_all_that_could_have_been_spent():
    now = utc_now().replace(microsecond=999_999)
    assert floor.text(now) > f"001{now + LEEWAY:%Y-%m-%dT%H:%M:%SZ}zzzzzz"


def wind_back(monkeypatch, **by: float) -> None:
    """This machine's clock is behind; the database's is not."""
    monkeypatch.setattr("keychain.cli.backup.utc_now", lambda: utc_now() - timedelta(**by))


def test_a_clock_that_is_behind_what_the_backup_has_seen_is_refused(embedded, run, tmp_path, monkeypatch):
    run("backup", str(tmp_path / "b"))
    with serving(embedded) as app:
        _, later = accepted(app)
    wind_back(monkeypatch, minutes=10)
    assert "clock is behind what the backup has seen" in run("restore", "--yes", str(tmp_path / "b"), fails=1)
    os.utime(tmp_path / "b", (0, 0))
    assert "clock is behind" in run("restore", "--yes", str(tmp_path / "b"), fails=1), "its audit log says so too"
    assert uids(embedded) == {payload["uid"] for payload in later}


def test_a_clock_behind_both_the_machines_and_the_databases_is_refused(at, run, tmp_path, monkeypatch):
    with looking(at) as session, session.transaction():
        ahead = utc_now() + timedelta(minutes=10)
        session.add(spent_nonces, {"nonce": f"{nonce.floor(ahead)}abcdef", "uid": "u"})
    run("backup", str(tmp_path / "b"))
    assert "clock is behind what the backup has seen" in run("restore", "--yes", str(tmp_path / "b"), fails=1)
    with looking(at) as session:
        assert session.rows(select(nonce_floor)) == []


@pytest.mark.parametrize("shown", ["nonce", "floor", "event"])
def test_what_the_former_database_has_seen_lies_under_the_floor(at, run, tmp_path, shown):
    """Somebody's clock was ahead, or this machine's is behind by less than the backup can show."""
    run("backup", str(tmp_path / "b"))
    late = utc_now().replace(microsecond=0) + timedelta(minutes=10)
    with looking(at) as session, session.transaction():
        if shown == "nonce":
            session.add(spent_nonces, {"nonce": f"{nonce.floor(late)}abcdef", "uid": "u"})
        elif shown == "floor":
            session.add(nonce_floor, {"floor": nonce.floor(late)})
        else:
            session.add(audit_events, {"kind": "backup_made", "subject": "", "at": late})
    printed = run("restore", "--yes", str(tmp_path / "b"))
    above = {"nonce": timedelta(seconds=1), "floor": timedelta(0), "event": floor.AHEAD}[shown]
    assert floor_of(at) == nonce.floor(late + above)
    assert f"{late + above:%Y-%m-%d %H:%M:%S} UTC are refused" in printed


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


def test_the_log_beside_another_file_is_not_taken_for_a_backups(embedded, run, tmp_path):
    with serving(embedded) as app:
        accepted(app)
        (tmp_path / "b-wal").write_bytes(Path(f"{embedded.settings.sqlite_path}-wal").read_bytes())
    run("backup", str(tmp_path / "b"))
    before = uids(embedded)
    run("restore", "--yes", str(tmp_path / "b"))
    assert uids(embedded) == before


def test_a_backup_replaces_nothing_but_an_earlier_one(embedded, run, tmp_path):
    own, other = embedded.data, tmp_path / "other"
    run("register")
    run("claims-key")
    keys = (own / "master_keys").read_bytes()
    for name in ("master_keys", "keychain.db", "keychain.db-wal", "keychain.db.before-1", "restoring"):
        assert "is the service's own" in run("backup", "--force", str(own / name), fails=1)
    with closing(sqlite3.connect(other)) as opened:
        opened.execute("CREATE TABLE sites (x)")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").hardlink_to(own / "keychain.db")
    for name in ("other", "secret", "link"):
        assert "is no backup, and is not replaced" in run("backup", "--force", str(tmp_path / name), fails=1)
    assert (own / "master_keys").read_bytes() == keys
    run("register")


def test_a_backup_that_can_not_be_noted_is_one_all_the_same(embedded, run, tmp_path):
    with closing(sqlite3.connect(embedded.settings.sqlite_path, isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")  # nobody else can write, as on a full disk
        assert "all that was answered before" in run("backup", str(tmp_path / "b"))
    run("restore", "--yes", str(tmp_path / "b"))


def test_what_a_restore_would_delete_is_not_restored_from(embedded, run, tmp_path):
    kept = embedded.data / "restoring" / "keychain.db"
    kept.parent.mkdir()
    run("backup", str(tmp_path / "b"))
    (tmp_path / "b").rename(kept)
    assert "move it elsewhere first" in run("restore", "--yes", str(kept), fails=1)
    assert kept.exists()


def test_a_database_that_is_a_link_is_not_replaced(embedded, run, tmp_path):
    run("backup", str(tmp_path / "b"))
    database = embedded.settings.sqlite_path
    database.rename(tmp_path / "elsewhere")
    database.symlink_to(tmp_path / "elsewhere")
    assert "is a link" in run("restore", "--yes", str(tmp_path / "b"), fails=1)
    assert database.is_symlink()


of_postgresql = pytest.mark.parametrize("at", ["postgresql"], indirect=True)


@of_postgresql  # an embedded database is ours alone
@pytest.mark.parametrize(
    "theirs",
    ["CREATE TABLE of_others (x int)", "CREATE FUNCTION of_others() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
)
def test_what_others_keep_in_the_database_is_neither_backed_up_nor_restored(at, run, tmp_path, theirs):
    run("backup", str(tmp_path / "b"))
    with looking(at) as session:
        session._connection.execute(text(theirs))
    refusal = "what is not of this service (of_others)"
    assert refusal in run("restore", "--yes", str(tmp_path / "b"), fails=1)
    assert refusal in run("backup", str(tmp_path / "c"), fails=1), "it would not be restored"
    assert not (tmp_path / "c").exists()


@of_postgresql
def test_a_restore_goes_only_where_the_service_looks(at, run, tmp_path):
    run("backup", str(tmp_path / "b"))
    name = make_url(at.url).database
    with looking(at) as session:
        session._connection.execute(text('CREATE SCHEMA "Kc"'))
        session._connection.execute(text(f'ALTER DATABASE {name} SET search_path = "Kc"'))
    words = "the backup's tables are in the schema public, and the service looks into Kc"
    assert words in run("restore", "--yes", str(tmp_path / "b"), fails=1)
    run("migrate")
    run("backup", str(tmp_path / "c"))
    run("restore", "--yes", str(tmp_path / "c"))
    assert floor_of(at), "of a schema of its own it is restored into that one"


@of_postgresql
def test_rights_at_tables_outlive_a_restore(at, run, tmp_path):
    role = f"serves_{secrets.token_hex(4)}"
    rights = text(
        f"SELECT has_table_privilege('{role}', 'sites', 'INSERT'),"
        f" has_sequence_privilege('{role}', 'audit_events_id_seq', 'USAGE')"
    )
    with looking(at) as session:
        for statement in (
            f"CREATE ROLE {role}",
            f"GRANT SELECT, INSERT ON sites TO {role}",
            f"GRANT USAGE ON SEQUENCE audit_events_id_seq TO {role}",
        ):
            session._connection.execute(text(statement))
    try:
        run("backup", str(tmp_path / "b"))
        run("restore", "--yes", str(tmp_path / "b"))
        with looking(at) as session:
            assert [tuple(row) for row in session.rows(rights)] == [(True, True)]
    finally:
        with looking(at) as session:
            session._connection.execute(text(f"DROP OWNED BY {role}"))
            session._connection.execute(text(f"DROP ROLE {role}"))


def test_a_password_stands_on_no_command_line():
    secret = "se:cr\\et"  # pragma: allowlist secret
    for url in (
        "postgresql+psycopg://u:se%3Acr%5Cet@h:7/d?sslmode=require",  # pragma: allowlist secret
        f"postgresql+psycopg://u@/d?host=h&password={secret}",
    ):
        argument, environment = postgresql_programs.reach(url)
        assert "cr" not in argument
        assert environment == {"PGPASSWORD": secret}


def test_what_a_newer_program_says_is_kept_from_an_older_server():
    said = b"SET lock_timeout = 0;\nSET transaction_timeout = 0;\n"
    assert b"".join(dumps._head(io.BytesIO(said), 16)) == b"SET lock_timeout = 0;\n"
    assert b"".join(dumps._head(io.BytesIO(said), 17)) == said


def test_a_backup_that_is_ended_leaves_nothing_behind(embedded, tmp_path):
    with closing(sqlite3.connect(embedded.settings.sqlite_path, isolation_level=None)) as waited_for:
        waited_for.execute("PRAGMA locking_mode=EXCLUSIVE")
        waited_for.execute("BEGIN EXCLUSIVE")
        line = [sys.executable, "-m", "keychain", "backup", str(tmp_path / "b")]
        with subprocess.Popen(line, env=os.environ | embedded.environment, stderr=subprocess.DEVNULL) as ended:
            deadline = time.monotonic() + 20
            while not list(tmp_path.glob(".b.*")):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            ended.terminate()
        assert ended.returncode == 128 + signal.SIGTERM
    assert {path.name for path in tmp_path.iterdir()} == {"data"}
