"""What was measured, as a plain table for people and as JSON for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.measure import Row, Service
from benchmarks.signin import SignIns
from benchmarks.waiting import Polling, Room

_HEADINGS = (
    "database",
    "mode",
    "validations",
    "µs CPU each",
    "spread",
    "limit/service",
    "wanted",
    "per second",
    "database µs",
)


@dataclass(frozen=True)
class Report:
    """A whole run. ``limit`` and ``empty_view`` are CPU seconds; ``openssl`` is what ``openssl speed`` said."""

    uids: int
    limit: float
    openssl: str
    empty_view: float
    services: Sequence[Service]
    signins: SignIns | None
    polling: Sequence[Polling]
    rooms: Sequence[Room]

    def text(self) -> str:
        """The tables."""
        rows = [_HEADINGS, *(self._cells(row) for service in self.services for row in service.rows)]
        return "\n".join(
            [
                f"raw limit: {_us(self.limit)} µs CPU for two P-256 verifications with loaded keys",
                f"  openssl speed, for information: {self.openssl}",
                f"an empty Flask view under the same server: {_us(self.empty_view)} µs CPU a request",
                "",
                *_table(rows),
                "",
                f"{self.uids} uids on record, two signatures each, default settings. CPU: user and system time of the",
                "server's process tree; for PostgreSQL its own server's time stands apart. Medians of the rounds.",
                "",
                *(_process(service) for service in self.services),
                *([] if self.signins is None else ["", self.signins.text()]),
                "",
                *(polled.text() for polled in self.polling),
                *(room.text() for room in self.rooms),
            ]
        )

    def members(self) -> dict[str, Any]:
        """The same as JSON; times in seconds, memory in bytes."""
        members = asdict(self)
        for service in members["services"]:
            for row in service["rows"]:
                row["ratio"] = self.limit / row["cpu"]
        return members

    def _cells(self, row: Row) -> tuple[str, ...]:
        ratio = self.limit / row.cpu
        wanted = "" if row.wanted is None else f"{row.wanted:.2f} {'met' if ratio >= row.wanted else 'missed'}"
        return (
            row.database,
            row.mode,
            str(row.validations),
            _us(row.cpu),
            _us(row.spread),
            f"{ratio:.2f}",
            wanted,
            f"{row.per_second:.0f}",
            _us(row.database_cpu) if row.database_cpu else "",
        )


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    aligned = [
        [cell.ljust(width) if place < 2 else cell.rjust(width) for place, (cell, width) in enumerate(zip(row, widths))]  # noqa: B905 - _table made them as long
        for row in rows
    ]
    return ["  ".join(cells).rstrip() for cells in aligned]


def _process(service: Service) -> str:
    supervisor, *workers = (f"{peak / 2**20:.0f}" for peak in service.memory)
    return (
        f"{service.database}: peak RSS of a worker {', '.join(workers)} MiB (supervisor {supervisor} MiB);"
        f" first answer {service.seconds_to_first_answer:.2f} s after the start"
    )


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:.0f}"
