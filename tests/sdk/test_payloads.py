"""The browser's payload: one meaning only, and no more of it is sent than is needed."""

import json
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import oneid
from oneid import payload as payloads
from tests.sdk.playing import API_ID, API_KEY, REFUSAL, SERVER, UID, Service, answer, jws, payload


def dumped(members: Any) -> str:
    return json.dumps(members)


GOOD = dumped(payload())

MALFORMED = {
    "nothing": "",
    "no JSON": "uid=1",
    "null": "null",
    "a list": dumped([payload()]),
    "None": None,
    "a number": 5,
    "a duplicate uid": GOOD[:-1] + ',"uid":"KaTUyUUWoAn7ajRmWKjIFw=="}',
    "a duplicate uid, escaped": GOOD[:-1] + ',"\\u0075id":"KaTUyUUWoAn7ajRmWKjIFw=="}',
    "a duplicate far inside": GOOD[:-1] + ',"attr":{"email":{"email":"a@x","email":"b@x"}}}',
    "both spellings of uid": payload(UID="KaTUyUUWoAn7ajRmWKjIFw=="),
    "both spellings of nonces": payload(NONCES={}),
    "a third spelling of uid": payload(Uid=UID),
    "NaN": GOOD[:-1] + ',"x":NaN}',
    "infinity": payload(x=float("inf")),
    "depths": "[" * 60_000,
    "a dict with depths": payload(x=reduce(lambda inner, _: [inner], range(50_000), [])),
    "a dict that JSON can not say": payload(x=object()),
    "a dict whose keys become one": payload(x={1: "a", "1": "b"}),
    "too large": payload(x="x" * payloads.LARGEST_PAYLOAD),
    "too large once it is ASCII": payload(attr_claim_tokens={"email": "é" * 30_000}),
    "a text too large once it is ASCII": json.dumps(
        payload(attr_claim_tokens={"email": "é" * 30_000}), ensure_ascii=False
    ),
    "no uid": {"nonces": payload()["nonces"]},
    "a uid that is no string": payload() | {"uid": 1},
    "no nonces": {"uid": UID},
    "null for nonces": payload() | {"nonces": None},
    "PHP's empty nonces": payload() | {"nonces": []},
    "an empty set of signatures": payload() | {"nonces": {}},
    "a signature that is a string": payload() | {"nonces": {"ad": "x", "repo": "y"}},
    "a signature without a key": payload() | {"nonces": {"repo": {"nonce": "x"}}},
    "a signature that is a number": payload() | {"nonces": {"repo": {"nonce": 1, "key": "k"}}},
    "two addresses beside a token": payload(
        attr_claim_tokens={"email": "t"}, attr={"email": {"email": "a@x"}, "personal_info": {"email": "b@x"}}
    ),
}


@pytest.mark.parametrize("given_payload", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_payload_that_two_readers_could_read_in_two_ways_is_not_asked_about(play: Any, given_payload: Any) -> None:
    site, service = play(answer())
    refused = site.validate(given_payload)
    assert (bool(refused), refused.code, refused.errorcode) == (False, "malformed_payload", -20)
    with pytest.raises(oneid.Refused):
        site.verify(given_payload)
    assert service.requests == []


@pytest.mark.parametrize(
    "given_payload",
    [payload(), oneid.Validation(payload()), GOOD, GOOD.encode(), bytearray(GOOD.encode()), f" {GOOD}\r\n"],
    ids=["dict", "mapping", "text", "bytes", "bytearray", "white space"],
)
def test_a_payload_may_come_as_a_mapping_as_text_or_as_bytes(play: Any, given_payload: Any) -> None:
    site, service = play(answer())
    assert site.validate(given_payload)["uid"] == UID
    assert service.bodies[0]["uid"] == UID


def test_bytes_are_latin_1_where_utf_8_fails(play: Any) -> None:
    site, _ = play(answer())
    text = json.dumps(payload(attr={"name": {"first_name": "Zoë"}}), ensure_ascii=False)
    for encoding in ("utf-8", "latin-1"):
        assert site.validate(text.encode(encoding)).attr["name"]["first_name"] == "Zoë"


def test_upper_case_spellings_are_read_and_answered_in_lower_case(play: Any) -> None:
    site, service = play(answer(None))
    older = {name.upper(): value for name, value in payload(attr={"email": {"email": "a@x"}}).items()}
    validation = site.validate(older)
    assert (validation["uid"], validation.uid) == (UID, UID)
    assert validation["attr"] == {"email": {"email": "a@x"}}
    assert "UID" not in validation
    assert service.bodies[0].keys() == {"uid", "nonces", "request"}


def test_only_what_the_service_needs_is_sent(play: Any) -> None:
    site, service = play(answer())
    signed = payload(
        attr={"email": {"email": "a@x", "note": "private"}, "payment": {"cc_number": "4111"}},
        two_factor_token="dG9rZW4=",
        message="pay everything",
        title="from the browser",
        request="from the browser",
        errorcode=0,
    )
    signed["nonces"]["ad"]["note"] = "private"
    site.validate(signed)
    body = service.bodies[0]
    assert body == {"uid": UID, "nonces": payload()["nonces"], "request": body["request"]}
    assert body["request"] != "from the browser"
    assert len(bytes.fromhex(body["request"])) == 16


def test_every_question_has_its_own_request(play: Any) -> None:
    site, service = play(answer())
    for _ in range(20):
        site.validate(payload())
    assert len({body["request"] for body in service.bodies}) == 20


@pytest.mark.parametrize(
    ("attr", "sent"),
    [
        ({"email": {"email": "a@x", "more": "b"}, "name": {}}, {"email": {"email": "a@x"}}),
        ({"personal_info": {"email": "a@x", "first_name": "A"}}, {"personal_info": {"email": "a@x"}}),
        ({"email": {"email": "a@x"}, "personal_info": {"email": "a@x"}}, {"email": {"email": "a@x"}}),
        ({"email": {"email": 1}}, None),
        ({"email": "a@x"}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_the_address_goes_along_with_a_token_in_its_own_spelling(play: Any, attr: Any, sent: Any) -> None:
    site, service = play(answer())
    site.validate(payload(attr=attr, attr_claim_tokens={"email": "token"}))
    assert service.bodies[0].get("attr") == sent
    assert service.bodies[0]["attr_claim_tokens"] == {"email": "token"}


@pytest.mark.parametrize("tokens", [None, [], {}])
def test_the_address_stays_here_without_a_token(play: Any, tokens: Any) -> None:
    site, service = play(answer())
    site.validate(payload(attr={"email": {"email": "a@x"}}, attr_claim_tokens=tokens))
    assert "attr" not in service.bodies[0]
    assert service.bodies[0]["attr_claim_tokens"] == tokens


def test_the_question_is_asked_as_the_wire_demands(play: Any) -> None:
    site, service = play(answer())
    site.validate(payload(uid="\N{SNOWMAN}"))
    request = service.requests[0]
    assert (request.method, str(request.url)) == ("POST", f"{SERVER}/validate")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["authorization"].startswith("Basic ")
    assert request.content.isascii()
    assert b"\n" not in request.content


def test_a_dict_that_changes_while_the_service_is_asked_changes_nothing(kind: Any) -> None:
    signed = payload(attr={"name": {"first_name": "A"}})

    def change(_: Any) -> Any:
        signed["uid"] = "another"
        signed["attr"]["name"]["first_name"] = "B"
        return answer()(_)

    site = kind(API_ID, API_KEY, transport=Service(change).transport)
    validation = site.validate(signed)
    assert (validation.uid, validation.attr["name"]["first_name"]) == (UID, "A")


@given(st.binary() | st.text() | st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_no_payload_makes_validate_raise(given_payload: Any) -> None:
    with oneid.OneID(API_ID, API_KEY, transport=Service(answer(REFUSAL)).transport) as site:
        assert not site.validate(given_payload)


def test_half_a_surrogate_pair_is_carried_and_not_tripped_over(play: Any) -> None:
    site, _ = play(answer(REFUSAL))
    assert not site.validate(payload(uid="\ud800"))
    with pytest.raises(oneid.Refused):
        site.verify(payload() | {"nonces": {"repo": {"nonce": jws({"nonce": "\ud800"}), "key": "k"}}}, nonce="n")
