"""The power-cut rule: what was answered is on disk, by what the service asked of the kernel, not by hope.

A tracer writes down every write and sync of a served database. From that the disk is made again as a power cut would
have left it, at any moment: with what was synced alone, and with any part of the rest. Each such disk has to open, and
to hold every row that had been there when the last answer was sent; and a service that starts on one keeps the promises
of the one before, and accepts nothing that was accepted.
"""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from running import free_port

from tests.faults import traced
from tests.faults.actors import Actor
from tests.faults.ledger import Ledger
from tests.faults.lines import Line
from tests.faults.nodes import running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

DEEDS = 450  # enough for the log to be written back and begun anew
CUTS = 100  # moments at which the power is cut; in a long run all of them
DATABASE, LOG, JOURNAL = "keychain.db", "keychain.db-wal", "keychain.db-journal"

FRAME = 24 + 4096

# Written beside the requests, perhaps after the last answer: a seal is sure to be on disk by the next one.
BESIDE = {"audit_seals"}

Rows = dict[str, set[tuple]]


@dataclass
class History:
    """A served database's life: the disk that it began with, its trace, and what was there after each answer."""

    folder: Path
    seed: int
    port: int = field(default_factory=free_port)  # proofs are about it
    before: dict[str, bytes] = field(default_factory=dict)
    events: list[traced.Event] = field(default_factory=list)
    states: list[tuple[int, Rows]] = field(default_factory=list)  # after how many successes, what rows

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.seed)

    def live(self) -> None:
        """Begin, and be traced while one after another is answered; then be killed."""
        with running(self.folder, workers=1):
            pass  # makes the tables, and the master key
        self.before = {DATABASE: (self.folder / "data" / DATABASE).read_bytes()}
        trace = self.folder / "trace"
        with running(self.folder, workers=2, prefix=traced.tracer(trace), port=self.port) as node:
            actor = Actor(node, self.ledger, random.Random(self.seed))
            self.note()
            actor.settle_in()
            self.note()
            self.act(actor)
            actor.leave()
            node.kill()
        self.events = list(traced.read(trace, self.folder / "data", {DATABASE, LOG, JOURNAL}))

    def act(self, actor: Actor) -> None:
        deeds = [deed for deed in actor.deeds if deed != actor.sign_in_twice_at_once]
        weights = [actor.deeds[deed] for deed in deeds]
        for _ in range(DEEDS):
            actor.chance.choices(deeds, weights)[0]()
            actor.line, actor.other = actor.other, actor.line  # two connections, and so mostly two workers
            self.note()

    def note(self) -> None:
        self.states.append((len(self.ledger.successes), rows(self.folder / "data" / DATABASE, "ro")))

    def missing(self, left: Rows, answers: int) -> Rows:
        """The rows that a disk should hold after so many answers, and does not. What the next deed was about to change
        may be changed."""
        known = max(number for number, (count, _) in enumerate(self.states) if count <= answers)
        before = max((number for number, (count, _) in enumerate(self.states) if count < answers), default=0)
        held, following = self.states[known][1], self.states[min(known + 1, len(self.states) - 1)][1]
        held = held | {table: self.states[before][1][table] for table in BESIDE}
        lost = {table: there - left.get(table, set()) - (there - following[table]) for table, there in held.items()}
        return {table: gone for table, gone in lost.items() if gone}

    def disks(self) -> Iterator[tuple[int, traced.Event, traced.Disk, int]]:
        """After each event: its number, it, the disk, and how many successes were sent."""
        disk, answers = traced.Disk(dict(self.before)), 0
        for number, event in enumerate(self.events):
            disk.follow(event)
            answers += isinstance(event, traced.Answered) and b'"error": "success"' in event.content
            yield number, event, disk, answers

    def at_the_end(self) -> traced.Disk:
        *_, (_, _, disk, _) = self.disks()
        return disk


@pytest.fixture(scope="module")
def history(tmp_path_factory, seed):
    lived = History(tmp_path_factory.mktemp("power"), seed)
    lived.live()
    lived.ledger.verdict()
    return lived


def test_nothing_is_answered_before_it_is_on_disk(history, tmp_path):
    """At the moment at which a success is sent, no write to the database's log is still on its way, but of a seal."""
    sent, written = 0, 0
    for _, event, disk, answers in history.disks():
        written += isinstance(event, traced.Write) and event.name == LOG
        if answers > sent:
            sent = answers
            kind = history.ledger.successes[answers - 1]
            if disk.pending.get(LOG):
                surely, perhaps = (rows(put(left, tmp_path / "left")) for left in (disk.surely(), disk.whole()))
                late = {table for table, there in perhaps.items() if there != surely[table]}
                assert late <= BESIDE, f"answer {answers} ({kind}) was sent before the log was synced"
            assert LOG in disk.named, f"answer {answers} ({kind}) was sent before the log's name was on disk"
    assert sent == len(history.ledger.successes), "the trace and the asking side count alike"
    assert written > sent > DEEDS / 2


def test_no_power_cut_loses_what_was_answered(history, tmp_path, long):
    chance = random.Random(history.seed)
    kinds = [type(event) for event in history.events]
    first = kinds.index(traced.Answered)  # before it serves, nothing is promised
    moments = [n for n, kind in enumerate(kinds) if kind not in {traced.Answered, traced.Made} and n > first]
    chosen = set(moments if long else chance.sample(moments, CUTS))
    # Those at which the log is written back and begun anew are rare, and the most delicate.
    back = [n for n in moments if getattr(history.events[n], "name", "") == DATABASE]
    assert back, "the log was written back once at least"
    chosen |= set(chance.sample(back, min(CUTS // 3, len(back))))
    chosen |= {n + 1 for n in back if n + 1 < len(history.events)}
    for number, _, disk, answers in history.disks():
        if number in chosen:
            for left in (disk.surely(), disk.perhaps(chance)):
                lost = history.missing(rows(put(left, tmp_path / "left"), check=True), answers)
                assert not lost, f"seed {history.seed}, event {number}, after {answers} answers: {lost}"


def test_a_log_that_is_cut_short_anywhere_still_opens(history, tmp_path, long):
    """At the end of each of its frames, and in the midst of each."""
    left = history.at_the_end().whole()
    there, last = rows(put(left, tmp_path / "left")), history.states[-1][1]
    assert all(last[table] <= held if table in BESIDE else last[table] == held for table, held in there.items())
    ends = range(32, len(left[LOG]) + 1, FRAME)
    chance = random.Random(history.seed)
    before = -1
    for end in ends if long else sorted(chance.sample(ends, min(60, len(ends)))):
        for size in (end, end + chance.randrange(1, FRAME)):
            there = rows(put(left | {LOG: left[LOG][:size]}, tmp_path / "left"), check=True)
            count = sum(map(len, there.values()))
            assert count >= before, "a longer log holds no less"
            before = count


def test_after_a_power_cut_the_service_accepts_nothing_twice_and_keeps_its_promises(history):
    surely, data = history.at_the_end().surely(), history.folder / "data"
    for name in (DATABASE, LOG, JOURNAL, "keychain.db-shm"):
        (data / name).unlink(missing_ok=True)
    for name, content in surely.items():
        (data / name).write_bytes(content)
        (data / name).chmod(0o600)
    ledger = history.ledger
    with running(history.folder, workers=2, port=history.port) as node:
        line = Line(node.port)
        for once in [once for once in ledger.sent if once.accepted]:
            ledger.again(line, once)
        for key in list(ledger.promises):
            ledger.look_at(line, key)
        line.close()
    ledger.verdict()
    assert ledger.counts["validation replayed_nonce"] > DEEDS / 5


def put(left: dict[str, bytes], folder: Path) -> Path:
    """A disk on which this was left; the database's path."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in left.items():
        (folder / name).write_bytes(content)
    return folder / DATABASE


def rows(database: Path, mode: str = "rw", *, check: bool = False) -> Rows:
    """Every row of every table, as any new reader sees them. In ``mode`` ro it surely writes nothing itself, nor writes
    the log back where it is the last one to close the database."""
    connection = sqlite3.connect(f"file:{database}?mode={mode}", uri=True)
    try:
        if check:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        connection.execute("BEGIN")
        return {name: set(connection.execute(f"SELECT * FROM {name}")) for name in names}
    finally:
        connection.close()
