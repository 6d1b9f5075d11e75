"""A person's browser, for tests of the repo: it makes keys and proofs with the ``ecdsa`` package.

What a real one seals is opaque bytes to the repo, so here it is random. ``Device`` is the popup's half, ``Frame`` that
of one site's frame; both ask the application over WSGI, or a served one over HTTP.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx
from authenticator import Json, Key, b64url, make_nonce
from flask import Flask
from site_client import well_formed

ORIGIN = "http://id.localhost:8000"
SHOP = "https://shop.example"

# Path, body and headers to status and members.
Ask = Callable[[str, bytes, Mapping[str, str]], tuple[int, Json]]


def over_wsgi(app: Flask, **options: Any) -> Ask:
    def ask(path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Json]:
        answer = app.test_client().post(path, data=body, headers=dict(headers), **options)
        well_formed(answer)
        return answer.status_code, answer.get_json()

    return ask


def over_http(url: str) -> Ask:
    def ask(path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Json]:
        answer = httpx.post(url + path, content=body, headers=headers)
        return answer.status_code, answer.json()

    return ask


class Prover:
    """A key that signs requests."""

    def __init__(self, ask: Ask, clock: Callable[[], datetime], origin: str = ORIGIN, key: Key | None = None) -> None:
        self.ask, self.clock, self.origin, self.key = ask, clock, origin, key or Key()

    @property
    def kid(self) -> str:
        return self.key.thumbprint

    def claims(self, path: str, raw: bytes) -> Json:
        return {
            "htm": "POST",
            "htu": self.origin + path,
            "iat": int(self.clock().timestamp()),
            "jti": b64url(secrets.token_bytes(16)),
            "bh": b64url(hashlib.sha256(raw).digest()),
            "kid": self.kid,
        }

    def proof(self, path: str, raw: bytes, header: Any = None, **changed: Any) -> str:
        """A proof for one request; ``changed`` claims replace the honest ones, ``None`` takes one away."""
        claims = {name: value for name, value in (self.claims(path, raw) | changed).items() if value is not None}
        return self.key.jws(claims, {"typ": "proof+jwt", "alg": "ES256"} if header is None else header)

    def post(self, path: str, body: Any = None, *, proof: str | None = None) -> tuple[int, Json]:
        raw = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        return self.ask(path, raw, {"Proof": self.proof(path, raw) if proof is None else proof})

    def code(self, path: str, body: Any = None, **options: Any) -> str:
        """``success``, or the code of the refusal."""
        return self.post(path, body, **options)[1].get("code", "success")

    def do(self, path: str, body: Any = None) -> Json:
        """The members of a success."""
        _, members = self.post(path, body)
        assert members["errorcode"] == 0, members
        return members

    def nonce(self) -> str:
        return make_nonce(self.clock())


class Frame(Prover):
    """One site's frame in one browser, with the keys that the popup gave it."""

    def __init__(self, device: "Device", identity: "Identity", silent: bool = True) -> None:
        super().__init__(device.ask, device.clock, device.origin)
        self.device, self.identity, self.silent = device, identity, silent

    @property
    def wish(self) -> Json:
        identity = self.identity
        return {"uid": identity.uid, "origin": identity.origin, "key": self.key.text, "silent": self.silent}

    def admit(self) -> Json:
        session: Json = self.device.do("/repo/sessions", self.wish)["session"]
        return session

    def question(self, **changed: Any) -> Json:
        return {"uid": self.identity.uid, "origin": self.identity.origin, "nonce": self.nonce()} | changed

    def cosign(self, **changed: Any) -> str:
        return self.code("/repo/cosign", self.question(**changed))

    def payload(self) -> Json:
        """What the site gets: the nonce under the AD key's signature and the repo's."""
        question = self.question()
        signed = self.do("/repo/cosign", question)["signed"]
        by_device = {"nonce": self.identity.key.jws({"nonce": question["nonce"]}), "key": self.identity.key.text}
        by_repo = {"nonce": signed["nonce"], "key": signed["key"]}
        return {"uid": signed["uid"], "nonces": {"ad": by_device, "repo": by_repo}}


class Identity:
    """A user at one site: its AD key, and the uid once there is one."""

    def __init__(self, origin: str = SHOP) -> None:
        self.origin, self.key, self.uid = origin, Key(), ""
        self.sealed = b64url(secrets.token_bytes(200))

    def wish(self, nonce: str, **changed: Any) -> Json:
        signed = self.key.jws({"nonce": nonce})
        return {"origin": self.origin, "ad_key": self.key.text, "sealed": self.sealed, "ad": signed} | changed


class OneIDKey:
    """The server side of a written recovery key."""

    def __init__(self) -> None:
        self.key, self.locator = Key(), b64url(secrets.token_bytes(32))
        self.sealed = b64url(secrets.token_bytes(300))

    @property
    def members(self) -> Json:
        return {"locator": self.locator, "key": self.key.text, "sealed": self.sealed}


class Device(Prover):
    """A browser's popup."""

    account = ""

    @property
    def members(self) -> Json:
        return {"device": {"key": self.key.text, "name": "Firefox on Linux"}}

    def sign_up(self) -> "Device":
        self.account = self.do("/repo/accounts", self.members)["account"]["id"]
        return self

    def make_onekey(self) -> OneIDKey:
        made = OneIDKey()
        self.do("/repo/recovery", made.members)
        return made

    def second(self, onekey: OneIDKey) -> "Device":
        """Another browser, which joins this one's account with the OneID Key."""
        other = Device(self.ask, self.clock, self.origin)
        signing = Prover(self.ask, self.clock, self.origin, onekey.key)
        other.account = signing.do("/repo/devices", other.members)["account"]["id"]
        return other

    def mint(self, origin: str = SHOP) -> Identity:
        identity = Identity(origin)
        made = self.do("/repo/identities", identity.wish(self.nonce()))["identity"]
        assert made["minted"]
        identity.uid = made["uid"]
        return identity

    def frame(self, identity: Identity | None = None, *, silent: bool = True) -> Frame:
        """A frame of a site, signed in."""
        frame = Frame(self, identity or self.mint(), silent)
        frame.admit()
        return frame


def uid_of_nobody() -> str:
    return base64.b64encode(secrets.token_bytes(16)).decode()
