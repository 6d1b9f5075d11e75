"""The ``keychain`` command: serve, and everything an operator does beside it.

Every command reads the same settings as the server. A mistake ends in one line on standard error that says what to do,
and exit code 1; a command line that is wrong in itself in 2.
"""

from collections.abc import Callable
from typing import Any

import click

from keychain import errors
from keychain.cli import (
    audit,
    backup,
    claims_key,
    doctor,
    master_keys,
    payload,
    pins,
    serve,
    settings,
    shim,
    sites,
    upkeep,
)
from keychain.settings import SettingsError
from keychain.store.files import UnusableStore


class _Group(click.Group):
    """Turns what went wrong into words for the person at the terminal."""

    def invoke(self, context: click.Context) -> Any:  # noqa: ANN401 - whatever the command returns
        """Run a command."""
        try:
            return super().invoke(context)
        except SettingsError as error:
            raise click.ClickException("the settings are wrong:\n  " + "\n  ".join(error.mistakes)) from error
        except errors.Unavailable as error:
            raise click.ClickException(
                f"the database does not answer ({type(error.__cause__).__name__}); `keychain doctor` looks closer"
            ) from error
        except (UnusableStore, upkeep.NotMigrated) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'a file'}: {error.strerror}") from error
        except UnicodeError as error:
            raise click.ClickException("an argument is not text in UTF-8") from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="oneid-keychain")
def main() -> None:
    """Answer websites whether a user really signed a nonce.

    Settings are KEYCHAIN_* environment variables; `keychain settings` lists them with what they are set to.
    """


_COMMANDS: list[Callable[..., Any]] = [
    serve.serve,
    sites.register,
    sites.sites,
    pins.pins,
    upkeep.prune,
    upkeep.migrate,
    settings.settings,
    doctor.doctor,
    payload.payload,
    shim.shim,
    claims_key.claims_key,
    master_keys.master_keys,
    backup.backup,
    backup.restore,
    audit.audit,
]
for _command in _COMMANDS:
    main.add_command(_command)  # type: ignore[arg-type]
