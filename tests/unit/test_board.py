"""The board: one look for all who ask, a few times a second, and never one that waits for another's."""

from threading import Thread

import pytest

from keychain import errors
from keychain.web.board import FEW, LOOK_EVERY, OLD, Board


class Looking:
    """A clock to set, a table of counters, and who was looked for."""

    def __init__(self) -> None:
        self.now = 100.0
        self.counters: dict[str, int] = {}
        self.looks: list[set[str]] = []
        self.fails = False
        self.board = Board(self.look, lambda: self.now)

    def look(self, asked) -> dict[str, int]:
        self.looks.append(set(asked))
        if self.fails:
            raise errors.Unavailable
        return {device: self.counters[device] for device in asked if device in self.counters}

    def crowd(self, count: int = FEW + 1) -> list[str]:
        """So many devices, each of which has asked once and is on the board."""
        devices = [f"d{number}" for number in range(count)]
        self.counters |= dict.fromkeys(devices, 0)
        for _ in range(2):
            for device in devices:
                self.board.change(device)
            self.now += LOOK_EVERY
        self.board.change(devices[0])
        self.looks.clear()
        return devices


@pytest.fixture
def looking() -> Looking:
    return Looking()


def test_few_are_looked_up_alone(looking):
    assert {looking.board.change(device) for device in looking.crowd(FEW)} == {None}
    assert looking.looks == []


def test_many_are_looked_up_together_and_news_are_told_with_the_next_look(looking):
    devices = looking.crowd()
    looking.counters[devices[3]] = 1
    assert {looking.board.change(device) for device in devices} == {0}
    assert looking.looks == []
    looking.now += LOOK_EVERY
    assert looking.board.change(devices[3]) == 1
    assert {looking.board.change(device) for device in devices if device != devices[3]} == {0}
    assert looking.looks == [set(devices)]


def test_who_is_new_is_looked_up_alone_until_the_next_look(looking):
    looking.crowd()
    looking.counters["new"] = 5
    assert looking.board.change("new") is None
    looking.now += LOOK_EVERY
    assert looking.board.change("new") == 5


def test_a_device_that_ended_is_left_to_the_door_with_the_next_look(looking):
    devices = looking.crowd()
    del looking.counters[devices[0]]
    looking.now += LOOK_EVERY
    assert looking.board.change(devices[0]) is None
    assert looking.board.change(devices[1]) == 0


def test_who_went_away_is_forgotten_and_few_are_few_again(looking):
    devices = looking.crowd()
    looking.now += OLD
    assert looking.board.change(devices[0]) is None
    assert looking.looks == []


def test_a_look_that_fails_is_told_to_who_made_it_and_nothing_old_to_anybody(looking):
    devices = looking.crowd()
    looking.fails = True
    looking.now += LOOK_EVERY
    with pytest.raises(errors.Unavailable):
        looking.board.change(devices[0])
    for device in devices[1:]:
        with pytest.raises(errors.Unavailable):
            looking.board.change(device)
    looking.fails = False
    assert looking.board.change(devices[0]) == 0


def test_nobody_waits_for_somebody_elses_look_nor_is_told_what_is_old(looking):
    devices = looking.crowd()
    told: list[int | None] = []
    again = looking.look

    def hanging(asked):
        """While one looks, another asks; at first at once, then after long."""
        for passed in (0.0, OLD):
            looking.now += passed
            other = Thread(target=lambda: told.append(looking.board.change(devices[1])))
            other.start()
            other.join(5)
        return again(asked)

    looking.board._look = hanging  # the database begins to hang
    looking.now += LOOK_EVERY
    looking.board.change(devices[0])
    assert told == [0, None]
