"""``prune`` and ``migrate``, and how every command opens the database."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext

import click

from keychain.repo import pruning
from keychain.settings import Settings
from keychain.settings import read as read_settings
from keychain.store import files, schema
from keychain.store.engine import Store, open_store
from keychain.validation import replay


class NotMigrated(Exception):
    """The tables are not those that this code needs; the message says what to do."""


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Store]:
    """The database with its tables up to date; the embedded one brings itself up to date.

    Raises:
        NotMigrated: for a database server that waits for ``keychain migrate``.
        UnusableStore: while it is being restored.
    """
    settings = settings or read_settings()
    with in_use(settings):
        yield from _opened(settings)


def in_use(settings: Settings) -> AbstractContextManager[None]:
    """Say that the embedded database is used, so that nobody puts another in its place meanwhile."""
    return files.held(settings.data_dir) if settings.sqlite_path else nullcontext()


def _opened(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    try:
        at, wanted = schema.current(store), schema.head()
        if at != wanted:
            if schema.is_newer(at):
                raise NotMigrated(f"the tables are at {at}, which a later version made; install that version")
            if not store.is_sqlite:
                raise NotMigrated(f"the tables are at {at or 'nothing'}, not at {wanted}; run `keychain migrate` first")
            schema.upgrade(store)
        yield store
    finally:
        store.close()


@click.command()
def prune() -> None:
    """Forget the nonces that were spent more than a day ago, old proofs, and what else ended long ago.

    The server does this by itself every ten minutes; run it where no server is running.
    """
    with opened() as store:
        forgotten = replay.prune(store)
        others = pruning.prune(store)
        with store.session() as session:
            click.echo(f"{forgotten} spent nonces forgotten, {replay.count(session)} kept")
        for what, gone in others.items():
            click.echo(f"{gone} {what.replace('_', ' ')} forgotten")


@click.command()
@click.option("--down", metavar="REVISION", help="Go down to this revision instead; `base` drops every table.")
@click.option("--yes", is_flag=True, help="Do not ask before going down.")
def migrate(down: str | None, yes: bool) -> None:
    """Bring the database's tables up to date."""
    settings = read_settings()
    with in_use(settings), closing(open_store(settings)) as store:
        if down is None:
            schema.upgrade(store)
        else:
            if not yes:
                click.confirm(f"Going down to {down} deletes what only later tables hold. Go on?", abort=True)
            schema.downgrade(store, down)
        click.echo(f"the tables are at {schema.current(store) or 'nothing'}")
