"""An attribute claim is true only for the address beside its token, of this user, in time."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from authenticator import Key, b64url, new_uid

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.validation import claims

KEY = Key()
PUBLIC = PublicKey(KEY.raw)
UID = "BgAgUEDyTuWHOdBSnHzgwA=="
NOW = datetime(2013, 8, 22, 22, 24, 44, tzinfo=UTC)
EXPIRES = int(NOW.timestamp()) + 60
ADDRESS = "ann@example.org"
SALT = bytes(range(16))
OF_2014 = {"email": {"email": ADDRESS}}
OF_2013 = {"personal_info": {"email": ADDRESS, "first_name": "Ann"}}


def digest(address: str = ADDRESS, salt: bytes = SALT) -> str:
    return b64url(hashlib.sha256(salt + address.encode()).digest())


def claim(**changed) -> dict:
    """The claims of a good token; ``None`` for a member that is to be absent."""
    members = {"uid": UID, "attr": "email", "salt": b64url(SALT), "hash": digest(), "exp": EXPIRES} | changed
    return {name: value for name, value in members.items() if value is not ...}


def check(tokens, *, attr=OF_2014, key=PUBLIC, now=NOW, uid=UID):
    return claims.check(tokens, uid=uid, attr=attr, keys=[key] if key else [], now=now)


def refused(tokens, **asked) -> None:
    """A refusal says false and is a failure, address or not."""
    for attr in (OF_2014, {}):
        with pytest.raises(errors.ClaimRefused) as refusal:
            check(tokens, **{"attr": attr} | asked)
        assert refusal.value.attr_claims == {"email": False}


def token(**changed) -> dict[str, str]:
    return {"email": KEY.jws(claim(**changed))}


@pytest.mark.parametrize("attr", [{}, OF_2014], ids=["no attributes", "attributes"])
@pytest.mark.parametrize("key", [None, PUBLIC], ids=["no key", "key"])
def test_without_the_member_nothing_is_claimed(attr, key):
    assert check(None, attr=attr, key=key) == {}


@pytest.mark.parametrize("attr", [{}, OF_2014], ids=["no attributes", "attributes"])
@pytest.mark.parametrize("key", [None, PUBLIC], ids=["no key", "key"])
def test_without_a_token_the_claim_is_false_and_no_failure(attr, key):
    assert check({}, attr=attr, key=key) == {"email": False}


def test_a_token_with_its_address_is_true_in_both_vocabularies():
    assert check(token()) == {"email": True}
    assert check(token(), attr=OF_2013) == {"email": True}
    assert check(token(), attr=OF_2014 | OF_2013) == {"email": True}


def test_unknown_members_of_a_token_are_ignored():
    assert check(token(iss="repo", nbf=0)) == {"email": True}


@pytest.mark.parametrize(
    "attr",
    [
        {},
        {"name": {"first_name": "Ann"}},
        {"email": {}},
        {"email": {"email": ""}},
        {"email": {"email": None}},
        {"email": {"email": 1}},
        {"email": {"email": [ADDRESS]}},
        {"email": ADDRESS},
        {"email": [ADDRESS]},
        {"email": None, "personal_info": None},
        {"address": {"email": ADDRESS}},
        {"EMAIL": {"email": ADDRESS}},
    ],
    ids=repr,
)
def test_a_token_alone_is_false(attr):
    assert check(token(), attr=attr) == {"email": False}


@pytest.mark.parametrize(
    "other", ["bob@example.org", ADDRESS.upper(), ADDRESS + " ", ADDRESS + "\n", "ann", "x" * 9999]
)
@pytest.mark.parametrize("card", ["email", "personal_info"])
def test_a_token_beside_another_address_is_false(other, card):
    assert check(token(), attr={card: {"email": other}}) == {"email": False}


@pytest.mark.parametrize("other", ["", ADDRESS.title(), *(f"bob{number}@example.org" for number in range(12))])
def test_two_vocabularies_that_contradict_each_other_are_false(other):
    for one, two in ((ADDRESS, other), (other, ADDRESS)):
        assert check(token(), attr={"email": {"email": one}, "personal_info": {"email": two}}) == {"email": False}


def test_an_empty_address_is_never_true():
    assert check(token(hash=digest("")), attr={"email": {"email": ""}}) == {"email": False}


def test_an_address_outside_ascii_is_hashed_as_utf_8():
    address = "zoë@example.org"
    assert check(token(hash=digest(address)), attr={"email": {"email": address}}) == {"email": True}


@pytest.mark.parametrize("address", ["\ud800", "ann\udfff@example.org"])
def test_an_address_with_half_a_surrogate_pair_is_false_and_no_crash(address):
    asked = token(hash=b64url(hashlib.sha256(SALT).digest()))
    assert check(asked, attr={"email": {"email": address}}) == {"email": False}


# --- whose, what and when


@pytest.mark.parametrize(
    "uid", ["KaTUyUUWoAn7ajRmWKjIFw==", UID.lower(), UID.rstrip("="), "", ..., None, 1, [UID]], ids=repr
)
def test_a_token_of_another_user_is_refused(uid):
    refused(token(uid=uid))
    refused(token(), uid=new_uid())


@pytest.mark.parametrize("attr", ["phone", "Email", "email ", "", ..., None, True, ["email"]], ids=repr)
def test_a_token_for_another_attribute_is_refused(attr):
    refused(token(attr=attr))


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=1)])
def test_a_token_has_expired_exactly_at_its_second(late):
    expires = datetime.fromtimestamp(EXPIRES, UTC)
    refused(token(), now=expires + late)
    assert check(token(), now=expires - timedelta(microseconds=1)) == {"email": True}


@pytest.mark.parametrize(
    "expires", [..., None, True, EXPIRES + 0.5, str(EXPIRES), [EXPIRES], 0, -1, -(10**30)], ids=repr
)
def test_an_expiry_that_is_no_whole_number_to_come_is_refused(expires):
    refused(token(exp=expires))


def test_true_is_no_expiry_even_while_one_is_to_come():
    refused(token(exp=True), now=datetime(1970, 1, 1, tzinfo=UTC))


def test_an_expiry_beyond_every_calendar_is_to_come():
    assert check(token(exp=10**400)) == {"email": True}


# --- who says so


def test_a_token_by_a_foreign_key_is_refused():
    refused({"email": Key().jws(claim())})
    refused(token(), key=PublicKey(Key().raw))


def test_without_a_claims_key_every_token_is_refused():
    refused(token(), key=None)
    refused({"email": "x"}, key=None)


@pytest.mark.parametrize("text", ["", ".", "..", "x", "é", "\ud800", "a.b.c", "null", "e30.e30.AA"])
def test_a_token_that_is_no_jws_is_refused(text):
    refused({"email": text})


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "ES256", "kid": "1"}], ids=repr)
def test_a_token_with_another_header_is_refused(header):
    refused({"email": KEY.jws(claim(), header)})


@pytest.mark.parametrize("body", [b"[]", b"null", b'"email"', b'{"uid":1,"uid":2}'], ids=repr)
def test_a_token_that_is_no_object_is_refused(body):
    refused({"email": KEY.jws(body)})


def test_a_changed_token_is_refused():
    good = token()["email"]
    header, payload, signature = good.split(".")
    other = KEY.jws(claim(uid=new_uid())).split(".")
    for text in (good[:-1], good + "A", f"{header}.{other[1]}.{signature}", f"{header}.{payload}.{other[2]}"):
        refused({"email": text})


@pytest.mark.parametrize("name", ["phone", "Email", "", "email "])
def test_a_token_for_an_attribute_that_nobody_verifies_is_refused(name):
    good = token()["email"]
    refused({name: good})
    refused({"email": good, name: good})


def test_each_of_several_claims_keys_vouches_and_no_other():
    keys = [PublicKey(Key().raw), PUBLIC, PublicKey(Key().raw)]
    for order in (keys, keys[::-1], keys[1:], keys[:2]):
        assert claims.check(token(), uid=UID, attr=OF_2014, keys=order, now=NOW) == {"email": True}
    with pytest.raises(errors.ClaimRefused):
        claims.check(token(), uid=UID, attr=OF_2014, keys=[keys[0], keys[2]], now=NOW)


# --- what the hash hides


@pytest.mark.parametrize("length", [0, 1, 15])
def test_a_token_with_a_short_salt_is_refused(length):
    refused(token(salt=b64url(SALT[:length]), hash=digest(salt=SALT[:length])))


@pytest.mark.parametrize("length", [16, 17, 32, 64])
def test_a_salt_of_sixteen_bytes_or_more_is_long_enough(length):
    salt = bytes(length)
    assert check(token(salt=b64url(salt), hash=digest(salt=salt))) == {"email": True}


@pytest.mark.parametrize("member", ["salt", "hash"])
@pytest.mark.parametrize(
    "value", [..., None, 1, True, [], {}, "A", "é", "\ud800", "=" * 22, b64url(SALT) + "=="], ids=repr
)
def test_a_token_with_a_malformed_salt_or_hash_is_refused(member, value):
    refused(token(**{member: value}))


def test_a_hash_cut_short_or_of_another_digest_is_false():
    whole = hashlib.sha256(SALT + ADDRESS.encode())
    for other in (whole.digest()[:16], whole.digest() + b"\0", hashlib.sha512(SALT + ADDRESS.encode()).digest()[:32]):
        assert check(token(hash=b64url(other))) == {"email": False}
    assert check(token(hash=digest(salt=b""))) == {"email": False}
