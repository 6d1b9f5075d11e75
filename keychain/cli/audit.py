"""``audit``: read the audit log, seal it, and find out whether it was changed."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
import structlog

from keychain import errors
from keychain.audit import digests, events, seals, verifying
from keychain.audit.events import Event
from keychain.audit.seals import Seal
from keychain.cli.upkeep import opened
from keychain.jose.jwk import PublicKey
from keychain.store.engine import Store

FIRST_SEAL_SECONDS = 2
SEAL_EVERY_SECONDS = 60
PATIENCE_SECONDS = 30  # of the server, which has nothing else to do in that thread
PAUSE_SECONDS = 0.05  # a seal is some ten milliseconds of work, which requests need not wait for twice

_log = structlog.get_logger("keychain")


@click.group()
def audit() -> None:
    """Show, seal and verify what happened to sites, records, accounts and devices."""


@audit.command("list")
@click.option("--since", type=click.DateTime(), help="From this time on (UTC), such as 2026-11-21.")
@click.option("--kind", help="Events of this kind, such as key_mismatch.")
@click.option("--subject", help="Events about this API ID, uid, account or device.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
def list_events(since: datetime | None, kind: str | None, subject: str | None, as_json: bool) -> None:
    """Print events, oldest first."""
    with opened() as store, store.session() as session, _readable():
        for event in events.search(session, since and since.replace(tzinfo=UTC), kind, subject):
            click.echo(json.dumps(_members(event)) if as_json else _line(event))


@audit.command()
def seal() -> None:
    """Seal the events that are not sealed yet.

    The server does this by itself every minute; run it where no server is running.
    """
    with opened() as store, _readable():
        made = seals.seal(store, seals.PATIENCE_SECONDS)
        with store.session() as session:
            newest = seals.newest(session)
            waiting = not made and events.read(session, newest.last_id if newest else None, limit=1)
    click.echo(f"{sum(one.events for one in made)} events sealed")
    if waiting:
        click.echo(
            "others wait: a transaction that is still open could write an event that comes before them", err=True
        )
    if newest:
        click.echo(f"newest seal  {_named(newest)}")


@audit.command()
@click.option(
    "--expect", multiple=True, metavar="NUMBER:DIGEST", help="A seal that was noted elsewhere; may be repeated."
)
@click.pass_context
def verify(context: click.Context, expect: tuple[str, ...]) -> None:
    """Compute all seals anew, and say what was changed and where. Exit code 1 if anything was.

    What is not sealed yet is not proved by anything. Nor is the whole, against who can write all of the database: keep
    what this prints as the newest seal elsewhere, and pass it to --expect next time.
    """
    expected = dict(map(_parsed, expect))
    with opened() as store:
        verdict = verifying.verify(store, expected)
    for finding in verdict.findings:
        click.echo(finding)
    if verdict.newest:
        click.echo(f"newest seal  {_named(verdict.newest)}  of {verdict.newest.sealed_at:%Y-%m-%d %H:%M:%S} UTC")
    if verdict.unsealed_since:
        click.echo(f"{verdict.unsealed} events since {verdict.unsealed_since:%Y-%m-%d %H:%M:%S} UTC are not sealed yet")
    click.echo("the audit log was changed, or can not be trusted" if verdict.findings else "the audit log holds")
    context.exit(bool(verdict.findings))


def seal_forever(store: Store) -> None:
    """What the server does beside its requests. Each seal goes to the log, which is kept elsewhere."""
    time.sleep(FIRST_SEAL_SECONDS)  # what a server that is gone left, soon after the start and not during it
    while True:
        seal_once(store)
        time.sleep(SEAL_EVERY_SECONDS)


def seal_once(store: Store) -> None:
    """Seal, and say so in the log; or why not, where the database can not."""
    try:
        for fresh in seals.seal(store, PATIENCE_SECONDS, PAUSE_SECONDS):
            _log.info("audit_sealed", number=fresh.number, digest=fresh.digest.hex(), events=fresh.events)
    except (errors.Unavailable, ValueError, TypeError, OverflowError) as error:
        # A time that is none, in SQLite, is no end of it.
        _log.warning("not sealed", exc_info=error)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, OverflowError) as error:  # SQLite keeps anything in any column
        raise click.ClickException("an event can not be read; `keychain audit verify` says where") from error


def _named(seal: Seal) -> str:
    return f"{seal.number}:{seal.digest.hex()}"


def _parsed(text: str) -> tuple[int, bytes]:
    number, _, digest = text.partition(":")
    try:
        expected = int(number), bytes.fromhex(digest)
    except ValueError:
        expected = 0, b""
    if expected[0] < 1 or len(expected[1]) != digests.BYTES:
        raise click.BadParameter("NUMBER:DIGEST is what `keychain audit verify` prints as the newest seal")
    return expected


def _members(event: Event) -> dict[str, object]:
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "subject": event.subject,
        "detail": _detail(event),
        "thumbprint": _thumbprint(event),
    }


def _line(event: Event) -> str:
    said = [f"{name}={value}" for name, value in _detail(event).items()]
    return "  ".join(
        filter(
            None, [str(event.id), f"{event.at:%Y-%m-%d %H:%M:%S}", event.kind, event.subject, *said, _thumbprint(event)]
        )
    )


def _detail(event: Event) -> dict[str, object]:
    """What an event says more. Whoever wrote it at the SQL prompt may have written anything."""
    try:
        detail = json.loads(event.detail)
    except (ValueError, RecursionError):
        return {"unreadable": event.detail}
    return detail if isinstance(detail, dict) else {"unreadable": event.detail}


def _thumbprint(event: Event) -> str | None:
    return PublicKey(event.public_key).thumbprint if event.public_key else None
