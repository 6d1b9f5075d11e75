"""Two nodes on one PostgreSQL: the same payload to both at once is accepted by one of them and refused by the other."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.faults.clusters import cluster, two_nodes
from tests.faults.conftest import option
from tests.faults.ledger import Once
from tests.faults.lines import Json, Line, Request
from tests.faults.loads import REPLAYED, SUCCESS, lines_to, registered, sign_in
from tests.faults.nodes import Node
from tests.faults.people import FastPerson, now

RACERS = 4  # pairs of connections
BATCH = 100

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def race(nodes: tuple[Node, Node], site: Json, people: list[FastPerson]) -> list[tuple[str, str]]:
    """The codes of the two nodes for a sign-in of each, sent to both before either answer is read."""
    with lines_to(*nodes) as lines:
        return [
            at_both(lines, sign_in(person, site), first=turn % 2)  # they take turns in being asked first
            for turn, person in enumerate(people)
        ]


def at_both(lines: list[Line], once: Once, first: int) -> tuple[str, str]:
    lines[first].send(once.request)
    lines[1 - first].send(once.request)
    return lines[0].read().code, lines[1].read().code


@pytest.fixture(scope="module")
def on():
    with cluster() as running:
        yield running


@pytest.fixture(scope="module")
def nodes(on, tmp_path_factory):
    with two_nodes(on, tmp_path_factory.mktemp("nodes"), workers=2) as both:
        yield both


@pytest.fixture(scope="module")
def site(nodes):
    return registered(nodes[0])


@pytest.fixture(scope="module")
def races(request):
    return option(request.config, "--races")


def test_of_two_nodes_that_get_a_payload_at_once_exactly_one_accepts_it(on, nodes, site, races):
    people = [FastPerson() for _ in range(races // 5)]  # so a fifth of the races is for a first use
    sharing = [[people[turn % len(people)] for turn in range(racer, races, RACERS)] for racer in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        finished = [codes for share in pool.map(partial(race, nodes, site), sharing) for codes in share]

    assert Counter(frozenset(codes) for codes in finished) == {frozenset((SUCCESS, REPLAYED)): races}
    won = [sum(codes[node] == SUCCESS for codes in finished) for node in (0, 1)]
    assert min(won) > races / 20, f"no race: the nodes won {won}"
    assert on.rows("SELECT count(*), count(DISTINCT uid) FROM spent_nonces") == [(races, len(people))]
    assert on.rows("SELECT count(*) FROM records") == [(len(people),)]
    assert on.rows("SELECT count(*) FROM pins") == [(2 * len(people),)]


def test_of_two_nodes_that_get_a_batch_at_once_each_element_is_accepted_by_exactly_one(nodes, site, races):
    """One gets it in the other order: none waits for the other for ever."""
    people = [FastPerson() for _ in range(BATCH)]
    finished = []
    with lines_to(*nodes) as lines:
        for turn in range(max(4, races // BATCH)):
            payloads = [person.payload(now()) for person in people]
            for line, batch in list(zip(lines, (payloads, payloads[::-1]), strict=True))[:: 1 if turn % 2 else -1]:
                line.send(Request("/validate_batch", json.dumps({"payloads": batch}).encode(), site))
            first, second = ([one.get("code", SUCCESS) for one in line.read().members["answers"]] for line in lines)
            finished += list(zip(first, second[::-1], strict=True))
    assert Counter(frozenset(codes) for codes in finished) == {frozenset((SUCCESS, REPLAYED)): len(finished)}
