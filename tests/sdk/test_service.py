"""The SDK against the service itself, through an injected transport: no port, no stand-in."""

from typing import Any

import pytest
from authenticator import Person, words_sha256

import oneid
from tests.sdk.playing import Inside


@pytest.fixture
def keychain(kind: Any, app: Any) -> Any:
    inside = Inside(app)
    credentials = kind.register(transport=inside)
    return kind(credentials.api_id, credentials.api_key, transport=inside)


def test_a_co_signed_payload_signs_in_once(keychain: Any) -> None:
    person = Person()
    nonce = keychain.make_nonce()
    signed = person.payload(None, nonce=nonce)
    user = keychain.verify(signed, nonce=nonce, roles=["ad", "repo"])
    assert (user.uid, user.first_use, set(user.valid_signatures)) == (person.uid, True, {"ad", "repo"})
    assert keychain.validate(signed).code == "replayed_nonce"


def test_each_payload_of_a_batch_is_answered_alone(keychain: Any) -> None:
    people = [Person() for _ in range(3)]
    signed = [person.payload(None, nonce=keychain.make_nonce()) for person in people]
    signed[1]["nonces"]["ad"]["key"] = people[0].keys["ad"].text
    validations = keychain.validate_many([*signed, "{}"])
    assert [each.code for each in validations] == [None, "bad_signature", None, "malformed_payload"]
    assert [each.uid for each in validations] == [people[0].uid, None, people[2].uid, None]


def test_the_user_approved_exactly_these_words(keychain: Any) -> None:
    person = Person("ad", "repo", "cd")
    words = {"words_sha256": words_sha256("Pay 5 €", "Shop"), "origin": "https://shop.example"}
    signed = person.payload(None, nonce=keychain.make_nonce(), **words)
    assert keychain.verify(signed, message="Pay 5 €", title="Shop", roles=["cd"]).uid == person.uid
    signed = person.payload(None, nonce=keychain.make_nonce(), **words)
    with pytest.raises(oneid.Refused, match="words_not_approved"):
        keychain.verify(signed, message="Pay 500 €", title="Shop")


def test_the_user_typed_the_pin_of_the_control_device(keychain: Any) -> None:
    person = Person("ad", "repo", "cd")
    signed = person.payload(None, nonce=keychain.make_nonce(), pin=True)
    assert keychain.verify(signed, pin=True).pin is True
    signed = person.payload(None, nonce=keychain.make_nonce()) | {"pin": True}
    with pytest.raises(oneid.Refused, match="pin_required"):
        keychain.verify(signed, pin=True)
    batch = [person.payload(None, nonce=keychain.make_nonce(), **claims) for claims in ({}, {"pin": True})]
    assert [each.pin for each in keychain.validate_many(batch)] == [False, True]


def test_upper_case_payloads_sign_in(keychain: Any) -> None:
    person = Person()
    signed = person.payload(None, nonce=keychain.make_nonce())
    assert keychain.validate({name.upper(): value for name, value in signed.items()})["uid"] == person.uid


def test_unknown_credentials_are_a_matter_of_the_site(kind: Any, app: Any) -> None:
    site = kind("052b0422-f23e-4e64-9e72-d6d3a45635b5", "bm8ga2V5IG9mIG91cnMhIQ==", transport=Inside(app))
    with pytest.raises(oneid.CredentialsRefused):
        site.validate(Person().payload(None, nonce="0012026-01-02T03:04:05Zabc123"))


def test_a_path_below_which_there_is_no_service_is_no_answer(app: Any) -> None:
    with (
        oneid.OneID("id", "key", server="http://127.0.0.1/elsewhere", transport=Inside(app)) as site,
        pytest.raises(oneid.NotAnAnswer, match="404"),
    ):
        site.make_nonce()
