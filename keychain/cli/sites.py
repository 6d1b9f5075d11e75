"""``register`` and ``sites``: who may ask."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from keychain.app import utc_now
from keychain.cli.upkeep import opened
from keychain.store.engine import Session
from keychain.validation import roles
from keychain.validation import sites as collection

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_api_id = click.argument("api_id")


@click.command()
@click.option("--name", default="", help="A name for listings.")
@_as_json
def register(name: str, as_json: bool) -> None:
    """Make an API ID and API key for a site. The key is shown this once."""
    with opened() as store, store.session() as session:
        try:
            fresh = collection.register(session, utc_now(), name)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"API_ID": fresh.api_id, "API_KEY": fresh.api_key}))
    else:
        click.echo(f"API ID   {fresh.api_id}\nAPI key  {fresh.api_key}")


@click.group()
def sites() -> None:
    """List, name, restrict and revoke the sites that may ask."""


@sites.command("list")
@_as_json
def list_sites(as_json: bool) -> None:
    """Print every site, oldest first."""
    with opened() as store, store.session() as session:
        found = collection.listing(session)
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        "api_id": site.api_id,
                        "name": site.name,
                        "origin": site.origin,
                        "required_roles": site.required_roles,
                        "may_pin": site.may_pin,
                        "created_at": site.created_at.isoformat(),
                        "revoked_at": site.revoked_at and site.revoked_at.isoformat(),
                    }
                    for site in found
                ]
            )
        )
        return
    for site in found:
        marks = [
            site.name,
            site.origin,
            f"requires {','.join(site.required_roles)}" if site.required_roles else "",
            "may pin" if site.may_pin else "",
            f"revoked {site.revoked_at:%Y-%m-%d}" if site.revoked_at else "",
        ]
        click.echo("  ".join([site.api_id, f"{site.created_at:%Y-%m-%d}", *filter(None, marks)]))
    if not found:
        click.echo("no sites yet; `keychain register` makes one")


@sites.command()
@_api_id
@click.argument("name")
def name(api_id: str, name: str) -> None:
    """Name a site."""
    with _changing(api_id) as session:
        collection.set_name(session, api_id, name)


@sites.command()
@_api_id
@click.argument("origin")
def origin(api_id: str, origin: str) -> None:
    """Set a site's web origin, such as https://shop.example; an empty one takes it away."""
    with _changing(api_id) as session:
        collection.set_origin(session, api_id, origin)


@sites.command()
@_api_id
@click.argument("wanted", metavar="ROLES")
def require(api_id: str, wanted: str) -> None:
    """Demand these roles in every payload, such as ad,repo,cd; an empty list takes the demand away."""
    with _changing(api_id) as session:
        collection.require(session, api_id, roles.parse_list(wanted))


@sites.command("allow-pin")
@_api_id
@click.option("--no", "forbid", is_flag=True, help="Take the permission away.")
def allow_pin(api_id: str, forbid: bool) -> None:
    """Let a repo's site put uids on record where first use is refused."""
    with _changing(api_id) as session:
        collection.allow_pin(session, api_id, not forbid)


@sites.command()
@_api_id
@click.option("--yes", is_flag=True, help="Do not ask.")
def revoke(api_id: str, yes: bool) -> None:
    """Refuse a site's credentials from now on, for good."""
    if not yes:
        click.confirm(f"Revoke {api_id} for good?", abort=True)
    with _changing(api_id) as session:
        collection.revoke(session, api_id, utc_now())


@contextmanager
def _changing(api_id: str) -> Iterator[Session]:
    """Open the database for one change of a site, and say what became of it."""
    with opened() as store, store.session() as session:
        try:
            yield session
        except collection.UnknownSite as error:
            raise click.ClickException(f"there is no site {api_id}; `keychain sites list` shows all") from error
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    click.echo("done")
