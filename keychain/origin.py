"""The origin of a web page: scheme, host and port, as a browser writes it (RFC 6454, 6.2). Pure.

One spelling per origin: lower case, ASCII, no user, no path, no port that the scheme implies, addresses in their
shortest form. What differs from what a browser would write is refused, not repaired.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

MAX_LENGTH = 255

_OWN_PORT = {"https": 443, "http": 80}
_LAST_PORT = 65535
_LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.ASCII)
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::([1-9][0-9]{0,4}))?", re.ASCII)
# A last label of digits makes a browser read the whole host as an IPv4 address (WHATWG URL, ends-in-a-number checker).
_ENDS_IN_A_NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)", re.ASCII)


@dataclass(frozen=True)
class Origin:
    """A well-formed origin; equal texts are equal origins."""

    text: str
    scheme: str
    host: str

    @property
    def is_secure(self) -> bool:
        """Whether nobody between browser and server can speak as this origin: https, or this very machine."""
        return self.scheme == "https" or self.is_loopback

    @property
    def is_loopback(self) -> bool:
        """Whether it stands on this very machine, and nobody else can call it."""
        address = _address(self.host)
        return address.is_loopback if address else self.host == "localhost" or self.host.endswith(".localhost")


def parse(text: str) -> Origin:
    """The origin of a text such as ``https://shop.example`` or ``http://shop.localhost:8001``.

    Raises:
        ValueError: for anything that a browser would write differently.
    """
    found = _ORIGIN.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if found is None or not _is_host(found[2]) or int(found[3] or 1) > _LAST_PORT:
        raise ValueError(
            "an origin is a scheme, a host in lower-case ASCII and perhaps a port, such as https://shop.example"
        )
    scheme, host, port = found.groups()
    if port and int(port) == _OWN_PORT[scheme]:
        raise ValueError(f"an origin leaves the scheme's own port out: {text.removesuffix(':' + port)}")
    return Origin(text, scheme, host)


def write(scheme: str, host: str, port: int) -> str:
    """The origin of a host and port, as ``parse`` takes it."""
    return f"{scheme}://{host}" + ("" if port == _OWN_PORT[scheme] else f":{port}")


def _is_host(host: str) -> bool:
    if _ENDS_IN_A_NUMBER.fullmatch(host) or host.startswith("["):
        address = _address(host)
        return address is not None and host in (str(address), f"[{address}]")
    return _NAME.fullmatch(host) is not None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
