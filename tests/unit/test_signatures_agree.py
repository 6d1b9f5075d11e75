"""Two independent implementations agree on every signature, good or bad."""

import hashlib

import ecdsa
from authenticator import Key
from ecdsa.util import MalformedSignature, sigdecode_string
from hypothesis import given, settings
from hypothesis import strategies as st

from keychain.jose.jwk import ORDER, PublicKey

KEYS = [Key() for _ in range(8)]
keys = st.sampled_from(KEYS)
positions = st.integers(0, 63)
numbers = st.sampled_from([0, 1, 2, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1]) | st.integers(0, 2**256 - 1)


def theirs(key: Key, message: bytes, signature: bytes) -> bool:
    try:
        return key.private.get_verifying_key().verify(signature, message, hashlib.sha256, sigdecode=sigdecode_string)
    except (ecdsa.BadSignatureError, MalformedSignature):
        return False


@st.composite
def mutated(draw, signature: bytes) -> bytes:
    """A signature as it is, or mutilated in one of the ways that have mattered."""
    r, s = signature[:32], signature[32:]
    return draw(
        st.just(signature)
        | positions.flatmap(
            lambda at: st.integers(1, 255).map(
                lambda flip: signature[:at] + bytes([signature[at] ^ flip]) + signature[at + 1 :]
            )
        )
        | st.just(r + (ORDER - int.from_bytes(s)).to_bytes(32))
        | st.just((ORDER - int.from_bytes(r)).to_bytes(32) + s)
        | st.just(s + r)
        | numbers.map(lambda number: number.to_bytes(32) + s)
        | numbers.map(lambda number: r + number.to_bytes(32))
        | st.tuples(numbers, numbers).map(lambda pair: pair[0].to_bytes(32) + pair[1].to_bytes(32))
        | positions.map(lambda cut: signature[:cut])
        | st.binary(min_size=1, max_size=66).map(lambda tail: signature + tail)
        | st.binary(max_size=130)
    )


@settings(max_examples=200)
@given(st.data(), keys, keys, st.binary(max_size=200), st.booleans())
def test_both_implementations_agree_on_mutated_signatures(choices, signer, verifier, message, by_signer):
    signature = choices.draw(mutated(signer.sign(message)))
    verifier = signer if by_signer else verifier
    assert PublicKey(verifier.raw).verifies(message, signature) == theirs(verifier, message, signature)


@settings(max_examples=60)
@given(st.data(), keys, st.binary(max_size=200))
def test_both_implementations_agree_on_mutated_messages(choices, key, message):
    other = choices.draw(st.just(message) | st.binary(max_size=200) | st.just(message + b"\0"))
    signature = key.sign(message)
    ours = PublicKey(key.raw).verifies(other, signature)
    assert ours == theirs(key, other, signature) == (other == message)


@settings(max_examples=60)
@given(st.integers(1, ORDER - 1), st.binary(max_size=64))
def test_what_any_key_signs_verifies(scalar, message):
    key = Key()
    key.private = ecdsa.SigningKey.from_secret_exponent(scalar, ecdsa.NIST256p)
    assert PublicKey(key.private.get_verifying_key().to_string()).verifies(message, key.sign(message))
