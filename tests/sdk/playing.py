"""Stands in for the service: plays prepared outcomes through an injected transport, and remembers what was asked."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx

from oneid import AsyncOneID, OneID

API_ID = "052b0422-f23e-4e64-9e72-d6d3a45635b5"
API_KEY = "S7nB18z6+rM6Ry/XFsTxrg=="  # pragma: allowlist secret
SERVER = "https://id.example.org"
UID = "BgAgUEDyTuWHOdBSnHzgwA=="
NONCE = "0012026-01-02T03:04:05Zabc123"

Json = dict[str, Any]
Responding = Callable[[httpx.Request], httpx.Response]
Outcome = Responding | Exception

SUCCESS: Json = {"errorcode": 0, "error": "success", "valid_signatures": ["ad", "repo"], "attr_claims": {}}
REFUSAL: Json = {
    "errorcode": -30,
    "error": "a signature does not verify",
    "code": "bad_signature",
    "attr_claims": {},
    "request_id": "r-1",
}
BUSY: Json = {**REFUSAL, "errorcode": -50, "error": "try again", "code": "unavailable"}


def jws(claims: Any) -> str:
    raw = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return f"eyJhbGciOiJFUzI1NiJ9.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}.c2ln"


def token(address: str, uid: str = UID, **changed: Any) -> str:
    """A claim token as a repo makes it, but for the signature, which the service would verify."""
    salt = b"sixteen bytes !!"
    digest = hashlib.sha256(salt + address.encode()).digest()
    salted = {"salt": base64.urlsafe_b64encode(salt), "hash": base64.urlsafe_b64encode(digest)}
    written = {name: value.rstrip(b"=").decode() for name, value in salted.items()}
    return jws({"uid": uid, "attr": "email", **written, "exp": 4_000_000_000} | changed)


def payload(nonce: str = NONCE, roles: tuple[str, ...] = ("ad", "repo"), **members: Any) -> Json:
    signature = {"nonce": jws({"nonce": nonce}), "key": "a2V5"}
    return {"uid": UID, "nonces": {role: dict(signature) for role in roles}, **members}


def respond(status: int = 200, **how: Any) -> Responding:
    """A fresh response for each request: httpx reads one only once."""
    return lambda _: httpx.Response(status, **how)


def answer(members: Any = None, status: int = 200, **headers: str) -> Responding:
    """``members`` may be anything that JSON can say."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return respond(status, json=SUCCESS if members is None else members, headers=named)


class Inside(httpx.WSGITransport, httpx.AsyncBaseTransport):
    """The application itself, for both drivers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=await request.aread())
        response = self.handle_request(asked)
        return httpx.Response(response.status_code, headers=response.headers, content=response.read())


class Service:
    """Plays one outcome for each request, and the last one for ever."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._play)

    def _play(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome(request)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]


class Blocking:
    """``AsyncOneID`` with the face of ``OneID``, so that every promise is tried on both drivers."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._made = lambda: AsyncOneID(*arguments, **named)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def call(*arguments: Any, **named: Any) -> Any:
            async with self._made() as site:
                return await getattr(site, name)(*arguments, **named)

        return lambda *arguments, **named: asyncio.run(call(*arguments, **named))

    @staticmethod
    def register(**named: Any) -> Any:
        return asyncio.run(AsyncOneID.register(**named))


Site = type[OneID] | type[Blocking]
