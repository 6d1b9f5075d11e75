"""What it costs to wait: open phones that poll, and requests of sites' servers that wait for a person.

The phones ask over kept connections, evenly spread over the time between two polls, from this process; so their own
cost is not counted. Rows are written as the doors would have written them, because signing for a thousand people would
take longer than the measurement.
"""

import base64
import hashlib
import json
import math
import secrets
import selectors
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from threading import Thread

import click
from sqlalchemy import func, select

from benchmarks import databases, identities, load, server
from benchmarks.arrivals import Late, late
from benchmarks.databases import Database
from benchmarks.server import Server
from benchmarks.wanted import Wanted
from keychain.app import master_keys, utc_now
from keychain.jose import base64url
from keychain.jose.jwk import PrivateKey
from keychain.repo import accounts, tickets, tokens
from keychain.repo.masterkeys import MasterKeys
from keychain.settings import read
from keychain.store import repo_tables, schema
from keychain.store.engine import Session, Store, open_store
from keychain.store.phone_tables import confirmations
from keychain.validation import sites
from keychain.validation.sites import Registration

PHONES = 1000
POLL_EVERY = 0.9  # seconds: what the page does
SECONDS = 10.0
NEWS = 20
WAITING = 200
VALIDATIONS = 400
WANTED_SHARE = 0.5  # of one processor

_TICKET_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Polling:
    """Phones that poll: what share of a processor the service and its database take, and how late news are seen."""

    database: str
    phones: int
    share: float
    database_share: float
    polls_per_second: float
    delay: float  # median seconds from the commit until the phone that it concerns knows
    worst_delay: float

    def text(self) -> str:
        """One line of the report."""
        return (
            f"{self.database}: {self.phones} open phones, {self.polls_per_second:.0f} polls a second:"
            f" {self.share:.2f} of a processor, its database {self.database_share:.2f};"
            f" news after {self.delay:.2f} s, {self.worst_delay:.2f} s at the latest"
        )

    def wanted(self) -> list[Wanted]:
        """Open phones leave most of a processor to others."""
        share = self.share + self.database_share
        return [Wanted(f"processors for {self.phones} open phones, {self.database}", share, WANTED_SHARE)]


@dataclass(frozen=True)
class Room:
    """Requests that wait for a person: what they add to the server's memory, and what they do to a validation."""

    database: str
    waiting: int
    memory: int  # bytes
    share: float
    alone: Late  # a validation's
    beside: Late
    one_more: str

    def text(self) -> str:
        """One line of the report."""
        return (
            f"{self.database}: {self.waiting} requests wait for a person: {self.memory / 2**20:.0f} MiB and"
            f" {self.share:.3f} of a processor; a validation takes {self.beside.p99 * 1e3:.1f} ms (99th percentile)"
            f" beside them, {self.alone.p99 * 1e3:.1f} ms alone; one more is told {self.one_more}"
        )


@dataclass(frozen=True)
class Crowd:
    """Accounts with one phone and one identity each."""

    accounts: list[str]
    phones: list[str]
    tokens: list[str]


def polling(kind: str, phones: int = PHONES, seconds: float = SECONDS) -> Polling:
    """Let phones poll a server with one worker, and let something happen to some of them."""
    with _served(kind, phones) as (database, running, store, keys, crowd):
        expires = utc_now() + _TICKET_FOR
        held = [tickets.make(keys, tickets.ACCOUNT, phone, expires) for phone in crowd.phones]
        pollers = _Pollers(running.port, held)
        pollers.run(2.0)
        before = running.cpu_seconds(), databases.cpu_seconds(database), pollers.polls
        began = time.monotonic()
        happening = Thread(target=_happen, args=(store, crowd, pollers, seconds), daemon=True)
        happening.start()
        pollers.run(seconds)
        happening.join()
        took = time.monotonic() - began
        used = running.cpu_seconds() - before[0], databases.cpu_seconds(database) - before[1], pollers.polls - before[2]
        pollers.run(2 * POLL_EVERY)
        delays = [pollers.seen.get(phone, math.inf) - happened for phone, happened in pollers.happened.items()]
        pollers.close()
    share, database_share, polls = (each / took for each in used)
    return Polling(kind, phones, share, database_share, polls, statistics.median(delays), max(delays))


def room(kind: str, waiting: int = WAITING, validations: int = VALIDATIONS) -> Room:
    """Fill the waiting room of one worker, and validate beside it."""
    people = identities.make(validations)
    with _served(kind, waiting + 1, people, waiting=waiting) as (_, running, store, _, crowd):
        with store.session() as session:
            site = sites.register(session, utc_now(), "benchmark")
        half = len(people) // 2
        _latency(running.port, identities.requests(people[:20], site))
        alone = _latency(running.port, identities.requests(people[:half], site))
        memory = sum(running.peak_memory())
        asking = [_send_2fa(token, site) for token in crowd.tokens]
        sockets = [_begin(running.port, request) for request in asking[:waiting]]
        _until_waiting(store, waiting)
        grown = sum(running.peak_memory()) - memory
        before = running.cpu_seconds()
        time.sleep(2)
        share = (running.cpu_seconds() - before) / 2
        beside = _latency(running.port, identities.requests(people[half:], site))
        with socket.create_connection(("127.0.0.1", running.port), timeout=load.ANSWER_SECONDS) as connection:
            one_more = json.loads(load.ask(connection, asking[waiting]))["code"]
        for waited in sockets:
            waited.close()
    return Room(kind, waiting, grown, share, alone, beside, one_more)


class _Pollers:
    """Phones, each with a connection of its own; one thread for all of them."""

    def __init__(self, port: int, held: Sequence[str]) -> None:
        self.polls = 0
        self.seen: dict[int, float] = {}
        self.happened: dict[int, float] = {}
        self._changes: dict[int, int] = {}
        self._requests = [
            f"GET /repo/poll HTTP/1.1\r\nHost: 127.0.0.1\r\nTicket: {ticket}\r\n\r\n".encode() for ticket in held
        ]
        self._sockets = [socket.create_connection(("127.0.0.1", port)) for _ in held]
        self._answers = selectors.DefaultSelector()
        for phone, connection in enumerate(self._sockets):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._answers.register(connection, selectors.EVENT_READ, phone)
        self._step = POLL_EVERY / len(held)
        self._turns = cycle(range(len(held)))
        self._waits: set[int] = set()
        self._received = [b""] * len(held)

    def run(self, seconds: float) -> None:
        """Poll for so long, each phone in its turn; one that still waits for an answer does not ask again."""
        began = time.monotonic()
        turns = 0
        while (now := time.monotonic()) < began + seconds or self._waits:
            while turns * self._step <= now - began < seconds:
                turns += 1
                if (phone := next(self._turns)) not in self._waits:
                    self._waits.add(phone)
                    self._sockets[phone].sendall(self._requests[phone])
            for key, _ in self._answers.select(self._step):
                self._read(int(key.data))

    def close(self) -> None:
        """Hang up."""
        self._answers.close()
        for connection in self._sockets:
            connection.close()

    def _read(self, phone: int) -> None:
        self._received[phone] += self._sockets[phone].recv(1 << 16)
        body = load.whole_body(self._received[phone])
        if body is None:
            return
        self._received[phone] = b""
        self._waits.remove(phone)
        members = json.loads(body)
        if members["errorcode"] != 0:
            raise load.WrongAnswer(json.dumps(members))
        self.polls += 1
        if members["change"] != self._changes.setdefault(phone, members["change"]):
            self._changes[phone] = members["change"]
            self.seen[phone] = time.monotonic()


def _happen(store: Store, crowd: Crowd, pollers: _Pollers, seconds: float) -> None:
    """Something, to phones here and there."""
    for phone in range(0, len(crowd.phones), max(1, len(crowd.phones) // NEWS)):
        with store.session() as session:
            accounts.changed(session, crowd.accounts[phone])
        pollers.happened[phone] = time.monotonic()
        time.sleep(seconds / NEWS / 2)


@contextmanager
def _served(
    kind: str, people: int, on_record: Sequence[identities.Identity] = (), **numbers: int
) -> Iterator[tuple[Database, Server, Store, MasterKeys, Crowd]]:
    with databases.fresh(kind) as database:
        settings = read(server.variables(database))
        store = open_store(settings)
        try:
            schema.upgrade(store)
            keys = master_keys(settings, store)
            with store.session() as session:
                crowd = _crowd(session, keys, people)
                if on_record:
                    identities.put_on_record(session, on_record, utc_now())
            with server.running(database, server.KEYCHAIN, **numbers) as running:
                yield database, running, store, keys, crowd
        finally:
            store.close()


def _crowd(session: Session, keys: MasterKeys, count: int) -> Crowd:
    now = utc_now()
    named = [base64url.encode(secrets.token_bytes(16)) for _ in range(count)]
    phones = [PrivateKey().public for _ in range(count)]
    uids = [base64.b64encode(secrets.token_bytes(16)).decode() for _ in range(count)]
    made = [keys.token(uid, keys.in_use, 0) for uid in uids]
    with session.transaction():
        session.add(repo_tables.accounts, [{"id": account, "created_at": now} for account in named])
        session.add(
            repo_tables.devices,
            [
                {"id": key.thumbprint, "account": account, "public_key": key.raw, "name": "Phone", "phone": True}
                | {"created_at": now, "last_used": now}
                for account, key in zip(named, phones, strict=True)
            ],
        )
        session.add(
            repo_tables.identities,
            [
                {"uid": uid, "account": account, "origin": "https://shop.example", "ad_key": bytes(64), "sealed": b"x"}
                | {"key_version": keys.in_use, "created_at": now, "minted_at": now}
                | {"token_digest": hashlib.sha256(token).digest()}
                for account, uid, token in zip(named, uids, made, strict=True)
            ],
        )
    return Crowd(named, [key.thumbprint for key in phones], [tokens.text(token) for token in made])


def _send_2fa(token: str, site: Registration) -> bytes:
    content = json.dumps({"two_factor_token": token, "message": "Pay $40 to Ann?"}).encode()
    return identities.post("/repo/send_2fa", content, site)


def _begin(port: int, request: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(request)
    return connection


def _until_waiting(store: Store, count: int) -> None:
    give_up = time.monotonic() + load.ANSWER_SECONDS
    while time.monotonic() < give_up:
        with store.session() as session:
            [(asked,)] = session.rows(select(func.count()).select_from(confirmations))
        if asked >= count:
            return
        time.sleep(0.1)
    raise load.WrongAnswer(f"{asked} of {count} wait")


def _latency(port: int, requests: Sequence[bytes]) -> Late:
    """How long each took, one after the other."""
    taken = []
    with socket.create_connection(("127.0.0.1", port), timeout=load.ANSWER_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            began = time.monotonic()
            body = load.ask(connection, request)
            taken.append(time.monotonic() - began)
            if json.loads(body)["errorcode"] != 0:
                raise load.WrongAnswer(body.decode())
    return late(taken)


def main() -> None:
    """Both, on both databases."""
    for kind in databases.KINDS:
        click.echo(polling(kind).text())
    for kind in databases.KINDS:
        click.echo(room(kind).text())


if __name__ == "__main__":
    main()
