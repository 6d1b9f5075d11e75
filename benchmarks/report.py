"""What was measured, as plain tables for people, as Markdown for the documentation, and as JSON for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from benchmarks import document
from benchmarks.arrivals import HalfLoad
from benchmarks.growth import Growth, Pruning
from benchmarks.measure import Row, Service
from benchmarks.signin import SignIns
from benchmarks.waiting import Polling, Room
from benchmarks.wanted import SLACK, Wanted
from benchmarks.workers import Scaling

WANTED_MEMORY = 90.0  # MB
WANTED_START = 1.5  # seconds

_HEADINGS = (
    "database",
    "mode",
    "validations",
    "µs CPU each",
    "spread",
    "limit/service",
    "per second",
    "database µs",
)


class _Told(Protocol):
    def text(self) -> str: ...


class _Bounded(Protocol):
    def wanted(self) -> list[Wanted]: ...


@dataclass
class Report:
    """A run. ``limit``, ``empty_view`` and ``bare`` are CPU seconds; ``openssl`` is what ``openssl speed`` said."""

    uids: int
    machine: str
    versions: dict[str, str]
    limit: float = 0.0
    openssl: str = ""
    empty_view: float = 0.0
    bare: float = 0.0
    services: list[Service] = field(default_factory=list)
    half_loads: list[HalfLoad] = field(default_factory=list)
    scalings: list[Scaling] = field(default_factory=list)
    growths: list[Growth] = field(default_factory=list)
    prunings: list[Pruning] = field(default_factory=list)
    signins: SignIns | None = None
    polling: list[Polling] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)

    def wanted(self) -> list[Wanted]:
        """Every figure that has a bound."""
        rows = [row for service in self.services for row in service.rows if row.wanted is not None]
        parts: list[Iterable[Wanted]] = [
            (
                Wanted(
                    f"limit/service, {row.mode}, {row.database}", self.limit / row.cpu, row.wanted or 0, at_most=False
                )
                for row in rows
            ),
            *(_of_processes(service) for service in self.services),
        ]
        measured: tuple[_Bounded, ...] = (
            *self.half_loads,
            *self.scalings,
            *self.growths,
            *self.prunings,
            *self.polling,
        )
        parts += [one.wanted() for one in measured]
        if self.signins is not None:
            parts.append(self.signins.wanted())
        return [one for part in parts for one in part]

    def text(self) -> str:
        """The tables, for a terminal."""
        lines = [self.machine, ", ".join(f"{name} {number}" for name, number in self.versions.items())]
        if self.services:
            lines += ["", *self._limits(), "", *aligned(self._rows(), 2), "", self._explained(), ""]
        lines += [text for text in self._texts() if text]
        wanted = [one.cells() for one in self.wanted()]
        if wanted:
            lines += ["", *aligned([("figure", "found", "wanted", ""), *wanted], 1)]
        return "\n".join(lines)

    def markdown(self) -> str:
        """The same as a part of a page."""
        named = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        wanted = [("figure", "found", "wanted", ""), *(one.cells() for one in self.wanted())]
        return "\n\n".join(
            [
                f"Measured on {self.machine}, with {named}.",
                *(f"{line.strip()[0].upper()}{line.strip()[1:]}." for line in self._limits()),
                document.table(self._rows(), 2),
                self._explained(),
                document.table(wanted),
                *("\n".join(f"- {line}" for text in self._texts() for line in text.splitlines()).split("\n\n")),
            ]
        )

    def members(self) -> dict[str, Any]:
        """The same as JSON; times in seconds, memory in bytes."""
        members = asdict(self)
        for service in members["services"]:
            for row in service["rows"]:
                row["ratio"] = self.limit / row["cpu"]
        members["wanted"] = [asdict(one) | {"met": one.met} for one in self.wanted()]
        return members

    def _limits(self) -> list[str]:
        ratio = self.limit / self.bare
        return [
            f"raw limit: {_us(self.limit)} µs CPU for two P-256 verifications with loaded keys",
            f"  for information, openssl speed: {self.openssl}",
            f"an empty Flask view under the same server: {_us(self.empty_view)} µs CPU a request",
            f"the bare work (two checks, a read, a durable write) there: {_us(self.bare)} µs, a ratio of {ratio:.2f}",
        ]

    def _explained(self) -> str:
        return (
            f"{self.uids:,} uids on record, two signatures each, default settings. CPU: user and system time of the\n"
            "server's process tree; for PostgreSQL its own server's time stands apart. Medians of the rounds."
        )

    def _rows(self) -> list[tuple[str, ...]]:
        return [_HEADINGS, *(self._cells(row) for service in self.services for row in service.rows)]

    def _cells(self, row: Row) -> tuple[str, ...]:
        return (
            row.database,
            row.mode,
            str(row.validations),
            _us(row.cpu),
            _us(row.spread),
            f"{self.limit / row.cpu:.2f}",
            f"{row.per_second:.0f}",
            _us(row.database_cpu) if row.database_cpu else "",
        )

    def _texts(self) -> list[str]:
        measured: tuple[_Told, ...] = (
            *self.half_loads,
            *self.scalings,
            *self.growths,
            *self.prunings,
            *self.polling,
            *self.rooms,
        )
        signins = [] if self.signins is None else [self.signins.text()]
        return [*map(_process, self.services), *(one.text() for one in measured), *signins]


def aligned(rows: Sequence[Sequence[str]], words: int) -> list[str]:
    """Lines in columns; the first ``words`` columns stand to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        [
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in rows
    ]
    return ["  ".join(cells).rstrip() for cells in lines]


def _of_processes(service: Service) -> list[Wanted]:
    _, *workers = service.memory
    return [
        Wanted(f"peak memory of a worker, {service.database}", max(workers) / 1e6, WANTED_MEMORY, "MB"),
        Wanted(
            f"start to first answer, {service.database}",
            service.seconds_to_first_answer,
            WANTED_START,
            "s",
            slack=SLACK,
        ),
    ]


def _process(service: Service) -> str:
    supervisor, *workers = (f"{peak / 1e6:.0f}" for peak in service.memory)
    return (
        f"{service.database}: peak memory of a worker {', '.join(workers)} MB (supervisor {supervisor} MB);"
        f" first answer {service.seconds_to_first_answer:.2f} s after the start"
    )


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:.0f}"
