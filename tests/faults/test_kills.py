"""``kill -9`` of a service of four workers under load, again and again: nothing is accepted twice, nothing is lost.

``--rounds`` kills (a few by default; ``make faults`` wants 200), ``--seed`` to have the same dice again. The load goes
on while processes die and come back. After each round what was lost on the way is asked again, and a sample of all that
was ever accepted or promised is looked at; at the end, all of it.
"""

import contextlib
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.actors import Actor, Operator
from tests.faults.ledger import Ledger, Once
from tests.faults.lines import Line, Request
from tests.faults.loads import until
from tests.faults.nodes import Node, database, running

ON_POSTGRESQL = 4  # each how manieth round is

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

ACTORS = 4
LOAD_SECONDS = (0.2, 1.5)
AGAIN = 60  # of what was accepted before, sent again after each round
LOOKED_AT = 40  # promises, after each round
BATCH = 500


def test_no_kill_on_sqlite_loses_or_repeats_anything(tmp_path, rounds, seed):
    suffer(tmp_path, "", max(1, rounds - rounds // ON_POSTGRESQL), seed)


def test_no_kill_on_postgresql_loses_or_repeats_anything(tmp_path, postgresql, rounds, seed):
    with database(postgresql) as url:
        suffer(tmp_path, url, max(1, rounds // ON_POSTGRESQL), seed)


def suffer(folder: Path, url: str, rounds: int, seed: int) -> None:
    print(f"\n{rounds} kills on {'PostgreSQL' if url else 'SQLite'}, --seed {seed}")
    with running(folder, database_url=url) as node:
        run = Run(node, Ledger(seed), random.Random(seed))
        with contextlib.closing(run):
            for number in range(1, rounds + 1):
                run.round(number, f"{number}/{rounds}")
                run.ledger.verdict()
            run.look_at_all()
            run.ledger.verdict()
        assert not run.missing(), run.ledger.counts
        assert "Traceback" not in node.log.read_text(), node.last_words()
    for what, count in sorted(run.ledger.counts.items()):
        print(f"  {count:7} {what}")


@dataclass
class Run:
    """All rounds on one database."""

    node: Node
    ledger: Ledger
    chance: random.Random
    actors: list[Actor] = field(default_factory=list)

    def __post_init__(self) -> None:
        for _ in range(ACTORS):
            actor = Actor(self.node, self.ledger, random.Random(self.chance.random()))
            actor.settle_in()
            self.actors.append(actor)
        self.operator = Operator(self.node, self.ledger, self.actors)

    def round(self, number: int, name: str) -> None:
        """Load, a kill in the midst of it, a restart, and a look at what is left."""
        began, before = time.monotonic(), len(self.ledger.sent)
        victims = self.chance.choice(("a worker", "a worker", "all", "all", "all, twice", "the server"))
        with self.load(number):
            time.sleep(self.chance.uniform(*LOAD_SECONDS))
            if number == 1:  # or there would be nothing to lose
                until(lambda: not self.missing(), 60, lambda: str(self.missing()))
            self.kill(victims)
            time.sleep(0.2)
        sent = len(self.ledger.sent) - before
        lost = len(self.ledger.lost)
        self.look()
        took = time.monotonic() - began
        print(f"  {name}: killed {victims}; {sent} sent, {lost} not answered, {took:.1f} s", flush=True)

    @contextlib.contextmanager
    def load(self, number: int) -> Iterator[None]:
        enough = threading.Event()
        with ThreadPoolExecutor(ACTORS + 1) as pool:
            busy = [pool.submit(actor.live, enough) for actor in self.actors]
            if number % 4 == 1:
                busy.append(pool.submit(self.operator.revoke_a_site))
            elif number % 4 == 3:
                busy.append(pool.submit(self.operator.revoke_a_record))
            try:
                yield
            finally:
                enough.set()
            for one in busy:
                one.result()

    def kill(self, victims: str) -> None:
        node = self.node
        if victims == "a worker":
            kill = node.kill(self.chance.choice(node.working()))
        elif victims == "the server":
            kill = node.kill(node.pid)  # and its workers go by themselves
        else:
            kill = node.kill()
        self.ledger.kills.append(kill)
        if victims == "all, twice":
            node.spawn()
            time.sleep(self.chance.uniform(0, 1.5))  # long enough for the first answers, at most
            self.ledger.kills.append(node.kill())
        if victims != "a worker" or not node.await_workers():
            node.start()
            self.ledger.down.append((kill.sent, time.monotonic()))

    def look(self) -> None:
        """What was lost on the way first; then samples."""
        line = Line(self.node.port)
        self.ledger.ask_about_the_lost(line)
        accepted = [once for once in self.ledger.sent[-5000:] if once.accepted]
        again = accepted[-AGAIN // 2 :] + self.chance.sample(accepted, min(AGAIN // 2, len(accepted)))
        self.shared(again, self.ledger.again)
        self.shared(self.ledger.some_promises(LOOKED_AT, self.chance), self.ledger.look_at)
        line.close()

    def look_at_all(self) -> None:
        """Every payload that was ever accepted is sent again, and every promise looked at."""
        spent = [once for once in self.ledger.sent if once.accepted and once.request.path == "/validate"]
        batches = [spent[start : start + BATCH] for start in range(0, len(spent), BATCH)]
        self.shared(batches, self.replay)
        self.shared(list(self.ledger.promises), self.ledger.look_at)

    def replay(self, line: Line, batch: list[Once]) -> None:
        """All of these payloads again, in one request."""
        body = b'{"payloads": [' + b",".join(once.request.body for once in batch) + b"]}"
        answer = self.ledger.ask_freely(line, Request("/validate_batch", body, self.actors[0].site))
        answers = answer.members.get("answers", ())
        if len(answers) != len(batch):
            self.ledger.complain(f"{len(answers)} answers to {len(batch)} payloads: {answer.code}")
        for once, one in zip(batch, answers, strict=False):
            if one["errorcode"] == 0 or (once.refused_as and one["code"] not in once.refused_as):
                self.ledger.complain(f"at the end, {once.kind} again: {one}")

    def shared(self, work, deed) -> None:
        """Do it with each, over several lines at once."""

        def part(number: int) -> None:
            line = Line(self.node.port)
            for one in work[number::ACTORS]:
                deed(line, one)
            line.close()

        with ThreadPoolExecutor(ACTORS) as pool:
            list(pool.map(part, range(ACTORS)))

    def missing(self) -> set[str]:
        """The deeds of which not one succeeded, so that there was nothing to lose; of a rare one all may be lost."""
        kinds = {once.kind for once in list(self.ledger.sent) if not once.lost} - {"wrong key"}
        kinds |= {"/register", "/repo/cards", "change"}
        return {kind for kind in kinds if not self.ledger.counts[f"{kind} success"]}

    def close(self) -> None:
        """Hang up."""
        for actor in self.actors:
            actor.leave()
