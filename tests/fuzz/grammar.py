"""Hostile requests to every door that takes a body, each broken by construction: see ``payloads`` and ``texts``."""

import base64
import json
from collections.abc import Callable
from typing import Any

from authenticator import b64url, make_nonce
from device import SHOP, Identity, Prover, card, sealed

from keychain.app import utc_now
from tests.fuzz import odd, payloads, texts
from tests.fuzz.odd import Random
from tests.fuzz.world import Hostile, Json, World

BASIC = "HTTP_AUTHORIZATION"
LARGE_SHARE = 0.0005  # each takes as long as hundreds of others
BATCH_BYTES = 4 * 1024 * 1024
BATCH_LENGTHS = (0, 1, 2, 3, 10, 20)
# Every element of a batch is a payload that a site would otherwise have sent by itself, so it may take as long.
LONG_BATCH_LENGTHS = (999, 1000, 1001, 5000)


def hostile(rng: Random, world: World) -> Hostile:
    """One more."""
    if rng.random() < LARGE_SHARE:
        return large_batch(rng, world)
    return rng.choices(_DOORS, _SHARES)[0](rng, world)


def one(rng: Random, world: World) -> Hostile:
    if rng.random() < 0.55:
        why, payload = payloads.build(rng, world)
        return Hostile(why, json.dumps(payload).encode(), headers=_meaningless(rng))
    why, raw = _broken_text(rng, world)
    return Hostile(why, raw, headers=_meaningless(rng))


def batch(rng: Random, world: World) -> Hostile:
    """Elements of which each is hostile, in an object that may be broken itself."""
    if rng.random() < 0.02:
        elements = [odd.value(rng, 2) for _ in range(10)] * 500
        return _batch("a long batch", {"payloads": elements[: rng.choice(LONG_BATCH_LENGTHS)]})
    if rng.random() < 0.2:
        why, raw = _broken_text(rng, world)
        return Hostile(f"batch: {why}", raw, "/validate_batch")
    if rng.random() < 0.1:
        found = odd.value(rng)
        return _batch("no batch", {"payloads": found if not isinstance(found, list) else None})
    built = [payloads.build(rng, world) for _ in range(rng.choice(BATCH_LENGTHS))]
    elements = [payload if rng.random() < 0.9 else odd.value(rng) for _, payload in built]
    return _batch("batch", {"payloads": elements, rng.choice(odd.TEXTS)[:99]: odd.value(rng)})


def large_batch(rng: Random, world: World) -> Hostile:
    """As many bytes as a batch may have, of what takes a parser long, or a thousand payloads."""
    if rng.random() < 0.3:
        built = [payloads.build(rng, world)[1] for _ in range(50)]
        return _batch("1,000 payloads", {"payloads": built * 20})
    filling = rng.choice(["[],", "{},", "1e9,", "1,", '{"a":1},', '"",', '"\\u0041",', "null,", "[[[[],", '{"a":{"a":'])
    size = BATCH_BYTES - rng.choice([0, 1, 100, -1, -65_536])
    body = rng.choice(['{"payloads": [', '{"x": [', "["]) + filling * (size // len(filling))
    return Hostile(f"4 MiB of {filling}", (body + "1]}").encode()[:size], "/validate_batch")


def _batch(why: str, body: Json) -> Hostile:
    return Hostile(why, json.dumps(body).encode(), "/validate_batch")


def _broken_text(rng: Random, world: World) -> tuple[str, bytes]:
    """Half of them of a payload that would be believed as it was."""
    if rng.random() < 0.5:
        return texts.broken(rng, rng.choice(world.people).payload())
    why, payload = payloads.build(rng, world)
    how, raw = texts.broken(rng, payload)
    return f"{how} of {why}", raw


def credentials(rng: Random, world: World) -> Hostile:
    """A payload that would be believed, by somebody who is no site."""
    api_id, api_key = world.site.api_id, world.site.api_key
    pair = rng.choice(
        [
            f"{api_id}:",
            f":{api_key}",
            f"{api_id}:{odd.misspelled(rng, api_key)}",
            f"{api_id.upper()} :{api_key}",
            f"{api_id}{api_key}",
            f" {api_id}:{api_key}",
            f"{api_id}:{api_key}\n",
            f"{api_id}:{api_key}\0",
            f"{rng.choice(odd.TEXTS)}:{api_key}",
            f"{api_id}:{world.strict.api_key}",
            f"{world.strict.api_id}:{api_key}",
            f"{api_id}::{api_key}",
            "é:é",
            ":",
            "",
            f"{api_id}:{'A' * 50_000}",
            f"{'a' * 50_000}:x",
        ]
    )
    said = base64.b64encode(pair.encode("utf-8", "surrogatepass")).decode()
    good = world.authorization(world.site)
    header = rng.choice(
        [
            f"Basic {said}",
            f"Basic {said}",
            f"Basic {said}",
            f"basic {said}",
            "Basic",
            "Basic ",
            "",
            f"Bearer {said}",
            f"Basic {pair}",
            f"Basic {said}, {good}",
            f"{good},{good}",
            f"Digest username={api_id}",
            f"Basic {'A' * 100_000}",
            "Basic ====",
            "Basic é",
            f"Negotiate {good}",
            good[:-6],
            good.replace("Basic ", "Basic"),
            "Basic \xff\xfe",
            "Basic Og==",
            "\0",
            'Basic realm="a"',
        ]
    )
    body = json.dumps(rng.choice(world.people).payload()).encode()
    path = rng.choice(["/validate", "/validate_batch", "/make_nonce", "/repo/send_2fa"])
    header = "".join(letter for letter in header if letter not in "\r\n").encode("utf-8", "replace").decode("latin-1")
    return Hostile(f"credentials at {path}", body, path, headers={BASIC: header})


def length(rng: Random, world: World) -> Hostile:
    """A body that would be believed, and another length than it has."""
    body = json.dumps(rng.choice(world.people).payload()).encode()
    announced = str(len(body) + rng.choice([-len(body), -1, 1, 10, 10**6, 10**15]))
    return Hostile("another length", body, headers={"CONTENT_LENGTH": announced})


def method(rng: Random, world: World) -> Hostile:
    body = json.dumps(rng.choice(world.people).payload()).encode()
    named = rng.choice(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "post", "BREW", "CONNECT", "POST "])
    return Hostile("method", body, rng.choice(["/validate", "/validate_batch"]), named)


def path(rng: Random, world: World) -> Hostile:
    """A payload that would be believed, where there is nothing; or where one that would not be goes all the same."""
    good = rng.choice(["/validate", "/validate_batch", "/repo/send_2fa", "/repo/cosign", "/repo/poll", "/make_nonce"])
    body = json.dumps(rng.choice(world.people).payload()).encode()
    bad = rng.choice(
        [
            good + "x",
            good + "/x",
            good + "\0",
            good + ".json",
            good + ";a=b",
            good + "%2f",
            "/x" + good,
            "/../" + good,
            good.upper() + "Z",
            "/" + rng.choice(odd.TEXTS)[:2000] + "/x",
            good + "\xff",
            "/keychain/keychain/keychain" + good + "x",
            "/.oneid.com/" * 50 + "x",
            "/" * 5000 + "x",
            "/a" * 5000,
            "/\x80\x81",
            good + "\n",
        ]
    )
    if rng.random() < 0.3:
        why, payload = payloads.build(rng, world)
        prefix = rng.choice(["/keychain", "/.oneid.com", "/", "//", ""])
        return Hostile(
            f"{why} at an alias", json.dumps(payload).encode(), f"{prefix}/validate" + rng.choice(["", "/", "//"])
        )
    latin = "".join(letter if ord(letter) < 256 else "\xff" for letter in bad)
    return Hostile("path", body, latin)


def open_door(rng: Random, world: World) -> Hostile:
    """Doors that ignore bodies may succeed; what they answer has its shape all the same."""
    _, raw = _broken_text(rng, world)
    return Hostile(
        "an ignored body", raw, rng.choice(["/register", "/make_nonce"]), headers=_meaningless(rng), harmless=True
    )


def two_factor(rng: Random, world: World) -> Hostile:
    """Nobody's token, words that are none, nonces that are none."""
    body: Any = {
        "two_factor_token": rng.choice([odd.value(rng), b64url(rng.randbytes(32)), rng.choice(odd.TEXTS)]),
        "message": "Pay 40",
    }
    body |= {rng.choice(["message", "title", "nonce", "x"]): odd.value(rng)}
    raw = rng.choice([json.dumps(body).encode(), json.dumps(body).encode(), texts.broken(rng, body)[1]])
    return Hostile("send_2fa", raw, "/repo/send_2fa", headers=_meaningless(rng))


def _members(rng: Random, world: World) -> tuple[str, Json]:
    """A door of the repo, and members that are good there."""
    key, origin, uid = world.device.key, SHOP, world.identity.uid
    forms: dict[str, Callable[[], Json]] = {
        "/repo/accounts": lambda: world.device.members,
        "/repo/devices": lambda: world.device.members,
        "/repo/recovery": lambda: {"locator": b64url(rng.randbytes(32)), "key": key.text, "sealed": sealed()},
        "/repo/identities": lambda: Identity(origin).wish(make_nonce(utc_now())),
        "/repo/identities/find": lambda: {"origin": origin},
        "/repo/identities/forget": lambda: {"origin": origin, "uid": uid},
        "/repo/sessions": lambda: {"uid": uid, "origin": origin, "key": key.text, "silent": True},
        "/repo/cosign": lambda: {"uid": uid, "origin": origin, "nonce": make_nonce(utc_now())},
        "/repo/ticket": dict,
        "/repo/accounts/close": dict,
        "/repo/identities/list": dict,
        "/repo/cards/write": lambda: {"cards": [card()]},
    }
    path = rng.choice(list(forms))
    return path, forms[path]()


def members(rng: Random, world: World) -> Hostile:
    """A proof that is good, over members that are not: nothing of it may be used up."""
    path, good = _members(rng, world)
    if path == "/repo/cards/write":  # a large body is read when its proof was spent: that may leave a row
        path = "/repo/cosign"
    bad = good | {rng.choice(["x", "uid2", "__class__", ""]): odd.value(rng)}
    if good and rng.random() < 0.7:
        bad = dict(good)
        name = rng.choice(list(bad))
        kept = bad.pop(name)
        if rng.random() < 0.7:
            found = odd.no_string(rng)
            bad[name] = found if type(found) is not type(kept) else [kept]
    raw = json.dumps(bad).encode() if rng.random() < 0.7 else texts.broken(rng, bad)[1]
    return Hostile(f"members at {path}", raw, path, headers={"HTTP_PROOF": _proof(world, path, raw)})


def proof(rng: Random, world: World) -> Hostile:
    """Members that are good, with a proof that is not."""
    path, good = _members(rng, world)
    raw = json.dumps(good).encode()
    at = int(utc_now().timestamp())
    changed: Json = rng.choice(
        [
            {"htm": "GET"},
            {"htm": None},
            {"htu": f"{world.origin}/x"},
            {"htu": path},
            {"iat": at - 3600},
            {"iat": at + 3600},
            {"iat": True},
            {"iat": float(at)},
            {"iat": str(at)},
            {"iat": 10**400},
            {"iat": -(10**30)},
            {"jti": "short"},
            {"jti": "a" * 65},
            {"jti": None},
            {"bh": b64url(bytes(32))},
            {"bh": None},
            {"kid": b64url(rng.randbytes(32))},
            {"kid": None},
            {"kid": 1},
            {"x": 1},
            {"ath": "a"},
            {"jti": "é" * 30},
            {"kid": "\0" * 43},
            {"htu": "\ud800"},
        ]
    )
    header = rng.choice(
        [None, None, None, {"alg": "ES256"}, {"typ": "JWT", "alg": "ES256"}, {"typ": "proof+jwt", "alg": "none"}]
    )
    if header:
        changed = {}
    told = _proof(world, path, raw, header, **changed)
    if rng.random() < 0.3:
        told = rng.choice(
            [
                "",
                "a",
                "..",
                "a.b.c",
                told[:-2] + "AA"[: len(told[-2:])] if told[-2:] != "AA" else told[:-2] + "QQ",
                f"{told}, {told}",
                told.rpartition(".")[0],
                "A" * 100_000,
                "é",
                f"Bearer {told}",
                told.upper(),
                odd.misspelled(rng, told) + "\xff",
            ]
        )
    return Hostile(f"proof at {path}", raw, path, headers={"HTTP_PROOF": told})


def ticket(rng: Random, world: World) -> Hostile:
    said = rng.choice(
        [
            "",
            ".",
            "...",
            "account.a.1.b",
            f"account.{world.device.kid}.99999999999.{b64url(bytes(32))}",
            "account." * 9000,
            "é.é.é.é",
            f"account.{world.device.kid}.{'9' * 5000}.a",
            f"account.{world.device.kid}.-1.a",
            f"account.{world.device.kid}.NaN.a",
            f"account.{world.device.kid}.\uff11.a",
            "pairing_a.x.1e9.a",
            rng.choice(odd.TEXTS).encode("utf-8", "replace").decode("latin-1"),
        ]
    )
    return Hostile("ticket", b"", "/repo/poll", "GET", {"HTTP_TICKET": said})


def _proof(world: World, path: str, raw: bytes, header: Any = None, **changed: Any) -> str:
    return Prover.proof(world.device, path, raw, header, **changed)


def _meaningless(rng: Random) -> dict[str, str]:
    """Headers that change nothing, whatever they say."""
    if rng.random() < 0.8:
        return {}
    return {
        rng.choice(
            [
                "CONTENT_TYPE",
                "HTTP_X_FORWARDED_FOR",
                "HTTP_COOKIE",
                "HTTP_ACCEPT",
                "HTTP_HOST",
                "HTTP_USER_AGENT",
                "QUERY_STRING",
                "HTTP_X_HTTP_METHOD_OVERRIDE",
                "HTTP_IF_NONE_MATCH",
                "HTTP_RANGE",
                "HTTP_CONTENT_ENCODING",
            ]
        ): rng.choice(
            [
                "",
                "a, b",
                "127.0.0.1, 10.0.0.1",
                "::1",
                "[::1]:80",
                ",,,,",
                "127.0.0.1," * 1000,
                "999.1.1.1",
                "text/html",
                "gzip",
                "a" * 10_000,
                "multipart/form-data; boundary=x",
                "application/x-www-form-urlencoded",
                "\xe9",
                "x; charset=utf-7",
                "bytes=0-1",
                "fe80::1%eth0",
                "application/json; charset=\0",
                "1" * 300,
            ]
        )
    }


_DOORS, _SHARES = zip(
    (one, 62),
    (batch, 10),
    (credentials, 5),
    (length, 2),
    (method, 1),
    (path, 3),
    (open_door, 3),
    (two_factor, 4),
    (members, 5),
    (proof, 4),
    (ticket, 1),
    strict=True,
)
