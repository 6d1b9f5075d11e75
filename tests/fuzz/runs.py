"""A run of hostile requests by the grammar, in one process."""

import random

from tests.fuzz import found, grammar
from tests.fuzz.world import GROWTH_BYTES, GROWTH_SHARE, Tally, World, opened, resident

WARM_SHARE = 0.2  # of a run, until caches are full and counters have been made
WARM_BATCHES = 8  # rare, and what they took the allocator keeps
TELL_EVERY = 50_000
MOST_KEPT = 20


def run(seed: int, bodies: int) -> Tally:
    """So many bodies in this process, and what came of them."""
    rng = random.Random(seed)
    with opened() as world:
        for _ in range(WARM_BATCHES):
            world.ask(grammar.large_batch(rng, world))
        warm = 0
        for number in range(bodies):
            if number == int(bodies * WARM_SHARE):
                warm = resident()
            _one(world, rng, f"seed {seed}, body {number}")
            if number % TELL_EVERY == TELL_EVERY - 1:
                print(f"  process {seed % 1000}: {number + 1} of {bodies}", flush=True)
        world.tally.check("rows", world.check_rows)
        grown = resident()
        print(
            f"  process {seed % 1000}: {warm >> 20} MiB after the first fifth, {grown >> 20} MiB at the end", flush=True
        )
        if grown > warm * GROWTH_SHARE + GROWTH_BYTES:
            world.tally.broken["memory"] = f"grew from {warm} to {grown} bytes"
        return world.tally


def _one(world: World, rng: random.Random, which: str) -> None:
    """One request. A broken promise is kept as a file, the first of its way, and does not end the run."""
    sent = grammar.hostile(rng, world)
    try:
        world.ask(sent)
    except Exception as broken:  # noqa: BLE001 - whatever it is, it is what this looks for
        if sent.why not in world.tally.broken and len(world.tally.broken) < MOST_KEPT:
            world.tally.broken[sent.why] = f"{which}, kept as {found.keep(sent)}: {broken!r}"
