"""``shim``: the script element that a site puts into its pages."""

import click

from keychain.settings import read
from keychain.web import bundle


@click.command()
@click.option("--pinned", is_flag=True, help="Name this very build and its hash; it ends with the next upgrade.")
def shim(pinned: bool) -> None:
    """Print the script element for a site's pages."""
    origin = read().public_origin
    if not pinned:
        click.echo(f'<script src="{origin}/js/oneid.js"></script>')
        return
    served = bundle.read()
    integrity = served.files[bundle.SHIM].integrity
    address = f"{origin}{served.address(bundle.SHIM)}"
    click.echo(f'<script src="{address}" integrity="{integrity}" crossorigin="anonymous"></script>')
