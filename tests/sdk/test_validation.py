"""The outcome: a mapping as in 2013 that can not be misread."""

import pickle
from typing import Any

import pytest

import oneid
from tests.sdk.playing import REFUSAL, SUCCESS, UID, answer, payload, token

VOUCHED = {"email": token("a@x")}
CARDS = {"email": {"email": "a@x"}, "name": {"first_name": "A"}}


def test_the_payload_and_the_answer_are_merged_as_the_old_sdk_did(play: Any) -> None:
    site, _ = play(answer(SUCCESS | {"first_use": True, "request_id": "r-2", "later": 1}))
    signed = payload(attr=CARDS, two_factor_token="t", attr_claim_tokens={}, extra="kept")
    validation = site.validate(signed)
    assert dict(validation) == signed | SUCCESS | {"first_use": True, "request_id": "r-2", "later": 1}
    assert len(validation) == len(dict(validation))
    assert (validation.errorcode, validation.error, validation.code) == (0, "success", None)
    assert (validation.uid, validation.attr, validation.first_use) == (UID, CARDS, True)
    assert (validation.valid_signatures, validation.attr_claims) == (("ad", "repo"), {})
    assert (validation.request_id, validation.verified_email) == ("r-2", None)


@pytest.mark.parametrize("member", ["uid", "attr", "nonces", "two_factor_token", "attr_claim_tokens"])
def test_the_answer_never_replaces_who_the_user_is(play: Any, member: str) -> None:
    site, _ = play(answer(SUCCESS | {member: "of somebody else"}))
    signed = payload(attr=CARDS, two_factor_token="t", attr_claim_tokens={})
    assert site.validate(signed)[member] == signed[member]
    del signed[member]
    if member not in {"uid", "nonces"}:
        assert member not in site.validate(signed)


@pytest.mark.parametrize("spelled", [str.lower, str.upper])
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("attr_claims", {"email": True}),
        ("first_use", False),
        ("pin", True),
        ("valid_signatures", ["ad", "repo", "cd"]),
        ("errorcode", 0),
        ("error", "success"),
        ("code", "x"),
        ("failed", ""),
        ("request_id", "r"),
    ],
)
def test_the_browser_never_says_what_only_the_service_may_say(play: Any, member: str, value: Any, spelled: Any) -> None:
    site, _ = play(answer({name: value for name, value in SUCCESS.items() if name != "attr_claims"}))
    validation = site.validate(payload(**{spelled(member): value}))
    assert validation.get(spelled(member)) == (SUCCESS.get(member) if spelled is str.lower else None)
    site, _ = play(answer(REFUSAL))
    assert not oneid.success(site.validate(payload(**{spelled(member): value})))


def test_a_refusal_holds_no_user(play: Any) -> None:
    site, _ = play(answer(REFUSAL | {"uid": UID, "attr": CARDS, "attr_claims": {"email": False}}))
    refused = site.validate(payload(attr=CARDS))
    with pytest.raises(KeyError):
        refused["uid"]
    with pytest.raises(KeyError):
        refused["attr"]
    assert refused.uid is None
    assert (refused.attr, refused.valid_signatures, refused.first_use) == ({}, (), False)
    assert refused.attr_claims == {"email": False}
    assert refused.keys() == {"errorcode", "error", "code", "attr_claims", "request_id", "failed"}


def test_an_outcome_can_not_be_changed(play: Any) -> None:
    site, _ = play(answer())
    validation = site.validate(payload(attr=CARDS))
    with pytest.raises(TypeError):
        validation["uid"] = "x"
    with pytest.raises(TypeError):
        validation.attr["email"] = {}
    with pytest.raises(AttributeError):
        validation.verified_email = "b@x"
    assert pickle.loads(pickle.dumps(validation)) == validation


def test_a_repr_shows_no_attribute(play: Any) -> None:
    site, _ = play(answer())
    assert repr(site.validate(payload(attr=CARDS))) == "Validation(errorcode=0, code=None)"


@pytest.mark.parametrize("card", ["email", "personal_info"])
def test_the_verified_address_is_the_one_that_was_sent_along(play: Any, card: str) -> None:
    site, service = play(answer(SUCCESS | {"attr_claims": {"email": True}}))
    validation = site.validate(payload(attr={card: {"email": "a@x"}}, attr_claim_tokens={"email": token("a@x")}))
    assert validation.verified_email == "a@x"
    assert service.bodies[0]["attr"] == {card: {"email": "a@x"}}


@pytest.mark.parametrize(
    ("members", "claims"),
    [
        ({"attr": CARDS, "attr_claim_tokens": VOUCHED}, {"email": False}),
        ({"attr": CARDS, "attr_claim_tokens": VOUCHED}, {}),
        ({"attr": CARDS, "attr_claim_tokens": VOUCHED}, {"phone": True}),
        ({"attr": CARDS}, {"email": True}),
        ({"attr": CARDS, "attr_claim_tokens": {}}, {"email": True}),
        ({"attr_claim_tokens": VOUCHED}, {"email": True}),
        ({"attr": {"work": {"email": "a@x"}}, "attr_claim_tokens": VOUCHED}, {"email": True}),
        ({"attr": CARDS, "attr_claims": {"email": True}}, {}),
    ],
)
def test_an_address_that_nobody_vouches_for_is_not_verified(play: Any, members: Any, claims: Any) -> None:
    site, _ = play(answer(SUCCESS | {"attr_claims": claims}))
    validation = site.validate(payload(**members))
    assert validation
    assert validation.verified_email is None


def test_success_is_the_integer_0_and_the_word() -> None:
    assert oneid.success({"errorcode": 0, "error": "success"})
    for errorcode in ("0", False, 0.0, None, -1, 1):
        assert not oneid.success({"errorcode": errorcode, "error": "success"})
    for said in ({}, {"errorcode": 0}, {"error": "success"}, {"errorcode": 0, "error": "x"}, None, "success", 0):
        assert not oneid.success(said)
