"""Nobody changes a signed text, and no text makes ``parse`` fail in another way than by refusing."""

import string

from authenticator import Key
from hypothesis import given, settings
from hypothesis import strategies as st

from keychain.jose import base64url, jws
from keychain.jose.jwk import PublicKey

KEY = Key()
PUBLIC = PublicKey(KEY.raw)
TOKEN = KEY.jws({"nonce": "0012013-08-22T22:24:44ZzM2Ogb"})
URL = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"

places = st.integers(0, len(TOKEN))
parts = st.lists(
    st.sampled_from([*TOKEN.split("."), "", ".", "e30", "W10", "bnVsbA", "AA", "A", "=", "\ud800", "é"])
    | st.text(max_size=8),
    max_size=6,
)


def verified(text: str) -> bool:
    """Whether a text ends up with claims; a refused parse is a no, any other exception a failed test."""
    try:
        return jws.verify(jws.parse(text), PUBLIC) is not None
    except ValueError:
        return False


def test_the_token_itself_verifies():
    assert verified(TOKEN)


def test_no_changed_character_verifies():
    for position, old in enumerate(TOKEN):
        near = [URL[(URL.index(old) + step) % 64] for step in (1, 2, 4, 16, 32, 63)] if old in URL else []
        for new in {*near, *"A_-+/=. \né"} - {old}:
            assert not verified(TOKEN[:position] + new + TOKEN[position + 1 :]), (position, new)


def test_no_dropped_doubled_or_inserted_character_verifies():
    for position in range(len(TOKEN)):
        before, after = TOKEN[:position], TOKEN[position:]
        for text in (before + after[1:], before + after[:1] + after, before + "A" + after, before + "=" + after):
            assert not verified(text), position


def test_no_truncated_text_verifies():
    for position in range(len(TOKEN)):
        assert not verified(TOKEN[:position]), position
        assert not verified(TOKEN[position + 1 :]), position


def test_no_flipped_bit_of_a_signature_verifies():
    signing_input, _, signature = TOKEN.rpartition(".")
    raw = int.from_bytes(base64url.decode(signature))
    for bit in range(512):
        assert not verified(f"{signing_input}.{base64url.encode((raw ^ (1 << bit)).to_bytes(64))}"), bit


def test_parts_of_two_good_texts_do_not_mix():
    header, payload, signature = TOKEN.split(".")
    typed, other, its_signature = KEY.jws({"nonce": "another"}, {"alg": "ES256", "typ": "JWT"}).split(".")
    good = {(header, payload, signature), (typed, other, its_signature)}
    for first in (header, typed):
        for second in (payload, other):
            for third in (signature, its_signature):
                assert verified(f"{first}.{second}.{third}") == ((first, second, third) in good)


@given(st.text())
def test_any_text_is_parsed_or_refused(text):
    assert not verified(text)


@given(parts.map(".".join) | parts.map("".join))
def test_any_text_of_familiar_parts_is_parsed_or_refused(text):
    assert verified(text) == (text == TOKEN)


@settings(max_examples=200)
@given(places, places, st.text(max_size=4) | st.text(alphabet=URL + ".=", max_size=4))
def test_any_mutilated_text_is_parsed_or_refused(start, end, between):
    text = TOKEN[: min(start, end)] + between + TOKEN[max(start, end) :]
    assert verified(text) == (text == TOKEN)


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=70) | st.binary(min_size=64, max_size=64))
def test_any_bytes_in_three_parts_are_parsed_or_refused(header, payload, signature):
    assert not verified(".".join(map(base64url.encode, (header, payload, signature))))


@given(st.binary(max_size=80))
def test_any_bytes_as_a_payload_with_a_good_signature_are_an_object_or_refused(payload):
    signing_input = f"{TOKEN.partition('.')[0]}.{base64url.encode(payload)}"
    text = f"{signing_input}.{base64url.encode(KEY.sign(signing_input.encode()))}"
    try:
        claims = jws.parse(text).unverified_claims
    except ValueError:
        assert not verified(text)
    else:
        assert isinstance(claims, dict)
        assert verified(text)
