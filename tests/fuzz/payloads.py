"""Payloads that must not validate: freshly signed ones, broken in one place. Each function says in its name how.

Those who sign are on record and could sign in, and only what a function breaks stands between its payload and a
success. What a mutation leaves as it was by chance is broken in another way.
"""

import copy
import json
from datetime import timedelta
from typing import Any

from keychain import nonce as nonces
from keychain.app import utc_now
from keychain.jose import base64url
from tests.fuzz import odd
from tests.fuzz.odd import Random
from tests.fuzz.world import Json, Person, World


def build(rng: Random, world: World) -> tuple[str, Json]:
    """How it is broken, and a payload."""
    way = rng.choice(_WAYS)
    return way.__name__, way(rng, world)


def _person(rng: Random, world: World) -> Person:
    return rng.choice(world.people)


def _pair(rng: Random, world: World) -> Person:
    """One with two keys, neither of which can be missing."""
    return rng.choice([one for one in world.people if len(one.keys) == 2])


def _some(rng: Random, payload: Json) -> Json:
    """One of the pairs of nonce and key."""
    return payload["nonces"][rng.choice(list(payload["nonces"]))]


def _jws(key: Any, header: bytes, claims: bytes) -> str:
    signing_input = f"{base64url.encode(header)}.{base64url.encode(claims)}"
    return f"{signing_input}.{base64url.encode(key.sign(signing_input.encode()))}"


def _signed(person: Person, claims: bytes, header: bytes = b'{"alg":"ES256"}') -> Json:
    """Every role over the same bytes, whatever they are."""
    said = {
        role: {"nonce": _jws(key, header, claims), "key": base64url.encode(key.public.raw)}
        for role, key in person.keys.items()
    }
    return {"uid": person.uid, "nonces": said}


def _fresh() -> str:
    return nonces.make(utc_now()).text


def dropped(rng: Random, world: World) -> Json:
    payload = _pair(rng, world).payload()
    inside = rng.choice([payload, payload, payload["nonces"], _some(rng, payload)])
    del inside[rng.choice(list(inside))]
    return payload


def retyped(rng: Random, world: World) -> Json:
    payload = _person(rng, world).payload()
    inside, names = rng.choice(
        [
            (payload, ("uid",)),
            (payload, ("nonces",)),
            (payload["nonces"], ("repo",)),
            (_some(rng, payload), ("nonce", "key")),
        ]
    )
    inside[rng.choice(names)] = odd.value(rng)
    return payload


def other_members(rng: Random, world: World) -> Json:
    """Members that are read where they are there, and must be right then."""
    payload = _person(rng, world).payload()
    bad = {
        "message": [1, None, [], {}, "\ud83d", "not what was signed", ""],
        "title": ["a title without a message", 1, None],
        "request": ["", "a" * 65, "ä", "a\n", 5, [], {}, True],
        "attr_claim_tokens": [
            1,
            "x",
            [1],
            {"email": 1},
            {"email": "a.b.c"},
            {"phone": "x"},
            {"email": None},
            {"email": payload["nonces"]["repo"]["nonce"]},
            {str(n): "x" for n in range(17)},
        ],
        "UID": [payload["uid"], "x"],
        "NONCES": [payload["nonces"], {}],
    }
    name = rng.choice(list(bad))
    return payload | {name: rng.choice(bad[name])}


def uid(rng: Random, world: World) -> Json:
    payload = _person(rng, world).payload()
    others = [one.uid for one in world.people if one.uid != payload["uid"]]
    right = payload["uid"]
    payload["uid"] = rng.choice(
        [
            rng.choice(others),
            Person.new().uid,
            odd.misspelled(rng, right),
            right.rstrip("="),
            right + "\n",
            " " + right,
            right.translate(str.maketrans("A", "\u0391")) if "A" in right else right + "\u0391",
            rng.choice(odd.TEXTS),
        ]
    )
    return payload


def header(rng: Random, world: World) -> Json:
    """A protected header that is signed, and not allowed."""
    said = rng.choice(
        [
            b"{}",
            b"[]",
            b"null",
            b'"ES256"',
            b"",
            b"{",
            b'{"alg":"none"}',
            b'{"alg":"HS256"}',
            b'{"alg":"ES384"}',
            b'{"alg":"ES256K"}',
            b'{"alg":"es256"}',
            b'{"alg":"ES256 "}',
            b'{"alg":["ES256"]}',
            b'{"alg":null}',
            b'{"alg":"ES256","alg":"ES256"}',
            b'{"alg":"ES256","\\u0061lg":"none"}',
            b'{"alg":"ES256","typ":"proof+jwt"}',
            b'{"alg":"ES256","typ":"jwt"}',
            b'{"alg":"ES256","typ":null}',
            b'{"alg":"ES256","crit":["exp"],"exp":1}',
            b'{"alg":"ES256","crit":[]}',
            b'{"alg":"ES256","b64":false}',
            b'{"alg":"ES256","kid":"a"}',
            b'{"alg":"ES256","jku":"http://x"}',
            b'{"alg":"ES256","zip":"DEF"}',
            b'{"alg":"ES256"}\0',
            b'\xef\xbb\xbf{"alg":"ES256"}',
            b'{"alg":"ES256","a":\xff}',
            b'{"alg":"ES256","n":NaN}',
            b'{"alg":"ES256","jwk":{"kty":"EC","crv":"P-256"}}',
            b'{"alg":"ES256","a":' + b"[" * 5000 + b"]" * 5000 + b"}",
        ]
    )
    return _signed(_person(rng, world), json.dumps({"nonce": _fresh()}).encode(), said)


def claims(rng: Random, world: World) -> Json:
    """What the roles signed alike is not what may be signed."""
    fresh = json.dumps(_fresh())
    said = rng.choice(
        [
            "{}",
            "[]",
            "null",
            fresh,
            "",
            "{",
            f'{{"nonce":[{fresh}]}}',
            f'{{"Nonce":{fresh}}}',
            f'{{"nonce":{fresh},"nonce":{fresh}}}',
            f'{{"nonce":{fresh},"\\u006eonce":{fresh}}}',
            f'{{"nonce":{fresh},"a":NaN}}',
            f'{{"nonce":{fresh},"a":{{"b":1,"b":1}}}}',
            f'{{"nonce":{fresh}}}\0',
            f'\ufeff{{"nonce":{fresh}}}',
            f'{{"nonce":{fresh}}} {{}}',
            f'{{"nonce":{fresh},}}',
            f'{{"nonce":{fresh},"aud":"{Person.new().uid}"}}',
            f'{{"nonce":{fresh},"aud":null}}',
            f'{{"nonce":{fresh},"aud":"record"}}',
            f'{{"nonce":{fresh},"aud":["{world.site.api_id}"]}}',
            f'{{"nonce":{fresh},"pins":{{}}}}',
            f'{{"nonce":{fresh},"pins":null}}',
            f'{{"nonce":{fresh},"pins":{{"cd":1}}}}',
            f'{{"nonce":{fresh},"pins":{{"xx":"a"}}}}',
            f'{{"nonce":{fresh},"unpins":[]}}',
            f'{{"nonce":{fresh},"pins":{{"cd":"a"}},"unpins":{{"cd":"a"}}}}',
            f'{{"nonce":{fresh},"unpins":{{"ad":{{}}}}}}',
            f'{{"nonce":{fresh},"pins":{{"cd":"{world.strangers[0].keys["cd"].public.thumbprint}"}}}}',
            f'{{"nonce":{fresh},"a":{odd.deep(rng)}}}',
            f'{{"nonce":{fresh},"a":{rng.choice(odd.NO_NUMBERS)}}}',
        ]
    )
    raw = said.encode("utf-8", "surrogatepass")
    return _signed(_person(rng, world), rng.choice([raw, raw, raw, said.encode("utf-16"), raw + b"\xff"]))


def claims_that_differ(rng: Random, world: World) -> Json:
    payload, person = _person(rng, world).payload(), None
    person = next(one for one in world.people if one.uid == payload["uid"])
    role = rng.choice(list(person.keys))
    said = rng.choice([{"nonce": _fresh()}, {}, {"nonce": None}])
    payload["nonces"][role] = person.entry(role, said)
    return payload


def nonce(rng: Random, world: World) -> Json:
    """A nonce that is none, or not of this time, signed by everybody."""
    at = utc_now()
    fresh, hour = _fresh(), timedelta(hours=1)
    second, tail = fresh[3:23], fresh[23:]
    text = rng.choice(
        [
            nonces.make(at - hour - timedelta(seconds=rng.choice([30, 31, 3600, 10**8]))).text,
            nonces.make(at + timedelta(seconds=rng.choice([180, 3600, 10**8]))).text,
            f"002{second}{tail}",
            f"000{second}{tail}",
            second + tail,
            f"001{second}{tail[:5]}",
            f"001{second}",
            f"001{second}{'a' * 42}",
            f"001{second}{tail}=",
            f"001{second}{tail}\n",
            f"001{second}é{tail}",
            f"001{second}\0{tail}",
            f"001{second[:-1]}z{tail}",
            f"001{second.replace('T', ' ')}{tail}",
            f"001{second.replace('-', '/')}{tail}",
            f"001{second[:17]}60Z{tail}",
            f"0010000-00-00T00:00:00Z{tail}",
            f"0019999-12-31T23:59:59Z{tail}",
            f"0010001-01-01T00:00:00Z{tail}",
            f"001{second[:11]}24{second[13:]}{tail}",
            f"001{second[:5]}02-30{second[10:]}{tail}",
            f"00\uff11{second}{tail}",
            f"001\uff12\uff10\uff12\uff16{second[4:]}{tail}",
            f" {fresh}",
            fresh + " ",
            rng.choice(odd.TEXTS),
            rng.choice(odd.TEXTS) + fresh,
        ]
    )
    if text == fresh:
        text += "!"
    return _signed(_person(rng, world), json.dumps({"nonce": text}).encode())


def nonce_of_another_type(rng: Random, world: World) -> Json:
    return _signed(_person(rng, world), json.dumps({"nonce": odd.no_string(rng)}).encode())


def signature(rng: Random, world: World) -> Json:
    payload = _person(rng, world).payload()
    one = _some(rng, payload)
    head, said, signed = one["nonce"].split(".")
    right = base64url.decode(signed)
    changed = odd.signature(rng, right)
    one["nonce"] = f"{head}.{said}.{base64url.encode(changed if changed != right else bytes(64))}"
    return payload


def signature_of_something_else(rng: Random, world: World) -> Json:
    """A good signature of another payload, or by another key."""
    payload, other = _person(rng, world).payload(), _person(rng, world).payload()
    one, two = _some(rng, payload), rng.choice([_some(rng, other), world.strangers[0].payload()["nonces"]["ad"]])
    head, said, signed = one["nonce"].split(".")
    theirs = two["nonce"].split(".")[2]
    one["nonce"] = f"{head}.{said}.{theirs if theirs != signed else 'A' * 86}"
    return payload


def compact(rng: Random, world: World) -> Json:
    """A JWS that is not three parts of base64url, or of which a letter was changed."""
    payload = _person(rng, world).payload()
    one = _some(rng, payload)
    parts = one["nonce"].split(".")
    place = rng.randrange(3)
    spelled = [*parts[:place], odd.misspelled(rng, parts[place]), *parts[place + 1 :]]
    one["nonce"] = rng.choice(
        [
            ".".join(spelled),
            ".".join(spelled),
            ".".join(spelled),
            ".".join(parts[:2]),
            ".".join([*parts, parts[2]]),
            ".".join(parts[::-1]),
            "..".join(parts),
            "." + one["nonce"],
            one["nonce"] + ".",
            f"{parts[0]}..{parts[2]}",
            f"..{parts[2]}",
            " " + one["nonce"],
            json.dumps({"protected": parts[0], "payload": parts[1], "signature": parts[2]}),
            ".",
            "..",
            "." * 60_000,
            rng.choice(odd.TEXTS),
            one["nonce"].replace(".", "\uff0e"),
        ]
    )
    return payload


def key(rng: Random, world: World) -> Json:
    payload = _person(rng, world).payload()
    one = _some(rng, payload)
    right = one["key"]
    changed = rng.choice(
        [
            odd.spelled(rng, odd.point(rng)),
            odd.misspelled(rng, right),
            rng.choice(odd.TEXTS),
            right + "=",
            right + "===",
        ]
    )
    one["key"] = changed if changed != right + "==" else right + "===="  # padded it is the same key
    return payload


def keys_exchanged(rng: Random, world: World) -> Json:
    """Keys, or whole pairs, under each other's roles; or one signer that calls itself two."""
    payload = _pair(rng, world).payload()
    said = payload["nonces"]
    way = rng.randrange(4)
    if way == 0:
        said["ad"], said["repo"] = said["repo"], said["ad"]
    elif way == 1:
        said["ad"]["key"], said["repo"]["key"] = said["repo"]["key"], said["ad"]["key"]
    elif way == 2:
        said["ad"] = copy.copy(said["repo"])
    else:
        said["cd"] = said.pop("ad")
    return payload


def stranger(rng: Random, world: World) -> Json:
    """Somebody else signs, with keys of his own, in one role or in all of them."""
    person, other = _person(rng, world), rng.choice(world.strangers)
    said = {"nonce": _fresh()}
    payload = {"uid": person.uid, "nonces": {role: person.entry(role, said) for role in person.keys}}
    for role in rng.choice([("ad",), ("repo",), ("cd",), ("ad", "repo"), ("ad", "repo", "cd")]):
        payload["nonces"][role] = other.entry(role, said)
    return payload


def roles(rng: Random, world: World) -> Json:
    payload = _person(rng, world).payload()
    said = payload["nonces"]
    role = rng.choice(list(said))
    named = rng.choice(
        [role.upper(), role + " ", "", "xx", "toString", "__proto__", "\uff41\uff44", role + "\0", "a" * 1000]
    )
    said[named] = rng.choice([said[role], odd.value(rng)])
    if rng.random() < 0.2:
        said |= {f"r{number}": said[role] for number in range(rng.choice([14, 15, 16, 100]))}
    return payload


def replayed(rng: Random, world: World) -> Json:
    """It was good once; with anything that leaves it as it is."""
    payload = copy.deepcopy(rng.choice(world.spent))
    extra = rng.choice(
        [{}, {"request": "abc"}, {"attr": odd.value(rng)}, {"comment": odd.value(rng)}, {"attr_claim_tokens": {}}]
    )
    if rng.random() < 0.3:  # (r, n-s) is a signature of the same
        one = _some(rng, payload)
        head, said, signed = one["nonce"].split(".")
        raw = base64url.decode(signed)
        mirrored = raw[:32] + (odd.ORDER - int.from_bytes(raw[32:])).to_bytes(32)
        one["nonce"] = f"{head}.{said}.{base64url.encode(mirrored)}"
    return payload | extra


def spliced(rng: Random, world: World) -> Json:
    """Halves of two people's payloads."""
    one, two = (person.payload() for person in rng.sample(world.people, 2))
    return {"uid": one["uid"], "nonces": rng.choice([two["nonces"], one["nonces"] | {"ad": two["nonces"]["ad"]}])}


def nothing_of_it(rng: Random, world: World) -> Json:
    return {rng.choice(["uid", "nonces", "a", *odd.TEXTS])[:99]: odd.value(rng) for _ in range(rng.randrange(8))}


_WAYS = (
    dropped,
    retyped,
    other_members,
    uid,
    header,
    claims,
    claims_that_differ,
    nonce,
    nonce_of_another_type,
    signature,
    signature_of_something_else,
    compact,
    key,
    keys_exchanged,
    stranger,
    roles,
    replayed,
    spliced,
    nothing_of_it,
)
