"""``make fuzz``: hostile bodies in several processes, and what they came to."""

import argparse
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter

from tests.fuzz import runs
from tests.fuzz.world import CEILING_SECONDS, SLACK, Tally


def main() -> int:
    """Run, tell, and say by the exit code whether every promise held."""
    asked = _arguments()
    print(f"seed {asked.seed}, {asked.processes} processes: ", end="")
    print(f"{asked.bodies} bodies by grammar, {asked.guided} guided by coverage", flush=True)
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(asked.processes) as pool:
        shares = [(asked.seed * 1000 + one, asked.bodies // asked.processes) for one in range(asked.processes)]
        tallies = pool.starmap(runs.run, shares)
    right = _tell(tallies)
    print(f"{asked.bodies} bodies by grammar took {time.monotonic() - began:.0f} s", flush=True)
    if asked.guided:
        right &= _guided(asked.guided, asked.processes, asked.seed)
    return 0 if right else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--bodies", type=int, default=600_000, help="by the grammar")
    parser.add_argument("--guided", type=int, default=0, help="by coverage (atheris)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    return parser.parse_args()


def _tell(tallies: list[Tally]) -> bool:
    codes: Counter[str] = sum((tally.codes for tally in tallies), Counter())
    whys = {why for tally in tallies for why in tally.whys}
    print(
        f"{len(whys)} ways to be broken, {len(codes)} answers:",
        ", ".join(f"{code} {count}" for code, count in codes.most_common()),
    )
    slowest = sorted(slow for tally in tallies for slow in tally.slowest)[::-1][:8]
    quantiles = ", ".join(
        f"{share:.1%} {max(tally.quantile(share) for tally in tallies):.1f}" for share in (0.5, 0.99, 0.999)
    )
    print(f"CPU of an answer in ms: {quantiles}, most {slowest[0][0] * 1000:.1f}")
    for cpu, wall, why in slowest:
        print(f"  {cpu * 1000:6.1f} ms of CPU, {wall * 1000:6.1f} ms: {why}")
    cpu, wall, why = max(tally.large for tally in tallies)
    print(f"of batches beyond 128 KiB: {cpu * 1000:.1f} ms of CPU, {wall * 1000:.1f} ms: {why}")
    broken = [f"{why}: {how}" for tally in tallies for why, how in tally.broken.items()]
    print("\n".join([f"BROKEN {one}" for one in broken]) or "every promise held")
    within = slowest[0][0] <= CEILING_SECONDS
    print(f"each within {CEILING_SECONDS * 1000:.0f} ms of CPU: {'yes' if within else 'NO'}", flush=True)
    return slowest[0][0] <= CEILING_SECONDS * SLACK and not broken


def _guided(bodies: int, processes: int, seed: int) -> bool:
    """The same promises, with atheris choosing the bodies."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.fuzz.guided",
                    str(bodies // processes),
                    str(seed + one),
                    f"{folder}/{one}",
                ]
            )
            for one in range(processes)
        ]
        codes = [one.wait() for one in runs]
    print(
        f"{bodies} bodies guided by coverage: {'every promise held' if not any(codes) else 'BROKEN, see above'}",
        flush=True,
    )
    return not any(codes)


if __name__ == "__main__":
    sys.exit(main())
