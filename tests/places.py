"""A database of a test's own on each of the two kinds, as environment variables that every process reads alike."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from keychain import settings
from keychain.settings import Settings


class Place:
    """Where one service's data is."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder, self.url = folder, url
        self.data = folder / "data"
        self.named = {"database_url": url} if url else {}

    @property
    def settings(self) -> Settings:
        return settings.read({}, data_dir=self.data, database_url=self.url)

    @property
    def environment(self) -> dict[str, str]:
        given = {"data_dir": str(self.data), **self.named}
        return {f"KEYCHAIN_{name.upper()}": value for name, value in given.items()}


@contextmanager
def place(kind: str, folder: Path, cluster: str) -> Iterator[Place]:
    """One with no tables yet. ``cluster``: the URL of any database of the PostgreSQL server."""
    if kind == "sqlite":
        yield Place(folder)
        return
    name = f"place_{secrets.token_hex(8)}"
    engine = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    try:
        yield Place(folder, make_url(cluster).set(database=name).render_as_string(hide_password=False))
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()
