"""Asked again only where nothing can be spent twice."""

from typing import Any

import httpx
import pytest

import oneid
from oneid import exchange
from oneid.exchange import Ask, NoReply
from tests.sdk.playing import BUSY, NONCE, REFUSAL, SUCCESS, UID, answer, payload

NONCE_ANSWER = {"errorcode": 0, "error": "success", "nonce": NONCE}
UNSENT = [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("busy")]
SENT = [
    httpx.ReadTimeout("slow"),
    httpx.WriteTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    httpx.ProxyError("502"),
]


def named(error: Exception) -> str:
    return type(error).__name__


@pytest.mark.parametrize("failure", UNSENT, ids=named)
def test_what_was_not_sent_is_asked_again(play: Any, failure: Exception) -> None:
    site, service = play(failure, failure, answer())
    assert site.verify(payload()).uid == UID
    assert len(service.requests) == 3
    assert len({body["request"] for body in service.bodies}) == 1


@pytest.mark.parametrize("failure", UNSENT, ids=named)
@pytest.mark.parametrize("call", ["validate", "make_nonce"])
def test_three_tries_without_a_connection_are_enough(play: Any, call: str, failure: Exception) -> None:
    site, service = play(failure)
    with pytest.raises(oneid.Unreachable) as caught:
        site.validate(payload()) if call == "validate" else site.make_nonce()
    assert caught.value.__cause__ is failure
    assert len(service.requests) == 3


@pytest.mark.parametrize("failure", SENT, ids=named)
@pytest.mark.parametrize("call", ["validate", "verify"])
def test_what_may_have_been_spent_is_not_asked_again(play: Any, call: str, failure: Exception) -> None:
    site, service = play(failure, answer())
    with pytest.raises(oneid.AnswerLost):
        getattr(site, call)(payload())
    assert len(service.requests) == 1


@pytest.mark.parametrize("failure", SENT, ids=named)
def test_a_batch_and_a_registration_are_not_asked_again_either(kind: Any, play: Any, failure: Exception) -> None:
    site, service = play(failure, answer())
    with pytest.raises(oneid.AnswerLost):
        site.validate_many([payload()])
    with pytest.raises(oneid.AnswerLost):
        kind.register(transport=play(failure, answer())[1].transport)
    assert len(service.requests) == 1


@pytest.mark.parametrize("failure", SENT + UNSENT, ids=named)
def test_a_nonce_is_asked_for_freely(play: Any, failure: Exception) -> None:
    site, service = play(failure, failure, answer(NONCE_ANSWER))
    assert site.make_nonce() == NONCE
    assert len(service.requests) == 3


def test_a_nonce_that_never_comes_is_lost(play: Any) -> None:
    site, service = play(httpx.ReadTimeout("slow"))
    with pytest.raises(oneid.AnswerLost):
        site.make_nonce()
    assert len(service.requests) == 3


@pytest.mark.parametrize("headers", [{}, {"retry_after": "0"}, {"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}])
def test_a_busy_service_is_asked_once_more_with_the_same_request(play: Any, headers: Any) -> None:
    site, service = play(answer(BUSY, 503, **headers), answer())
    assert site.validate(payload()).uid == UID
    assert service.requests[0].content == service.requests[1].content


def test_a_service_that_stays_busy_is_not_asked_a_third_time(play: Any) -> None:
    site, service = play(answer(BUSY, 503))
    with pytest.raises(oneid.ServiceUnavailable, match="unavailable"):
        site.validate(payload())
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    "outcome",
    [
        answer(BUSY, 503, retry_after="3"),
        answer(BUSY, 500),
        answer(BUSY, 429),
        answer(BUSY | {"code": "other"}, 503),
        answer({"detail": "busy"}, 503),
    ],
    ids=["wait long", "500", "429", "another code", "a proxy's"],
)
def test_no_other_trouble_is_asked_about_again(play: Any, outcome: Any) -> None:
    site, service = play(outcome, answer())
    with pytest.raises(oneid.CouldNotAsk):
        site.validate(payload())
    assert len(service.requests) == 1


def test_the_service_says_how_long_to_wait() -> None:
    steps = oneid.operations.validate(payload())
    asked = next(steps)
    again = steps.send(exchange.Reply(503, True, 2, bytearray(httpx.Response(503, json=BUSY).content)))
    assert isinstance(again, Ask)
    assert (asked.pause, again.pause, again.body) == (0.0, 2, asked.body)


def test_pauses_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "PAUSES", (0.1, 0.4))
    first, second = set(), set()
    for _ in range(20):
        steps = exchange.exchange(Ask("/validate", "{}"))
        next(steps)
        failure = NoReply.because(httpx.ConnectError("refused"))
        first.add(steps.send(failure).pause)
        second.add(steps.send(failure).pause)
    assert all(0.1 <= pause <= 0.15 for pause in first)
    assert all(0.4 <= pause <= 0.6 for pause in second)
    assert min(len(first), len(second)) > 1


REPEATED = REFUSAL | {"errorcode": -38, "code": "repeated_request"}


@pytest.mark.parametrize("before", [[], [answer(BUSY, 503)], [UNSENT[0]]], ids=["proxy", "busy", "connection"])
@pytest.mark.parametrize("call", ["validate", "verify"])
def test_an_answer_that_went_to_a_lost_try_is_never_a_success(play: Any, call: str, before: Any) -> None:
    site, _ = play(*before, answer(REPEATED), answer(SUCCESS))
    with pytest.raises(oneid.AnswerLost):
        getattr(site, call)(payload())


def test_a_replay_after_a_retry_is_a_refusal(play: Any) -> None:
    site, _ = play(answer(BUSY, 503), answer(REFUSAL | {"code": "replayed_nonce"}))
    assert site.validate(payload()).code == "replayed_nonce"
