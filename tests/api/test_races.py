"""Many at once for one nonce, and for one first use: exactly one wins, on both databases, in threads and processes."""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from authenticator import Key, Person
from site_client import SiteClient
from sqlalchemy import select

from keychain.app import utc_now
from keychain.store.tables import pins
from keychain.validation import record

pytestmark = pytest.mark.slow

THREADS = 64
PROCESSES = 4
ROUNDS = 25


@pytest.fixture
def crowded(roomy, clock):
    return SiteClient.registered(roomy, clock)


def at_once(ask, questions) -> list:
    barrier = Barrier(len(questions))

    def go(question):
        barrier.wait()
        return ask(question)

    with ThreadPoolExecutor(len(questions)) as pool:
        return list(pool.map(go, questions))


def test_64_threads_spend_one_nonce_once(crowded, clock):
    person = Person()
    assert crowded.code(person.payload(clock.now)) == "success"
    for _ in range(5):
        codes = Counter(at_once(crowded.code, [person.payload(clock.now)] * 1 * THREADS))
        assert codes.pop("success") == 1
        assert set(codes) <= {"replayed_nonce", "unavailable"}


def test_64_threads_with_one_first_use_of_one_payload(crowded, clock):
    for _ in range(3):
        payload = Person().payload(clock.now)
        codes = Counter(at_once(crowded.code, [payload] * THREADS))
        assert codes.pop("success") == 1
        assert set(codes) <= {"replayed_nonce", "unavailable"}


def test_64_strangers_claim_one_uid_and_one_of_them_gets_it(crowded, clock, session):
    first = Person()
    rivals = [first] + [Person(uid=first.uid) for _ in range(THREADS - 1)]
    codes = at_once(crowded.code, [rival.payload(clock.now) for rival in rivals])
    assert codes.count("success") == 1
    assert set(codes) <= {"success", "key_not_on_record", "unavailable"}
    winner = rivals[codes.index("success")]
    held = {row.public_key for row in session.rows(select(pins).where(pins.c.uid == first.uid))}
    assert held == {key.raw for key in winner.keys.values()}


def test_64_payloads_of_one_new_user_all_validate_and_one_is_the_first_use(crowded, clock):
    person = Person()
    answers = at_once(crowded.validate, [person.payload(clock.now) for _ in range(THREADS)])
    assert {answer.get("code", "success") for answer in answers} <= {"success", "unavailable"}
    assert sum("first_use" in answer for answer in answers) == 1


def test_parallel_changes_never_hold_more_than_eight_keys(crowded, clock, session):
    person = Person()
    assert crowded.code(person.payload(clock.now)) == "success"
    changes = []
    for _ in range(20):
        person.keys["cd"] = Key()
        changes.append(person.payload(clock.now, pins={"cd": person.keys["cd"].thumbprint}))
    codes = at_once(crowded.code, changes)
    held = [key for role, key in record.read(session, person.uid).active if role == "cd"]
    assert len(held) == codes.count("success") <= record.KEYS_PER_ROLE
    assert set(codes) <= {"success", "record_change_refused", "unavailable"}


def test_batches_with_the_same_payloads_spend_each_once(crowded, clock):
    people = [Person() for _ in range(30)]
    for person in people:
        assert crowded.code(person.payload(clock.now)) == "success"
    payloads = [person.payload(clock.now) for person in people]
    answers = at_once(crowded.batch, [payloads, payloads[::-1]] * 4)
    assert sum(answer["errorcode"] == 0 for batch in answers for answer in batch) == len(people)


def test_four_processes_spend_each_nonce_once_and_pin_each_user_once(config, store, site, clock, tmp_path):
    person = Person()
    assert site.code(person.payload(utc_now())) == "success"
    questions = []
    for _ in range(ROUNDS):
        new = Person()
        questions.append([person.payload(utc_now())] * PROCESSES)  # one nonce
        questions.append([Person(uid=new.uid).payload(utc_now()) for _ in range(PROCESSES)])  # one first use
    files = []
    for number in range(PROCESSES):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps([asked[number] for asked in questions]))
    line = [sys.executable, str(Path(__file__).parents[1] / "asking.py"), str(config.data_dir), config.database_url]
    credentials = [site.api_id, site.api_key, str(tmp_path / "go")]
    asking = [subprocess.Popen([*line, *credentials, str(file)], stdout=subprocess.PIPE, text=True) for file in files]
    ready = [process.stdout.readline() for process in asking]
    assert ready == ["ready\n"] * PROCESSES
    (tmp_path / "go").touch()
    answered = [json.loads(process.communicate(timeout=120)[0]) for process in asking]
    for number, codes in enumerate(zip(*answered, strict=True)):
        assert codes.count("success") == 1, (number, codes)
        assert set(codes) <= {"success", "replayed_nonce", "key_not_on_record"}
