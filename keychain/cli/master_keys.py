"""``master-keys``: renew the repo's master key without downtime, in two steps (``docs/operations.md``, Master keys).

It never prints a key.
"""

import os
from pathlib import Path

import click

from keychain.app import master_keys as settled
from keychain.cli.upkeep import opened
from keychain.repo import masterkeys, rotation
from keychain.settings import Settings, read
from keychain.store import files
from keychain.store.engine import Store


@click.group("master-keys")
def master_keys() -> None:
    """The repo's master keys: list them, add one, and put it to use."""


def _of_the_repo() -> Settings:
    settings = read()
    if not settings.serves_repo:
        raise click.ClickException("master keys are the repo's, which is not served here; ask its operator")
    return settings


@master_keys.command("list")
def list_() -> None:
    """Show which versions there are, since when each is used, and how many identities need it. Never the keys."""
    settings = _of_the_repo()
    with opened(settings) as store:
        here = settled(settings, store)
        with store.session() as session:
            known = rotation.known(session)
    for each in known:
        used = f"used since {each.used_since:%Y-%m-%d %H:%M:%SZ}" if each.used_since else "not used yet"
        lines = [
            f"{each.version}  {used}",
            f"{each.identities} {'identity' if each.identities == 1 else 'identities'}",
            *(["in use"] if each.version == here.in_use else []),
            *([] if each.version in here.versions else ["not here"]),
        ]
        click.echo(", ".join(lines))


@master_keys.command()
@click.option(
    "--output", type=click.Path(path_type=Path), help="A new file for the key, to append where keys are kept."
)
def add(output: Path | None) -> None:
    """Make the next version, to be used once every node has it.

    It is appended to the file in the data directory. Where keys come from the settings, --output says where to put it.
    """
    settings = _of_the_repo()
    with opened(settings) as store:
        settled(settings, store)  # makes the file where there is none yet
        if output is not None:
            version = _next(settings, store)
            _write(output, rotation.fresh(version))
        elif settings.master_keys:
            raise click.UsageError(
                "the keys come from KEYCHAIN_MASTER_KEYS here, which only you can change; say --output FILE, and append"
                " what is in it to that list, after a comma"
            )
        else:
            with rotation.turn(settings.data_dir / masterkeys.FILE):
                version = _next(settings, store)
                rotation.append(settings.data_dir / masterkeys.FILE, version)
                settled(settings, store)  # leaves its mark
    where = output or settings.data_dir / masterkeys.FILE
    click.echo(f"master key {version} is in {where}; keep a backup, it can not be made again")
    if output is not None:
        click.echo(f"append `,` and it to the list of every node, and take {output} away then")
    click.echo(
        f"not used yet: tell every node (SIGHUP), and then run `keychain master-keys use {version}` and tell them again"
    )


def _next(settings: Settings, store: Store) -> int:
    here = settled(settings, store)
    with store.session() as session:
        return max(here.versions | {each.version for each in rotation.known(session)}) + 1


@master_keys.command()
@click.argument("version", type=click.IntRange(1))
@click.option("--yes", is_flag=True, help="Do not ask whether every node has it.")
def use(version: int, yes: bool) -> None:
    """Make what is new with VERSION from now on. It is not taken back."""
    settings = _of_the_repo()
    with opened(settings) as store:
        if version not in settled(settings, store).versions:
            raise click.ClickException(f"master key {version} is not here; `keychain master-keys list` shows what is")
        if not yes:
            click.confirm(
                f"Has every node got master key {version} and been told (SIGHUP), and has every Keychain that another"
                " party runs its claims key (`keychain claims-key`)?",
                abort=True,
            )
        with store.session() as session:
            new = rotation.use(session, version)
    click.echo(f"master key {version} is in use; tell every node (SIGHUP)" if new else "it was in use already")


def _write(output: Path, text: str) -> None:
    try:
        opened_file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{output} is there already; name a new file") from None
    with os.fdopen(opened_file, "w", encoding="ascii") as written:
        written.write(text + "\n")
        written.flush()
        os.fsync(written.fileno())
    files.keep_names(output.absolute().parent)
