"""Moves a database's tables from one version to another, with Alembic."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import text

from keychain.store import impatience
from keychain.store.engine import Store
from keychain.store.files import UnusableStore

# PostgreSQL advisory lock: two nodes that start together migrate one after the other. Any fixed number will do.
_MIGRATION_LOCK = 0x6F6E656964


def upgrade(store: Store, revision: str = "head") -> None:
    """Move the tables up to ``revision``, in one transaction; nothing happens where they are there already."""
    _run(command.upgrade, store, revision)


def downgrade(store: Store, revision: str) -> None:
    """Move the tables down to ``revision`` (``base``: no tables), in one transaction."""
    _run(command.downgrade, store, revision)


def _run(move: Callable[[Config, str], None], store: Store, revision: str) -> None:
    config = _config()
    with store.session() as session, session.transaction() as connection:
        if not store.is_sqlite:
            # A migration takes as long as it takes, and so does waiting for another node's.
            impatience.wait(connection, None)
            connection.execute(text("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        try:
            move(config, revision)
        except CommandError as error:
            raise UnusableStore(f"there is no way to revision {revision} from here: {error}") from error
        finally:
            if not store.is_sqlite:
                impatience.wait(connection, impatience.SILENCE)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
