"""Where the service is, and the rules under which it may be talked to.

https everywhere but on this machine itself, and no way to leave certificates unverified: who could answer in
the service's place could sign in as anybody.
"""

import ipaddress
import math
import ssl
from dataclasses import dataclass
from html import escape

import httpx

from . import environment
from .errors import ConfigurationError

__all__ = ["DEFAULT_TIMEOUT", "Endpoint"]

DEFAULT_TIMEOUT = 10.0
"""Seconds."""

_LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")
_LOOPBACK_6 = ipaddress.IPv6Address("::1")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``server``, ``repo``: absolute URLs without a trailing slash, the same where one party runs both halves.
    ``timeout``: seconds.
    """

    server: str
    repo: str
    timeout: float = DEFAULT_TIMEOUT
    ssl_context: ssl.SSLContext | None = None

    @classmethod
    def of(
        cls,
        server: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        ssl_context: ssl.SSLContext | None = None,
        repo: str | None = None,
    ) -> "Endpoint":
        """Checked. ``server`` None: what the environment says, of the repo as well. Raises ConfigurationError."""
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
            raise ConfigurationError("timeout is a positive number of seconds")
        if ssl_context is not None and not _verifies(ssl_context):
            raise ConfigurationError("ssl_context has to verify certificates and host names")
        if server is None:  # the repo of the environment belongs to its server, and learns the API key of no other
            server, repo = environment.server(), environment.repo() if repo is None else repo
        address = _address(server, "server")
        return cls(address, address if repo is None else _address(repo, "repo"), timeout, ssl_context)

    def script_tag(self) -> str:
        """The HTML that puts the service's browser library into a page."""
        return f'<script src="{escape(self.server)}/js/oneid.js"></script>'


def _address(address: str, name: str) -> str:
    """``address``, checked; ``name``: what the complaint calls it."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, TypeError):
        raise ConfigurationError(f"{name} is not a URL") from None
    # The raw text too: a URL with an empty query or fragment has the sign, but not the part.
    if url.userinfo or any(sign in address for sign in "?#@\\"):
        raise ConfigurationError(f"{name} has no user, no password, no query and no fragment")
    if url.scheme not in {"https", "http"} or not url.host:
        raise ConfigurationError(f"{name} is a URL that begins with https:// and names a host")
    if url.scheme == "http" and not _is_loopback(url.raw_host.decode("ascii")):
        raise ConfigurationError(f"{name} has to be https, unless it is on this machine")
    return str(url).rstrip("/")


def _is_loopback(host: str) -> bool:
    """Whether ``host``, as it goes onto the wire, is this machine by definition (RFC 6761, 6.3)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address in _LOOPBACK if address.version == 4 else address == _LOOPBACK_6


def _verifies(context: ssl.SSLContext) -> bool:
    return context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED
