"""What a validation costs when the service has grown, and whether pruning disturbs it.

Two servers run side by side, one on few rows and one on many, and take turns. Then old nonces are written into the
great one, and ``keychain prune`` takes them away, as the server's own pruning does every ten minutes, while
validations arrive on a schedule.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path

import click
from sqlalchemy import func, select

from benchmarks import arrivals, databases, growth_rows, identities, load, measure, processes, server
from benchmarks.arrivals import Late
from benchmarks.databases import Database
from benchmarks.identities import Identity
from benchmarks.wanted import SLACK, Wanted, failing
from keychain.app import utc_now
from keychain.audit import seals
from keychain.settings import read
from keychain.store.engine import open_store
from keychain.store.tables import spent_nonces
from keychain.validation import replay
from keychain.validation.sites import Registration

SMALL = 1000
GREAT = 10**6
LARGE = 10**7
OLD = 10**6
ASKING = 10_000  # of the great one's people; each round asks others, so that each row read is a new one
ROUNDS = 5
WANTED_RATIO = 1.15
WANTED_SECONDS = 0.02
PRUNING_ROUNDS = 3
PRUNING_SECONDS = 4.0

Say = Callable[[str], None]


class NothingPruned(Exception):
    """There is nothing to measure."""


@dataclass(frozen=True)
class Growth:
    """CPU seconds of a validation, the database's own server included: medians of the rounds."""

    database: str
    small: int
    great: int
    cpu_small: float
    cpu_great: float
    filled: float  # seconds that writing the rows took

    @property
    def ratio(self) -> float:
        """How many times as much it costs among many."""
        return self.cpu_great / self.cpu_small

    def text(self) -> str:
        """One line of the report."""
        return (
            f"{self.database}: a validation costs {self.cpu_small * 1e6:.0f} µs among {self.small:,} uids and spent"
            f" nonces, {self.cpu_great * 1e6:.0f} µs among {self.great:,}: {self.ratio:.2f} times"
            f" (rows written in {self.filled:.0f} s)"
        )

    def wanted(self) -> list[Wanted]:
        """It hardly grows."""
        what = f"CPU among {self.great:,} uids and nonces, times that among {self.small:,}, {self.database}"
        return [Wanted(what, self.ratio, WANTED_RATIO)]


@dataclass(frozen=True)
class Pruning:
    """Latency without and with: medians of the rounds. ``old`` nonces were there to prune, ``pruned`` of them went."""

    database: str
    old: int
    pruned: int
    per_second: float
    without: Late
    beside: Late

    def text(self) -> str:
        """One line of the report."""
        return (
            f"{self.database}: {self.per_second:.0f} validations a second: {self.without.text()};"
            f" while {self.pruned:,} of {self.old:,} old nonces were pruned: {self.beside.text()}"
        )

    def wanted(self) -> list[Wanted]:
        """It is hardly noticed."""
        more = (self.beside.p99 - self.without.p99) * 1e3
        what = f"pruning adds to the 99th percentile, {self.database}"
        return [Wanted(what, more, WANTED_SECONDS * 1e3, "ms", slack=SLACK)]


def measured(kind: str, people: Sequence[Identity], say: Say, great: int = GREAT) -> tuple[Growth, Pruning]:
    """Both, on one kind of database. ``people`` are those who ask."""
    with databases.fresh(kind) as few, databases.fresh(kind) as many:
        began = time.monotonic()
        sites = _fill(few, people[:SMALL], SMALL), _fill(many, people, great)
        filled = time.monotonic() - began
        say(f"{kind}: {great:,} people and nonces written in {filled:.0f} s")
        with server.running(few) as beside_few, server.running(many) as beside_many:
            samples: dict[Database, list[float]] = {few: [], many: []}
            load.send(beside_few.port, identities.requests(people[:SMALL], sites[0]))
            load.send(beside_many.port, identities.requests(people[:SMALL], sites[1]))
            for number in range(ROUNDS):
                asked = people[len(people) * number // ROUNDS : len(people) * (number + 1) // ROUNDS]
                again = list(islice(cycle(people[:SMALL]), len(asked)))
                for database, running, site, who in (
                    (few, beside_few, sites[0], again),
                    (many, beside_many, sites[1], asked),
                ):
                    sample = measure.one_round(running, database, identities.requests(who, site), len(who), 1)
                    samples[database].append((sample.cpu + sample.database_cpu) / len(who))
            cpu = [statistics.median(taken) for taken in samples.values()]
            say(f"{kind}: pruning")
            pruning = _pruning(many, beside_many, people, sites[1])
    return Growth(kind, SMALL, great, cpu[0], cpu[1], filled), pruning


def _fill(database: Database, people: Sequence[Identity], count: int) -> Registration:
    """Tables, a site, ``people`` among ``count`` on record, and as many nonces, spent within the last 23 hours."""
    site = measure.prepare(database, people)
    now = utc_now()
    if count > len(people):
        growth_rows.add_people(database, count - len(people), now)
    growth_rows.add_nonces(database, count, now - timedelta(hours=23), now - timedelta(minutes=5))
    store = open_store(read(server.variables(database)))
    try:
        seals.seal(store)  # or the server would, three events of each person, while it is measured
    finally:
        store.close()
    return site


def _pruning(database: Database, running: server.Server, people: Sequence[Identity], site: Registration) -> Pruning:
    now = utc_now()
    growth_rows.add_nonces(database, OLD, now - timedelta(hours=50), now - timedelta(hours=26))
    before = _spent(database)
    burst = identities.requests(people[: arrivals.BURST], site)
    per_second = len(burst) / load.send(running.port, burst, connections=4) / 2
    count = min(len(people), int(per_second * PRUNING_SECONDS))
    found: dict[bool, list[Late]] = {False: [], True: []}
    asked = 0
    for _ in range(PRUNING_ROUNDS):
        for beside, taken in found.items():
            asking = identities.requests(people[:count], site)
            asked += count
            if beside:
                with _prune(database):
                    seconds = arrivals.on_schedule(running.port, asking, per_second)
            else:
                seconds = arrivals.on_schedule(running.port, asking, per_second)
            taken.append(arrivals.late(seconds))
    pruned = before + len(burst) + asked - _spent(database)
    without, with_it = (
        Late(statistics.median(one.median for one in taken), statistics.median(one.p99 for one in taken))
        for taken in found.values()
    )
    return Pruning(database.kind, OLD, pruned, per_second, without, with_it)


@contextmanager
def _prune(database: Database) -> Iterator[None]:
    """``keychain prune`` at work, from its first batch on; it is ended with the block."""
    oldest = _oldest(database)
    process = subprocess.Popen(
        [sys.executable, "-m", "keychain", "prune"],
        env=server.environment(database),
        cwd=Path(__file__).parents[1],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        give_up = time.monotonic() + load.ANSWER_SECONDS
        while _oldest(database) == oldest:  # Python has to come up first
            if time.monotonic() > give_up or process.poll() is not None:
                raise NothingPruned(database.kind)
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _oldest(database: Database) -> object:
    store = open_store(read(server.variables(database)))
    try:
        with store.session() as session:
            return session.rows(select(func.min(spent_nonces.c.nonce)))[0][0]
    finally:
        store.close()


def _spent(database: Database) -> int:
    store = open_store(read(server.variables(database)))
    try:
        with store.session() as session:
            return replay.count(session)
    finally:
        store.close()


@click.command()
@click.option("--rows", type=click.IntRange(min=ASKING), default=LARGE, show_default=True, help="Uids, and nonces.")
@click.option("--database", type=click.Choice([*databases.KINDS, "both"]), default="both", show_default=True)
def main(rows: int, database: str) -> None:
    """Growth alone, to many more rows: ``make bench-large``."""
    processes.end_in_order()
    people = identities.make(ASKING)
    found: list[Wanted] = []
    for kind in databases.KINDS if database == "both" else (database,):
        growth, pruning = measured(kind, people, lambda what: click.echo(what, err=True), rows)
        click.echo(growth.text())
        click.echo(pruning.text())
        found += growth.wanted() + pruning.wanted()
    for one in found:
        click.echo(", ".join(one.cells()))
    sys.exit(bool(failing(found)))


if __name__ == "__main__":
    main()
