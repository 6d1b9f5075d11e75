"""One frozen ``Settings``, and the only reader of the environment.

Every setting is a ``KEYCHAIN_*`` variable; a secret one may be given as a file instead (``KEYCHAIN_X_FILE``), which
keeps it out of process listings. ``read`` reports all mistakes together, and an unknown ``KEYCHAIN_*`` name is one of
them: a misspelt setting must not silently be the default. No setting turns a check off.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Literal

PREFIX = "KEYCHAIN_"
MANY_DIGITS = 10  # more than any number here has; Python refuses to read thousands of them in words of its own

Network = IPv4Network | IPv6Network
UnknownUid = Literal["pin", "refuse"]


class SettingsError(Exception):
    """All that is wrong with the settings, one line each; values of secrets are never among them."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def _text(raw: str) -> str:
    return raw


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not (raw.isascii() and raw.isdigit() and len(raw) < MANY_DIGITS and lowest <= int(raw) <= highest):
            raise ValueError(f"has to be a whole number from {lowest} to {highest}")
        return int(raw)

    return parse


def _path(raw: str) -> Path:
    if not raw:
        raise ValueError("has to be a path; leave it out for none")
    return Path(raw)


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw not in choices:
            raise ValueError(f"has to be one of {', '.join(choices)}")
        return raw

    return parse


def _address(raw: str) -> str:
    try:
        return str(ip_address(raw))
    except ValueError as error:
        raise ValueError("has to be an IP address, such as 127.0.0.1 or ::1; the server resolves no names") from error


def _networks(raw: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in raw.split(",") if part.strip())
    except ValueError as error:
        raise ValueError("has to be addresses or networks such as 10.0.0.0/8, separated by commas") from error


def _rate(raw: str) -> str:
    from limits import parse_many  # only here: importing it costs more than all other settings together

    try:
        if all(rate.amount > 0 for rate in parse_many(raw)):
            return raw
    except ValueError:
        pass
    raise ValueError("has to be a rate such as 120/minute; several are separated by ;")


def _storage(raw: str) -> str:
    from limits.errors import ConfigurationError
    from limits.storage import storage_from_string

    try:
        storage_from_string(raw)
    except (ConfigurationError, ImportError, ValueError, AssertionError):  # their words may quote a password
        raise ValueError("is not the URL of a storage that can be opened; is its driver installed?") from None
    return raw


def _setting(parse: Callable[[str], Any], default: object, meaning: str, *, secret: bool = False) -> Any:  # noqa: ANN401 - a field is typed where it stands
    return field(default=default, metadata={"parse": parse, "help": meaning, "secret": secret}, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one process runs with. Build it with ``read``; tests may build it directly."""

    data_dir: Path = _setting(
        _path, Path("data"), "Directory of the SQLite database and the try-out credentials; mode 0700."
    )
    database_url: str = _setting(
        _text,
        "",
        "A postgresql+psycopg:// URL for PostgreSQL; empty: SQLite in the data directory.",
        secret=True,
    )
    host: str = _setting(_address, "127.0.0.1", "IP address to listen on.")
    port: int = _setting(_whole(1, 65535), 8000, "Port to listen on.")
    workers: int = _setting(_whole(1, 64), 1, "Worker processes.")
    threads: int = _setting(_whole(1, 64), 4, "Threads of each worker that answer requests.")
    tls_certificate: Path | None = _setting(
        _path, None, "PEM file of the certificate chain; with the key, serves HTTPS."
    )
    tls_key: Path | None = _setting(_path, None, "PEM file of the certificate's private key, mode 0600.")
    trusted_proxies: tuple[Network, ...] = _setting(
        _networks, (), "Networks whose X-Forwarded-For is believed, separated by commas."
    )
    unknown_uid: UnknownUid | None = _setting(
        _one_of("pin", "refuse"),
        None,
        "A uid that nobody has seen: pin its keys at its first valid payload, or refuse it. On loopback the default is"
        " pin; any other address wants it said.",
    )
    nonce_max_age: int = _setting(_whole(1, 3600), 300, "Seconds for which a nonce is fresh.")
    register_limit: str = _setting(_rate, "120/minute", "Registrations per address.")
    first_use_limit: str = _setting(_rate, "600/minute", "First uses of a uid per API ID and address.")
    limits_storage: str = _setting(
        _storage,
        "memory://",
        "Where rates are counted: memory:// (each worker for itself) or a shared store's URL.",
        secret=True,
    )
    claims_public_key: str = _setting(
        _text,
        "",
        "Public half of the claims key: base64 of its 64 bytes X||Y. Empty: every attribute claim is refused.",
    )
    log_level: str = _setting(_one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "Least level that is logged.")

    @property
    def sqlite_path(self) -> Path | None:
        """The embedded database's file; ``None`` with a database server."""
        return None if self.database_url else self.data_dir / "keychain.db"

    @property
    def max_age(self) -> timedelta:
        """For how long a nonce is fresh."""
        return timedelta(seconds=self.nonce_max_age)

    @property
    def pins_unknown_uids(self) -> bool:
        """Whether first use puts a uid on record. ``read`` has seen to it that this was decided."""
        return (self.unknown_uid or "pin") == "pin"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address ``host``."""
    return ip_address(host).is_loopback


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
    mistakes += _contradictions(settings)
    if mistakes:
        raise SettingsError(mistakes)
    return settings


def secret_files(environ: Mapping[str, str] | None = None) -> list[Path]:
    """The files that hold secrets by ``KEYCHAIN_*_FILE``."""
    environ = os.environ if environ is None else environ
    named = (environ.get(f"{variable(setting)}_FILE") for setting in fields(Settings) if setting.metadata["secret"])
    return [Path(name) for name in named if name]


def variable(setting: "Field[Any]") -> str:
    """The name of the environment variable of a field of ``Settings``."""
    return PREFIX + setting.name.upper()


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


def _contradictions(settings: Settings) -> list[str]:
    mistakes = []
    if settings.unknown_uid is None and not is_loopback(settings.host):
        mistakes.append(
            "KEYCHAIN_UNKNOWN_UID has to be said when serving beyond loopback:"
            " pin (a uid's first valid payload puts its keys on record) or refuse"
        )
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        mistakes.append("KEYCHAIN_TLS_CERTIFICATE and KEYCHAIN_TLS_KEY go together; only one of them is given")
    if settings.database_url and not settings.database_url.startswith("postgresql+psycopg://"):
        mistakes.append("KEYCHAIN_DATABASE_URL has to start with postgresql+psycopg://, or be empty for SQLite")
    return mistakes
