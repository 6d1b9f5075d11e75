"""The forms that the text of a setting can have: what parses it, and the words for what is none of them.

Each takes a text and raises ``ValueError`` with the end of a sentence that begins with the setting's name. Of a secret
nothing is ever quoted.
"""

import base64
import binascii
import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from keychain import mail_address
from keychain import origin as origins

MANY_DIGITS = 10  # more than any number here has; Python refuses to read thousands of them in words of its own
MASTER_KEY_BYTES = 32

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*(:[1-9]\d{0,4})?", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.?", re.ASCII)
_CONTACT = re.compile(r"(mailto:[!-~]+@[!-~]+|https://[!-~]+)", re.ASCII)

Network = IPv4Network | IPv6Network
MasterKey = tuple[int, bytes]  # version and secret


def text(raw: str) -> str:
    """Any text."""
    return raw


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number within limits."""

    def parse(raw: str) -> int:
        if not (raw.isascii() and raw.isdigit() and len(raw) < MANY_DIGITS and lowest <= int(raw) <= highest):
            raise ValueError(f"has to be a whole number from {lowest} to {highest}")
        return int(raw)

    return parse


def path(raw: str) -> Path:
    """A path."""
    if not raw:
        raise ValueError("has to be a path; leave it out for none")
    return Path(raw)


def one_of(*choices: str) -> Callable[[str], str]:
    """One of some words."""

    def parse(raw: str) -> str:
        if raw not in choices:
            raise ValueError(f"has to be one of {', '.join(filter(None, choices))}")
        return raw

    return parse


def address(raw: str) -> str:
    """An IP address."""
    try:
        return str(ip_address(raw))
    except ValueError as error:
        raise ValueError("has to be an IP address, such as 127.0.0.1 or ::1; the server resolves no names") from error


def networks(raw: str) -> tuple[Network, ...]:
    """Networks, separated by commas."""
    try:
        return tuple(ip_network(part.strip()) for part in raw.split(",") if part.strip())
    except ValueError as error:
        raise ValueError("has to be addresses or networks such as 10.0.0.0/8, separated by commas") from error


def hosts(raw: str) -> tuple[str, ...]:
    """Names of hosts, each with or without a port, separated by commas."""
    named = tuple(part.strip().lower() for part in raw.split(",") if part.strip())
    if not all(_HOST.fullmatch(name) for name in named):
        raise ValueError("has to be hosts such as push.example.org or push.example.org:8443, separated by commas")
    return named


def contact(raw: str) -> str:
    """Where somebody can be reached (RFC 8292, 2.1)."""
    if raw and not _CONTACT.fullmatch(raw):
        raise ValueError("has to be mailto:somebody@example.org or an https address")
    return raw


def host(raw: str) -> str:
    """The name or address of one host; an empty text is none."""
    if raw and not (_NAME.fullmatch(raw) or _is_address(raw)):
        raise ValueError("has to be a host such as mail.example.org or 127.0.0.1, without a port")
    return raw


def sender(raw: str) -> str:
    """An e-mail address; an empty text is none."""
    try:
        return mail_address.parse(raw) if raw else raw
    except ValueError as error:
        raise ValueError("has to be an e-mail address such as oneid@example.org") from error


def rate(raw: str) -> str:
    """One rate or several, none of which lets nobody through."""
    from limits import parse_many  # only here: importing it costs more than all other settings together

    try:
        if all(rate.amount > 0 for rate in parse_many(raw)):
            return raw
    except ValueError:
        pass
    raise ValueError("has to be a rate such as 120/minute; several are separated by ;")


def storage(raw: str) -> str:
    """The URL of a storage that can be opened."""
    from limits.errors import ConfigurationError
    from limits.storage import storage_from_string

    try:
        storage_from_string(raw)
    except (ConfigurationError, ImportError, ValueError, AssertionError):  # their words may quote a password
        raise ValueError("is not the URL of a storage that can be opened; is its driver installed?") from None
    return raw


def origin(raw: str) -> str:
    """An origin that browsers can trust."""
    try:
        parsed = origins.parse(raw)
    except ValueError as error:
        raise ValueError(f"has to be an origin as a browser writes it: {error}") from error
    if not parsed.is_secure:
        raise ValueError("has to be https, or http on this machine; browsers keep no keys for other origins")
    return parsed.text


def service_url(raw: str) -> str:
    """The address of a service to which a secret can be sent, without a slash at its end."""
    try:
        parts = urlsplit(raw)
        origin(f"{parts.scheme}://{parts.netloc}")
    except ValueError as error:
        raise ValueError("has to be a URL such as https://keychain.example; http only on this machine") from error
    if parts.query or parts.fragment or not raw.isascii() or not raw.isprintable() or " " in raw:
        raise ValueError("has to be a URL without a query")
    return raw.rstrip("/")


def master_keys(raw: str) -> tuple[MasterKey, ...]:
    """``1:<base64 of 32 bytes>,2:...``, oldest first. An empty text is none."""
    keys = tuple(_master_key(part.strip()) for part in raw.split(",")) if raw.strip() else ()
    versions = [version for version, _ in keys]
    if versions != sorted(set(versions)):
        raise ValueError("has to name its versions in rising order, the newest last")
    return keys


def _is_address(raw: str) -> bool:
    try:
        return bool(ip_address(raw))
    except ValueError:
        return False


def _master_key(text: str) -> MasterKey:
    version, _, encoded = text.partition(":")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if base64.b64encode(secret).decode() != encoded or len(secret) != MASTER_KEY_BYTES:
        raise ValueError("has to be VERSION:BASE64 of 32 bytes; several are separated by commas")
    return whole(1, 10**6)(version), secret


def write_master_key(version: int, secret: bytes) -> str:
    """The text of one master key, as ``master_keys`` reads it."""
    return f"{version}:{base64.b64encode(secret).decode()}"
