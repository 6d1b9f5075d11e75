"""What the old service published in 2013 verifies today, and nothing one byte away from it does."""

import base64
import hashlib
import json
from datetime import timedelta
from pathlib import Path

import ecdsa
import pytest
from ecdsa.util import sigdecode_string

from keychain import nonce
from keychain.jose import base64url, jws
from keychain.jose.jwk import PublicKey

PUBLISHED = json.loads(Path(__file__).parents[1].joinpath("vectors/published.json").read_text())
SIGNATURES = [
    pytest.param(vector["nonce"], part["nonce"], part["key"], id=f"{vector['payload']['uid']} {role}")
    for vector in PUBLISHED
    for role, part in vector["payload"]["nonces"].items()
]
FLIPS = (0x01, 0x10, 0x80, 0xFF)

signatures = pytest.mark.parametrize(("nonce_text", "token", "key_text"), SIGNATURES)


def changed(raw: bytes):
    """Every byte position, each with a representative set of flipped bits."""
    for position in range(len(raw)):
        for flip in FLIPS:
            yield raw[:position] + bytes([raw[position] ^ flip]) + raw[position + 1 :]


def verifies(token: str, key_text: str) -> bool:
    """Whether a JWS and a key, as they would come over the wire, verify; a refused parse is a no."""
    try:
        return jws.verify(jws.parse(token), PublicKey.parse(key_text)) is not None
    except ValueError:
        return False


def test_there_are_two_published_payloads_of_two_roles_each():
    assert [sorted(vector["payload"]["nonces"]) for vector in PUBLISHED] == [["ad", "repo"]] * 2
    assert {len(base64url.decode_standard(vector["payload"]["uid"])) for vector in PUBLISHED} == {16}


@signatures
def test_a_published_signature_verifies_with_ours(nonce_text, token, key_text):
    key = PublicKey.parse(key_text)
    verified = jws.verify(jws.parse(token), key)
    assert verified is not None
    assert verified.claims == {"nonce": nonce_text}
    assert verified.key == key


@signatures
def test_a_published_signature_verifies_with_an_independent_implementation(nonce_text, token, key_text):
    standard = key_text.translate(str.maketrans("-_", "+/"))
    key = ecdsa.VerifyingKey.from_string(base64.b64decode(standard + "=="), ecdsa.NIST256p)
    signing_input, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    assert key.verify(raw, signing_input.encode(), hashlib.sha256, sigdecode=sigdecode_string)


@signatures
def test_a_published_nonce_parses_and_was_fresh_in_its_second(nonce_text, token, key_text):
    parsed = nonce.parse(jws.parse(token).unverified_claims["nonce"])
    assert parsed.text == nonce_text
    nonce.check_freshness(parsed, parsed.made_at, timedelta(0))


@signatures
@pytest.mark.parametrize("part", range(3), ids=["header", "payload", "signature"])
def test_any_changed_byte_of_a_published_jws_is_refused(nonce_text, token, key_text, part):
    parts = token.split(".")
    raw = base64url.decode(parts[part])
    for forged in changed(raw):
        parts[part] = base64url.encode(forged)
        assert not verifies(".".join(parts), key_text), forged


@signatures
def test_any_changed_byte_of_a_published_key_is_refused(nonce_text, token, key_text):
    for forged in changed(base64url.decode_either(key_text)):
        assert not verifies(token, base64url.encode(forged)), forged


@pytest.mark.parametrize("vector", PUBLISHED, ids=lambda vector: vector["payload"]["uid"])
def test_the_keys_of_two_roles_are_not_interchangeable(vector):
    repo, ad = vector["payload"]["nonces"]["repo"], vector["payload"]["nonces"]["ad"]
    assert not verifies(repo["nonce"], ad["key"])
    assert not verifies(ad["nonce"], repo["key"])


@signatures
def test_swapped_and_little_endian_coordinates_do_not_verify(nonce_text, token, key_text):
    raw = base64url.decode_either(key_text)
    for other in (raw[32:] + raw[:32], raw[:32][::-1] + raw[32:][::-1], raw[::-1]):
        assert not verifies(token, base64url.encode(other))


@signatures
def test_a_published_payload_written_again_by_us_no_longer_verifies(nonce_text, token, key_text):
    header, payload, signature = token.split(".")
    claims = json.loads(base64url.decode(payload))
    spellings = {json.dumps(claims).encode(), json.dumps(claims, separators=(",", ":")).encode()}
    (respelled,) = spellings - {base64url.decode(payload)}
    assert not verifies(f"{header}.{base64url.encode(respelled)}.{signature}", key_text)
