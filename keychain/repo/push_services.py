"""Which push services phones are woken through: those of the browsers, and what the operator adds. Pure.

An endpoint is an address that a browser brings, so it is a stranger's word for where this service shall send something:
https alone, in one spelling, without a user or a fragment, at a named service, and on its own port unless the operator
names another. Where the name leads is asked when something is sent (``push_port``).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from keychain import errors

HTTPS = 443

# Chromium; Firefox; Safari; Edge.
_SERVICES = ("fcm.googleapis.com", ".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com")

_LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_ENDPOINT = re.compile(
    rf"https://(?P<host>{_LABEL}(\.{_LABEL})*)(:(?P<port>[1-9][0-9]{{0,4}}))?(?P<path>/[!$-;=?-\[\]_a-z~]*)", re.ASCII
)


@dataclass(frozen=True)
class Endpoint:
    """Where to send. ``named``: the operator named exactly this host, and answers for where it leads."""

    host: str
    port: int
    path: str
    named: bool

    @property
    def authority(self) -> str:
        """Host and port, as a URL writes them."""
        return self.host if self.port == HTTPS else f"{self.host}:{self.port}"


def check(text: str, added: Collection[str]) -> Endpoint:
    """The endpoint of a text, at a service that is sent to. ``added`` are the operator's: HOST or HOST:PORT.

    Raises:
        PushRefused: for any other.
    """
    found = _ENDPOINT.fullmatch(text)
    if found is None:
        raise errors.PushRefused
    host, port = found["host"], found["port"]
    named = (host if port is None else f"{host}:{port}") in added
    of_a_browser = port is None and any(
        host.endswith(service) if service.startswith(".") else host == service for service in _SERVICES
    )
    if not (named or of_a_browser):
        raise errors.PushRefused
    return Endpoint(host, int(port or HTTPS), found["path"], named)
