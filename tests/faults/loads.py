"""A light load on several nodes while their database fails, every answer of which is looked at.

Whoever is asked in an outage may say ``unavailable``, soon, and nothing else. The judge is the ledger at the end: what
was accepted before, during or after is refused everywhere, and what was never decided is accepted at most once.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from keychain.jose import base64url
from tests.faults.ledger import Ledger, Once
from tests.faults.lines import Answer, Cut, Json, Line, Request
from tests.faults.nodes import Node
from tests.faults.people import FastPerson, basic, now, validation

SUCCESS, REPLAYED, UNAVAILABLE = "success", "replayed_nonce", "unavailable"
PROMPT_SECONDS = 10  # what any answer may take
RECOVERY_SECONDS = 8  # of ours, once the database answers again
PAUSE_SECONDS = 0.15  # between two pairs of sign-ins at one node


@dataclass(frozen=True)
class Asked:
    """A sign-in, the code of its answer, when it was asked for (monotonic), and how long that took."""

    once: Once = field(repr=False)
    code: str
    at: float
    seconds: float


@contextlib.contextmanager
def lines_to(*nodes: Node) -> Iterator[list[Line]]:
    """A connection to each node, until the block ends."""
    with contextlib.ExitStack() as opened:
        yield [opened.enter_context(contextlib.closing(Line(node.port))) for node in nodes]


def registered(node: Node) -> Json:
    """The header of a new site."""
    with lines_to(node) as [line]:
        members = line.ask(Request("/register", method="GET")).members
    return basic(members["API_ID"], members["API_KEY"])


def sign_in(person: FastPerson, site: Json) -> Once:
    """A sign-in that nobody has seen, made now by this process's clock."""
    return validation(person.payload(now()), site)


def spending(once: Once) -> tuple[str, str]:
    """The uid and the nonce that a sign-in spends."""
    payload = json.loads(once.request.body)
    claims = payload["nonces"]["ad"]["nonce"].split(".")[1]
    return payload["uid"], json.loads(base64url.decode(claims))["nonce"]


def timed(line: Line, request: Request) -> tuple[Answer, float]:
    """The answer, and the seconds that it took."""
    began = time.monotonic()
    answer = line.ask(request)
    return answer, time.monotonic() - began


class Load:
    """Sign-ins of somebody on record and of new people in turn, at each node by a thread, none of them sent twice."""

    def __init__(self, nodes: Sequence[Node], site: Json) -> None:
        self.ledger = Ledger(seed=0)
        self.asked: dict[int, list[Asked]] = {node.port: [] for node in nodes}
        self._nodes, self._site = nodes, site
        self._ended = threading.Event()

    def _sign_in(self, line: Line) -> None:
        known = FastPerson()
        while not self._ended.wait(PAUSE_SECONDS):
            for person in (known, FastPerson()):
                once = sign_in(person, self._site)
                began = time.monotonic()
                with contextlib.suppress(Cut):  # it is in the ledger, which forgives none here
                    answer = self.ledger.ask(line, once)
                    self.asked[line.port].append(Asked(once, answer.code, began, time.monotonic() - began))
                    if (answer.status == 503) != (answer.code == UNAVAILABLE):
                        self.ledger.complain(f"{answer.status} {answer.members}")

    @contextlib.contextmanager
    def running(self) -> Iterator["Load"]:
        """The load, from its first success at each node to the end of the block."""
        with lines_to(*self._nodes) as lines, ThreadPoolExecutor(len(lines)) as pool:
            signing_in = [pool.submit(self._sign_in, line) for line in lines]
            try:
                self.wait_for(SUCCESS)
                yield self
            finally:
                self._ended.set()
            for ended in signing_in:
                ended.result()  # what a thread stumbled over, such as an answer that is not ours

    def wait_for(self, code: str, within: float = 3 * PROMPT_SECONDS) -> None:
        """Return once each node has answered so something that it was asked from now on."""
        began = time.monotonic()

        def have_answered() -> bool:
            lately = [[one.code for one in list(asked) if one.at >= began] for asked in self.asked.values()]
            return all(code in codes for codes in lately)

        until(have_answered, within, lambda: f"not every node answers {code}: {self.recent()}; {self.ledger.cuts}")

    def since(self, moment: float) -> list[Asked]:
        """What was asked later than that, at any node."""
        return [one for asked in self.asked.values() for one in asked if one.at > moment]

    def recent(self) -> dict[int, list[str]]:
        return {port: [one.code for one in asked[-5:]] for port, asked in self.asked.items()}

    def check(self) -> None:
        """Every request was answered, soon, and by yes or by ``unavailable``; nothing else went wrong."""
        everything = self.since(0)
        assert {one.code for one in everything} <= {SUCCESS, UNAVAILABLE}, self.ledger.counts
        slowest = max(one.seconds for one in everything)
        assert slowest < PROMPT_SECONDS, f"an answer took {slowest} s"
        self.ledger.verdict()

    @property
    def accepted(self) -> list[Once]:
        return [once for once in self.ledger.sent if once.accepted]


def send_again(ledger: Ledger, nodes: Sequence[Node]) -> None:
    """Send all that was sent once more, to every node, and hold the answers against what was said before."""
    with lines_to(*nodes) as lines:
        for once in list(ledger.sent):
            before = once.accepted
            codes = [ledger.ask(line, once).code for line in lines]
            assert codes[0] in ({REPLAYED} if before else {SUCCESS, REPLAYED}), (before, codes)
            assert set(codes[1:]) <= {REPLAYED}, (before, codes)
    ledger.verdict()


def until(holds: Callable[[], bool], within: float, trouble: Callable[[], str]) -> None:
    """Return as soon as something holds."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, trouble()
        time.sleep(0.02)
