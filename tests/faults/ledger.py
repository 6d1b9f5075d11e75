"""What was sent, what was acknowledged, and what has to hold for ever after.

Two kinds of entries. An ``Once`` is a request that may be accepted at most once, however often it is sent and whatever
became of its answers: a payload with its nonce, or a request to the repo with its proof. A promise is what a success
made true: that credentials authenticate, that a record takes these keys and no others, that a device is let in, that a
card is there, that what was revoked stays out. A promise is looked at from outside, through the doors.
"""

import random
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock

from tests.faults.lines import Answer, Cut, Line, Request
from tests.faults.nodes import Kill

# What is wrong with what was promised, in words; nothing where it holds.
Look = Callable[[Line], str]
Key = tuple[Hashable, ...]

# Refusals that decide nothing: the service or its database was busy. The same request may be accepted later.
UNDECIDED = {"unavailable"}


def _nothing(_members) -> None:
    """No promise comes of it."""


@dataclass
class Once:
    """A request that may be accepted at most once. ``kept`` is told the members of the success."""

    request: Request
    kind: str
    kept: Callable[[dict], None] = _nothing
    refused_as: frozenset[str] = frozenset()  # how a second one is refused; empty: however
    accepted: int = 0
    lost: int = 0  # how often it was sent and not answered


@dataclass
class Ledger:
    """One for a run; threads share it."""

    seed: int
    sent: list[Once] = field(default_factory=list)
    promises: dict[Key, Look] = field(default_factory=dict)
    kills: list[Kill] = field(default_factory=list)
    down: list[tuple[float, float]] = field(default_factory=list)  # from a kill of all to the next first answer
    cuts: list[Cut] = field(default_factory=list)
    lost: list[Once] = field(default_factory=list)  # unanswered, and not asked about since
    headers: dict[str, dict] = field(default_factory=dict)  # of registered sites, by API ID
    counts: Counter = field(default_factory=Counter)
    successes: list[str] = field(default_factory=list)  # their kinds, in the order in which they came
    wrong: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def ask(self, line: Line, once: Once) -> Answer:
        """Send what may be accepted at most once, and write down what came of it.

        Raises:
            Cut: if no whole answer came; it is in the ledger.
        """
        if not (once.accepted or once.lost):
            with self.lock:
                self.sent.append(once)
        try:
            answer = line.ask(once.request)
        except Cut as cut:
            self.cut(cut, once)
            raise
        self.answered(once, answer)
        return answer

    def ask_both(self, line: Line, other: Line, once: Once) -> None:
        """Send it over two lines before either is answered."""
        with self.lock:
            self.sent.append(once)
        waiting = []
        for each in (line, other):
            try:
                each.send(once.request)
                waiting.append(each)
            except Cut as cut:
                self.cut(cut, once)
        for each in waiting:
            try:
                self.answered(once, each.read())
            except Cut as cut:
                self.cut(cut, once)

    def ask_freely(self, line: Line, request: Request) -> Answer:
        """Send what may be accepted as often as it is sent.

        Raises:
            Cut: if no whole answer came; it is in the ledger.
        """
        try:
            answer = line.ask(request)
        except Cut as cut:
            self.cut(cut)
            raise
        with self.lock:
            self.counts[f"{request.path} {answer.code}"] += 1
            if answer.code == "success":
                self.successes.append(request.path)
        return answer

    def cut(self, cut: Cut, once: Once | None = None) -> None:
        """A connection broke; ``once`` is what had been sent over it."""
        with self.lock:
            self.cuts.append(cut)
            self.counts["cut"] += 1
            if once is not None:
                once.lost += 1
                self.lost.append(once)

    def answered(self, once: Once, answer: Answer) -> None:
        """A whole answer came."""
        with self.lock:
            self.counts[f"{once.kind} {answer.code}"] += 1
            if answer.code != "success":
                return
            once.accepted += 1
            self.successes.append(once.kind)
            if once.accepted > 1:
                self.wrong.append(f"accepted {once.accepted} times: {once.kind} {once.request}")
        once.kept(answer.members)

    def again(self, line: Line, once: Once) -> None:
        """Send it again; one that was ever accepted has to be refused, and in the words for it."""
        before = once.accepted
        answer = self.ask(line, once)
        if answer.code in UNDECIDED:
            self.complain(f"{answer.code} from a node that has nothing else to do")
        elif before and answer.code != "success" and once.refused_as and answer.code not in once.refused_as:
            self.complain(f"a second {once.kind} is refused as {answer.code}")

    def promise(self, key: Key, look: Look) -> None:
        """From now on ``look`` has to find what ``key`` names."""
        with self.lock:
            self.promises.pop(key, None)  # so that the newest stands last
            self.promises[key] = look

    def withdraw(self, key: Key) -> None:
        """Nothing is promised of this (any more): a change of it is on its way."""
        with self.lock:
            self.promises.pop(key, None)

    def look_at(self, line: Line, key: Key) -> None:
        """See whether a promise holds."""
        with self.lock:
            look = self.promises.get(key)
            self.counts[f"looked at: {key[0]}"] += 1
        if look is not None and (trouble := look(line)):
            self.complain(f"{key}: {trouble}")

    def complain(self, what: str) -> None:
        with self.lock:
            self.wrong.append(what)

    def ask_about_the_lost(self, line: Line) -> None:
        """Send what was not answered again: now it is accepted, or it was before; and then it is refused for good."""
        with self.lock:
            lost, self.lost = self.lost, []
        for once in lost:
            self.again(line, once)
            first = once.accepted
            self.again(line, once)
            if once.accepted > first:
                self.complain(f"first refused, then accepted: {once.kind} {once.request}")

    def some_promises(self, count: int, chance: random.Random) -> list[Key]:
        """Half of them the newest, half any."""
        with self.lock:
            known = list(self.promises)
        newest = known[-(count // 2) :]
        return newest + chance.sample(known, min(count - len(newest), len(known)))

    def unexplained_cuts(self) -> list[Cut]:
        """Connections that broke, and not by a kill: each has to have been open when one happened, or to have been
        tried while all were dead."""
        return [cut for cut in self.cuts if not self._explained(cut)]

    def _explained(self, cut: Cut) -> bool:
        by_kill = any(cut.made <= kill.gone and cut.noticed >= kill.sent for kill in self.kills)
        return by_kill or any(cut.made <= until and cut.noticed >= since for since, until in self.down)

    def verdict(self) -> None:
        """Nothing went wrong.

        Raises:
            AssertionError: with the first things that did, and the seed.
        """
        unexplained = [f"cut without a kill: {cut}" for cut in self.unexplained_cuts()]
        found = self.wrong + unexplained
        assert not found, f"seed {self.seed}: {len(found)} things went wrong: " + "; ".join(found[:5])
