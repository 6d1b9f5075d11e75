"""A test authenticator: passkeys, the challenges that each was given, and one assertion for each (WebAuthn, 7.2).

ES256 over P-256, user present and verified, a counter that stays zero as synced passkeys have it; so a peer has one
durable write for each request, as we have.
"""

import base64
import hashlib
import json
import secrets
import sqlite3
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benchmarks import identities
from keychain.validation.sites import Registration

RP_ID = "shop.example"
ORIGIN = "https://shop.example"

_ES256 = ec.ECDSA(hashes.SHA256())
_PRESENT_AND_VERIFIED = 0x05
_AUTHENTICATOR_DATA = hashlib.sha256(RP_ID.encode()).digest() + bytes([_PRESENT_AND_VERIFIED]) + bytes(4)
_TABLES = """
CREATE TABLE sites (api_id TEXT PRIMARY KEY, key_digest BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE credentials (id TEXT PRIMARY KEY, public_key BLOB NOT NULL, sign_count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE challenges (challenge TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE REFERENCES credentials) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Passkey:
    """A credential of one user, and the challenge that it was given."""

    id: str
    key: ec.EllipticCurvePrivateKey
    challenge: str

    def cose(self) -> bytes:
        """The public key as a COSE_Key: EC2, ES256, P-256 (RFC 9053, 7.1.1), in canonical CBOR."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
        return bytes.fromhex("a5010203262001215820") + point[:32] + bytes.fromhex("225820") + point[32:]

    def assertion(self) -> dict[str, object]:
        """What a browser hands to the page, as JSON (``AuthenticationResponseJSON``)."""
        client_data = json.dumps(
            {"type": "webauthn.get", "challenge": self.challenge, "origin": ORIGIN, "crossOrigin": False},
            separators=(",", ":"),
        ).encode()
        signature = self.key.sign(_AUTHENTICATOR_DATA + hashlib.sha256(client_data).digest(), _ES256)
        return {
            "id": self.id,
            "rawId": self.id,
            "type": "public-key",
            "response": {
                "authenticatorData": _text(_AUTHENTICATOR_DATA),
                "clientDataJSON": _text(client_data),
                "signature": _text(signature),
            },
            "clientExtensionResults": {},
        }


def make(count: int) -> list[Passkey]:
    """As many passkeys, each with a challenge of its own."""
    return [
        Passkey(_text(secrets.token_bytes(16)), ec.generate_private_key(ec.SECP256R1()), _text(secrets.token_bytes(32)))
        for _ in range(count)
    ]


def fill(path: Path, passkeys: Iterable[Passkey]) -> Registration:
    """A new database at ``path`` that knows these passkeys, and one site that may ask. In WAL, which stays."""
    known = list(passkeys)
    site = Registration(str(uuid.uuid4()), secrets.token_hex(16))
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.executescript(_TABLES)
    database.execute("INSERT INTO sites VALUES (?, ?)", (site.api_id, hashlib.sha256(site.api_key.encode()).digest()))
    database.executemany("INSERT INTO credentials VALUES (?, ?, 0)", [(one.id, one.cose()) for one in known])
    database.executemany("INSERT INTO challenges VALUES (?, ?)", [(one.challenge, one.id) for one in known])
    database.commit()
    database.close()
    return site


def requests(passkeys: Sequence[Passkey], site: Registration) -> list[bytes]:
    """Whole HTTP requests, one for each passkey."""
    return [identities.post("/verify", json.dumps(one.assertion()).encode(), site) for one in passkeys]


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
