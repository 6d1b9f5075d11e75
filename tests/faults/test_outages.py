"""Two nodes under a light load, and their PostgreSQL restarted, stopped, hung, cut off and read-only.

While it lasts every answer is our JSON, soon, and none a success; after it both nodes go on without a restart of
theirs; and nothing is accepted twice, whether it was asked before, during or after.
"""

import contextlib
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.clusters import cluster, two_nodes
from tests.faults.lines import Json, Request
from tests.faults.loads import (
    PROMPT_SECONDS,
    RECOVERY_SECONDS,
    REPLAYED,
    SUCCESS,
    UNAVAILABLE,
    Load,
    lines_to,
    registered,
    send_again,
    sign_in,
    spending,
    timed,
)
from tests.faults.people import FastPerson, now

CUTS = 5

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def seconds(long):
    """How long an outage lasts."""
    return 30 if long else 3


@pytest.fixture(scope="module")
def on():
    with cluster() as running:
        yield running


@pytest.fixture(scope="module")
def nodes(on, tmp_path_factory):
    """The same two for all these tests, and their workers too: nothing of ours is started again after an outage."""
    with two_nodes(on, tmp_path_factory.mktemp("nodes"), workers=1) as both:
        everybody = [node.members() for node in both]
        yield both
        assert [node.members() for node in both] == everybody


@pytest.fixture(scope="module")
def site(nodes):
    return registered(nodes[0])


@contextlib.contextmanager
def under_load(on, nodes, site):
    """The load around an outage; afterwards the promises."""
    with Load(nodes, site).running() as load:
        yield load
        load.wait_for(SUCCESS, RECOVERY_SECONDS)
        recovered = time.monotonic()
        for _ in range(3):  # and not over one lucky connection of each alone
            load.wait_for(SUCCESS)
    load.check()
    for asked in load.asked.values():
        assert UNAVAILABLE in {one.code for one in asked}, "this node saw no outage"
    assert {asked.code for asked in load.since(recovered)} == {SUCCESS}
    spent = set(on.rows("SELECT uid, nonce FROM spent_nonces"))
    assert {spending(once) for once in load.accepted} <= spent
    send_again(load.ledger, nodes)


def check_doors(nodes, site: Json):
    """No door that asks the database answers like a success, nor late. They are asked at once."""
    stranger = FastPerson()
    single = sign_in(stranger, site).request
    payloads = {"payloads": [json.loads(sign_in(stranger, site).request.body)]}
    requests = [
        single,
        Request("/validate_batch", json.dumps(payloads).encode(), site),
        Request("/make_nonce", headers=site, method="GET"),
        Request("/register"),
        Request("/repo/send_2fa", b'{"two_factor_token": "x", "message": "x"}', site),
    ]
    asked = requests * len(nodes)
    with lines_to(*(node for node in nodes for _ in requests)) as lines, ThreadPoolExecutor(len(lines)) as pool:
        answers = list(pool.map(timed, lines, asked))
    for request, (answer, seconds) in zip(asked, answers, strict=True):
        assert (answer.status, answer.code) == (503, UNAVAILABLE), (request.path, answer)
        assert seconds < PROMPT_SECONDS, (request.path, seconds)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_of_the_database_needs_none_of_ours(on, nodes, site, mode):
    with under_load(on, nodes, site):
        on.restart(mode)


def test_a_database_that_is_away_is_said_to_be_until_it_is_back(on, nodes, site, seconds):
    with under_load(on, nodes, site) as load, on.stopped():
        ended = time.monotonic() + seconds
        load.wait_for(UNAVAILABLE)
        check_doors(nodes, site)
        time.sleep(max(0, ended - time.monotonic()))


def test_a_database_that_hangs_holds_no_request_for_ever(on, nodes, site, seconds):
    with under_load(on, nodes, site) as load, on.hung():
        ended = time.monotonic() + seconds
        load.wait_for(UNAVAILABLE)
        check_doors(nodes, site)
        time.sleep(max(0, ended - time.monotonic()))


# The nonce is the first thing that a transaction writes, and a first use's keys are the last.
@pytest.mark.parametrize("table", ["spent_nonces", "pins"])
def test_a_connection_cut_in_mid_transaction_takes_all_of_it_back(on, nodes, site, table):
    with under_load(on, nodes, site) as load:
        for _ in range(CUTS):
            with on.locked(table):
                on.await_waiting(len(nodes))
                assert on.cut() >= len(nodes)
            load.wait_for(SUCCESS)


def test_a_batch_that_is_cut_off_in_its_midst_says_of_each_element_what_became_of_it(on, nodes, site):
    """New people, so that each has a transaction of its own; the first of them is cut."""
    payloads = [FastPerson().payload(now()) for _ in range(5)]
    batch = Request("/validate_batch", json.dumps({"payloads": payloads}).encode(), site)
    with lines_to(nodes[0]) as [line]:
        assert line.ask(Request("/make_nonce", headers=site, method="GET")).code == SUCCESS
        with on.locked("pins"):
            line.send(batch)
            on.await_waiting(1)
            on.cut()
        answer = line.read()
        assert answer.code == SUCCESS, answer
        codes = [one.get("code", SUCCESS) for one in answer.members["answers"]]
        assert codes[0] == UNAVAILABLE
        assert {*codes} <= {SUCCESS, UNAVAILABLE}
        again = [one.get("code", SUCCESS) for one in line.ask(batch).members["answers"]]
    assert again == [SUCCESS if code == UNAVAILABLE else REPLAYED for code in codes]


def test_connections_cut_at_any_moment_lose_and_repeat_nothing(on, nodes, site, seconds):
    with under_load(on, nodes, site):
        ended = time.monotonic() + seconds / 2
        while time.monotonic() < ended:
            on.cut()
            time.sleep(random.uniform(0, 0.1))


def test_a_database_that_takes_no_writes_for_a_while_is_written_to_again(on, nodes, site):
    with under_load(on, nodes, site) as load:
        on.change("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
        load.wait_for(UNAVAILABLE)
        on.change("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")


def test_connections_that_can_only_read_are_given_up(on, nodes, site):
    """As those to a server that was the first and is the second now; new ones may lead elsewhere."""
    with under_load(on, nodes, site) as load:
        on.change("ALTER DATABASE keychain SET default_transaction_read_only = on")
        on.cut()
        load.wait_for(UNAVAILABLE)
        for _ in range(2):
            load.wait_for(UNAVAILABLE)
        on.change(
            "SET default_transaction_read_only = off", "ALTER DATABASE keychain RESET default_transaction_read_only"
        )
