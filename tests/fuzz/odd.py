"""Odd values: what a parser, a base64 decoder or a curve may trip over."""

import base64
import json
import random
import string
from typing import Any

from keychain.jose import base64url
from keychain.jose.jwk import ORDER, PrivateKey

Random = random.Random

FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1  # p of P-256 (SEC 2, 2.4.2)
GENERATOR = PrivateKey(1).public.raw

TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "null",
    "true",
    "0",
    "-1",
    "[]",
    "{}",
    "..",
    "...",
    "a.b.c",
    "a.b",
    "=",
    "====",
    "-",
    "_",
    "+/",
    "é",
    "Á" * 24,
    "\ud800",
    "\udfff\ud800",
    "\ufeff",
    "\u202eabc",
    "\u2028",
    "\U0001d49c" * 40,
    "\uff55\uff49\uff44",
    "\u017f",
    "İ",
    "\x7f",
    "\x1b[0m",
    "%00",
    "%n%s",
    "' OR 1=1 --",
    "../../etc/passwd",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "<script>",
    "\r\nSet-Cookie: a=b",
    "A" * 22 + "==",
    "A" * 24,
    "A" * 86,
    "001",
    "0012026-01-01T00:00:00Zabcdef",
    "a" * 300,
    "z" * 20_000,
    "\n" * 100,
    "\\u0000",
    "NaN",
    "1e999",
)
NUMBERS = (
    "0",
    "-0",
    "1",
    "-1",
    "1.5",
    "1e5",
    "2147483648",
    "-9223372036854775809",
    "18446744073709551616",
    "9" * 4000,
    "1e308",
    "-1e-400",
    "0.1e1",
    "1" + "0" * 300,
    "9007199254740993",
)
# Not JSON, or no number that every reader understands alike: refused wherever they stand.
NO_NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "9" * 5000,
    "01",
    "+1",
    "1.",
    ".5",
    "0x10",
    "1_000",
    "--1",
    "1e",
    "nan",
    "\u0661",
)
NO_SPACES = ("\0", "\x0b", "\x0c", "\x1c", "\x85", "\xa0", "\u2003", "\u2028", "\u3000", "\ufeff", "\u200b")


def deep(rng: Random, least: int = 5000, most: int = 30_000) -> str:
    """JSON that is nested deeper than any parser's stack, closed or not."""
    depth = rng.randint(least, most)
    opening, closing = rng.choice([("[", "]"), ('{"a":', "}")])
    depth //= len(opening)
    depth = max(depth, 3000)
    return opening * depth + rng.choice(["1", ""]) + closing * rng.choice([depth, 0, depth - 1])


def value(rng: Random, depth: int = 0) -> Any:
    """Any JSON value but an object that could pass for a pair of nonce and key."""
    kind = rng.randrange(9 if depth < 3 else 6)
    if kind == 0:
        return rng.choice(TEXTS)
    if kind == 1:
        return json.loads(rng.choice(NUMBERS))
    if kind in (2, 3, 4):
        return rng.choice((True, False, None))
    if kind == 5:
        return "".join(chr(rng.choice((rng.randrange(128), rng.randrange(0x2FFF)))) for _ in range(rng.randrange(40)))
    if kind == 6:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(TEXTS)[:50]: value(rng, depth + 1) for _ in range(rng.randrange(4))}


def no_string(rng: Random) -> Any:
    while isinstance(found := value(rng), str):
        pass
    return found


def misspelled(rng: Random, text: str) -> str:
    """Base64 that every strict reader refuses, or that stands for other bytes."""
    place = rng.randrange(len(text) or 1)
    letter = text[place : place + 1]
    way = rng.randrange(8)
    if way == 0:
        changed = text[:place] + rng.choice("!*,;:~ \n\t\0.é") + text[place + 1 :]
    elif way == 1:
        changed = text + rng.choice(["=", "==", "===", "\n", " ", "A", "A=", "-", "\0"])
    elif way == 2:
        changed = text[:place] + text[place + 1 :]
    elif way == 3:
        changed = text[:place] + rng.choice("\n \r\t") + text[place:]
    elif way == 4:
        changed = _stray_bits(text)
    elif way == 5:
        changed = text[:place] + ("B" if letter == "A" else "A") + text[place + 1 :]
    elif way == 6:
        changed = text * 2
    else:
        changed = text.lower() if text.lower() != text else text + "="
    return changed if changed != text else text + "!"


def _stray_bits(text: str) -> str:
    """The last letter with a bit that stands for nothing."""
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    bare = text.rstrip("=")
    place = alphabet.find(bare[-1:].replace("+", "-").replace("/", "_"))
    if len(bare) % 4 not in (2, 3) or place < 0:
        return text + "A"
    return bare[:-1] + alphabet[place ^ 1] + text[len(bare) :]


def signature(rng: Random, right: bytes) -> bytes:
    """64 bytes or not, and in no case a signature of what ``right`` signs; nor ``(r, n-s)``, which is one."""
    r, s = right[:32], right[32:]
    number = int.from_bytes(s)
    edge = rng.choice([0, 1, ORDER - 1, ORDER, ORDER + 1, FIELD, 2**256 - 1, 2**255])
    way = rng.randrange(9)
    if way == 0:
        return edge.to_bytes(32) + s if edge != int.from_bytes(r) else bytes(64)
    if way == 1:
        return r + edge.to_bytes(32) if edge not in (number, ORDER - number) else bytes(64)
    if way == 2:
        return edge.to_bytes(32) * 2
    if way == 3:
        return s + r
    if way == 4:
        changed = bytearray(right)
        changed[rng.randrange(64)] ^= 1 << rng.randrange(8)
        return bytes(changed)
    if way == 5:
        return right[: rng.randrange(64)]
    if way == 6:
        return right + rng.randbytes(rng.choice([1, 2, 32, 64]))
    if way == 7:
        return b"\x30\x44\x02\x20" + r + b"\x02\x20" + s
    return rng.randbytes(64)


def point(rng: Random) -> bytes:
    """What is not a signer's key: other points, no points, other encodings."""
    raw = PrivateKey().public.raw
    x, y = raw[:32], raw[32:]
    other = (FIELD - int.from_bytes(y)).to_bytes(32)
    return rng.choice(
        [
            raw,
            x + other,
            GENERATOR,
            bytes(64),
            b"\xff" * 64,
            FIELD.to_bytes(32) + y,
            x + FIELD.to_bytes(32),
            y + x,
            x,
            b"",
            b"\x04" + raw,
            b"\x02" + x,
            raw[:63],
            raw + b"\0",
            x * 2,
            (1).to_bytes(32) + bytes(32),
            bytes(32) + y,
            rng.randbytes(64),
        ]
    )


def spelled(rng: Random, raw: bytes) -> str:
    """In any of the spellings that are taken for a key."""
    standard = base64.b64encode(raw).decode()
    return rng.choice([base64url.encode(raw), standard, standard.rstrip("="), base64.urlsafe_b64encode(raw).decode()])
