"""People with two keys each, on record before the server starts: sign-ins are measured, not first uses."""

import base64
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keychain import nonce
from keychain.app import utc_now
from keychain.jose import base64url, jws
from keychain.jose.jwk import PrivateKey
from keychain.store.engine import Session
from keychain.store.tables import pins, records
from keychain.validation.sites import Registration

ROLES = ("ad", "repo")


@dataclass(frozen=True)
class Identity:
    """A uid and the key of each role."""

    uid: str
    keys: dict[str, PrivateKey]

    def payload(self, now: datetime) -> dict[str, Any]:
        """A payload that nobody has seen: a nonce of this second, signed by both keys."""
        claims = {"nonce": nonce.make(now).text}
        signed = {
            role: {"nonce": jws.sign(claims, key), "key": base64url.encode(key.public.raw)}
            for role, key in self.keys.items()
        }
        return {"uid": self.uid, "nonces": signed}


def make(count: int) -> list[Identity]:
    """As many identities, no two with the same uid."""
    return [
        Identity(base64.b64encode(secrets.token_bytes(16)).decode(), {role: PrivateKey() for role in ROLES})
        for _ in range(count)
    ]


def put_on_record(session: Session, people: Iterable[Identity], now: datetime) -> None:
    """Write the rows that each one's first use would have written, all at once."""
    known = list(people)
    with session.transaction() as connection:
        session.add(records, [{"uid": one.uid, "version": 1, "created_at": now} for one in known])
        session.add(
            pins,
            [
                {"uid": one.uid, "role": role, "public_key": key.public.raw, "created_at": now}
                for one in known
                for role, key in one.keys.items()
            ],
        )
        if connection.dialect.name == "postgresql":
            # What autovacuum does a minute later by itself, and then would do in the middle of a round.
            connection.exec_driver_sql("ANALYZE")


def requests(people: Sequence[Identity], site: Registration, *, batch: int = 1) -> list[bytes]:
    """Whole HTTP requests, signed now: one for each person, or one for each ``batch`` of them."""
    payloads = [one.payload(utc_now()) for one in people]
    if batch == 1:
        return [post("/validate", json.dumps(payload).encode(), site) for payload in payloads]
    groups = [payloads[start : start + batch] for start in range(0, len(payloads), batch)]
    return [post("/validate_batch", json.dumps({"payloads": group}).encode(), site) for group in groups]


def authorization(site: Registration) -> str:
    """The value of the header that authenticates ``site``."""
    return "Basic " + base64.b64encode(f"{site.api_id}:{site.api_key}".encode()).decode()


def post(path: str, content: bytes, site: Registration) -> bytes:
    """A whole HTTP request of ``site``."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization(site)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
