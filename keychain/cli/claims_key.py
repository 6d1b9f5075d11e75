"""``claims-key``: the public halves of the repo's claims keys, for a Keychain that another party runs."""

import click

from keychain.app import master_keys
from keychain.cli.upkeep import opened
from keychain.jose import base64url
from keychain.settings import read


@click.command("claims-key")
def claims_key() -> None:
    """Print what another party's Keychain needs as KEYCHAIN_CLAIMS_PUBLIC_KEY: a key of each master key, newest first.

    Where one process serves both halves, nothing has to be set.
    """
    settings = read()
    if not settings.serves_repo:
        raise click.ClickException("the claims key is the repo's, which is not served here; ask its operator")
    with opened(settings) as store:
        keys = master_keys(settings, store)
    click.echo(",".join(base64url.encode(key.raw) for key in keys.public_claims_keys))
