"""``payload``: a co-signed payload of a throw-away identity, to try things with."""

import base64
import json
import secrets
import shlex
from datetime import datetime, timedelta
from typing import Any

import click

from keychain import nonce
from keychain.app import utc_now
from keychain.cli import tryout
from keychain.cli.upkeep import opened
from keychain.jose import base64url, jws
from keychain.jose.jwk import PrivateKey
from keychain.settings import read
from keychain.validation import roles
from keychain.validation.validate import words_digest


@click.command()
@click.option("--roles", "wanted", default="ad,repo", show_default=True, help="Who signs.")
@click.option("--message", help="Words that the control device approves; adds the role cd.")
@click.option("--title", default="", help="Title of the words.")
@click.option("--curl", is_flag=True, help="Print a whole curl command, with try-out credentials.")
@click.option("--server", help="Where curl is to ask; by default the service that these settings make.")
def payload(wanted: str, message: str | None, title: str, curl: bool, server: str | None) -> None:
    """Mint a payload: a new uid, new keys, a nonce of this second.

    It validates once, where a first use puts a uid on record, until its nonce is no longer fresh.
    """
    if title and message is None:
        raise click.UsageError("a --title belongs to a --message")
    try:
        signing = roles.parse_list(wanted if message is None else f"{wanted},cd")
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    settings = read()
    minted = mint(utc_now(), signing, message=message, title=title)
    if not curl:
        click.echo(json.dumps(minted))
        return
    with opened(settings) as store, store.session() as session:
        credentials = tryout.credentials(session, settings, utc_now())
    click.echo(curl_command(server or tryout.address(settings), credentials.api_id, credentials.api_key, minted))


def mint(now: datetime, signing: tuple[str, ...], *, message: str | None = None, title: str = "") -> dict[str, Any]:
    """A payload that ``signing`` roles signed with keys that nobody keeps."""
    claims = {"nonce": nonce.make(now).text}
    approved = dict(claims)
    if message is not None:
        approved["words_sha256"] = words_digest(message, title)
    nonces = {}
    for role in signing:
        key = PrivateKey()
        nonces[role] = {
            "nonce": jws.sign(approved if role == "cd" else claims, key),
            "key": base64url.encode(key.public.raw),
        }
    words = {} if message is None else {"message": message, **({"title": title} if title else {})}
    return {"uid": base64.b64encode(secrets.token_bytes(16)).decode(), "nonces": nonces, **words}


def expiry(now: datetime, max_age: timedelta) -> str:
    """When a payload minted at ``now`` stops being fresh, for people."""
    return f"{now + max_age:%H:%M:%S} UTC"


def curl_command(address: str, api_id: str, api_key: str, minted: dict[str, Any]) -> str:
    """A line that a shell takes as it is."""
    return shlex.join(["curl", "-u", f"{api_id}:{api_key}", f"{address}/validate", "-d", json.dumps(minted)])
