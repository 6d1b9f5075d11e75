"""``python -m benchmarks``: everything in one run, the table on standard output, progress on standard error.

It ends with 1 when a figure that is wanted was missed.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from benchmarks import (
    arrivals,
    databases,
    document,
    growth,
    hotpath,
    identities,
    limit,
    machine,
    measure,
    processes,
    server,
    signin,
    waiting,
    wanted,
    workers,
)
from benchmarks.report import Report

SECTIONS = ("cost", "latency", "workers", "growth", "signin", "phones", "waiting")


def _chosen(_context: click.Context, _parameter: click.Parameter, text: str | None) -> tuple[str, ...]:
    sections = tuple(SECTIONS if text is None else text.split(","))
    if unknown := [name for name in sections if name not in SECTIONS]:
        raise click.BadParameter(f"{', '.join(unknown)}: there are {', '.join(SECTIONS)}")
    return sections


@click.command()
@click.option("--only", "sections", callback=_chosen, help=f"Some of {','.join(SECTIONS)}; default: all.")
@click.option(
    "--uids", type=click.IntRange(min=measure.ROUNDS), default=10_000, show_default=True, help="People on record."
)
@click.option(
    "--requests", type=click.IntRange(min=measure.ROUNDS), help="Validations of a mode; default: each uid once."
)
@click.option("--database", type=click.Choice([*databases.KINDS, "both"]), default="both", show_default=True)
@click.option("--rows", type=click.IntRange(min=1000), default=growth.GREAT, show_default=True, help="Of many.")
@click.option("--clicks", type=click.IntRange(min=1), default=signin.CLICKS, show_default=True, help="Of a browser.")
@click.option("--phones", type=click.IntRange(min=1), default=waiting.PHONES, show_default=True, help="That poll.")
@click.option("--waits", type=click.IntRange(min=1), default=waiting.WAITING, show_default=True, help="For a person.")
@click.option("--profile", type=click.Path(path_type=Path), help="Only profile the hot path, into this file.")
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the figures here too.")
@click.option("--write", is_flag=True, help="Write docs/performance.* from a run of everything.")
def main(  # an argument an option
    *,
    sections: tuple[str, ...],
    uids: int,
    requests: int | None,
    database: str,
    rows: int,
    clicks: int,
    phones: int,
    waits: int,
    profile: Path | None,
    as_json: Path | None,
    write: bool,
) -> None:
    """Measure what a validation costs the server, against the raw limit of its two signatures."""
    processes.end_in_order()
    if profile is not None:
        click.echo(hotpath.profile(profile))
        return
    if write and (set(sections) != set(SECTIONS) or database != "both"):
        raise click.UsageError("--write needs all sections, on both databases")
    kinds = databases.KINDS if database == "both" else (database,)
    report = Report(uids, machine.described(), machine.versions())
    run = _Run(report, kinds, requests or uids, (rows, clicks, phones, waits))
    for name in sections:
        run.sections[name]()
    run.say("done")
    click.echo(report.text())
    if as_json is not None:
        as_json.write_text(json.dumps(report.members(), indent=2) + "\n", encoding="utf-8")
    if write:
        from benchmarks import plot  # what draws is needed, and installed, for this alone

        plot.draw(document.write("bench", report.markdown(), report.members()), document.PLOT)
    if missed := wanted.failing(report.wanted()):
        click.echo(f"{len(missed)} missed", err=True)
        sys.exit(1)


class _Run:
    """The sections of one run, by name; those that load the server with validations ask for the same people."""

    def __init__(
        self, report: Report, kinds: tuple[str, ...], requests: int, counts: tuple[int, int, int, int]
    ) -> None:
        self._report = report
        self._kinds = kinds
        self._requests = requests
        self._rows, self._clicks, self._phones, self._waits = counts
        self._began = time.monotonic()
        self.say(f"{report.uids} people, two keys each")
        self._people = identities.make(report.uids)
        self.sections: dict[str, Callable[[], None]] = {
            "cost": self._cost,
            "latency": self._latency,
            "workers": self._workers,
            "growth": self._growth,
            "signin": self._signin,
            "phones": self._polling,
            "waiting": self._waiting,
        }

    def say(self, what: str) -> None:
        """Progress, on standard error."""
        click.echo(f"{time.monotonic() - self._began:4.0f} s  {what}", err=True)

    def _cost(self) -> None:
        raw = limit.Limit()
        for _ in range(measure.ROUNDS):
            raw.sample()
        self.say("openssl speed")
        self._report.openssl = limit.openssl_speed()
        self.say("an empty view")
        self._report.empty_view = measure.instead(server.EMPTY, self._people)
        self.say("the bare work")
        self._report.bare = measure.instead(server.BARE, self._people)
        for kind in self._kinds:
            self.say(f"{self._requests} validations of each mode, in {measure.ROUNDS} rounds, on {kind}")
            self._report.services.append(measure.service(kind, self._people, raw, self._requests))
        self._report.limit = raw.seconds

    def _latency(self) -> None:
        for kind in self._kinds:
            self.say(f"half load on {kind}")
            self._report.half_loads.append(arrivals.half_load(kind, self._people))

    def _workers(self) -> None:
        for kind in self._kinds:
            self.say(f"one worker and two, in {workers.ROUNDS} rounds, on {kind}")
            self._report.scalings.append(workers.scaling(kind, self._people))

    def _growth(self) -> None:
        for kind in self._kinds:
            self.say(f"few and many rows on {kind}")
            grown, pruned = growth.measured(kind, self._people, self.say, self._rows)
            self._report.growths.append(grown)
            self._report.prunings.append(pruned)

    def _signin(self) -> None:
        self.say(f"{self._clicks} returning sign-ins in a browser")
        self._report.signins = signin.measure(self._clicks)

    def _polling(self) -> None:
        self.say(f"{self._phones} open phones")
        self._report.polling = [waiting.polling(kind, self._phones) for kind in self._kinds]

    def _waiting(self) -> None:
        self.say(f"{self._waits} requests that wait for a person")
        self._report.rooms = [waiting.room(kind, self._waits) for kind in self._kinds]


if __name__ == "__main__":
    main()
