"""``python -m benchmarks``: everything in one run, the table on standard output, progress on standard error."""

import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import click

from benchmarks import databases, hotpath, identities, limit, measure, signin, waiting
from benchmarks.report import Report

_COUNT = click.IntRange(min=measure.ROUNDS)


@click.command()
@click.option(
    "--uids", type=click.IntRange(min=measure.ROUNDS), default=10_000, show_default=True, help="People on record."
)
@click.option(
    "--requests", type=click.IntRange(min=measure.ROUNDS), help="Validations of a mode; default: each uid once."
)
@click.option("--database", type=click.Choice([*databases.KINDS, "both"]), default="both", show_default=True)
@click.option(
    "--clicks", type=click.IntRange(min=0), default=signin.CLICKS, show_default=True, help="Sign-ins in a browser."
)
@click.option(
    "--phones", type=click.IntRange(min=1), default=waiting.PHONES, show_default=True, help="Open phones that poll."
)
@click.option(
    "--waits", type=click.IntRange(min=1), default=waiting.WAITING, show_default=True, help="Requests that wait."
)
@click.option("--profile", type=click.Path(path_type=Path), help="Only profile the hot path, into this file.")
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the figures here too.")
def main(  # an argument an option
    *,
    uids: int,
    requests: int | None,
    database: str,
    clicks: int,
    phones: int,
    waits: int,
    profile: Path | None,
    as_json: Path | None,
) -> None:
    """Measure what a validation costs the server, against the raw limit of its two signatures."""
    signal.signal(signal.SIGTERM, _stop)  # as an interrupt does: through every `finally`
    if profile is not None:
        click.echo(hotpath.profile(profile))
        return
    kinds = databases.KINDS if database == "both" else (database,)
    report = _measured(uids, requests or uids, kinds, clicks, (phones, waits))
    click.echo(report.text())
    if as_json is not None:
        as_json.write_text(json.dumps(report.members(), indent=2) + "\n", encoding="utf-8")


def _measured(uids: int, requests: int, kinds: tuple[str, ...], clicks: int, idle: tuple[int, int]) -> Report:
    began = time.monotonic()

    def say(what: str) -> None:
        click.echo(f"{time.monotonic() - began:4.0f} s  {what}", err=True)

    raw = limit.Limit()
    for _ in range(measure.ROUNDS):
        raw.sample()
    say("openssl speed")
    openssl = limit.openssl_speed()
    say(f"{uids} people, two keys each")
    people = identities.make(uids)
    say("an empty view")
    empty = measure.empty_view(people)
    services = []
    for kind in kinds:
        say(f"{requests} validations of each mode, in {measure.ROUNDS} rounds, on {kind}")
        services.append(measure.service(kind, people, raw, requests))
    signins = None
    if clicks:
        say(f"{clicks} returning sign-ins in a browser")
        signins = signin.measure(clicks)
    phones, waits = idle
    say(f"{phones} open phones")
    polling = [waiting.polling(kind, phones) for kind in kinds]
    say(f"{waits} requests that wait for a person")
    rooms = [waiting.room(kind, waits) for kind in kinds]
    say("done")
    return Report(uids, raw.seconds, openssl, empty, services, signins, polling, rooms)


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(143)


main()
