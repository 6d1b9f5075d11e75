"""Bodies that are broken as texts: a good payload's JSON that is none, or that two parsers would read in two ways."""

import json

from tests.fuzz import odd
from tests.fuzz.odd import Random
from tests.fuzz.world import Json

LIMIT = 64 * 1024


def broken(rng: Random, payload: Json) -> tuple[str, bytes]:
    """How it is broken, and a body. The payload may be one that would be believed."""
    way = rng.choice(_WAYS)
    return way.__name__, way(rng, payload)


def _line(payload: Json) -> str:
    return json.dumps(payload, ensure_ascii=True)


def _with_member(rng: Random, payload: Json, member: str) -> bytes:
    """A member more, at the beginning or at the end, of the payload or of something in it."""
    text = _line(payload)
    openings = [place for place, letter in enumerate(text) if letter == "{"]
    place = rng.choice(openings) + 1
    return f"{text[:place]}{member}, {text[place:]}".encode("utf-8", "surrogatepass")


def twice(rng: Random, payload: Json) -> bytes:
    """A member that stands twice, plainly or escaped; known or not."""
    name = rng.choice(["uid", "nonces", "x", ""])
    again = rng.choice([name, "".join(f"\\u{ord(letter):04x}" for letter in name)])
    value = rng.choice(["1", '"a"', "null", "{}"])
    if name in payload:
        return _line(payload).replace("{", f'{{"{again}": {value}, ', 1).encode()
    return _with_member(rng, payload, f'"{name}": {value}, "{again}": {value}')


def no_number(rng: Random, payload: Json) -> bytes:
    return _with_member(rng, payload, f'"x": {rng.choice(odd.NO_NUMBERS)}')


def too_deep(rng: Random, payload: Json) -> bytes:
    return _with_member(rng, payload, f'"x": {odd.deep(rng)}')


def garbage_around(rng: Random, payload: Json) -> bytes:
    text = _line(payload)
    garbage = rng.choice([*odd.NO_SPACES, "{}", ",", "]", "}", "//", "#", "/**/", '"', "x", "1", ";", "<!--", text])
    return rng.choice([garbage + text, text + garbage]).encode("utf-8", "surrogatepass")


def another_syntax(rng: Random, payload: Json) -> bytes:
    text = _line(payload)
    return rng.choice(
        [
            text.replace('"', "'"),
            text[:-1] + ",}",
            text.replace(": ", "=", 1),
            text.replace('"uid"', "uid"),
            f"[{text}]",
            json.dumps(text),
            f"({text})",
            f"callback({text})",
            text.replace(",", ";", 1),
            text.replace(": ", ":\xa0", 1),
            text.replace('"uid"', '"uid\n"'),
            text.replace('"uid"', '"\\x75id"'),
            text.replace('"uid"', '"\\u00zzid"'),
            ")]}',\n" + text,
            "uid=" + text,
            f"{{{text}}}",
        ]
    ).encode()


def another_encoding(rng: Random, payload: Json) -> bytes:
    text = _line(payload)
    return (
        text.encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "utf-7", "cp037"])) + b"\xff"
    )


def latin_letter(rng: Random, payload: Json) -> bytes:
    """A byte that is no UTF-8 in the middle of what matters: the whole body is read as Latin-1 then."""
    raw = _line({"uid": payload.get("uid", ""), "nonces": payload.get("nonces", {})}).encode()
    place = rng.randrange(1, len(raw) - 1)
    return raw[:place] + bytes([rng.choice([0x80, 0xA0, 0xC0, 0xE9, 0xFF])]) + raw[place:]


def cut(rng: Random, payload: Json) -> bytes:
    raw = _line(payload).encode()
    return raw[: rng.randrange(len(raw))]


def bit(rng: Random, payload: Json) -> bytes:
    """One bit of a body in which every byte matters: members that are not read are left out."""
    raw = bytearray(
        json.dumps({"uid": payload.get("uid"), "nonces": payload.get("nonces")}, separators=(",", ":")).encode()
    )
    raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    return bytes(raw)


def too_large(rng: Random, payload: Json) -> bytes:
    """Spaces up to one byte more than is read, and a lot more."""
    raw = _line(payload).encode()
    size = LIMIT + rng.choice([1, 1, 1, 2, 1024, LIMIT])
    return rng.choice([raw.ljust(size), raw.rjust(size)])


def as_large_as_may_be(rng: Random, payload: Json) -> bytes:
    """At most as many bytes as are read, and with nothing in them that is good."""
    size = LIMIT - rng.choice([0, 0, 1, 100])
    filling = rng.choice(
        [" ", "[", "0", '{"a":', '"', "\\", "é", "[[],", '{"a":1,', '"a",', "1,", "\0", "-", "\\u0041", "[{}", "1e"]
    )
    begun = rng.choice(['{"x": ', '{"uid": "', '{"nonces": {', '{"x": [', "", "[", '{"attr": "'])
    return (begun + filling * size).encode()[:size]


def noise(rng: Random, payload: Json) -> bytes:
    if rng.random() < 0.5:
        return rng.randbytes(rng.randrange(3000))
    letters = '{}[]":,\\u0123456789truefalsn .-+eE\x00\x80'
    return "".join(rng.choice(letters) for _ in range(rng.randrange(400))).encode()


def members_by_the_thousand(rng: Random, payload: Json) -> bytes:
    """Names and values without end, one of them twice."""
    many = rng.choice([1000, 4000])
    return ("{" + "".join(f'"a{number}":1,' for number in range(many)) + '"a0":1}').encode()


_WAYS = (
    twice,
    no_number,
    too_deep,
    garbage_around,
    another_syntax,
    another_encoding,
    latin_letter,
    cut,
    bit,
    too_large,
    as_large_as_may_be,
    noise,
    members_by_the_thousand,
)
