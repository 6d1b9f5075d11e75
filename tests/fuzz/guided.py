"""Hostile bodies that coverage chooses: atheris (libFuzzer) over the code that takes a body apart and believes it.

A fuzzer does not get past a signature by chance, so its mutator signs again what it changed: the header or the claims
of a JWS, by the key of that role on record. All that it can sign for is ``ad`` and ``repo``, and the site that asks
demands ``cd`` as well, whose keys nobody has: whatever it comes upon, no answer may be a success.

    python -m tests.fuzz.guided BODIES SEED FOLDER
"""

import json
import random
import sys
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(
    include=["keychain.jose", "keychain.validation", "keychain.nonce", "keychain.web", "json"]
):
    from keychain.jose import base64url
    from keychain.jose.jwk import PrivateKey
    from tests.fuzz import found, payloads, texts
    from tests.fuzz.world import Broken, Hostile, Person, World, opened, resident

LONGEST = 20_000  # bytes; longer ones find nothing that these don't, and the grammar sends them
SEEDS = 400
GROWTH_BYTES = 64 * 1024 * 1024  # of which most is libFuzzer's own corpus
LOOK_EVERY = 20_000
BATCH = b"\x01"  # the first byte says which door


def main() -> None:
    """Send so many bodies; a broken promise ends the run with a trace and another exit code than 0."""
    bodies, seed, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir()
    rng = random.Random(seed)
    with opened() as world:
        guided = Guided(world, bodies)
        for number in range(SEEDS):
            (folder / str(number)).write_bytes(guided.seed(rng))
        options = [
            f"-runs={bodies}",
            f"-seed={seed % 2**31 or 1}",
            f"-max_len={LONGEST}",
            "-timeout=20",
            "-rss_limit_mb=2048",
            "-verbosity=0",
        ]
        atheris.Setup([sys.argv[0], *options, str(folder)], guided.one, custom_mutator=guided.mutate)
        atheris.Fuzz()


class Guided:
    """The world, and those for whom this can sign."""

    def __init__(self, world: World, bodies: int) -> None:
        self.world, self.bodies = world, bodies
        self.headers = {"HTTP_AUTHORIZATION": world.authorization(world.strict)}
        self.people = [Person(one.uid, {role: one.keys[role] for role in ("ad", "repo")}) for one in world.people]
        self.sent, self.warm = 0, 0

    def seed(self, rng: random.Random) -> bytes:
        """A body to begin with: a good one, or one that the grammar broke."""
        way = rng.randrange(4)
        if way == 0:
            return b"\0" + json.dumps(rng.choice(self.people).payload()).encode()
        if way == 1:
            return b"\0" + json.dumps(_without_cd(payloads.build(rng, self.world)[1])).encode()[:LONGEST]
        if way == 2:
            return b"\0" + texts.broken(rng, rng.choice(self.people).payload())[1][:LONGEST]
        return BATCH + json.dumps({"payloads": [one.payload() for one in rng.sample(self.people, 2)]}).encode()

    def one(self, raw: bytes) -> None:
        """Send one, and hold its answer against the promises."""
        path = "/validate_batch" if raw[:1] == BATCH else "/validate"
        sent = Hostile("guided", raw[1:], path, headers=self.headers)
        try:
            self.world.ask(sent)
        except Exception:
            found.keep(sent)
            raise
        self.sent += 1
        if self.sent % LOOK_EVERY == 0 or self.sent == self.bodies:  # nothing of ours runs after the last one
            self._look_around()

    def mutate(self, raw: bytes, longest: int, seed: int) -> bytes:
        """libFuzzer's own mutation of the whole, or of one part of what is signed, which is then signed again."""
        rng = random.Random(seed)
        if rng.random() < 0.3:
            return atheris.Mutate(raw, longest)
        try:
            body = json.loads(raw[1:])
            payload = rng.choice(body["payloads"]) if raw[:1] == BATCH else body
            self._sign_again(rng, payload)
            changed = raw[:1] + json.dumps(body).encode()
        except (
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            RecursionError,
        ):  # it is none, after earlier mutations
            changed = self.seed(rng)
        return changed if len(changed) <= longest else atheris.Mutate(raw, longest)

    def _sign_again(self, rng: random.Random, payload: Any) -> None:
        """Change one part of a JWS, for one role or for each of them alike."""
        person = next((one for one in self.people if one.uid == payload["uid"]), self.people[0])
        names = list(payload["nonces"])
        header, claims, _ = payload["nonces"][rng.choice(names)]["nonce"].split(".")
        parts = [_raw(header), _raw(claims)]
        place = rng.choice([0, 1, 1, 1])
        parts[place] = atheris.Mutate(parts[place], len(parts[place]) + 200)
        for role in names if rng.random() < 0.8 else [rng.choice(names)]:
            key: PrivateKey = person.keys.get(role, person.keys["ad"])
            signing_input = ".".join(map(base64url.encode, parts))
            payload["nonces"][role]["nonce"] = f"{signing_input}.{base64url.encode(key.sign(signing_input.encode()))}"

    def _look_around(self) -> None:
        self.tell()
        self.world.check_rows()
        self.warm = self.warm or resident()
        if resident() > self.warm + GROWTH_BYTES:
            raise Broken(f"memory grew from {self.warm} to {resident()} bytes")

    def tell(self) -> None:
        """What came so far."""
        codes = ", ".join(f"{code} {count}" for code, count in self.world.tally.codes.most_common(12))
        print(f"  guided: {self.sent} bodies; {codes}", flush=True)


def _without_cd(payload: Any) -> Any:
    """What the grammar broke elsewhere may hold the one signature that nobody here shall have: a mutation of what is
    broken could mend it.
    """
    for name in ("nonces", "NONCES"):
        if isinstance(payload, dict) and isinstance(payload.get(name), dict):
            payload[name].pop("cd", None)
    return payload


def _raw(part: str) -> bytes:
    return base64url.decode(part)


if __name__ == "__main__":
    main()
