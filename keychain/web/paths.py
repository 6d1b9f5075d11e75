"""One rule that normalises a path, in one place, before limits, logs and routing (``docs/protocol.md``, Paths).

Surviving clients ask for ``/validate``, ``/keychain/validate``, ``/register/``, ``/repo//send_2fa``, and, pointed here
by their server flag, for each of these below ``/.oneid.com``. No route is written twice, and none redirects.
"""

import re

_SLASHES = re.compile("//+")
_PREFIXES = ("/.oneid.com", "/keychain")


def normalise(path: str) -> str:
    """The path that routing knows: single slashes, none at the end, no alias in front.

    Each prefix is taken off at most once, in this order, so that no path is ever looked at twice.
    """
    path = _SLASHES.sub("/", path).rstrip("/")
    for prefix in _PREFIXES:
        if path == prefix or path.startswith(f"{prefix}/"):
            path = path[len(prefix) :]
    return path or "/"
