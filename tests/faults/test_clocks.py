"""A node whose clock is wrong, or jumps while it serves: it refuses what the others accept, says so when it is asked,
and no nonce that was ever spent comes back, on this node or another, then or later.

The wrong clock is that of the node's processes alone, by libfaketime.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keychain import nonce
from tests.faults.clusters import cluster, two_nodes
from tests.faults.ledger import Once
from tests.faults.lines import Json, Line
from tests.faults.loads import REPLAYED, SUCCESS, lines_to, registered
from tests.faults.nodes import Node, running
from tests.faults.people import FastPerson, validation

EXPIRED, FUTURE = "nonce_expired", "nonce_from_the_future"
HOUR = timedelta(hours=1)
SETTINGS = {"nonce_max_age": "300"}  # the default: an hour is far outside

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class WrongClock:
    """The clock of the processes that are started with ``variables``; it starts right."""

    def __init__(self, file: Path) -> None:
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        assert found, "these tests need libfaketime: apt-get install faketime"
        self._file = file
        self.variables = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # which no operator sets
        }
        self.jump(timedelta())

    def jump(self, by: timedelta) -> None:
        """From now on it is wrong by so much."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{by.total_seconds():+.0f}")
        new.rename(self._file)  # whoever reads it finds the old one or the new one


@pytest.fixture(scope="module")
def on():
    with cluster() as running:
        yield running


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    return WrongClock(tmp_path_factory.mktemp("clock") / "clock")


@pytest.fixture(scope="module")
def nodes(on, tmp_path_factory, clock):
    """The first one's clock is ``clock``."""
    folder = tmp_path_factory.mktemp("nodes")
    with two_nodes(on, folder, variables=clock.variables, workers=1, settings=SETTINGS) as both:
        yield both


@pytest.fixture
def site(nodes, clock):
    """One that asks both; the clock is right again when it has gone."""
    with lines_to(*nodes) as lines:
        yield Caller(lines, registered(nodes[0]))
        clock.jump(timedelta())


class Caller:
    """A site that asks each node, and forgets nothing of what was ever accepted."""

    def __init__(self, lines: list[Line], site: Json) -> None:
        self._lines, self._site = lines, site
        self._person = FastPerson()
        self.accepted: list[Once] = []

    def new(self, by: timedelta = timedelta()) -> Once:
        """A sign-in of which the signers' clock is wrong by so much."""
        return validation(self._person.payload(datetime.now(UTC) + by), self._site)

    def codes(self, once: Once) -> list[str]:
        """What each node says to it, one after the other."""
        codes = [line.ask(once.request).code for line in self._lines]
        if SUCCESS in codes:
            assert once not in self.accepted, "accepted again"
            assert codes.count(SUCCESS) == 1, "accepted by both"
            self.accepted.append(once)
        return codes

    def send_all_again(self) -> None:
        """Whatever the clocks say now, nothing that was accepted is accepted again."""
        for once in list(self.accepted):
            assert set(self.codes(once)) <= {REPLAYED, EXPIRED, FUTURE}


@pytest.mark.parametrize("ahead", [HOUR, -HOUR], ids=["ahead", "behind"])
def test_a_clock_that_jumps_an_hour_refuses_and_brings_no_spent_nonce_back(site, clock, ahead):
    refused, elsewhere = (EXPIRED, FUTURE) if ahead > timedelta() else (FUTURE, EXPIRED)
    before = site.new()
    assert site.codes(before) == [SUCCESS, REPLAYED]
    for _ in range(2):  # there, back, and there again, where what was fresh by the wrong clock still is
        clock.jump(ahead)
        assert site.codes(before) == [refused, REPLAYED]
        assert site.codes(site.new()) == [refused, SUCCESS]
        assert site.codes(site.new(by=ahead)) == [SUCCESS, elsewhere]
        site.send_all_again()
        assert site.codes(site.accepted[-1]) == [REPLAYED, elsewhere]

        clock.jump(timedelta())
        assert site.codes(before) == [REPLAYED, REPLAYED]
        assert site.codes(site.new()) == [SUCCESS, REPLAYED]
        site.send_all_again()


def test_the_doctor_says_which_node_has_the_wrong_clock(nodes, site, clock):
    wrong, right = nodes
    assert clock_of(wrong) == "ok"
    for ahead in (HOUR, -HOUR):
        clock.jump(ahead)
        said = wrong.command("doctor", check=False)
        assert said.returncode == 1, said
        [seconds] = re.findall(r"clock: differs from the database's by (-?\d+) s", said.stdout)
        assert abs(int(seconds) - ahead.total_seconds()) <= 2
    assert clock_of(right) == "ok"


def clock_of(node: Node) -> str:
    """What the doctor finds of a node's clock."""
    findings = json.loads(node.command("doctor", "--json", check=False).stdout)
    [state] = [finding["state"] for finding in findings if finding["subject"] == "clock"]
    return state


def test_pruning_by_a_wrong_clock_forgets_nothing_before_its_day_is_over(on, nodes, site, clock):
    fresh = site.new()
    assert site.codes(fresh) == [SUCCESS, REPLAYED]
    ages = [(made, spent) for made in (0, 23, 25) for spent in (0, 23, 25)]
    rows = [(nonce.make(datetime.now(UTC) - made * HOUR).text, f"hours{made},{spent}", spent) for made, spent in ages]
    with on.connect() as connection:
        connection.cursor().executemany(
            "INSERT INTO spent_nonces (nonce, uid, spent_at) VALUES (%s, %s, now() - make_interval(hours => %s))", rows
        )
    for hours in (25, 1, -1, -25):
        clock.jump(hours * HOUR)
        nodes[0].command("prune")
        kept = {uid for (uid,) in on.rows("SELECT uid FROM spent_nonces WHERE starts_with(uid, 'hours')")}
        assert kept == {uid for _, uid, _ in rows} - {"hours25,25"}
        site.send_all_again()
    clock.jump(timedelta())
    assert site.codes(fresh) == [REPLAYED, REPLAYED]


@pytest.mark.parametrize("ahead", [HOUR, -HOUR], ids=["ahead", "behind"])
def test_sqlite_whose_clock_is_the_one_that_jumps_keeps_what_was_spent(tmp_path, ahead):
    """There the database's clock is wrong with the service's; a day's keeping is what an hour can not use up."""
    clock = WrongClock(tmp_path / "clock")
    with (
        running(tmp_path, workers=2, variables=clock.variables, settings=SETTINGS) as node,
        lines_to(node) as lines,
    ):
        site = Caller(lines, registered(node))
        before = site.new()
        assert site.codes(before) == [SUCCESS]
        clock.jump(ahead)
        assert site.codes(site.new()) == [EXPIRED if ahead > timedelta() else FUTURE]
        assert site.codes(site.new(by=ahead)) == [SUCCESS]
        node.command("prune")
        assert site.codes(site.accepted[-1]) == [REPLAYED]

        clock.jump(timedelta())
        assert site.codes(before) == [REPLAYED]
        site.send_all_again()

        clock.jump(ahead)
        assert site.codes(site.accepted[-1]) == [REPLAYED]
        site.send_all_again()


def test_a_day_that_passes_on_a_wrong_clock_alone_is_none_for_sqlite_either(tmp_path):
    clock = WrongClock(tmp_path / "clock")
    with (
        running(tmp_path, workers=1, variables=clock.variables, settings=SETTINGS) as node,
        lines_to(node) as lines,
    ):
        site = Caller(lines, registered(node))
        before = site.new()
        assert site.codes(before) == [SUCCESS]
        clock.jump(25 * HOUR)
        node.command("prune")
        clock.jump(timedelta())
        assert site.codes(before) == [REPLAYED]
