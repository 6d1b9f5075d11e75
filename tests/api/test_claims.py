"""Attribute claims through HTTP: what the repo vouched for, held against what the browser says."""

import hashlib

import pytest
from authenticator import Key, Person, b64url

ISSUER = Key()
ADDRESS = "ann@example.org"


@pytest.fixture
def vouching(make_site):
    """A site of a Keychain that knows the claims key."""
    return make_site(claims_public_key=ISSUER.text)


def token(person: Person, clock, address: str = ADDRESS, key: Key = ISSUER, **changed) -> str:
    salt = b"0123456789abcdef"
    claim = {
        "uid": person.uid,
        "attr": "email",
        "salt": b64url(salt),
        "hash": b64url(hashlib.sha256(salt + address.encode()).digest()),
        "exp": int(clock.now.timestamp()) + 60,
    }
    return key.jws(claim | changed)


def ask(site, clock, tokens, attr=..., person=None) -> dict:
    person = person or Person()
    payload = person.payload(clock.now)
    if tokens is not ...:
        payload["attr_claim_tokens"] = tokens(person) if callable(tokens) else tokens
    if attr is not ...:
        payload["attr"] = attr
    return site.validate(payload)


def test_no_tokens_no_claims(vouching, clock):
    assert ask(vouching, clock, ...)["attr_claims"] == {}


@pytest.mark.parametrize("nothing", [None, [], {}])
def test_asked_for_and_absent_is_false_and_no_failure(vouching, clock, nothing):
    answer = ask(vouching, clock, nothing)
    assert (answer["errorcode"], answer["attr_claims"]) == (0, {"email": False})


@pytest.mark.parametrize("attr", [{"email": {"email": ADDRESS}}, {"personal_info": {"email": ADDRESS}}])
def test_an_address_that_was_vouched_for_is_true(vouching, clock, attr):
    answer = ask(vouching, clock, lambda person: {"email": token(person, clock)}, attr)
    assert (answer["errorcode"], answer["attr_claims"]) == (0, {"email": True})


@pytest.mark.parametrize(
    "attr",
    [
        ...,
        None,
        {},
        [],
        "email",
        {"email": ADDRESS},
        {"email": {}},
        {"email": {"email": None}},
        {"email": {"email": "bob@example.org"}},
        {"email": {"email": ADDRESS.upper()}},
        {"email": {"email": ADDRESS + "\ud800"}},
        {"email": {"email": ADDRESS}, "personal_info": {"email": "bob@example.org"}},
    ],
)
def test_a_token_beside_another_address_or_none_is_false_and_no_failure(vouching, clock, attr):
    answer = ask(vouching, clock, lambda person: {"email": token(person, clock)}, attr)
    assert (answer["errorcode"], answer["attr_claims"]) == (0, {"email": False})


KINDS = {
    "of another user": lambda person, clock: token(Person(), clock),
    "of another attribute": lambda person, clock: token(person, clock, attr="phone"),
    "expired": lambda person, clock: token(person, clock, exp=int(clock.now.timestamp())),
    "without an end": lambda person, clock: token(person, clock, exp=None),
    "with an end that is text": lambda person, clock: token(person, clock, exp="2100"),
    "with an end that is true": lambda person, clock: token(person, clock, exp=True),
    "by another key": lambda person, clock: token(person, clock, key=Key()),
    "by the user": lambda person, clock: token(person, clock, key=person.keys["ad"]),
    "tampered": lambda person, clock: ("A" if (good := token(person, clock))[40] != "A" else "B").join(
        (good[:40], good[41:])
    ),
    "no token": lambda person, clock: "x",
    "empty": lambda person, clock: "",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_that_does_not_hold_is_false_and_a_failure(vouching, clock, kind):
    before = vouching.rows()
    answer = ask(vouching, clock, lambda person: {"email": KINDS[kind](person, clock)}, {"email": {"email": ADDRESS}})
    assert (answer["code"], answer["attr_claims"]) == ("claim_refused", {"email": False})
    assert vouching.rows() == before


def test_an_attribute_that_nobody_verifies_is_a_failure(vouching, clock):
    answer = ask(vouching, clock, lambda person: {"phone": token(person, clock)}, {"email": {"email": ADDRESS}})
    assert (answer["code"], answer["attr_claims"]) == ("claim_refused", {"email": False})


def test_without_a_claims_key_every_token_is_a_failure(site, clock):
    answer = ask(site, clock, lambda person: {"email": token(person, clock)}, {"email": {"email": ADDRESS}})
    assert answer["code"] == "claim_refused"


@pytest.mark.parametrize("broken", [{"salt": "AAAA"}, {"salt": 1}, {"salt": "!"}, {"hash": None}, {"hash": "é"}])
def test_a_token_with_broken_parts_is_a_failure(vouching, clock, broken):
    answer = ask(
        vouching, clock, lambda person: {"email": token(person, clock, **broken)}, {"email": {"email": ADDRESS}}
    )
    assert (answer["code"], answer["attr_claims"]) == ("claim_refused", {"email": False})
