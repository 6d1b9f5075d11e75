"""One frozen ``Settings``, and the only reader of the environment.

Every setting is a ``KEYCHAIN_*`` variable; a secret one may be given as a file instead (``KEYCHAIN_X_FILE``), which
keeps it out of process listings. ``read`` reports all mistakes together, and an unknown ``KEYCHAIN_*`` name is one of
them: a misspelt setting must not silently be the default. No setting turns a check off.
"""

import os
from collections.abc import Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from keychain.settings.contradictions import contradictions, is_loopback, is_reached_by_others
from keychain.settings.forms import Network
from keychain.settings.table import PREFIX, Settings, variable

__all__ = [
    "PREFIX",
    "Network",
    "Settings",
    "SettingsError",
    "credentials",
    "forget_environment",
    "is_loopback",
    "is_reached_by_others",
    "of_a_child",
    "read",
    "secret_files",
    "variable",
]


class SettingsError(Exception):
    """All that is wrong with the settings, one line each; values of secrets are never among them."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def forget_environment() -> None:
    """Take out of the environment what must not reach a request.

    The WSGI server copies the process's environment into every request's, where ``HTTP_*`` and ``CONTENT_*`` would
    pass for what the caller sent, and where a secret does not belong.
    """
    for name in list(os.environ):
        if name.startswith((PREFIX, "HTTP_", "CONTENT_")):
            del os.environ[name]


def read(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Build ``Settings`` from ``KEYCHAIN_*``; ``overrides`` are values from a command line, by field name;
    they are held to the same limits.

    Raises:
        SettingsError: with every mistake at once.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    mistakes = []
    known = set()
    for setting in fields(Settings):
        name = variable(setting)
        known |= {name, f"{name}_FILE"} if setting.metadata["secret"] else {name}
        try:
            raw = _raw(environ, setting) if overrides.get(setting.name) is None else str(overrides[setting.name])
            if raw is not None:
                values[setting.name] = setting.metadata["parse"](raw)
        except (ValueError, OSError) as error:
            reason = error if isinstance(error, ValueError) else f"names a file that can not be read ({error.strerror})"
            mistakes.append(f"{name} {reason}")
    mistakes += [
        f"{name} is no setting; `keychain settings` lists them"
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in known
    ]
    settings = Settings(**values)
    mistakes += contradictions(settings)
    if mistakes:
        raise SettingsError(mistakes)
    return settings


def secret_files(environ: Mapping[str, str] | None = None) -> list[Path]:
    """The files that hold secrets by ``KEYCHAIN_*_FILE``."""
    environ = os.environ if environ is None else environ
    named = (environ.get(f"{variable(setting)}_FILE") for setting in fields(Settings) if setting.metadata["secret"])
    return [Path(name) for name in named if name]


def credentials(environ: Mapping[str, str] | None = None) -> Path | None:
    """The directory of secrets that systemd made for this process alone (``LoadCredential=``), if it did."""
    named = (os.environ if environ is None else environ).get("CREDENTIALS_DIRECTORY")
    return Path(named) if named else None


def of_a_child(more: Mapping[str, str]) -> dict[str, str]:
    """The environment for another program, with what it has to know besides: a secret stands on no command line."""
    return os.environ | more


def _raw(environ: Mapping[str, str], setting: "Field[Any]") -> str | None:
    name = variable(setting)
    if not setting.metadata["secret"] or f"{name}_FILE" not in environ:
        return environ.get(name)
    if name in environ:
        raise ValueError(f"and {name}_FILE are both given; which one is meant?")
    try:
        kept = Path(environ[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:  # its own words quote the file
        raise ValueError("names a file that is not text in UTF-8") from None
    if not kept:
        raise ValueError("names a file that is empty")
    return kept
