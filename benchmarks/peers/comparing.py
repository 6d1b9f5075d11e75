"""The rounds: each peer and ours in turns, the same client, the same count of users; CPU of the process tree.

Ours checks two signatures where a peer checks one. Both are asked one request after the other over one kept
connection, so that a client's skill at keeping many busy decides nothing.
"""

import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import databases, identities, load, measure, server
from benchmarks.limit import Limit
from benchmarks.peers import assertions, environments
from benchmarks.peers.environments import Peer
from benchmarks.server import Server

USERS = 10_000
ROUNDS = 3
WARM_UP = 300
OURS = "ours"

Asking = Callable[[int, int], list[bytes]]  # which users: requests, made now


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU for one request: the median of the rounds, and the greatest less the least."""

    name: str
    signatures: int
    requests: int
    cpu: float
    spread: float
    memory: int  # peak bytes of all processes together
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Comparison:
    """A whole run. ``limit``: CPU seconds of two verifications, in the same run."""

    limit: float
    ours: Cost
    peers: Sequence[Cost]


def compare(users: int, say: Callable[[str], None]) -> Comparison:
    """Build the peers, and measure them and ours."""
    say("the packages of the peers")
    built = [environments.flask(), environments.express()]
    say(f"{users} users: two keys each for ours, a passkey each for theirs")
    people = identities.make(users + WARM_UP)
    passkeys = assertions.make(users + WARM_UP)
    raw = Limit()
    with ExitStack() as stack:
        database = stack.enter_context(databases.fresh("sqlite"))
        site = measure.prepare(database, people)
        running: dict[str, tuple[Server, Asking]] = {
            OURS: (
                stack.enter_context(server.running(database)),
                lambda start, end: identities.requests(people[start:end], site),
            )
        }
        for peer in built:
            running[peer.name] = stack.enter_context(_peer(peer, passkeys))
        for one, asking in running.values():
            load.send(one.port, asking(users, users + WARM_UP))
        rounds: dict[str, list[float]] = {name: [] for name in running}
        for number in range(ROUNDS):
            say(f"round {number + 1} of {ROUNDS}")
            start, end = users * number // ROUNDS, users * (number + 1) // ROUNDS
            for name, (one, asking) in running.items():
                raw.sample()
                rounds[name].append(_cpu(one, asking(start, end)))
        memory = {name: sum(one.peak_memory()) for name, (one, _) in running.items()}
    signatures = {OURS: 2}
    versions = {peer.name: peer.versions for peer in built}
    ours, *theirs = (
        Cost(
            name,
            signatures.get(name, 1),
            users,
            statistics.median(each),
            max(each) - min(each),
            memory[name],
            versions.get(name, {}),
        )
        for name, each in rounds.items()
    )
    return Comparison(raw.seconds, ours, theirs)


def _cpu(one: Server, asking: list[bytes]) -> float:
    before = one.cpu_seconds()
    load.send(one.port, asking)
    return (one.cpu_seconds() - before) / len(asking)


@contextmanager
def _peer(peer: Peer, passkeys: Sequence[assertions.Passkey]) -> Iterator[tuple[Server, Asking]]:
    with tempfile.TemporaryDirectory(prefix="keychain-bench-") as name:
        folder = Path(name)
        site = assertions.fill(folder / "peer.db", passkeys)
        port = server.free_port()
        command = [word.format(port=port) for word in peer.command]
        named = {"PORT": str(port), "PEER_DATABASE": str(folder / "peer.db")}
        kept = {key: text for key, text in os.environ.items() if key not in {"PYTHONPATH", "VIRTUAL_ENV"}}
        with server.started(command, port, {**kept, **peer.environ, **named}, peer.folder, folder / "log") as one:
            yield one, lambda start, end: assertions.requests(passkeys[start:end], site)
