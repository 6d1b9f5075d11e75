"""What a second worker brings, on both databases: single validations a second by one worker, and by two.

The machine that this was made for has two processors, and the client needs some of them: so it is ``wrk``, which is
written in C and takes a few per cent, with prepared requests and a look at each answer (``workers.lua``). Servers with
one and two workers take turns on one database, so that both meet the same tables and the same disk.
"""

import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks import databases, identities, load, measure, processes, server
from benchmarks.identities import Identity
from benchmarks.wanted import Wanted

CONNECTIONS = 32  # so many that the kernel shares them out evenly
ROUNDS = 3
SECONDS = 4
PREPARED = 10_000  # for each round: more than two workers answer in so long
WARM_UP = 300
WANTED = 1.7

_SCRIPT = Path(__file__).with_suffix(".lua")
_FOUND = re.compile(r"^found: (\d+) (\d+) (\d+) (\d+) ?(.*)$", re.MULTILINE)


class NoClient(Exception):
    """There is no ``wrk`` on this machine."""


@dataclass(frozen=True)
class Round:
    """What one server did in one round: validations a second, and processors used by each part."""

    per_second: float
    service: float
    database: float
    client: float


@dataclass(frozen=True)
class Scaling:
    """Medians of the rounds, with one worker and with two. Shares are of one processor."""

    database: str
    one: Round
    two: Round

    @property
    def ratio(self) -> float:
        """How many times as much two workers do."""
        return self.two.per_second / self.one.per_second

    def text(self) -> str:
        """One line of the report."""
        return (
            f"{self.database}: {self.two.per_second:.0f} validations a second with two workers,"
            f" {self.one.per_second:.0f} with one: {self.ratio:.2f} times;"
            f" processors used: service {self.two.service:.2f} and {self.one.service:.2f},"
            f" database {self.two.database:.2f} and {self.one.database:.2f},"
            f" client {self.two.client:.2f} and {self.one.client:.2f}"
        )

    def wanted(self) -> list[Wanted]:
        """The second is worth having."""
        return [Wanted(f"two workers, times one, {self.database}", self.ratio, WANTED, at_most=False)]


def scaling(kind: str, people: Sequence[Identity], rounds: int = ROUNDS, seconds: int = SECONDS) -> Scaling:
    """One worker and two, in turns.

    Raises:
        NoClient: without ``wrk``.
        WrongAnswer: unless every validation succeeded.
    """
    program = shutil.which("wrk")
    if program is None:
        raise NoClient("apt-get install wrk")
    taken: dict[int, list[Round]] = {1: [], 2: []}
    with databases.fresh(kind) as database:
        site = measure.prepare(database, people)
        for _ in range(rounds):
            for workers, found in taken.items():
                with server.running(database, workers=workers) as running:
                    load.send(running.port, identities.requests(people[:WARM_UP], site), CONNECTIONS)
                    asking = identities.requests(people[:PREPARED], site)
                    before = running.cpu_seconds(), databases.cpu_seconds(database)
                    answered, took, client = ask(program, running.port, asking, seconds)
                    used = running.cpu_seconds() - before[0], databases.cpu_seconds(database) - before[1]
                    found.append(Round(answered / took, used[0] / took, used[1] / took, client / took))
    return Scaling(kind, *(_median(found) for found in taken.values()))


def ask(program: str, port: int, asking: Sequence[bytes], seconds: int) -> tuple[int, float, float]:
    """Ask for so long; how many answers there were, and seconds: those that it took, and the client's own CPU.

    Raises:
        WrongAnswer: unless all of them were successes.
    """
    with tempfile.NamedTemporaryFile(prefix="keychain-bench-") as file:
        for request in asking:
            file.write(b"%d\n%b" % (len(request), request))
        file.flush()
        options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", f"{load.ANSWER_SECONDS}s"]
        address = f"http://127.0.0.1:{port}"
        before = _children()
        told = subprocess.run(
            [program, *options, "-s", str(_SCRIPT), address, "--", file.name],
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + 60,
        )
        client = _children() - before
    found = _FOUND.search(told.stdout)
    if found is None:
        raise load.WrongAnswer(told.stdout + told.stderr)
    answered, wrong, lost, microseconds = (int(found[group]) for group in range(1, 5))
    if wrong or lost or not answered:
        raise load.WrongAnswer(f"{wrong} of {answered} answers were no successes, {lost} never came; {found[5]}")
    return answered, microseconds / 1e6, client


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _median(rounds: Sequence[Round]) -> Round:
    return sorted(rounds, key=lambda one: one.per_second)[len(rounds) // 2]


def main() -> None:
    """On both databases."""
    processes.end_in_order()
    people = identities.make(PREPARED)
    for kind in databases.KINDS:
        click.echo(scaling(kind, people).text())


if __name__ == "__main__":
    main()
