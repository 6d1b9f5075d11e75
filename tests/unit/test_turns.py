"""The queue in front of SQLite's lock: one at a time, and nobody waits for ever."""

import os
import threading

import pytest

from keychain.store import turns


@pytest.fixture
def places(tmp_path):
    (tmp_path / "keychain.db").touch()
    joined = [turns.join(tmp_path / "keychain.db") for _ in range(2)]
    yield joined
    for place in joined:
        turns.leave(place)


def test_one_after_the_other(places):
    one, other = places
    order = []
    came = threading.Event()

    def second() -> None:
        came.set()
        with turns.turn(other):
            order.append("second")

    waiting = threading.Thread(target=second)
    with turns.turn(one):
        waiting.start()
        came.wait(10)
        order.append("first")
    waiting.join(10)
    assert order == ["first", "second"]


def test_who_loses_patience_goes_on_and_leaves_the_turn_to_whoever_has_it(places, monkeypatch):
    one, other = places
    monkeypatch.setattr(turns, "LONGEST_SECONDS", 0.02)
    with turns.turn(one):
        with turns.turn(other):
            pass
        assert not turns._taken(other)
    assert turns._taken(other)


def test_where_there_can_be_no_queue_there_is_none(tmp_path):
    assert turns.join(tmp_path / "nowhere" / "keychain.db") is None
    turns.leave(None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_makes_belongs_to_the_database_s_owner(tmp_path):
    database = tmp_path / "keychain.db"
    database.touch()
    os.chown(database, 1234, 1234)
    turns.leave(turns.join(database))
    assert (tmp_path / "keychain.db-queue").stat().st_uid == 1234


def test_the_queue_is_its_owners_alone(places, tmp_path):
    assert (tmp_path / "keychain.db-queue").stat().st_mode & 0o777 == 0o600
