"""``backup`` and ``restore``: the database while it serves, and back again (``docs/adr/0017``).

Neither has the master keys in it: they never belong where the database's backups are.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from keychain.app import utc_now
from keychain.audit import events
from keychain.settings import Settings, read
from keychain.store import backups, dumps, files, floor, schema
from keychain.store.backups import Progress
from keychain.store.engine import Session, Store, open_store


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def backup(file: Path, force: bool) -> None:
    """Write the database to FILE, while the service goes on. The master keys are not in it."""
    settings = read()
    _check_is_path(file)
    if file.exists() and not (force and file.is_file()):
        raise click.ClickException(f"{file} is there already; name another, or say --force")
    if not file.absolute().parent.is_dir():
        raise click.ClickException(f"there is no directory {file.absolute().parent}")
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
    settings = read()
    _check_is_path(file)
    if not file.is_file():
        raise click.ClickException(f"{file} is not there")
    if settings.sqlite_path:
        with files.held(settings.data_dir, alone=True):
            files.check_local(settings.sqlite_path)
            with backups.prepared(settings, file) as copying:
                _ask(settings, file, yes, there=settings.sqlite_path.exists())
                former = backups.put_in_place(settings, copying, utc_now, _note_restore(file))
        if former:
            click.echo(f"the former database is {former}; delete it when nobody needs it")
    else:
        with _open(settings) as store:
            dump = dumps.look(store, file)
            dumps.check_alone(store, dump)
            _ask(settings, file, yes, there=True)
            dumps.restore(store, settings.database_url, dump, utc_now)
            with store.session() as session:
                _note_restore(file)(session)
    click.echo(
        f"restored; sign-ins begun before {_shown(utc_now() + floor.AHEAD)} are refused as expired, none is replayed"
    )
    click.echo(
        "What was done since the backup has to be done again: sites and keys that were taken off are there again."
    )


def _note_backup(store: Store) -> None:
    if schema.current(store) == schema.head():  # before an upgrade there may be nowhere to note it
        with store.session() as session:
            events.note(session, "backup_made")


def _note_restore(file: Path) -> Callable[[Session], None]:
    return partial(events.note, kind="restored", detail={"taken_at": _shown(_taken(file))})


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
