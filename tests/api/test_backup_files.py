"""A backup's files and those of an embedded database: logs beside them, links, and what is replaced or left behind."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from backups import accepted, serving, uids
from backups import embedded as embedded

pytestmark = pytest.mark.slow


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


def has_open(pid: int, database: Path) -> bool:
    return any(path.resolve() == database for path in Path(f"/proc/{pid}/fd").iterdir())


def test_a_backup_that_is_ended_leaves_nothing_behind(embedded, tmp_path):
    with closing(sqlite3.connect(embedded.settings.sqlite_path, isolation_level=None)) as waited_for:
        waited_for.execute("PRAGMA locking_mode=EXCLUSIVE")
        waited_for.execute("BEGIN EXCLUSIVE")
        line = [sys.executable, "-m", "keychain", "backup", str(tmp_path / "b")]
        with subprocess.Popen(line, env=os.environ | embedded.environment, stderr=subprocess.DEVNULL) as ended:
            deadline = time.monotonic() + 20
            while not (list(tmp_path.glob(".b.*")) and has_open(ended.pid, embedded.settings.sqlite_path)):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            ended.terminate()
        assert ended.returncode == 128 + signal.SIGTERM
    assert {path.name for path in tmp_path.iterdir()} == {"data"}
