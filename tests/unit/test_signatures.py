"""What an ES256 signature may not be, in the manner of the public ECDSA suites (Wycheproof, NIST)."""

import hashlib
from itertools import product
from typing import NamedTuple

import ecdsa
import pytest
from authenticator import Key
from ecdsa.ellipticcurve import INFINITY, PointJacobi
from ecdsa.util import sigencode_der, sigencode_string

from keychain.jose.jwk import ORDER, PublicKey

P = ecdsa.NIST256p.curve.p()
MESSAGE = b"eyJhbGciOiJFUzI1NiJ9.eyJub25jZSI6IjAwMSJ9"  # pragma: allowlist secret
KEY = Key()
PUBLIC = PublicKey(KEY.raw)
SIGNATURE = KEY.sign(MESSAGE)
R, S = int.from_bytes(SIGNATURE[:32]), int.from_bytes(SIGNATURE[32:])

EDGES = {
    "0": 0,
    "1": 1,
    "n-1": ORDER - 1,
    "n": ORDER,
    "n+1": ORDER + 1,
    "p-1": P - 1,
    "p": P,
    "p+1": P + 1,
    "2^255": 2**255,
    "2^256-1": 2**256 - 1,
}


class Crafted(NamedTuple):
    """A key under which chosen numbers verify."""

    key: PublicKey
    r: int
    s: int


def raw(r: int, s: int) -> bytes:
    return r.to_bytes(32) + s.to_bytes(32)


def recovered(point: PointJacobi, r: int, s: int) -> Crafted:
    """The key for which (r, s) is a signature of MESSAGE whose nonce point is ``point``: Q = (sR - zG) / r."""
    z = int.from_bytes(hashlib.sha256(MESSAGE).digest())
    key = (point * s + ecdsa.NIST256p.generator * (-z % ORDER)) * pow(r, -1, ORDER)
    assert key != INFINITY
    return Crafted(PublicKey(raw(key.x(), key.y())), r, s)


def with_large_x() -> Crafted:
    """A signature whose nonce point has an x of at least n, so that r is x - n."""
    x = ORDER
    while True:
        y_squared = x**3 + ecdsa.NIST256p.curve.a() * x + ecdsa.NIST256p.curve.b()
        y = pow(y_squared, (P + 1) // 4, P)
        if (y * y - y_squared) % P == 0 and x != ORDER:
            return recovered(PointJacobi(ecdsa.NIST256p.curve, x, y, 1, ORDER), x - ORDER, 3)
        x += 1


def test_the_order_is_that_of_the_curve():
    assert ecdsa.NIST256p.order == ORDER


def test_the_signature_itself_verifies():
    assert PUBLIC.verifies(MESSAGE, SIGNATURE)


@pytest.mark.parametrize("r", EDGES.values(), ids=EDGES)
def test_a_signature_with_an_edge_for_r_is_refused(r):
    assert not PUBLIC.verifies(MESSAGE, raw(r, S))


@pytest.mark.parametrize("s", EDGES.values(), ids=EDGES)
def test_a_signature_with_an_edge_for_s_is_refused(s):
    assert not PUBLIC.verifies(MESSAGE, raw(R, s))


def test_two_edges_together_are_refused():
    for r, s in product(EDGES, EDGES):
        assert not PUBLIC.verifies(MESSAGE, raw(EDGES[r], EDGES[s])), (r, s)


@pytest.mark.parametrize("message", [b"", MESSAGE, b"\x00" * 32])
def test_the_zero_signature_is_refused_for_every_key_and_message(message):
    for key in (PUBLIC, PublicKey(Key().raw)):
        assert not key.verifies(message, bytes(64))


def test_high_s_is_accepted_by_decision():
    assert PUBLIC.verifies(MESSAGE, raw(R, ORDER - S))


@pytest.mark.parametrize(
    ("r", "s"),
    [(ORDER - R, S), (ORDER - R, ORDER - S), (P - R, S), (2**256 - R, S), (R, 2**256 - S), (R, P - S)],
    ids=["-r", "-r and -s", "p-r", "two's complement of r", "two's complement of s", "p-s"],
)
def test_a_negated_signature_is_refused(r, s):
    assert not PUBLIC.verifies(MESSAGE, raw(r, s))


def test_r_and_s_do_not_change_places():
    assert not PUBLIC.verifies(MESSAGE, raw(S, R))


def test_a_nonce_point_with_an_x_above_the_order_is_accepted_with_r_reduced_only():
    key, r, s = with_large_x()
    assert key.verifies(MESSAGE, raw(r, s))
    assert not key.verifies(MESSAGE, raw(r + ORDER, s))


@pytest.mark.parametrize("s", [1, 2, ORDER - 1, ORDER - 2])
def test_the_smallest_and_the_largest_s_are_accepted_where_they_verify(s):
    point = ecdsa.NIST256p.generator * 5
    key, r, s = recovered(point, point.x() % ORDER, s)
    assert key.verifies(MESSAGE, raw(r, s))
    for congruent in (s + ORDER, s - ORDER):
        if 0 <= congruent < 2**256:
            assert not key.verifies(MESSAGE, raw(r, congruent))


def test_a_signature_of_another_length_is_refused():
    for length in {*range(131)} - {64}:
        assert not PUBLIC.verifies(MESSAGE, (SIGNATURE + bytes(66))[:length]), length
        assert not PUBLIC.verifies(MESSAGE, (bytes(66) + SIGNATURE)[130 - length :]), length


def test_der_in_place_of_raw_is_refused():
    der = KEY.private.sign_deterministic(MESSAGE, hashfunc=hashlib.sha256, sigencode=sigencode_der)
    assert not PUBLIC.verifies(MESSAGE, der)
    for padded in (der[:64], der[-64:], der.ljust(72, b"\0"), b"\x30" + der):
        assert not PUBLIC.verifies(MESSAGE, padded)


@pytest.mark.parametrize("wide", [33, 48, 66])
def test_wider_numbers_of_the_same_value_are_refused(wide):
    assert not PUBLIC.verifies(MESSAGE, R.to_bytes(wide) + S.to_bytes(wide))


def test_little_endian_numbers_are_refused():
    assert not PUBLIC.verifies(MESSAGE, SIGNATURE[:32][::-1] + SIGNATURE[32:][::-1])
    assert not PUBLIC.verifies(MESSAGE, SIGNATURE[::-1])


def test_a_signature_of_another_message_is_refused():
    other = MESSAGE[:-1] + b"!"
    assert not PUBLIC.verifies(other, SIGNATURE)
    assert not PUBLIC.verifies(MESSAGE, KEY.sign(other))


def test_a_truncated_message_is_refused():
    for cut in range(len(MESSAGE)):
        assert not PUBLIC.verifies(MESSAGE[:cut], SIGNATURE), cut
        assert not PUBLIC.verifies(MESSAGE[cut + 1 :], SIGNATURE), cut


@pytest.mark.parametrize("tail", [b"\0", b"\n", b" ", b".", bytes(64)])
def test_a_longer_message_is_refused(tail):
    assert not PUBLIC.verifies(MESSAGE + tail, SIGNATURE)


def test_an_empty_message_is_a_message():
    assert PUBLIC.verifies(b"", KEY.sign(b""))
    assert not PUBLIC.verifies(b"", SIGNATURE)


def test_a_signature_by_another_key_is_refused():
    assert not PUBLIC.verifies(MESSAGE, Key().sign(MESSAGE))
    assert not PublicKey(Key().raw).verifies(MESSAGE, SIGNATURE)


def test_a_signature_does_not_verify_under_the_negated_key():
    negated = PublicKey(KEY.raw[:32] + (P - int.from_bytes(KEY.raw[32:])).to_bytes(32))
    assert not negated.verifies(MESSAGE, SIGNATURE)


@pytest.mark.parametrize("digest", [hashlib.sha1, hashlib.sha224, hashlib.sha384, hashlib.sha512, hashlib.sha3_256])
def test_another_digest_is_refused(digest):
    signed = KEY.private.sign(MESSAGE, hashfunc=digest, sigencode=sigencode_string, allow_truncate=True)
    assert not PUBLIC.verifies(MESSAGE, signed)


def test_a_digest_is_not_taken_for_a_message():
    assert not PUBLIC.verifies(hashlib.sha256(MESSAGE).digest(), SIGNATURE)
    assert not PUBLIC.verifies(MESSAGE, KEY.private.sign_digest(MESSAGE[:32], sigencode=sigencode_string))
