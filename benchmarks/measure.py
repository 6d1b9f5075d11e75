"""The rounds: what is asked of a server, and what each answer has cost it.

Modes take turns within a round, and the raw limit is sampled before each, so that a machine that is busy with something
else for a while spoils one round of each and not one mode. What counts is the median of the rounds.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from benchmarks import databases, identities, load, server
from benchmarks.databases import Database
from benchmarks.identities import Identity
from benchmarks.limit import Limit
from benchmarks.server import Server
from keychain.app import utc_now
from keychain.settings import read
from keychain.store import schema
from keychain.store.engine import open_store
from keychain.validation import sites

ROUNDS = 3
WARM_UP = 300
EMPTY_REQUESTS = 3000


@dataclass(frozen=True)
class Mode:
    """One way to ask. ``wanted`` is the ratio that each database is to reach."""

    name: str
    batch: int = 1
    connections: int = 1
    rounds: int = ROUNDS
    wanted: tuple[tuple[str, float], ...] = ()


MODES = (
    Mode("single", wanted=(("sqlite", 0.28), ("postgresql", 0.1))),
    Mode("batch of 100", batch=100, wanted=(("sqlite", 0.65), ("postgresql", 0.4))),
    Mode("single, 4 connections", connections=4, rounds=1),
)


@dataclass(frozen=True)
class Sample:
    """One round of one mode. Seconds; those of a CPU are of the whole process tree."""

    validations: int
    seconds: float
    cpu: float
    database_cpu: float


@dataclass(frozen=True)
class Row:
    """All rounds of one mode on one database; ``cpu``, ``database_cpu`` and ``per_second`` are medians.

    ``cpu`` and ``database_cpu`` are seconds for one validation, ``spread`` the greatest less the least of ``cpu``.
    """

    database: str
    mode: str
    validations: int
    cpu: float
    spread: float
    database_cpu: float
    per_second: float
    wanted: float | None


@dataclass(frozen=True)
class Service:
    """What one server was found to cost. ``memory``: peak bytes of each process, the supervising one first."""

    database: str
    rows: list[Row]
    memory: list[int]
    seconds_to_first_answer: float


def service(kind: str, people: Sequence[Identity], limit: Limit, requests: int) -> Service:
    """Measure the real server on one database; the rounds of a mode share ``requests`` validations."""
    with databases.fresh(kind) as database:
        site = prepare(database, people)
        with server.running(database) as running:
            samples: dict[Mode, list[Sample]] = {mode: [] for mode in MODES}
            for mode in MODES:
                load.send(running.port, identities.requests(people[:WARM_UP], site, batch=mode.batch))
            for number, share in enumerate(_shares(people, requests)):
                for mode in MODES:
                    if number < mode.rounds:
                        limit.sample()
                        asking = identities.requests(share, site, batch=mode.batch)
                        samples[mode].append(one_round(running, database, asking, len(share), mode.connections))
            rows = [_row(kind, mode, taken) for mode, taken in samples.items()]
            return Service(kind, rows, running.peak_memory(), running.seconds_to_first_answer)


def instead(command: tuple[str, ...], people: Sequence[Identity]) -> float:
    """CPU seconds of a request to what ``command`` serves in our place: the median of the rounds."""
    with databases.fresh("sqlite") as database:
        site = prepare(database, ())
        with server.running(database, command) as running:
            asking = identities.requests(list(islice(cycle(people), EMPTY_REQUESTS)), site)
            load.send(running.port, asking[:WARM_UP])
            rounds = [one_round(running, database, asking, len(asking), 1) for _ in range(ROUNDS)]
            return statistics.median(taken.cpu / taken.validations for taken in rounds)


def prepare(database: Database, people: Sequence[Identity]) -> sites.Registration:
    """Tables, one site, and everybody on record."""
    store = open_store(read(server.variables(database)))
    try:
        schema.upgrade(store)
        with store.session() as session:
            if people:
                identities.put_on_record(session, people, utc_now())
            return sites.register(session, utc_now(), "benchmark")
    finally:
        store.close()


def _shares(people: Sequence[Identity], requests: int) -> list[list[Identity]]:
    """Whom each round asks about: everybody once before anybody twice, so that each row read is a new one."""
    asked = list(islice(cycle(people), requests))
    return [asked[requests * number // ROUNDS : requests * (number + 1) // ROUNDS] for number in range(ROUNDS)]


def one_round(running: Server, database: Database, asking: list[bytes], validations: int, connections: int) -> Sample:
    """Ask all of them once, and say what it took."""
    before, database_before = running.cpu_seconds(), databases.cpu_seconds(database)
    seconds = load.send(running.port, asking, connections)
    return Sample(
        validations, seconds, running.cpu_seconds() - before, databases.cpu_seconds(database) - database_before
    )


def _row(kind: str, mode: Mode, samples: Sequence[Sample]) -> Row:
    cpu = [sample.cpu / sample.validations for sample in samples]
    return Row(
        database=kind,
        mode=mode.name,
        validations=sum(sample.validations for sample in samples),
        cpu=statistics.median(cpu),
        spread=max(cpu) - min(cpu),
        database_cpu=statistics.median(sample.database_cpu / sample.validations for sample in samples),
        per_second=statistics.median(sample.validations / sample.seconds for sample in samples),
        wanted=dict(mode.wanted).get(kind),
    )
