"""``validate_many``: in order, in batches that the service takes, each payload alone."""

import json
from typing import Any

import httpx
import pytest

import oneid
from oneid import batches
from tests.sdk.playing import API_ID, API_KEY, BUSY, REFUSAL, SERVER, SUCCESS, Service, answer, payload


def echo(request: httpx.Request) -> httpx.Response:
    """Refuses every uid that ends with "!"."""
    asked = json.loads(request.content)["payloads"]
    answers = [REFUSAL if question["uid"].endswith("!") else SUCCESS for question in asked]
    return httpx.Response(200, json={"errorcode": 0, "error": "success", "attr_claims": {}, "answers": answers})


def test_nobody_is_asked_about_nothing(play: Any) -> None:
    site, service = play(echo)
    assert site.validate_many([]) == []
    assert site.validate_many(iter([b"", {}])) == [site.validate(b""), site.validate({})]
    assert service.requests == []


def test_answers_come_in_the_order_of_the_payloads(play: Any) -> None:
    site, service = play(echo)
    asked = [payload(uid="a"), "not JSON", payload(uid="b!"), payload(uid="c")]
    validations = site.validate_many(asked)
    assert [(bool(each), each.uid, each.code) for each in validations] == [
        (True, "a", None),
        (False, None, "malformed_payload"),
        (False, None, "bad_signature"),
        (True, "c", None),
    ]
    assert str(service.requests[0].url) == f"{SERVER}/validate_batch"
    assert [question["uid"] for question in service.bodies[0]["payloads"]] == ["a", "b!", "c"]


def test_every_payload_of_a_batch_has_its_own_request(play: Any) -> None:
    site, service = play(echo)
    site.validate_many([payload()] * 3)
    assert len({question["request"] for question in service.bodies[0]["payloads"]}) == 3


def test_a_batch_holds_at_most_a_thousand_payloads(play: Any) -> None:
    site, service = play(echo)
    validations = site.validate_many(payload(uid=str(number)) for number in range(2001))
    assert [each.uid for each in validations] == [str(number) for number in range(2001)]
    assert [len(body["payloads"]) for body in service.bodies] == [1000, 1000, 1]


def test_a_batch_holds_at_most_four_mebibytes(play: Any) -> None:
    site, service = play(echo)
    large = [payload(uid=f"{number:03}" + "x" * 60_000) for number in range(150)]
    assert [each.uid[:3] for each in site.validate_many(large)] == [f"{number:03}" for number in range(150)]
    sizes = [len(request.content) for request in service.requests]
    assert all(size <= batches.LARGEST_BATCH for size in sizes)
    assert len(sizes) == 3
    assert all(size > batches.LARGEST_BATCH - 70_000 for size in sizes[:-1])


@pytest.mark.parametrize(
    "answers",
    [
        None,
        {},
        [],
        [SUCCESS],
        [SUCCESS] * 3,
        [SUCCESS, None],
        [SUCCESS, {}],
        [SUCCESS, SUCCESS | {"errorcode": "0"}],
        [SUCCESS, SUCCESS | {"valid_signatures": ["repo"]}],
    ],
)
def test_a_batch_with_one_answer_that_is_none_is_no_answer(play: Any, answers: Any) -> None:
    site, _ = play(answer({"errorcode": 0, "error": "success", "attr_claims": {}, "answers": answers}))
    with pytest.raises(oneid.NotAnAnswer):
        site.validate_many([payload(), payload()])


def test_what_was_answered_before_an_interruption_is_not_thrown_away(kind: Any) -> None:
    service = Service(echo, answer(BUSY, 503))
    site = kind(API_ID, API_KEY, transport=service.transport)
    with pytest.raises(oneid.ServiceUnavailable) as caught:
        site.validate_many([payload(uid=str(number)) for number in range(1001)])
    assert [each.uid for each in caught.value.answered] == [str(number) for number in range(1000)]
    assert oneid.CouldNotAsk().answered == ()


def test_a_refused_batch_is_refused_as_a_whole(play: Any) -> None:
    site, _ = play(answer(REFUSAL | {"code": "batch_too_large"}, 413))
    with pytest.raises(oneid.Refused, match="batch_too_large"):
        site.validate_many([payload()])
