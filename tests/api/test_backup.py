"""``keychain backup`` and ``restore``: what comes back, what is refused, and that nothing spent comes back to life."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from authenticator import Person
from backups import accepted, floor_of, looking, serving, uids
from backups import at as at
from backups import embedded as embedded
from site_client import SiteClient
from sqlalchemy import select, text

from keychain import nonce
from keychain.app import utc_now
from keychain.nonce import LEEWAY
from keychain.store import files, floor
from keychain.store.audit_tables import audit_events
from keychain.store.tables import nonce_floor, spent_nonces

pytestmark = pytest.mark.slow

EXPIRED = "nonce_expired"


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
