"""``settings``: what can be set, and what it is set to."""

import json
from dataclasses import fields
from typing import Any

import click

from keychain.settings import Settings, read, variable


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def settings(as_json: bool) -> None:
    """Print every setting: name, value, default and meaning. Of a secret only that it is set."""
    rows = listing(read())
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.secho(f"{row['name']}={row['value']}", bold=True)
        click.echo(f"    {row['help']}" + (f" Default: {row['default']}." if row["default"] else ""))


def listing(current: Settings) -> list[dict[str, str]]:
    """Each setting as texts: ``name``, ``value``, ``default`` and ``help``."""
    rows = []
    for setting in fields(Settings):
        value = getattr(current, setting.name)
        secret = setting.metadata["secret"]
        rows.append(
            {
                "name": variable(setting) + ("[_FILE]" if secret else ""),
                "value": "set" if secret and value != setting.default else _text(value),
                "default": _text(setting.default),
                "help": setting.metadata["help"],
            }
        )
    return rows


def _text(value: Any) -> str:  # noqa: ANN401 - any setting's
    if value is None:
        return ""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
