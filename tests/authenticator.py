"""A person with devices, for tests: makes keys and co-signed payloads with the ``ecdsa`` package.

The service verifies with ``cryptography``; two independent implementations have to agree on every test. ``ecdsa`` is
not constant-time, which does not matter to keys that live as long as a test.
"""

import base64
import hashlib
import json
import secrets
import string
from datetime import UTC, datetime
from typing import Any

import ecdsa
from ecdsa.util import sigencode_string

Json = dict[str, Any]


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def make_nonce(at: datetime, suffix: str | None = None) -> str:
    letters = string.ascii_letters + string.digits
    suffix = suffix or "".join(secrets.choice(letters) for _ in range(6))
    return f"001{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}{suffix}"


def new_uid() -> str:
    return base64.b64encode(secrets.token_bytes(16)).decode()


class Key:
    """A P-256 key of a test."""

    def __init__(self) -> None:
        self.private = ecdsa.SigningKey.generate(ecdsa.NIST256p)
        self.raw = self.private.get_verifying_key().to_string()

    @property
    def text(self) -> str:
        return b64url(self.raw)

    @property
    def thumbprint(self) -> str:
        jwk = json.dumps(
            {"crv": "P-256", "kty": "EC", "x": b64url(self.raw[:32]), "y": b64url(self.raw[32:])},
            separators=(",", ":"),
        )
        return b64url(hashlib.sha256(jwk.encode()).digest())

    def sign(self, signing_input: bytes) -> bytes:
        return self.private.sign_deterministic(signing_input, hashfunc=hashlib.sha256, sigencode=sigencode_string)

    def jws(self, claims: Any, header: Any = None) -> str:
        header = {"alg": "ES256"} if header is None else header
        parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
        signing_input = ".".join(map(b64url, parts))
        return f"{signing_input}.{b64url(self.sign(signing_input.encode()))}"


class Person:
    """A user at one site: a uid and a key per role."""

    def __init__(self, *roles: str, uid: str | None = None) -> None:
        self.uid = uid or new_uid()
        self.keys = {role: Key() for role in roles or ("ad", "repo")}

    def payload(self, at: datetime, *, roles: tuple[str, ...] = (), nonce: str | None = None, **claims: Any) -> Json:
        """A payload of one nonce, signed by ``roles`` (all by default), each over the same ``claims``."""
        signed = {"nonce": nonce or make_nonce(at), **claims}
        return {
            "uid": self.uid,
            "nonces": {
                role: {"nonce": self.keys[role].jws(signed), "key": self.keys[role].text}
                for role in roles or tuple(self.keys)
            },
        }


def words_sha256(message: str, title: str = "") -> str:
    return b64url(hashlib.sha256(f"{title}\n{message}".encode()).digest())
