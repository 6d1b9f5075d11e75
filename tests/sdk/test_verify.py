"""``verify``: the payload is held against what the site expected, before and after."""

import base64
from typing import Any

import pytest

import oneid
from tests.sdk.playing import NONCE, SUCCESS, UID, answer, jws, payload

ALL = ("ad", "repo", "cd")
CO_SIGNED = SUCCESS | {"valid_signatures": ["cd", "repo", "ad"]}


def test_the_user_of_this_session_signs_in(play: Any) -> None:
    site, _ = play(answer(CO_SIGNED))
    assert site.verify(payload(roles=ALL), nonce=NONCE, roles={"cd", "ad"}).uid == UID


@pytest.mark.parametrize("expected", ["0012026-01-02T03:04:05Zabc124", "", None, NONCE + " "])
def test_a_payload_for_another_session_is_refused_and_not_spent(play: Any, expected: str | None) -> None:
    site, service = play(answer())
    with pytest.raises(oneid.Refused, match="nonce_mismatch") as caught:
        site.verify(payload(), nonce=expected)
    assert (caught.value.code, caught.value.errorcode, caught.value.request_id) == ("nonce_mismatch", -90, None)
    assert service.requests == []


@pytest.mark.parametrize("stranger", ["ad", "repo"])
def test_every_signature_is_over_the_nonce_of_this_session(play: Any, stranger: str) -> None:
    site, service = play(answer())
    mixed = payload()
    mixed["nonces"][stranger]["nonce"] = jws({"nonce": "0012026-01-02T03:04:05Zzzzzzz"})
    with pytest.raises(oneid.Refused, match="nonce_mismatch"):
        site.verify(mixed, nonce=NONCE)
    assert service.requests == []


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "a.b",
        "a.b.c.d",
        "a.%%%.c",
        "a.é.c",
        "a.eyJub25jZSI6%ICJ4In0.c",
        "a.eyJ.c",
        jws(b"\xff"),
        jws([]),
        jws({}),
        jws({"nonce": 1}),
        jws(b'{"nonce":"x","nonce":"%s"}' % NONCE.encode()),
        f"a.{base64.urlsafe_b64encode(b'null').decode()}.c",
    ],
)
def test_a_signature_without_a_readable_nonce_meets_no_expectation(play: Any, broken: str) -> None:
    site, service = play(answer())
    signed = payload()
    signed["nonces"]["ad"]["nonce"] = broken
    with pytest.raises(oneid.Refused, match="malformed_payload"):
        site.verify(signed, nonce=NONCE)
    assert service.requests == []


def test_a_role_that_has_not_signed_is_missed_before_the_nonce_is_spent(play: Any) -> None:
    site, service = play(answer())
    with pytest.raises(oneid.Refused, match="roles_required") as caught:
        site.verify(payload(), roles=["cd"])
    assert caught.value.errorcode == -33
    assert service.requests == []


def test_a_role_whose_signature_the_service_did_not_verify_is_missed(play: Any) -> None:
    site, service = play(answer(SUCCESS))
    with pytest.raises(oneid.Refused, match="roles_required"):
        site.verify(payload(roles=ALL), roles=["cd"])
    assert len(service.requests) == 1


def test_the_pin_is_expected_of_the_service_and_of_nobody_else(play: Any) -> None:
    site, _ = play(answer(CO_SIGNED | {"pin": True}))
    validation = site.verify(payload(roles=ALL), pin=True)
    assert (validation.uid, validation.pin) == (UID, True)
    for said in ({}, {"pin": False}, {"pin": 1}, {"pin": "true"}):
        site, service = play(answer(CO_SIGNED | said))
        with pytest.raises(oneid.Refused, match="pin_required") as caught:
            site.verify(payload(roles=ALL, pin=True), pin=True)
        assert (caught.value.errorcode, len(service.requests)) == (-89, 1)
        assert site.verify(payload(roles=ALL, pin=True)).pin is False


def test_a_payload_without_a_control_device_is_not_spent_where_the_pin_is_expected(play: Any) -> None:
    site, service = play(answer(SUCCESS | {"pin": True}))
    with pytest.raises(oneid.Refused, match="pin_required"):
        site.verify(payload(), pin=True)
    assert service.requests == []


def test_only_the_words_of_the_site_are_sent(play: Any) -> None:
    site, service = play(answer(CO_SIGNED))
    site.verify(payload(roles=ALL, message="of the browser"), message="Pay 5 €", title="Shop")
    site.verify(payload(roles=ALL, title="of the browser"), message="Pay 5 €")
    assert [(body["message"], body.get("title")) for body in service.bodies] == [
        ("Pay 5 €", "Shop"),
        ("Pay 5 €", None),
    ]


@pytest.mark.parametrize("mistake", [{"title": "x"}, {"roles": "cd"}, {"roles": ["CD"]}])
def test_what_no_payload_could_meet_is_the_programmers_mistake(play: Any, mistake: Any) -> None:
    site, service = play(answer())
    with pytest.raises(ValueError, match=r"roles|title"):
        site.verify(payload(), **mistake)
    assert service.requests == []
