"""Backing up and restoring, for tests: a database that the commands work on, and what it holds.

A test file imports a fixture under its own name (``from backups import at as at``): other files have others so named.
"""

from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from authenticator import Person
from conftest import DATABASES
from places import Place, place
from site_client import SiteClient
from sqlalchemy import select

from keychain.app import create_app, utc_now
from keychain.store import engine
from keychain.store.tables import nonce_floor, records


@pytest.fixture(params=DATABASES)
def at(request, run, tmp_path, monkeypatch):
    """A migrated database of this test's own."""
    cluster = request.getfixturevalue("postgresql") if request.param == "postgresql" else ""
    with place(request.param, tmp_path, cluster) as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        run("migrate")
        yield made


@pytest.fixture
def embedded(run, tmp_path) -> Place:
    run("migrate")
    return Place(tmp_path)


@contextmanager
def serving(at: Place, **by: float):
    """The application, closed when the block ends; its clock is ahead ``by`` so much."""
    app = create_app(at.settings, clock=lambda: utc_now() + timedelta(**by))
    with closing(app.extensions["keychain"].store):
        yield app


@contextmanager
def looking(at: Place):
    with closing(engine.open_store(at.settings)) as store, store.session() as session:
        yield session


def uids(at: Place) -> set[str]:
    with looking(at) as session:
        return {row.uid for row in session.rows(select(records.c.uid))}


def floor_of(at: Place) -> str:
    with looking(at) as session:
        [(kept,)] = session.rows(select(nonce_floor.c.floor))
    return kept


def accepted(app, count: int = 3, site: SiteClient | None = None):
    site = site or SiteClient.registered(app, utc_now)
    made = [Person().payload(utc_now()) for _ in range(count)]
    assert [site.code(payload) for payload in made] == ["success"] * count
    return site, made
