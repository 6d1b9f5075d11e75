"""What can not be told apart by words can not be told apart by time either: two kinds of refusals, interleaved.

Asked in this process, so that no network hides a difference: what an attacker measures is this and noise. A pair is one
of each, in random order; what counts is the mean of the middle half of the pairs' differences, because pauses of the
machine fall into the ends. An effect of 20 µs would be seen: one test shows that, with such an effect put in. They are
microseconds of a machine whose two verifications take 125; on a slower or busier one they are longer, as the work is.
"""

import io
import itertools
import json
import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from authenticator import Person
from site_client import SiteClient
from werkzeug.test import EnvironBuilder

from benchmarks import limit
from keychain.app import create_app

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

VISIBLE = 20e-6  # seconds
TWO_VERIFICATIONS = 125e-6  # seconds, where that was measured
SURE = 2.576  # standard errors: 99 %
CUT = 0.25  # of the differences, at either end
SHORT, LONG = 2_000, 10_000  # pairs; a restless machine takes more of them, for as long as this
PATIENCE = 250  # seconds
WARM_UP = 100


def apart(
    one: Callable[[], None], other: Callable[[], None], pairs: int, visible: float, seed: int
) -> tuple[float, float]:
    """Seconds that ``one`` takes more than ``other``, and the standard error of that (Tukey and McLaughlin 1963)."""
    dice = random.Random(seed)
    differences: list[float] = []
    give_up = time.monotonic() + PATIENCE
    for number in itertools.count():
        taken = {}
        for asked in dice.sample((one, other), 2):
            began = time.perf_counter()
            asked()
            taken[asked] = time.perf_counter() - began
        if number >= WARM_UP:
            differences.append(taken[one] - taken[other])
        if len(differences) >= pairs and len(differences) % SHORT == 0:
            mean, error = trimmed(sorted(differences))
            is_sure = SURE * error < min(visible / 2, abs(visible - abs(mean)))  # of the one or of the other
            if is_sure or time.monotonic() > give_up:
                break
    return mean, error


def trimmed(ordered: list[float]) -> tuple[float, float]:
    cut = int(CUT * len(ordered))
    kept = ordered[cut:-cut]
    winsorized = [kept[0]] * cut + kept + [kept[-1]] * cut
    error = statistics.stdev(winsorized) / ((1 - 2 * CUT) * len(ordered) ** 0.5)
    return statistics.mean(kept), error


@pytest.fixture(autouse=True)
def _unwatched():
    watching = sys.gettrace()
    sys.settrace(None)  # who counts lines makes every line cost
    yield
    sys.settrace(watching)


@pytest.fixture
def visible(_unwatched) -> float:
    """The effect that has to be seen here and now: as many times as large as the same work takes longer."""
    return VISIBLE * max(1.0, statistics.median(limit.measure(100) for _ in range(5)) / TWO_VERIFICATIONS)


def assert_alike(one, other, visible, long, seed):
    difference, error = apart(one, other, LONG if long else SHORT, visible, seed)
    print(f"{difference * 1e6:+.1f} µs, standard error {error * 1e6:.1f}, of {visible * 1e6:.1f}")
    assert SURE * error < visible, "the machine is too restless to see 20 µs"
    assert abs(difference) + SURE * error < visible, "told apart"


@pytest.fixture
def refusing(config, store, clock) -> SiteClient:
    """A site of a Keychain that puts nobody on record."""
    return SiteClient.registered(create_app(replace(config, unknown_uid="refuse"), clock=clock, store=store), clock)


def refusal(site: SiteClient, body: bytes, api_id: str, api_key: str, code: str) -> Callable[[], None]:
    """Asks with these credentials, past every client, and holds the answer against what it has to be."""
    environ = EnvironBuilder("/validate", method="POST", data=body, auth=(api_id, api_key)).get_environ()
    said = json.dumps(code).encode()

    def ask() -> None:
        answer = site.app.wsgi_app({**environ, "wsgi.input": io.BytesIO(body)}, lambda *_: None)
        assert said in answer[0]

    return ask


def test_an_unknown_api_id_and_a_wrong_key_take_the_same_time(refusing, clock, visible, long, seed):
    person = Person()
    body = json.dumps(person.payload(clock.now)).encode()
    unknown = refusal(refusing, body, str(uuid.uuid4()), "wrong", "credentials_refused")
    wrong = refusal(refusing, body, refusing.api_id, "wrong", "credentials_refused")
    assert_alike(unknown, wrong, visible, long, seed)


def test_an_unknown_uid_and_other_keys_of_a_known_one_take_the_same_time(refusing, site, clock, visible, long, seed):
    known = Person()
    assert site.code(known.payload(clock.now)) == "success"
    somebody_else, nobody = Person(uid=known.uid), Person()
    bodies = [json.dumps(person.payload(clock.now)).encode() for person in (nobody, somebody_else)]
    pair = [refusal(refusing, body, refusing.api_id, refusing.api_key, "key_not_on_record") for body in bodies]
    assert_alike(*pair, visible, long, seed)


def test_an_effect_a_little_above_twenty_microseconds_is_seen(refusing, clock, visible, long, seed):
    body = json.dumps(Person().payload(clock.now)).encode()
    ask = refusal(refusing, body, refusing.api_id, "wrong", "credentials_refused")

    def ask_and_wait() -> None:
        until = time.perf_counter() + 1.25 * visible
        while time.perf_counter() < until:
            pass
        ask()

    with pytest.raises(AssertionError, match="told apart"):
        assert_alike(ask_and_wait, ask, visible, long, seed)
