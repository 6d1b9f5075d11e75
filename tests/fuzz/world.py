"""The application on a database in memory, who is on record in it, and what every answer is held against."""

import base64
import gc
import heapq
import io
import json
import os
import re
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device import Device
from logged import logged
from sqlalchemy import func, select

from keychain import nonce as nonces
from keychain import settings
from keychain.app import create_app, utc_now
from keychain.jose import base64url, jws
from keychain.jose.jwk import PrivateKey
from keychain.store import schema
from keychain.store.engine import Session, open_store
from keychain.store.tables import metadata, pins, records
from keychain.validation import sites

Json = dict[str, Any]

PEOPLE = 40
ROLES = ("ad", "repo", "cd")
CEILING_SECONDS = 0.050
PAYLOAD_BYTES = 64 * 1024  # a batch may be as large as 64 of these, and take as long
SLACK = 5  # what is stated is reported exactly, and checked with this
# The first of the largest bodies, whenever it comes, costs some 12 MiB once, which the allocator keeps.
GROWTH_SHARE, GROWTH_BYTES = 1.05, 16 * 1024 * 1024
MISMATCHES_A_UID = 8
_SCHEDULED = Path("/proc/thread-self/schedstat")
PAGE = os.sysconf("SC_PAGE_SIZE")

_OFTEN = "1000000000/minute"
_RATES = (
    "first_use",
    "sign_up",
    "recovery",
    "signer",
    "account",
    "repo",
    "pairing",
    "confirmation",
    "confirmations",
    "poll",
    "mail",
)
_CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Hostile:
    """One request, and what is wrong with it. ``harmless``: it is a door's right to answer it with a success."""

    why: str
    body: bytes
    path: str = "/validate"
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)  # by CGI name; these replace the honest ones
    harmless: bool = False


class Broken(AssertionError):
    """A promise that did not hold."""


@dataclass(frozen=True)
class Person:
    """A uid on record, and the private keys of its roles."""

    uid: str
    keys: dict[str, PrivateKey]

    @classmethod
    def new(cls, *roles: str) -> "Person":
        uid = base64.b64encode(secrets.token_bytes(16)).decode()
        return cls(uid, {role: PrivateKey() for role in roles or ("ad", "repo")})

    def payload(self, **claims: Any) -> Json:
        """A payload that would be believed, over a nonce of this second."""
        signed = {"nonce": nonces.make(utc_now()).text, **claims}
        return {"uid": self.uid, "nonces": {role: self.entry(role, signed) for role in self.keys}}

    def entry(self, role: str, claims: Json) -> Json:
        return {"nonce": jws.sign(claims, self.keys[role]), "key": base64url.encode(self.keys[role].public.raw)}


class Tally:
    """What a run has seen: how many by reason and code, and the time of each answer."""

    def __init__(self) -> None:
        self.codes: Counter[str] = Counter()
        self.whys: Counter[str] = Counter()
        self.tenths = [0] * 5000  # CPU of an answer, in tenths of milliseconds; the last place holds the rest
        self.slowest: list[tuple[float, float, str]] = []
        self.large = (0.0, 0.0, "nothing")  # the slowest of the batches that are larger than a payload may be
        self.broken: dict[str, str] = {}  # by what was wrong with the request, the first of its kind

    def check(self, what: str, look: Callable[[], None]) -> None:
        """Note it if ``look`` finds a promise broken."""
        try:
            look()
        except Broken as broken:
            self.broken[what] = str(broken)

    def add(self, sent: Hostile, code: str, wall: float, cpu: float) -> None:
        self.codes[code] += 1
        self.whys[sent.why] += 1
        if len(sent.body) > 2 * PAYLOAD_BYTES:
            self.large = max(self.large, (cpu, wall, f"{sent.why}, {len(sent.body)} bytes"))
            return
        self.tenths[min(len(self.tenths) - 1, int(cpu * 10_000))] += 1
        heapq.heappush(self.slowest, (cpu, wall, sent.why))
        if len(self.slowest) > 12:
            heapq.heappop(self.slowest)

    @property
    def count(self) -> int:
        return sum(self.tenths)

    def quantile(self, share: float) -> float:
        """Milliseconds of CPU that this share of the answers stays within."""
        left = share * self.count
        for place, count in enumerate(self.tenths):
            left -= count
            if left <= 0:
                return (place + 1) / 10
        return len(self.tenths) / 10


class World:
    """The open application. ``ask`` sends one request and holds the answer against the promises."""

    def __init__(self, folder: Path) -> None:
        rates = {f"{name}_limit": _OFTEN for name in _RATES}
        self.settings = settings.read(
            {},
            data_dir=folder,
            unknown_uid="refuse",
            nonce_max_age=3600,
            trusted_proxies="127.0.0.0/8",
            register_limit="20/day",
            **rates,
        )
        self.store = open_store(self.settings)
        schema.upgrade(self.store)
        self.app = create_app(self.settings, store=self.store)
        self.tally = Tally()
        self.registered = 0
        # A person's browser alone, all three signers, and one of whom nobody has the third key: see ``strict``.
        self.people = [Person.new(*ROLES[: 2 + one % 2]) for one in range(PEOPLE)]
        self.strangers = [Person.new(*ROLES) for _ in range(8)]
        with self.store.session() as session:
            self.site = sites.register(session, utc_now(), "fuzz")
            self.strict = sites.register(session, utc_now(), "strict")
            sites.require(session, self.strict.api_id, ROLES)
            self._put_on_record(session)
        self.origin = self.settings.public_origin
        self.spent = [self._spend(person) for person in self.people[:8]]
        self.device = Device(self._ask_as_device, utc_now, self.origin).sign_up()
        self.identity = self.device.mint()
        self.before = self.rows()
        gc.collect()
        gc.freeze()  # as a worker does when it has loaded the application

    def close(self) -> None:
        self.store.close()

    def authorization(self, site: sites.Registration) -> str:
        return "Basic " + base64.b64encode(f"{site.api_id}:{site.api_key}".encode()).decode()

    def environ(self, sent: Hostile) -> Json:
        """What the server makes of a request (PEP 3333)."""
        return {
            "REQUEST_METHOD": sent.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": sent.path,
            "QUERY_STRING": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(sent.body)),
            "HTTP_HOST": "127.0.0.1",
            "HTTP_AUTHORIZATION": self.authorization(self.site),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(sent.body),
            "wsgi.input_terminated": True,
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        } | sent.headers

    def ask(self, sent: Hostile) -> Json:
        """The members of the answer to a hostile request.

        Raises:
            Broken: if a promise does not hold.
        """
        for last in (False, False, True):
            status, headers, raw, wall, cpu = self._answer(sent)
            members = _members(status, headers, raw)
            if not sent.harmless:
                _refused(members, batch=sent.path.rstrip("/").endswith("validate_batch"))
            self.registered += sent.path == "/register" and members["errorcode"] == 0
            ceiling = CEILING_SECONDS * SLACK * (1 + len(sent.body) // PAYLOAD_BYTES)
            if wall <= ceiling:
                break
            # What is slow without working is slow each time, unless the machine stood still; proofs are good for once.
            if cpu > ceiling or last or sent.why == "honest":
                raise Broken(f"{wall * 1000:.1f} ms, and as long as it had a core; {cpu * 1000:.1f} ms of CPU")
        self.tally.add(sent, members.get("code", "batch" if "answers" in members else "success"), wall, cpu)
        return members

    def _answer(self, sent: Hostile) -> tuple[str, dict[str, str], bytes, float, float]:
        environ, told = self.environ(sent), []
        began, waited, worked = time.perf_counter(), _waited(), time.thread_time()
        answer = self.app(environ, lambda status, headers, _trouble=None: told.extend((status, dict(headers))))
        raw = b"".join(answer)
        cpu, waited = time.thread_time() - worked, _waited() - waited
        wall = time.perf_counter() - began - waited
        if close := getattr(answer, "close", None):
            close()
        return told[0], told[1], raw, wall, cpu

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.store.session() as session:
            return {
                name: session.rows(select(func.count()).select_from(table))[0][0]
                for name, table in metadata.tables.items()
            }

    def check_rows(self) -> None:
        """
        Raises:
            Broken: if anything was written but a site for each answer that said so, the trace of strangers' keys, and
                one event for each of these; or more of that trace than its bound.
        """
        now = self.rows()
        grown = {name: now[name] - was for name, was in self.before.items() if now[name] != was}
        noted = grown.pop("key_mismatches", 0)
        if noted > MISMATCHES_A_UID * PEOPLE * 2:  # a run may see midnight
            raise Broken(f"{noted} rows of key_mismatches for {PEOPLE} people")
        if grown.pop("audit_events", 0) > self.registered + noted or grown.pop("sites", 0) != self.registered or grown:
            raise Broken(
                f"rows more than before: {grown}; {self.registered} sites registered, {noted} mismatches noted"
            )

    def _put_on_record(self, session: Session) -> None:
        now = utc_now()
        with session.transaction():
            session.add(records, [{"uid": one.uid, "version": 1, "created_at": now} for one in self.people])
            session.add(
                pins,
                [
                    {"uid": one.uid, "role": role, "public_key": key.public.raw, "created_at": now}
                    for one in self.people
                    for role, key in one.keys.items()
                ],
            )

    def _spend(self, person: Person) -> Json:
        """A payload that was good once."""
        payload = person.payload()
        sent = Hostile("honest", json.dumps(payload).encode(), harmless=True)
        if self.ask(sent)["errorcode"] != 0:
            raise Broken("an honest payload was refused: this run would prove nothing")
        return payload

    def _ask_as_device(self, path: str, body: bytes, headers: Any, method: str = "POST") -> tuple[int, Json]:
        named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        return 200, self.ask(Hostile("honest", body, path, method, named, harmless=True))


def _members(status: str, headers: dict[str, str], raw: bytes) -> Json:
    """What an answer says, held against the promises of ``docs/protocol.md``, Every answer."""
    if not "200" <= status[:3] < "500":
        raise Broken(f"status {status}: {raw[:300]!r}")
    if headers.get("Content-Type") != "application/json":
        if raw and raw[:1] not in b"{[" and status[:3] in ("200", "304"):  # a page or a file
            return {"errorcode": 0, "code": "page"}
        raise Broken(f"{headers.get('Content-Type')}: {raw[:100]!r}")
    if not raw.endswith(b"\n") or raw.count(b"\n") != 1:
        raise Broken(f"not one line: {raw[:300]!r}")
    members = json.loads(raw)
    _shape(members, raw)
    if members["errorcode"] != 0 and members["request_id"] != headers["X-Request-Id"]:
        raise Broken("another request's id")
    return members


def _shape(members: Any, raw: bytes) -> None:
    right = type(members) is dict and type(members.get("errorcode")) is int and type(members.get("attr_claims")) is dict
    if right and members["errorcode"] == 0:
        right = members["error"] == "success" and "code" not in members
    elif right:
        error, code, request_id = (members.get(name) for name in ("error", "code", "request_id"))
        right = isinstance(error, str) and error != "success" and isinstance(code, str) and isinstance(request_id, str)
        right = right and _CODE.fullmatch(code) is not None and not {"answers", "valid_signatures"} & members.keys()
    if not right:
        raise Broken(f"not of the wire's shape: {raw[:300]!r}")


def _refused(members: Json, batch: bool) -> None:
    if batch and members["errorcode"] == 0:
        for element in members["answers"]:
            _shape(element, b"an element of a batch")
            _refused(element, batch=False)
    elif members["errorcode"] == 0:
        raise Broken(f"a success: {members}")


def _waited() -> float:
    """Seconds for which this thread would have worked and had no core (schedstat(5)): other processes' doing."""
    return int(_SCHEDULED.read_bytes().split()[1]) / 1e9


def resident() -> int:
    """Bytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


@contextmanager
def opened() -> Iterator[World]:
    """A world, and what it logs thrown away."""
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="keychain-fuzz-") as folder,
        Path(os.devnull).open("w") as nowhere,
        redirect_stderr(nowhere),
        logged("INFO"),
    ):
        world = World(Path(folder))
        try:
            yield world
        finally:
            world.close()
