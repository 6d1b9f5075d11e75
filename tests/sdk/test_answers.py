"""What comes back: nothing but a proper answer is believed (legacy wire, 0.2 and 1.2.5)."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oneid
from oneid.exchange import LARGEST_ANSWER
from tests.sdk.playing import (
    API_ID,
    API_KEY,
    BUSY,
    REFUSAL,
    SUCCESS,
    UID,
    Responding,
    Service,
    answer,
    payload,
    respond,
)

JSON = {"content-type": "application/json"}


def raw(body: bytes, status: int = 200, **headers: str) -> Responding:
    return respond(status, content=body, headers=JSON | {k.replace("_", "-"): v for k, v in headers.items()})


# The rows of the table in which two of seven clients of 2012 signed a stranger in, and their neighbours.
NOT_ANSWERS = {
    "401 of a framework": answer({"detail": "Unauthorized"}, 401),
    "an empty body": respond(),
    "an empty body that says it is JSON": raw(b""),
    "HTML of a proxy": respond(502, html="<h1>Bad Gateway</h1>"),
    "HTML with 200": respond(html="<h1>Welcome</h1>"),
    "a success in HTML": respond(html=json.dumps(SUCCESS)),
    "a string errorcode": answer(SUCCESS | {"errorcode": "0"}),
    "a word for errorcode": answer(REFUSAL | {"errorcode": "E_BAD"}),
    "false for errorcode": answer(SUCCESS | {"errorcode": False}),
    "a float errorcode": answer(SUCCESS | {"errorcode": 0.0}),
    "null for errorcode": answer(SUCCESS | {"errorcode": None}),
    "no errorcode": answer({"error": "success", "valid_signatures": ["ad", "repo"]}),
    "no error": answer({"errorcode": 0, "valid_signatures": ["ad", "repo"]}),
    "null for error": answer(SUCCESS | {"error": None}),
    "a list": answer([SUCCESS]),
    "a string": answer("success"),
    "null": raw(b"null"),
    "errorcode 0 with another error": answer(SUCCESS | {"error": "x"}),
    "success with another errorcode": answer(SUCCESS | {"errorcode": -3}),
    "a success with 201": answer(SUCCESS, 201),
    "a success with 400": answer(SUCCESS, 400),
    "a success with 401": answer(SUCCESS, 401),
    "a success with 500": answer(SUCCESS, 500),
    "a refusal with 404": answer(REFUSAL, 404),
    "a refusal with 405": answer(REFUSAL, 405),
    "a redirect": respond(302, headers={"location": "https://other.example/validate"}),
    "a redirect with a success": answer(SUCCESS, 307, location="https://other.example/validate"),
    "no signatures": answer({"errorcode": 0, "error": "success"}),
    "signatures that are no list": answer(SUCCESS | {"valid_signatures": "ad repo"}),
    "signatures that are no strings": answer(SUCCESS | {"valid_signatures": ["repo", 1]}),
    "an empty set of signatures": answer(SUCCESS | {"valid_signatures": []}),
    "one signature": answer(SUCCESS | {"valid_signatures": ["repo"]}),
    "one signature twice": answer(SUCCESS | {"valid_signatures": ["repo", "repo"]}),
    "no repo": answer(SUCCESS | {"valid_signatures": ["ad", "cd"]}),
    "a role that was not sent": answer(SUCCESS | {"valid_signatures": ["ad", "repo", "cd"]}),
    "claims that are no object": answer(SUCCESS | {"attr_claims": []}),
    "a claim that is no boolean": answer(SUCCESS | {"attr_claims": {"email": 1}}),
    "a member twice": raw(b'{"errorcode":-3,' + json.dumps(SUCCESS).encode()[1:]),
    "NaN": raw(json.dumps(SUCCESS | {"x": float("nan")}).encode()),
    "a number beyond all numbers": raw(json.dumps(SUCCESS).encode()[:-1] + b',"x":1e999}'),
    "no UTF-8": raw(b'{"errorcode":0,"error":"success\xff"}'),
    "a success and more": raw(json.dumps(SUCCESS).encode() * 2),
    "depths": raw(b"[" * 100_000),
    "a compressed success": raw(gzip.compress(json.dumps(SUCCESS).encode()), content_encoding="gzip"),
    "a body without end": raw(json.dumps(SUCCESS | {"x": "x" * LARGEST_ANSWER}).encode()),
}


@pytest.mark.parametrize("response", NOT_ANSWERS.values(), ids=NOT_ANSWERS.keys())
@pytest.mark.parametrize("call", ["validate", "verify"])
def test_what_is_not_an_answer_is_never_a_success(play: Any, call: str, response: Responding) -> None:
    site, service = play(response)
    with pytest.raises(oneid.NotAnAnswer):
        getattr(site, call)(payload())
    assert len(service.requests) == 1


def test_a_proper_success_signs_in(play: Any) -> None:
    site, _ = play(raw(json.dumps(SUCCESS).encode(), content_type="application/JSON; charset=UTF-8"))
    assert site.verify(payload()).uid == UID


@pytest.mark.parametrize("status", [200, 400, 413])
def test_a_refusal_is_a_failed_answer_to_validate_and_an_exception_to_verify(play: Any, status: int) -> None:
    site, _ = play(answer(REFUSAL, status))
    refused = site.validate(payload())
    assert not refused
    assert (refused.errorcode, refused.code, refused["failed"]) == (-30, "bad_signature", "failed")
    assert refused.request_id == "r-1"
    with pytest.raises(oneid.Refused, match="bad_signature") as caught:
        site.verify(payload())
    assert (caught.value.errorcode, caught.value.request_id) == (-30, "r-1")
    assert caught.value.error == REFUSAL["error"]


def test_refused_credentials_say_nothing_about_the_user(play: Any) -> None:
    site, _ = play(answer(REFUSAL | {"errorcode": -1, "code": "credentials_refused"}, 401))
    with pytest.raises(oneid.CredentialsRefused) as caught:
        site.validate(payload())
    assert caught.value.request_id == "r-1"


@pytest.mark.parametrize(("status", "code"), [(429, "too_many_requests"), (500, "internal_fault"), (503, "down")])
def test_a_service_that_can_not_answer_is_not_a_refusal(play: Any, status: int, code: str) -> None:
    site, service = play(answer(BUSY | {"code": code}, status, retry_after="7"))
    with pytest.raises(oneid.ServiceUnavailable, match=code) as caught:
        site.validate(payload())
    assert (caught.value.status, caught.value.retry_after, caught.value.request_id) == (status, 7, "r-1")
    assert len(service.requests) == 1


def test_words_that_would_break_a_log_line_are_not_taken_over(play: Any) -> None:
    site, _ = play(answer(REFUSAL | {"code": "x\ny", "request_id": "r\n1", "attr_claims": ["email"]}))
    refused = site.validate(payload())
    assert (refused.code, refused.request_id, refused.attr_claims) == ("refused", None, {})


def test_reading_stops_at_the_largest_answer(kind: Any) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b" " * 65536

    class Both(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return endless()

        async def __aiter__(self) -> Any:
            for part in endless():
                yield part

    service = Service(lambda _: httpx.Response(200, headers=JSON, stream=Both()))
    with pytest.raises(oneid.NotAnAnswer):
        kind(API_ID, API_KEY, transport=service.transport).validate(payload())
    assert taken <= LARGEST_ANSWER // 65536 + 1


def test_a_redirect_is_not_followed_with_the_credentials(play: Any) -> None:
    site, service = play(respond(308, headers={"location": "https://other.example/"}), answer())
    with pytest.raises(oneid.NotAnAnswer):
        site.validate(payload())
    assert [request.url.host for request in service.requests] == ["id.example.org"]


def test_cookies_are_not_kept(play: Any) -> None:
    service = Service(answer(None, set_cookie="user=1; Path=/"), answer())
    with oneid.OneID(API_ID, API_KEY, transport=service.transport) as site:
        assert site.validate(payload())
        assert site.validate(payload())
    assert "cookie" not in service.requests[1].headers


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.sampled_from(["success", "0", "repo"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["errorcode", "error", "valid_signatures", "attr_claims"]), inner)
    ),
    max_leaves=12,
)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()), st.integers(200, 599))
def test_no_random_answer_ever_signs_in(body: bytes, status: int) -> None:
    service = Service(raw(body, status))
    with oneid.OneID(API_ID, API_KEY, transport=service.transport) as site:
        try:
            believed = bool(site.validate(payload()))
        except oneid.CouldNotAsk:
            believed = False
    assert not believed


@given(st.sampled_from(sorted(SUCCESS)), json_values)
def test_a_success_with_one_member_changed_signs_in_only_if_it_still_is_one(member: str, value: Any) -> None:
    service = Service(raw(json.dumps(SUCCESS | {member: value}).encode()))
    with oneid.OneID(API_ID, API_KEY, transport=service.transport) as site:
        try:
            validation = site.validate(payload())
        except oneid.CouldNotAsk:
            return
    if validation:
        assert (validation["errorcode"], validation["error"]) == (0, "success")
        assert set(validation.valid_signatures) == {"ad", "repo"}
