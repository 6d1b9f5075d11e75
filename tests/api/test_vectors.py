"""The payloads that the service of 2013 published, through HTTP; and two databases that answer everything alike."""

import base64
import copy
import json
from datetime import datetime
from pathlib import Path

import pytest
from authenticator import Key, Person, b64url, make_nonce, words_sha256
from conftest import empty
from site_client import SiteClient

from keychain.app import create_app
from keychain.settings import Settings
from keychain.store import engine, schema

PUBLISHED = json.loads((Path(__file__).parents[1] / "vectors" / "published.json").read_text())


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda vector: vector["payload"]["uid"][:8])
def test_a_published_payload_validates_at_its_second_once_and_is_expired_today(site, clock, published):
    assert site.code(published["payload"]) == "nonce_expired"
    today, clock.now = clock.now, datetime.fromisoformat(published["nonce"][3:23])
    answer = site.validate(published["payload"])
    assert (answer["errorcode"], answer["valid_signatures"]) == (0, ["ad", "repo"])
    assert site.code(published["payload"]) == "replayed_nonce"
    clock.now = today
    assert site.code(published["payload"]) == "nonce_expired"


def changed_bytes(payload: dict):
    """The payload with one bit of one decoded byte changed: each byte of each key, signing input and signature."""
    for role, part in payload["nonces"].items():
        key = base64.b64decode(part["key"].translate(str.maketrans("-_", "+/")) + "==")
        pieces = [base64.urlsafe_b64decode(piece + "==") for piece in part["nonce"].split(".")]
        for number, raw in enumerate([key, *pieces]):
            for place in range(len(raw)):
                flipped = bytearray(raw)
                flipped[place] ^= 1 << place % 8
                other = copy.deepcopy(payload)
                if number == 0:
                    other["nonces"][role]["key"] = b64url(bytes(flipped))
                else:
                    texts = [b64url(piece) for piece in pieces]
                    texts[number - 1] = b64url(bytes(flipped))
                    other["nonces"][role]["nonce"] = ".".join(texts)
                yield other


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda vector: vector["payload"]["uid"][:8])
def test_any_changed_byte_of_a_published_payload_is_refused_and_burns_nothing(site, clock, published):
    clock.now = datetime.fromisoformat(published["nonce"][3:23])
    before, tried = site.rows(), 0
    for other in changed_bytes(published["payload"]):
        assert site.validate(other)["errorcode"] < 0, other
        tried += 1
    assert tried > 350
    assert site.rows() == before
    assert site.code(published["payload"]) == "success"


def questions(person: Person, phone: Key, clock) -> list[tuple[str, object]]:
    """A conversation that meets most rules once, made once and put to both databases."""
    good, nonce = person.payload(clock.now), make_nonce(clock.now)
    changing = copy.copy(person)
    changing.keys = person.keys | {"cd": phone}
    pinned = changing.payload(clock.now, pins={"cd": phone.thumbprint})
    worded = changing.payload(clock.now, nonce=nonce, words_sha256=words_sha256("Pay?", "Shop"))
    asked: list[object] = [
        {},
        {"uid": person.uid},
        changing.payload(clock.now),
        good,
        good,
        good | {"request": "a"},
        changing.payload(clock.now),
        person.payload(clock.now, roles=("ad",)),
        person.payload(clock.now.replace(year=2013)),
        pinned,
        pinned,
        worded | {"message": "Pay!"},
        worded | {"message": "Pay?", "title": "Shop"},
        person.payload(clock.now, aud="x"),
        changing.payload(clock.now, unpins={"repo": person.keys["repo"].thumbprint}),
        changing.payload(clock.now, roles=("ad", "repo"), unpins={"cd": phone.thumbprint}),
        changing.payload(clock.now),
        person.payload(clock.now) | {"attr_claim_tokens": None},
        person.payload(clock.now) | {"attr_claim_tokens": {"email": "x"}},
        Person(uid=person.uid).payload(clock.now),
        [],
        None,
        "x",
        {"uid": "x", "UID": "x"},
        {"uid": "\0"},
        {"uid": "\ud800"},
    ]
    one_by_one = [("/validate", question) for question in asked]
    fresh = [person.payload(clock.now), good, 7, Person().payload(clock.now), None]
    return [*one_by_one, ("/validate_batch", {"payloads": fresh}), ("/validate_batch", {}), ("/nothing", {})]


def test_sqlite_and_postgresql_answer_alike_but_for_the_request_id(tmp_path, postgresql, clock):
    asked = questions(Person(), Key(), clock)
    conversations = []
    for settings in (Settings(data_dir=tmp_path / "one"), Settings(data_dir=tmp_path / "two", database_url=postgresql)):
        store = engine.open_store(settings)
        schema.upgrade(store)
        site = SiteClient.registered(create_app(settings, clock=clock, store=store), clock)
        answers = [site.ask(path, question) for path, question in asked]
        conversations.append([(answer.status_code, without_ids(answer.get_json())) for answer in answers])
        empty(store)
        store.close()
    assert conversations[0] == conversations[1]
    codes = {answer.get("code", "success") for _, answer in conversations[0]}
    assert len(codes) >= 12, codes


def without_ids(answer: dict) -> dict:
    answer.pop("request_id", None)
    for element in answer.get("answers", ()):
        element.pop("request_id", None)
    return answer
