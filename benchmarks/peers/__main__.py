"""``python -m benchmarks.peers``: build the peers, measure them and ours, say whose CPU a request needs more.

It ends with 1 unless ours needs less than either.
"""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks import document, machine, processes
from benchmarks.peers import comparing
from benchmarks.peers.comparing import Comparison, Cost
from benchmarks.report import aligned
from benchmarks.wanted import Wanted, failing

_HEADINGS = ("service", "signatures", "requests", "µs CPU each", "spread", "times ours", "peak memory, processes added")


@click.command()
@click.option("--users", type=click.IntRange(min=comparing.ROUNDS), default=comparing.USERS, show_default=True)
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the figures here too.")
@click.option("--write", is_flag=True, help="Write docs/performance.*.")
def main(*, users: int, as_json: Path | None, write: bool) -> None:
    """Measure what the same job costs in Flask with py_webauthn, and in Express with SimpleWebAuthn."""
    processes.end_in_order()
    began = time.monotonic()

    def say(what: str) -> None:
        click.echo(f"{time.monotonic() - began:4.0f} s  {what}", err=True)

    found = comparing.compare(users, say)
    wanted = [Wanted(f"CPU of ours, times that of {peer.name}", found.ours.cpu / peer.cpu, 1.0) for peer in found.peers]
    say("done")
    verdicts = [("figure", "found", "wanted", ""), *(one.cells() for one in wanted)]
    click.echo("\n".join([*aligned(_rows(found), 1), "", *aligned(verdicts, 1)]))
    members = asdict(found) | {"wanted": [asdict(one) | {"met": one.met} for one in wanted]}
    if as_json is not None:
        as_json.write_text(json.dumps(members, indent=2) + "\n", encoding="utf-8")
    if write:
        from benchmarks import plot  # what draws is needed, and installed, for this alone

        text = "\n\n".join([_measured_on(found), document.table(_rows(found)), document.table(verdicts)])
        plot.draw(document.write("peers", text, members), document.PLOT)
    sys.exit(bool(failing(wanted)))


def _rows(found: Comparison) -> list[tuple[str, ...]]:
    return [_HEADINGS, *(_cells(cost, found.ours) for cost in (found.ours, *found.peers))]


def _cells(cost: Cost, ours: Cost) -> tuple[str, ...]:
    return (
        cost.name,
        str(cost.signatures),
        str(cost.requests),
        f"{cost.cpu * 1e6:.0f}",
        f"{cost.spread * 1e6:.0f}",
        f"{cost.cpu / ours.cpu:.2f}",
        f"{cost.memory / 1e6:.0f} MB",
    )


def _measured_on(found: Comparison) -> str:
    made_of = [(f"{name} {number}") for peer in found.peers for name, number in peer.versions.items()]
    return (
        f"Measured on {machine.described()}, with {', '.join(made_of)};"
        f" two verifications cost {found.limit * 1e6:.0f} µs in the same run."
    )


if __name__ == "__main__":
    main()
