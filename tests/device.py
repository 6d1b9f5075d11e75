"""A person's browser, for tests of the repo: it makes keys and proofs with the ``ecdsa`` package.

What a real one seals is opaque bytes to the repo, so here it is random. ``Device`` is the popup's half, ``Frame`` that
of one site's frame; both ask the application over WSGI, or a served one over HTTP.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx
from authenticator import Json, Key, b64url, make_nonce, words_sha256
from flask import Flask
from running import PATIENCE
from site_client import well_formed

ORIGIN = "http://id.localhost:8000"
SHOP = "https://shop.example"

# Path, body and headers to status and members; a method where it is not POST.
Ask = Callable[..., tuple[int, Json]]


def over_wsgi(app: Flask, **options: Any) -> Ask:
    def ask(path: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> tuple[int, Json]:
        answer = app.test_client().open(path, method=method, data=body, headers=dict(headers), **options)
        well_formed(answer)
        return answer.status_code, answer.get_json()

    return ask


def over_http(url: str) -> Ask:
    def ask(path: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> tuple[int, Json]:
        answer = httpx.request(method, url + path, content=body, headers=headers, timeout=PATIENCE)
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

    def read(self, identity: "Identity", *cards: str) -> Json:
        """What is released to a site: its ``releases`` and ``claims``."""
        return self.do("/repo/releases/read", {"uid": identity.uid, "origin": identity.origin, "cards": list(cards)})


def sealed(size: int = 285) -> str:
    """What nobody here can open."""
    return b64url(secrets.token_bytes(size))


def card(**changed: Any) -> Json:
    """A new card, or with ``changed`` members another writing of one."""
    return {"id": b64url(secrets.token_bytes(16)), "version": 1, "sealed": sealed()} | changed


def release(identity: "Identity", **changed: Any) -> Json:
    """What is released of the e-mail card to a site, or of another."""
    first = {"card": "email", "fields": ["email"], "version": 1, "sealed": sealed()}
    return {"uid": identity.uid} | first | changed


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


def with_ticket(ask: Ask, path: str, ticket: str, body: Any = None) -> tuple[int, Json]:
    """What the holder of a ticket is told: of a poll where there is no body."""
    raw, method = (b"", "GET") if body is None else (json.dumps(body).encode(), "POST")
    return ask(path, raw, {"Ticket": ticket}, method=method)


class Device(Prover):
    """A browser's popup. ``identities`` are those of the account that its devices minted, by their AD key."""

    account = ""

    def __init__(self, ask: Ask, clock: Callable[[], datetime], origin: str = ORIGIN, key: Key | None = None) -> None:
        super().__init__(ask, clock, origin, key)
        self.identities: dict[str, Identity] = {}

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
        other.identities = self.identities
        return other

    def connect_phone(self) -> "Phone":
        """A phone of this one's account, as a pairing ends: the first one by any browser, others by a phone."""
        return self._admitted(Phone(self.ask, self.clock, self.origin), phone=True)

    def connect_browser(self) -> "Device":
        """Another browser, which a phone lets in."""
        return self._admitted(Device(self.ask, self.clock, self.origin), phone=False)

    def _admitted(self, other: Any, *, phone: bool) -> Any:
        other.account = self.do("/repo/devices/admit", other.members | {"phone": phone})["account"]["id"]
        other.identities = self.identities
        return other

    def mint(self, origin: str = SHOP) -> Identity:
        identity = Identity(origin)
        made = self.do("/repo/identities", identity.wish(self.nonce()))["identity"]
        assert made["minted"]
        identity.uid = made["uid"]
        self.identities[identity.key.text] = identity
        return identity

    def frame(self, identity: Identity | None = None, *, silent: bool = True) -> Frame:
        """A frame of a site, signed in."""
        frame = Frame(self, identity or self.mint(), silent)
        frame.admit()
        return frame

    def keep(self, **changed: Any) -> Json:
        """A card, written; ``changed`` as for ``card``."""
        written = card(**changed)
        self.do("/repo/cards", written)
        return written

    def cards(self) -> dict[str, Json]:
        """The account's cards by id, deleted ones included."""
        return {kept["id"]: kept for kept in self.do("/repo/cards/list")["cards"]}

    def release(self, identity: Identity, **changed: Any) -> Json:
        """A release, written; ``changed`` as for ``release``."""
        made = release(identity, **changed)
        self.do("/repo/releases", made)
        return made

    def releases(self) -> list[Json]:
        """All that the account ever released."""
        made: list[Json] = self.do("/repo/releases/list")["releases"]
        return made

    def renewal(self, **changed: Any) -> Json:
        """All that the account has, sealed anew, for ``/repo/renew``."""
        kept = [one for one in self.cards().values() if one["sealed"]]
        living = [one for one in self.releases() if one["sealed"]]
        known = self.do("/repo/identities/list")["identities"]
        again = ("uid", "card", "fields", "version")
        return {
            "identities": [{"uid": one["uid"], "sealed": sealed(200)} for one in known],
            "cards": [card(id=one["id"], version=one["version"] + 1) for one in kept],
            "releases": [
                {name: one[name] for name in again} | {"version": one["version"] + 1, "sealed": sealed()}
                for one in living
            ],
        } | changed

    def take_off(self, element: Json) -> str:
        """Take a control key of a phone that ended off the record, as ``wanted`` lists it; ``success`` or a code."""
        return self.code("/repo/control_keys/end", self.unpinning(element))

    def unpinning(self, element: Json, **changed: Any) -> Json:
        signed = self.identities[element["ad_key"]].key.jws(
            {"nonce": self.nonce(), "aud": "record", "unpins": {"cd": element["control_key"]}}
        )
        named = {member: element[member] for member in ("uid", "origin", "control_key")}
        return named | {"ad": signed} | changed

    def wanted(self) -> Json:
        """The control keys to put on record and to take off it."""
        wanted: Json = self.do("/repo/control_keys/wanted")["wanted"]
        return wanted


class Phone(Device):
    """A phone: a control key per site identity, a PIN mixed with a key of its own, and decisions."""

    def __init__(self, ask: Ask, clock: Callable[[], datetime], origin: str = ORIGIN, key: Key | None = None) -> None:
        super().__init__(ask, clock, origin, key)
        self.control: dict[str, Key] = {}  # by uid
        self.pin_key = secrets.token_bytes(32)

    @property
    def members(self) -> Json:
        return {"device": {"key": self.key.text, "name": "Ann's phone"}}

    def pinning(self, uid: str, identity: Identity, **changed: Any) -> Json:
        """The wish to put this phone's control key for an identity on record."""
        key = self.control.setdefault(uid, Key())
        claims = {"nonce": self.nonce(), "aud": "record", "pins": {"cd": key.thumbprint}}
        signed = {"ad": identity.key.jws(claims), "cd": key.jws(claims)}
        return {"uid": uid, "origin": identity.origin, "key": key.text} | signed | changed

    def pin(self, identity: Identity) -> Key:
        self.do("/repo/control_keys", self.pinning(identity.uid, identity))
        return self.control[identity.uid]

    def pin_all(self) -> "Phone":
        """Put on record what is wanted; then nothing is."""
        for element in self.wanted()["pin"]:
            self.pin(self.identities[element["ad_key"]])
        return self

    def pin_proof(self, pin: str) -> str:
        return b64url(hmac.new(self.pin_key, pin.encode(), hashlib.sha256).digest())

    def set_pin(self, pin: str, former: str | None = None) -> None:
        proof = {"proof": self.pin_proof(pin), "former": None if former is None else self.pin_proof(former)}
        self.do("/repo/phone/pin", proof)

    def pending(self) -> list[Json]:
        """What waits for a decision, newest last."""
        waiting: list[Json] = self.do("/repo/confirmations/pending")["confirmations"]
        return waiting

    def signed(self, element: Json, **changed: Any) -> str:
        """The control key's signature of what is shown; ``changed`` claims replace the honest ones."""
        words = words_sha256(element["message"], element["title"])
        claims: Json = {"nonce": element["nonce"], "words_sha256": words, "origin": element["origin"]}
        if element.get("audience") is not None:
            claims["aud"] = element["audience"]
        return self.control[element["uid"]].jws(
            claims | ({"pin": True} if element["level"] == "OOBPIN" else {}) | changed
        )

    def decision(self, element: Json, how: str, number: str | None = None, pin: str | None = None) -> Json:
        """The body of a decision; ``pin`` is what the person types."""
        return {
            "confirmation": element["id"],
            "decision": how,
            "cd": self.signed(element) if how == "approve" else None,
            "number": number,
            "pin": None if pin is None else self.pin_proof(pin),
        }

    def decide(self, element: Json, how: str, **typed: str | None) -> Json:
        body = self.decision(element, how, **typed)
        decided: Json = self.do("/repo/confirmations/decide", body)["confirmation"]
        return decided

    def decide_code(self, element: Json, how: str = "approve", **typed: str | None) -> str:
        """``success``, or the code of the refusal."""
        return self.code("/repo/confirmations/decide", self.decision(element, how, **typed))

    def approve(self, element: Json, number: str | None = None, pin: str | None = None) -> Json:
        return self.decide(element, "approve", number=number, pin=pin)

    def reject(self, element: Json) -> Json:
        return self.decide(element, "reject")

    def report(self, element: Json) -> Json:
        return self.decide(element, "report")


def uid_of_nobody() -> str:
    return base64.b64encode(secrets.token_bytes(16)).decode()
