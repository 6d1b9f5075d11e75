"""P-256 keys as they travel here: 64 bytes X||Y in base64, and their RFC 7638 thumbprints.

Refuses points off the curve, the point at infinity, coordinates of p or more, and any other length than 64 bytes.
"""

import hashlib
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from keychain.jose import base64url

# The order n of the group (SEC 2, 2.4.2): r and s of a signature lie in 1..n-1.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CURVE = ec.SECP256R1()
_ES256 = ec.ECDSA(hashes.SHA256())
_COORDINATE = 32


class PublicKey:
    """A point on P-256. ``raw`` is X||Y, 64 bytes, big-endian; equal bytes are equal keys.

    One of bytes that nobody has looked at, such as a stored one, is loaded when it is first used.
    """

    __slots__ = ("_loaded", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw: Final = raw
        self._loaded: ec.EllipticCurvePublicKey | None = None

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """The key of a base64 text in either alphabet, padded or not.

        Raises:
            ValueError: if it is not the one encoding of a point on the curve.
        """
        key = cls(base64url.decode_either(text))
        if len(key.raw) != 2 * _COORDINATE:
            raise ValueError("a key is 64 bytes")
        key._load()  # this is what proves that it is on the curve
        return key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"PublicKey({self.raw!r})"

    def _load(self) -> ec.EllipticCurvePublicKey:
        if self._loaded is None:
            self._loaded = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, b"\x04" + self.raw)
        return self._loaded

    @property
    def thumbprint(self) -> str:
        """The RFC 7638 thumbprint: base64url of SHA-256 over the JWK's required members in lexical order."""
        x, y = base64url.encode(self.raw[:_COORDINATE]), base64url.encode(self.raw[_COORDINATE:])
        return base64url.encode(hashlib.sha256(f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'.encode()).digest())

    def verifies(self, signing_input: bytes, signature: bytes) -> bool:
        """Whether ``signature`` (r||s, 64 bytes; RFC 7518, 3.4) is this key's ES256 over ``signing_input``.

        High s is accepted: browsers make it, and a nonce is spent by its text, not by its signature's.
        """
        if len(signature) != 2 * _COORDINATE:
            return False
        r, s = int.from_bytes(signature[:_COORDINATE]), int.from_bytes(signature[_COORDINATE:])
        if not (0 < r < ORDER and 0 < s < ORDER):
            return False
        try:
            self._load().verify(encode_dss_signature(r, s), signing_input, _ES256)
        except InvalidSignature:
            return False
        return True


class PrivateKey:
    """A P-256 key that signs. It has no serialisation and shows nothing of itself."""

    def __init__(self, scalar: int | None = None) -> None:
        self._scalar = ec.generate_private_key(_CURVE) if scalar is None else ec.derive_private_key(scalar, _CURVE)

    @classmethod
    def of(cls, scalar: int) -> "PrivateKey":
        """The key whose private half is ``scalar``, 1 to n-1.

        Raises:
            ValueError: for any other.
        """
        if not 0 < scalar < ORDER:
            raise ValueError("a private key is a number from 1 to n-1")
        return cls(scalar)

    @cached_property
    def public(self) -> PublicKey:
        """The public half."""
        numbers = self._scalar.public_key().public_numbers()
        return PublicKey(numbers.x.to_bytes(_COORDINATE) + numbers.y.to_bytes(_COORDINATE))

    def sign(self, signing_input: bytes) -> bytes:
        """ES256 over ``signing_input``: r||s, 64 bytes."""
        r, s = decode_dss_signature(self._scalar.sign(signing_input, _ES256))
        return r.to_bytes(_COORDINATE) + s.to_bytes(_COORDINATE)
