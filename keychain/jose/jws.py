"""JWS compact serialization with ES256 alone (RFC 7515, 3.1 and RFC 7518, 3.4).

``parse`` turns a text into an ``UnverifiedJWS``, whose claims say in their name that nobody vouched for them;
``verify`` turns that into a ``VerifiedJWS``. The protected header is ``{"alg": "ES256"}``, with ``typ`` ``JWT`` or
absent, or with exactly the ``typ`` that the caller demands; every other header, ``crit`` and ``none`` first of all, is
refused. The signature is checked over the bytes as
they were sent: the parties of 2013 wrote their JSON differently, so nothing is ever serialised again.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from keychain.jose import base64url, strict_json
from keychain.jose.jwk import PrivateKey, PublicKey

SIGNATURE_BYTES = 64


class UnverifiedJWS(NamedTuple):
    """A well-formed JWS that nobody has verified."""

    signing_input: bytes
    signature: bytes
    unverified_claims: Mapping[str, Any]


class VerifiedJWS(NamedTuple):
    """The claims of a JWS and the key that signed them. Only ``verify`` makes one."""

    claims: Mapping[str, Any]
    key: PublicKey


def parse(text: str, typ: str | None = None) -> UnverifiedJWS:
    """Take a compact JWS apart. With ``typ`` it has to say that it is of this type (RFC 8725, 3.11): what was signed as
    one thing then never passes for another.

    Raises:
        ValueError: unless it is three canonical base64url parts, the allowed header, a JSON object and 64 bytes.
    """
    protected, _, rest = text.partition(".")
    payload, _, signature = rest.partition(".")
    # Comparing the text before parsing it spares the hot path a JSON document that is nearly always the same.
    if typ or protected != _USUAL_HEADER:
        _check_header(_object(protected), typ)
    raw = base64url.decode(signature)
    if len(raw) != SIGNATURE_BYTES:
        raise ValueError("an ES256 signature is 64 bytes")
    return UnverifiedJWS(f"{protected}.{payload}".encode("ascii"), raw, _object(payload))


def verify(jws: UnverifiedJWS, key: PublicKey) -> VerifiedJWS | None:
    """The claims that ``key`` signed, or ``None`` if it did not sign them."""
    return VerifiedJWS(jws.unverified_claims, key) if key.verifies(jws.signing_input, jws.signature) else None


def sign(claims: Mapping[str, Any], key: PrivateKey, typ: str | None = None) -> str:
    """A compact JWS over ``claims``, with the header that the service of 2013 wrote, or with a ``typ`` in it."""
    header = base64url.encode(json.dumps({"typ": typ, "alg": "ES256"}).encode()) if typ else _USUAL_HEADER
    signing_input = f"{header}.{base64url.encode(json.dumps(claims).encode())}"
    return f"{signing_input}.{base64url.encode(key.sign(signing_input.encode()))}"


def _check_header(header: dict[str, Any], typ: str | None) -> None:
    said = header.pop("typ", None if typ else "JWT")
    if header.pop("alg", None) != "ES256" or said != (typ or "JWT") or header:
        raise ValueError("the protected header is not that of an ES256 JWS")


def _object(part: str) -> dict[str, Any]:
    members = strict_json.loads(base64url.decode(part).decode("utf-8"))
    if not isinstance(members, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a text of the wrong form, not an argument of a wrong type
    return members


_USUAL_HEADER = base64url.encode(b'{"alg":"ES256"}')
