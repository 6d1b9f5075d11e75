"""The command line, for its tests: on a data directory of each test's own."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from crowd import ROOM
from site_client import SiteClient

from keychain.app import create_app, utc_now
from keychain.cli import main
from keychain.settings import Settings
from keychain.store import drivers, engine, impatience


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command on a data directory of this test's own; its output, where it ended well."""
    monkeypatch.setenv("KEYCHAIN_DATA_DIR", str(tmp_path / "data"))

    def command(*line: str, fails: int = 0, **options) -> str:
        done = CliRunner().invoke(main, line, **options)
        assert done.exit_code == fails, done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert "Traceback" not in done.output
        return done.output

    return command


@pytest.fixture
def roomy(config, store, clock, monkeypatch):
    """The application with room for many at once, who wait at its pool: longer for their turn than callers would, since
    a busy machine would tell the last of them that the database is away."""
    monkeypatch.setattr(drivers, "LOCK_WAIT", 30)
    monkeypatch.setattr(impatience.Impatient, "silence", 31)
    waited_at = engine.open_store(config)
    yield create_app(replace(config, **ROOM), clock=clock, store=waited_at)
    waited_at.close()


@pytest.fixture
def database(run, tmp_path):
    run("migrate")
    store = engine.open_store(Settings(data_dir=tmp_path / "data"))
    with store.session() as session:
        yield session
    store.close()


@pytest.fixture
def asked(database, tmp_path):
    """A site of the application on the same database."""
    app = create_app(Settings(data_dir=tmp_path / "data"))
    yield SiteClient.registered(app, utc_now)
    app.extensions["keychain"].store.close()
