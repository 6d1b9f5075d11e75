"""The package's own functions: one ``OneID.from_environment()``, made at the first call, for all threads."""

import threading
from collections.abc import Iterable
from typing import Literal

from .client import OneID
from .credentials import Credentials
from .endpoint import Endpoint
from .expectations import UNSAID, Unsaid
from .payload import Payload
from .validation import Validation

__all__ = ["confirm", "make_nonce", "register", "script_tag", "validate", "validate_many", "verify"]

_making = threading.Lock()
_site: OneID | None = None


def validate(payload: Payload) -> Validation:
    """``OneID.validate`` for the site that the environment names."""
    return _from_environment().validate(payload)


def verify(
    payload: Payload,
    *,
    nonce: str | Literal[Unsaid.UNSAID] | None = UNSAID,
    message: str | None = None,
    title: str | None = None,
    roles: Iterable[str] | None = None,
) -> Validation:
    """``OneID.verify`` for the site that the environment names."""
    return _from_environment().verify(payload, nonce=nonce, message=message, title=title, roles=roles)


def confirm(
    uid: str | None,
    two_factor_token: str | None,
    message: str,
    title: str | None = None,
    *,
    nonce: str | None = None,
) -> Validation:
    """``OneID.confirm`` for the site that the environment names."""
    return _from_environment().confirm(uid, two_factor_token, message, title, nonce=nonce)


def validate_many(payloads: Iterable[Payload]) -> list[Validation]:
    """``OneID.validate_many`` for the site that the environment names."""
    return _from_environment().validate_many(payloads)


def make_nonce() -> str:
    """``OneID.make_nonce`` for the site that the environment names."""
    return _from_environment().make_nonce()


def register(*, server: str | None = None) -> Credentials:
    """``OneID.register``; needs no credentials."""
    return OneID.register(server=server)


def script_tag(server: str | None = None) -> str:
    """``OneID.script_tag``; needs no credentials."""
    return Endpoint.of(server).script_tag()


def _from_environment() -> OneID:
    global _site  # noqa: PLW0603 - the one client of the module functions, made under the lock
    with _making:
        if _site is None:
            _site = OneID.from_environment()
        return _site
