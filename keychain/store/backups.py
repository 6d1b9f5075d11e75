"""Backups of the embedded database: taken while it is used, and put back so that no spent nonce comes back to life.

A backup is one SQLite file of its owner's alone. It holds whatever was committed before it began. Restoring works on a
copy beside the database: brought up to date, and given its floor under nonces, before one rename puts it in place. So
whoever looks, after a crash too, finds the old database or the new one with its floor, and never a new one without.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from keychain.settings import Settings
from keychain.store import engine, files, floor, schema
from keychain.store.engine import Session
from keychain.store.files import UnusableStore

Progress = Callable[[int, int], None]  # how many are done, of how many
Clock = Callable[[], datetime]

PAGES = 512  # 2 MiB a step; between two, the disk is the service's
PAUSE_SECONDS = 0.005
LOCK_WAIT = 2
COPY = "restoring"  # the directory, inside the data directory, that a restore prepares its copy in

_HEADER = b"SQLite format 3\0"
_LOGGED = slice(18, 20)  # of a database file, and what stands there where it has a write-ahead log
_WITH_LOG = b"\2\2"
_OURS_AT_FIRST = {"alembic_version", "sites", "records", "pins", "spent_nonces"}


def make(database: Path, target: Path, now: datetime, progress: Progress) -> None:
    """Write a backup of ``database`` to ``target``, which appears when it is whole, checked, and on disk.

    Raises:
        UnusableStore: if that can not be.
    """
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as part:  # made with mode 0600
        written = Path(part.name)
        try:
            with _in_words(target):
                _copy(database, written, progress)
                check(written)
            os.fsync(part.fileno())
            moment = now.timestamp()
            os.utime(written, (moment, moment))  # what is listed is when it was taken
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
    files.keep_names(target.parent)


def _copy(database: Path, written: Path, progress: Progress) -> None:
    with (
        closing(sqlite3.connect(database, isolation_level=None, timeout=LOCK_WAIT)) as source,
        closing(sqlite3.connect(written, isolation_level=None)) as copy,
    ):
        copy.execute("PRAGMA synchronous=OFF")  # one fsync at the end does it
        # Readers stand still in the write-ahead log. Without this the copy would begin anew at every commit, for ever.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master")
        source.backup(
            copy, pages=PAGES, sleep=PAUSE_SECONDS, progress=lambda _, left, total: progress(total - left, total)
        )
        source.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE")


def _tables(opened: sqlite3.Connection) -> set[str]:
    return {name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def check(path: Path) -> str:
    """The revision of the tables in a database file that is whole, and ours.

    Raises:
        UnusableStore: otherwise.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        try:
            if not _tables(opened) >= _OURS_AT_FIRST:
                raise UnusableStore("it is no database of this service")
            [(found,)] = opened.execute("PRAGMA integrity_check(1)")
            if found != "ok" or opened.execute("PRAGMA foreign_key_check").fetchone():
                raise UnusableStore("it is damaged")
            [(revision,)] = opened.execute("SELECT version_num FROM alembic_version")
        except (sqlite3.DatabaseError, ValueError) as error:
            raise UnusableStore(f"it is damaged ({error})") from error
    return str(revision)


def is_one(path: Path) -> bool:
    """Whether a file is a database of ours, damaged or not."""
    with path.open("rb") as opened:
        if opened.read(len(_HEADER)) != _HEADER:
            return False
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as database:
        try:
            return _tables(database) >= _OURS_AT_FIRST
        except sqlite3.DatabaseError:
            return False


@contextmanager
def prepared(settings: Settings, backup: Path) -> Iterator[Settings]:
    """A checked copy of ``backup``, as the settings to open it with; gone again when the block ends.

    Raises:
        UnusableStore: if it is no backup of this service, is damaged, or was made by a later version.
    """
    copying = replace(settings, data_dir=settings.data_dir / COPY)
    copy = _path(copying)
    if copy.parent.resolve() in backup.resolve().parents:
        raise UnusableStore(f"{backup} lies where a restore works, which is emptied; move it elsewhere first")
    shutil.rmtree(copy.parent, ignore_errors=True)  # of a restore that was killed
    files.make_private_directory(copy.parent)
    files.make_private_file(copy)  # SQLite gives its log files the same mode
    try:
        with backup.open("rb") as opened:
            head = opened.read(_LOGGED.stop)
        if not head.startswith(_HEADER):
            raise UnusableStore(f"{backup} is no backup of this service: it is no SQLite database")
        # Whoever stopped the service and copied its files has both. What we wrote has no log: one beside is another's.
        for end in ("", "-wal") if head[_LOGGED] == _WITH_LOG else ("",):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{backup}{end}", f"{copy}{end}")
        try:
            revision = check(copy)
        except UnusableStore as error:
            raise UnusableStore(f"{backup} can not be restored: {error}") from error
        if schema.is_newer(revision):
            raise UnusableStore(f"{backup} was made by a later version (tables at {revision}); install that one")
        yield copying
    finally:
        shutil.rmtree(copy.parent, ignore_errors=True)


def put_in_place(
    settings: Settings, copying: Settings, taken: datetime, clock: Clock, note: Callable[[Session], None]
) -> Path | None:
    """Let a prepared copy take the place of the database; where the former one is kept. Nobody may use it meanwhile.
    ``taken`` is when the backup was made; ``note`` writes into the copy that it was restored.

    Raises:
        UnusableStore: if somebody does, or the clock can not be right.
    """
    database, copy = _path(settings), _path(copying)
    if database.is_symlink():
        raise UnusableStore(f"{database} is a link; name the directory that it leads to with KEYCHAIN_DATA_DIR")
    least = max(_shown(copy), floor.text(taken))
    floor.check_clock(clock(), least)
    store = engine.open_store(copying)
    try:
        schema.upgrade(store)
        with store.session() as session:
            note(session)
    finally:
        store.close()
    former = database.with_name(f"{database.name}.before-{clock().astimezone(UTC):%Y%m%dT%H%M%S%f}")
    if not database.exists():
        _take_logs_away(database, former)
        _settle(copy, max(least, floor.text(clock())))
        copy.replace(database)
        files.keep_names(database.parent)
        return None
    with _alone(database, former) as held:  # nothing is spent from here on
        _settle(copy, max(least, floor.shown(held), floor.text(clock())))
        former.hardlink_to(database)
        copy.replace(database)
        files.keep_names(database.parent)
    return former


def _shown(copy: Path) -> str:
    with closing(sqlite3.connect(copy, isolation_level=None)) as opened:
        return floor.shown(opened)


def _settle(copy: Path, under: str) -> None:
    """Give the copy its floor, and have it on disk, in one file."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as single:
        floor.put(single, under)
        single.execute("PRAGMA journal_mode=DELETE")
    with copy.open("rb") as written:
        os.fsync(written.fileno())
    files.keep_names(copy.parent)


@contextmanager
def _alone(database: Path, former: Path) -> Iterator[sqlite3.Connection]:
    """Keep everybody out of a database, in one file without a log beside it: a new one would be taken to have that."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=LOCK_WAIT)) as held:
        try:
            held.execute("PRAGMA journal_mode=DELETE")
            held.execute("PRAGMA locking_mode=EXCLUSIVE")
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise UnusableStore(f"{database} can not be replaced ({error})") from error
            raise UnusableStore(f"somebody has {database} open; stop what uses it first") from error
        except sqlite3.DatabaseError:  # it is damaged, which may be why another takes its place
            _take_logs_away(database, former)
        yield held


def _take_logs_away(database: Path, former: Path) -> None:
    for end in ("-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            Path(f"{database}{end}").replace(f"{former}{end}")
    files.keep_names(database.parent)


def _path(settings: Settings) -> Path:
    assert settings.sqlite_path is not None  # noqa: S101 - who asks has looked
    return settings.sqlite_path


@contextmanager
def _in_words(target: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise UnusableStore(f"the backup {target} can not be written: {error}") from error
    except UnusableStore as error:
        raise UnusableStore(f"the database can not be backed up: {error}") from error
