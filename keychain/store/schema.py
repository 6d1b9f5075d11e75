"""Where a database's tables stand, where this code needs them, and how they get there.

Revisions are read off the names of their files: Alembic itself, which moves the tables (``store.migrating``), is loaded
by whoever moves them. A worker that serves carries none of it.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text

from keychain.store.engine import Session, Store

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_REVISION = text("SELECT version_num FROM alembic_version")


@cache  # they do not change while a process runs
def known() -> tuple[str, ...]:
    """Every revision that this code knows, the oldest first: ``0006`` of ``v0006_audit.py``."""
    return tuple(sorted(path.name[1:5] for path in _VERSIONS.glob("v*.py")))


def head() -> str:
    """The newest revision that this code knows."""
    return known()[-1]


def current(store: Store) -> str | None:
    """The revision of the database; ``None`` before the first migration."""
    with store.session() as session:
        if not inspect(store.engine).has_table("alembic_version"):
            return None
        return revision(session)


def revision(session: Session) -> str | None:
    """As ``current``, by one statement, for whoever asks often.

    Raises:
        Unavailable: also before the first migration.
    """
    revisions = [str(row.version_num) for row in session.rows(_REVISION)]
    return revisions[0] if revisions else None


def is_newer(revision: str | None) -> bool:
    """Whether a database at ``revision`` was migrated by a later version of this code."""
    return revision is not None and revision not in known()


def upgrade(store: Store, revision: str = "head") -> None:
    """Move the tables up to ``revision``, in one transaction; nothing happens where they are there already."""
    from keychain.store import migrating

    migrating.upgrade(store, revision)


def downgrade(store: Store, revision: str) -> None:
    """Move the tables down to ``revision`` (``base``: no tables), in one transaction."""
    from keychain.store import migrating

    migrating.downgrade(store, revision)
