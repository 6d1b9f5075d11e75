"""``doctor``: looks at everything that the service stands on, and says what to do about what is wrong."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import click

from keychain import errors
from keychain.app import mistakes, utc_now
from keychain.cli import tryout
from keychain.repo import masterkeys
from keychain.settings import Settings, SettingsError, credentials, is_reached_by_others, read, secret_files
from keychain.store import files, schema
from keychain.store.engine import Store, open_store

CLOCK_DIFFERENCE = timedelta(seconds=2)
SQLITE = (3, 35, 0)  # the first with RETURNING
FREE_BYTES = 100 * 1024 * 1024

State = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``advice`` says what to do where it is not ``ok``."""

    subject: str
    state: State
    found: str
    advice: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Check settings, database, clock and file modes. Exit code 1 if something is wrong."""
    findings = list(examine())
    if as_json:
        click.echo(json.dumps([vars(finding) for finding in findings]))
    else:
        colours: dict[State, str] = {"ok": "green", "warning": "yellow", "wrong": "red"}
        for finding in findings:
            click.echo(
                f"{click.style(f'{finding.state:<8}', fg=colours[finding.state])} {finding.subject}: {finding.found}"
            )
            if finding.advice:
                click.echo(f"         {finding.advice}")
    context.exit(any(finding.state == "wrong" for finding in findings))


def examine() -> Iterator[Finding]:
    """Every finding, each independent of the others as far as that is possible."""
    settings = None
    try:
        settings = read()
        found = mistakes(settings)
    except SettingsError as error:
        found = error.mistakes
    for mistake in found:
        yield Finding("settings", "wrong", mistake, "correct it in the environment; `keychain settings` lists all")
    if settings is None:
        return
    if not found:
        yield Finding("settings", "ok", "no mistakes")
    yield from _database(settings)
    yield from _modes(settings)
    yield from _master_keys(settings)
    yield from _limits(settings)
    yield from _mail(settings)


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.sqlite_path and settings.data_dir.exists() and not settings.data_dir.is_dir():
        advice = "set KEYCHAIN_DATA_DIR to a directory"
        yield Finding("database", "wrong", f"{settings.data_dir} is not a directory", advice)
        return
    if settings.sqlite_path and not settings.sqlite_path.exists():
        yield Finding("database", "ok", f"none yet; `keychain serve` will make {settings.sqlite_path}")
        return
    try:
        store = open_store(settings)
    except files.UnusableStore as error:
        yield Finding("database", "wrong", str(error), "set KEYCHAIN_DATA_DIR or KEYCHAIN_DATABASE_URL anew")
        return
    try:
        look: list[Callable[[Store], Finding]] = [_tables, _clock]
        if not store.is_sqlite:
            look.append(_durable)
        for check in look:
            yield check(store)
    except errors.Unavailable as error:
        yield Finding(
            "database",
            "wrong",
            f"does not answer ({type(error.__cause__).__name__})",
            "is it running, reachable, and are KEYCHAIN_DATABASE_URL's user and password right?",
        )
    finally:
        store.close()
    if settings.sqlite_path:
        yield _sqlite()
        yield _space(settings.data_dir)


def _tables(store: Store) -> Finding:
    at, wanted = schema.current(store), schema.head()
    if at == wanted:
        return Finding("tables", "ok", f"at {at}")
    if schema.is_newer(at):
        return Finding("tables", "wrong", f"at {at}, which this version does not know", "install the later one")
    return Finding("tables", "wrong", f"at {at or 'nothing'}, not at {wanted}", "run `keychain migrate`")


def _clock(store: Store) -> Finding:
    with store.session() as session:
        difference = utc_now() - session.now()
    # SQLite tells the time to the second.
    if abs(difference) <= CLOCK_DIFFERENCE:
        return Finding("clock", "ok", "agrees with the database's")
    return Finding(
        "clock",
        "wrong",
        f"differs from the database's by {difference.total_seconds():.0f} s",
        "set both machines' clocks by NTP: fresh nonces are refused, or stale ones taken, by a wrong clock",
    )


def _durable(store: Store) -> Finding:
    """What our sessions say for themselves (``synchronous_commit``) is worth nothing where the server has these off."""
    with store.session() as session:
        off = [name for name in ("fsync", "full_page_writes") if session.setting(name) != "on"]
    if not off:
        return Finding("durability", "ok", "fsync and full_page_writes are on")
    advice = "turn it on in postgresql.conf: a power cut brings spent nonces back, or damages the tables"
    return Finding("durability", "wrong", f"{' and '.join(off)} off in the database server", advice)


def _sqlite() -> Finding:
    if sqlite3.sqlite_version_info >= SQLITE:
        return Finding("SQLite", "ok", sqlite3.sqlite_version)
    return Finding(
        "SQLite", "wrong", sqlite3.sqlite_version, "3.35 or later is needed; use a newer Python, or PostgreSQL"
    )


def _space(directory: Path) -> Finding:
    free = shutil.disk_usage(directory).free
    if free >= FREE_BYTES:
        return Finding("disk", "ok", f"{free // 1024**2} MiB free")
    return Finding("disk", "warning", f"{free // 1024**2} MiB free", "make room: a full disk refuses every sign-in")


def _modes(settings: Settings) -> Iterator[Finding]:
    """Secrets, and what is as good as one: whoever writes the database says who may sign in."""
    database = settings.sqlite_path
    candidates = [
        database and settings.data_dir,
        database,
        settings.data_dir / tryout.FILE,
        settings.data_dir / masterkeys.FILE,
        settings.tls_key,
        *secret_files(),
    ]
    for path in candidates:
        if path is None or not path.exists() or (path == settings.data_dir and not path.is_dir()):
            continue
        if files.is_private(path):
            yield Finding("mode", "ok", f"{path} is its owner's alone")
        elif (directory := credentials()) and files.is_credential(path, directory):
            yield Finding("mode", "ok", f"{path} is this service's alone, by systemd")
        else:
            mode = "700" if path.is_dir() else "600"
            yield Finding("mode", "wrong", f"{path} can be read or written by others", f"chmod {mode} {path}")


def _master_keys(settings: Settings) -> Iterator[Finding]:
    """Only looked at: nothing is made, and no mark is left."""
    path = settings.data_dir / masterkeys.FILE
    if not settings.serves_repo:
        if path.exists():
            advice = "move it to where the repo is served: who has both halves' secrets can sign in as anybody"
            yield Finding("master keys", "warning", f"{path} is the repo's, which is not served here", advice)
        return
    try:
        keys = masterkeys.MasterKeys(settings.master_keys) if settings.master_keys else masterkeys.load(path)
    except files.UnusableStore as error:
        yield Finding("master keys", "wrong", str(error), "without it nobody who has signed up can sign in")
        return
    if keys is None:
        yield Finding("master keys", "ok", f"none yet; `keychain serve` will make {path}")
    elif wrong := _other_keys(settings, keys):
        yield Finding(
            "master keys", "wrong", wrong, "`keychain serve` refuses to start: put back the list it had before"
        )
    else:
        yield Finding("master keys", "ok", f"version {', '.join(map(str, sorted(keys.versions)))}")


def _other_keys(settings: Settings, keys: masterkeys.MasterKeys) -> str:
    """How they differ from what the database was used with, as far as it can say."""
    if settings.sqlite_path and not settings.sqlite_path.exists():
        return ""
    try:
        store = open_store(settings)
    except files.UnusableStore:  # said already
        return ""
    try:
        if schema.current(store) == schema.head():
            with store.session() as session:
                masterkeys.look(session, keys)
    except files.UnusableStore as error:
        return str(error)
    except errors.Unavailable:  # said already
        return ""
    finally:
        store.close()
    return ""


def _limits(settings: Settings) -> Iterator[Finding]:
    if settings.workers > 1 and settings.limits_storage == "memory://":
        yield Finding(
            "rate limits",
            "warning",
            f"each of the {settings.workers} workers counts for itself",
            "divide the rates by the workers, or set KEYCHAIN_LIMITS_STORAGE to a shared store",
        )


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.serves_repo and not settings.smtp_host and is_reached_by_others(settings):
        advice = "set KEYCHAIN_SMTP_HOST and KEYCHAIN_MAIL_FROM, if people are to prove e-mail addresses"
        yield Finding("mail", "warning", "no mail server is set, so no address can be proved", advice)
