"""``pins``: the keys on record of a user, and an operator's way to take them off."""

import json

import click

from keychain.app import utc_now
from keychain.cli.upkeep import opened
from keychain.validation import mismatches, record


@click.group()
def pins() -> None:
    """Show and revoke the keys on record of a uid."""


@pins.command()
@click.argument("uid")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(uid: str, as_json: bool) -> None:
    """Print every key that is or was on record for UID, and the keys that were refused beside good ones."""
    with opened() as store, store.session() as session:
        keys, refused = record.history(session, uid), mismatches.of(session, uid)
    if as_json:
        listed = [
            {
                "role": role,
                "thumbprint": key.thumbprint,
                "created_at": since.isoformat(),
                "revoked_at": until and until.isoformat(),
            }
            for role, key, since, until in keys
        ]
        seen = [{"day": day, "role": role, "thumbprint": thumbprint} for day, role, thumbprint in refused]
        click.echo(json.dumps({"uid": uid, "keys": listed, "mismatches": seen}))
        return
    for role, key, since, until in keys:
        click.echo(f"{role:<5} {key.thumbprint}  {since:%Y-%m-%d}" + (f"  revoked {until:%Y-%m-%d}" if until else ""))
    for day, role, thumbprint in refused:
        click.echo(f"{role:<5} {thumbprint}  refused on {day}, beside good signatures")
    if not keys:
        click.echo("nothing is on record for this uid")


# One thumbprint in 64 begins with a hyphen. It is no option, and none of ours is short.
@pins.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("uid")
@click.argument("thumbprint", required=False)
@click.option("--all", "everything", is_flag=True, help="Revoke every key of UID; nobody can sign in as it again.")
def revoke(uid: str, thumbprint: str | None, everything: bool) -> None:
    """Take the key with THUMBPRINT off the record of UID, for good."""
    if (thumbprint is None) != everything:
        raise click.UsageError("name one THUMBPRINT, or --all")
    with opened() as store, store.session() as session:
        gone = record.revoke(session, uid, thumbprint, utc_now())
    if not gone:
        raise click.ClickException("there is no such key on record; `keychain pins show` lists them")
    click.echo(f"{gone} revoked")
