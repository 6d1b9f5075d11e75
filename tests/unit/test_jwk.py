"""A key is the one encoding of a point on P-256, and nothing else is a key."""

import base64
import hashlib
import json
import pickle

import ecdsa
import pytest
from authenticator import Key
from ecdsa.util import sigdecode_string

from keychain.jose import base64url
from keychain.jose.jwk import PrivateKey, PublicKey

CURVE = ecdsa.NIST256p.curve
P, A, B = CURVE.p(), CURVE.a(), CURVE.b()
KEY = Key()


def raw(x: int, y: int) -> bytes:
    return x.to_bytes(32) + y.to_bytes(32)


def on_curve(x: int, y: int) -> bool:
    return (y * y - (x * x * x + A * x + B)) % P == 0


def point_above(x: int) -> tuple[int, int]:
    """The first point whose x is at least ``x``."""
    while True:
        y = pow(x**3 + A * x + B, (P + 1) // 4, P)
        if on_curve(x, y):
            return x, y
        x += 1


SMALL_X, ITS_Y = point_above(1)
X, Y = int.from_bytes(KEY.raw[:32]), int.from_bytes(KEY.raw[32:])


@pytest.mark.parametrize("alphabet", [base64.urlsafe_b64encode, base64.b64encode])
@pytest.mark.parametrize("padding", ["", "=="])
def test_a_key_is_read_in_either_alphabet_padded_or_not(alphabet, padding):
    text = alphabet(KEY.raw).decode().rstrip("=") + padding
    assert PublicKey.parse(text) == PublicKey(KEY.raw)
    assert PublicKey.parse(text).raw == KEY.raw


def test_equal_bytes_are_equal_keys():
    assert {PublicKey(KEY.raw), PublicKey.parse(KEY.text)} == {PublicKey.parse(KEY.text)}
    assert PublicKey(KEY.raw) != PublicKey(Key().raw)


def test_a_key_that_differs_says_which_it_is():
    assert repr(PublicKey(bytes(64))) == f"PublicKey({bytes(64)!r})"


def test_a_coordinate_with_leading_zeros_is_a_key():
    assert PublicKey.parse(base64url.encode(raw(SMALL_X, ITS_Y))).raw == raw(SMALL_X, ITS_Y)


@pytest.mark.parametrize("length", [0, 1, 32, 33, 63, 65, 66, 96, 128])
def test_a_key_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="64 bytes"):
        PublicKey.parse(base64url.encode((KEY.raw * 2)[:length]))


@pytest.mark.parametrize("prefix", [b"\x04", b"\x02", b"\x03", b"\x06", b"\x00"])
def test_an_encoded_point_with_its_prefix_is_refused(prefix):
    for body in (KEY.raw, KEY.raw[:32], KEY.raw[:63]):
        with pytest.raises(ValueError):  # noqa: PT011 - 63 bytes and a prefix are 64, but no point
            PublicKey.parse(base64url.encode(prefix + body))


NO_POINTS = {
    "infinity as zeros": raw(0, 0),
    "all ones": b"\xff" * 64,
    "y off by one": raw(X, (Y + 1) % P),
    "x off by one": KEY.raw[:31] + bytes([KEY.raw[31] ^ 1]) + KEY.raw[32:],
    "swapped coordinates": raw(Y, X),
    "little-endian coordinates": KEY.raw[:32][::-1] + KEY.raw[32:][::-1],
    "x is p": raw(P, point_above(0)[1]),
    "x above p": raw(SMALL_X + P, ITS_Y),
    "y is zero": raw(X, 0),
    "y is p": raw(X, P),
    "x and y are p": raw(P, P),
    "the generator of P-256K": raw(ecdsa.SECP256k1.generator.x(), ecdsa.SECP256k1.generator.y()),
    "the generator of brainpoolP256r1": raw(ecdsa.BRAINPOOLP256r1.generator.x(), ecdsa.BRAINPOOLP256r1.generator.y()),
}


@pytest.mark.parametrize("encoded", NO_POINTS.values(), ids=NO_POINTS)
def test_what_is_no_point_of_the_curve_is_refused(encoded):
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words
        PublicKey.parse(base64url.encode(encoded))


def test_a_y_above_p_is_refused_though_it_is_congruent_to_a_point():
    x, y = 0xD7325D7646CD60D80A92738CEB345F844CFFAF35841022CAB176F692DE8DE1D7, 5  # the smallest y on the curve
    assert PublicKey.parse(base64url.encode(raw(x, y))).raw == raw(x, y)
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words
        PublicKey.parse(base64url.encode(raw(x, y + P)))


@pytest.mark.parametrize("key", [KEY.raw, raw(SMALL_X, ITS_Y), Key().raw], ids=["any", "leading zeros", "another"])
def test_the_thumbprint_is_that_of_rfc_7638(key):
    members = {
        "y": base64url.encode(key[32:]),
        "kty": "EC",
        "x": base64url.encode(key[:32]),
        "crv": "P-256",
    }
    jwk = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(jwk).digest()).rstrip(b"=").decode()
    assert PublicKey(key).thumbprint == digest
    assert len(digest) == 43


def test_a_published_key_has_its_published_thumbprint():
    # RFC 9449, 4.1 prints the key, 6.1 its thumbprint.
    x, y = (
        "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",  # pragma: allowlist secret
        "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",  # pragma: allowlist secret
    )
    key = PublicKey.parse(base64url.encode(base64url.decode(x) + base64url.decode(y)))
    assert key.thumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"  # pragma: allowlist secret


def test_the_example_of_rfc_7515_verifies():
    # Appendix A.3.
    x, y = (
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",  # pragma: allowlist secret
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",  # pragma: allowlist secret
    )
    signing_input = (
        b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        b"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    r, s = (
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmU",  # pragma: allowlist secret
        "xQoH04w8cOXY8S2vCEpUgKZlkMXyk1Cajz9_ioOjVNU",  # pragma: allowlist secret
    )
    key = PublicKey(base64url.decode(x) + base64url.decode(y))
    assert key.verifies(signing_input, base64url.decode(r) + base64url.decode(s))


def test_what_our_private_key_signs_verifies_with_an_independent_implementation():
    ours = PrivateKey()
    theirs = ecdsa.VerifyingKey.from_string(ours.public.raw, ecdsa.NIST256p)
    for message in (b"", b"message", b"\x00" * 1000):
        signature = ours.sign(message)
        assert len(signature) == 64
        assert theirs.verify(signature, message, hashlib.sha256, sigdecode=sigdecode_string)
        assert ours.public.verifies(message, signature)


def test_a_private_key_shows_nothing_of_itself_and_does_not_travel():
    key = PrivateKey()
    assert "0x" in repr(key)
    assert str(key._scalar.private_numbers().private_value) not in repr(vars(key)) + repr(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)
