"""``backup`` and ``restore``: the database while it serves, and back again (``docs/adr/0017``).

Neither has the master keys in it: they never belong where the database's backups are.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from keychain import errors
from keychain.app import utc_now
from keychain.audit import events
from keychain.repo import masterkeys
from keychain.settings import Settings, read
from keychain.store import backups, dumps, files, floor, schema
from keychain.store.backups import Progress
from keychain.store.engine import Session, Store, open_store

_OWN = ("keychain.db", masterkeys.FILE, backups.COPY)  # what the names of the service's own files begin with


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it is an earlier backup.")
def backup(file: Path, force: bool) -> None:
    """Write the database to FILE, while the service goes on. The master keys are not in it."""
    _leave_nothing_behind()
    settings = read()
    _check_is_path(file)
    _check_target(settings, file, force)
    now = utc_now()
    if settings.sqlite_path:
        if not settings.sqlite_path.exists():
            raise click.ClickException(f"there is no database {settings.sqlite_path}")
        with files.held(settings.data_dir):
            with _progress() as shown:
                backups.make(settings.sqlite_path, file.absolute(), now, shown)
            with _open(settings) as store:
                _note_backup(store)
    else:
        with _open(settings) as store:
            dumps.make(store, settings.database_url, file.absolute(), now)
            _note_backup(store)
    click.echo(f"{file}: {file.stat().st_size:,} bytes, all that was answered before {_shown(now)}")
    click.echo("It is as sensitive as the database. The master keys are not in it: keep those, and elsewhere.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask before the database is replaced.")
def restore(file: Path, yes: bool) -> None:
    """Put the backup FILE in the database's place, and refuse all nonces from before. Stop the service first."""
    _leave_nothing_behind()
    settings = read()
    _check_is_path(file)
    if not file.is_file():
        raise click.ClickException(f"{file} is not there")
    taken = _taken(file)
    detail = {"taken_at": _shown(taken)}
    note: Callable[[Session], None] = partial(events.note, kind="restored", detail=detail)
    if settings.sqlite_path:
        with files.held(settings.data_dir, alone=True):
            files.check_local(settings.sqlite_path)
            with backups.prepared(settings, file) as copying:
                _ask(settings, file, yes, there=settings.sqlite_path.exists())
                former = backups.put_in_place(settings, copying, taken, utc_now, note)
            if former:
                click.echo(f"the former database is {former}; delete it when nobody needs it")
            _say_restored(settings)
    else:
        with _open(settings) as store:
            dump = dumps.look(store, file)
            dumps.check_alone(store, dump)
            _ask(settings, file, yes, there=True)
            dumps.restore(store, settings.database_url, dump, taken, utc_now, detail)
            if "audit_events" not in dump.tables:  # else it is in there since the commit
                with store.session() as session:
                    note(session)
        _say_restored(settings)


def _say_restored(settings: Settings) -> None:
    """By what the service will find, not by what was meant to be written."""
    with _open(settings) as store, store.session() as session:
        under = floor.found(session)
    if under is None:
        raise click.ClickException("the database has no floor under nonces; do not start the service on it")
    click.echo(f"restored; sign-ins begun before {_shown(under)} are refused as expired, none is replayed")
    click.echo(
        "What was done since the backup has to be done again: sites and keys that were taken off are there again."
    )


def _leave_nothing_behind() -> None:
    """End at SIGTERM as at an error: what is half written is taken away."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


def _check_target(settings: Settings, file: Path, force: bool) -> None:
    """Nothing but an earlier backup is replaced, and nothing is put among the service's own files."""
    if not file.absolute().parent.is_dir():
        raise click.ClickException(f"there is no directory {file.absolute().parent}")
    own, target = settings.data_dir.resolve(), file.resolve()
    if own in target.parents and target.relative_to(own).parts[0].startswith(_OWN):
        raise click.ClickException(f"{file} is the service's own; name another")
    if not file.exists():
        return
    if not (force and file.is_file()):
        raise click.ClickException(f"{file} is there already; name another, or say --force")
    database = settings.sqlite_path
    if not (backups.is_one(file) or dumps.is_one(file)) or (database and database.exists() and file.samefile(database)):
        raise click.ClickException(f"{file} is no backup, and is not replaced; name another")


def _note_backup(store: Store) -> None:
    try:
        if schema.current(store) == schema.head():  # before an upgrade there may be nowhere to note it
            with store.session() as session:
                events.note(session, "backup_made")
    except errors.Unavailable:  # a full disk is when backups are needed
        click.echo("the backup is whole, but could not be noted in the audit log: nothing can be written", err=True)


def _taken(file: Path) -> datetime:
    """When a backup was taken: its file says so, unless it was copied without its times."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _ask(settings: Settings, file: Path, yes: bool, *, there: bool) -> None:
    taken = _shown(_taken(file))
    what = settings.sqlite_path or "the PostgreSQL database"
    click.echo(f"{file} is whole, and of {taken}; what came later will be gone")
    if there and not yes:
        click.confirm(f"Put it in the place of {what}?", abort=True)


def _check_is_path(file: Path) -> None:
    """``host:file`` and URLs would silently be odd names of local files."""
    if ":" in str(file).partition("/")[0]:
        raise click.ClickException(f"{file} is no path of this machine; write to a file here, and copy it from there")


@contextmanager
def _open(settings: Settings) -> Iterator[Store]:
    """The database as it is: a backup before an upgrade must not be one."""
    store = open_store(settings)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _progress() -> Iterator[Progress]:
    with click.progressbar(length=1, label="backing up") as bar:  # says nothing where nobody looks

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
