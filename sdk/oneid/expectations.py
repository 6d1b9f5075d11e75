"""What a site expects of a payload beyond "it is genuine", checked before and after the service is asked.

Before, so that a payload made for another session is not spent; after, because only then are the signatures
verified.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from .errors import Refused
from .payload import UnverifiedPayload
from .validation import Validation

__all__ = ["UNSAID", "Expectations", "Unsaid"]

_ROLES = frozenset({"ad", "repo", "cd"})
# The service's own number for roles_required.
_ROLES_REQUIRED = -33
# Numbers of ours, which the service leaves free: it never knows which nonce the site handed out, nor what it wants.
_PIN_REQUIRED = -89
_NONCE_MISMATCH = -90


class Unsaid(Enum):
    """The type of ``UNSAID``."""

    UNSAID = "unsaid"


UNSAID: Final = Unsaid.UNSAID
"""Nothing is expected. None would be an expectation, which nothing meets: what an expired session holds
must not switch the check off.
"""


@dataclass(frozen=True, slots=True)
class Expectations:
    """See ``OneID.verify``. Raises ValueError for what no payload could ever meet."""

    nonce: str | Literal[Unsaid.UNSAID] | None = UNSAID
    message: str | None = None
    title: str | None = None
    roles: frozenset[str] = frozenset()
    pin: bool = False

    @classmethod
    def of(
        cls,
        nonce: str | Literal[Unsaid.UNSAID] | None,
        message: str | None,
        title: str | None,
        roles: Iterable[str] | None,
        pin: bool = False,
    ) -> "Expectations":
        """With what the site passed to ``verify``."""
        if isinstance(roles, str) or not _ROLES.issuperset(required := frozenset(roles or ())):
            raise ValueError('roles is a collection of "ad", "repo" and "cd"')
        if title is not None and message is None:
            raise ValueError("a title is approved together with a message")
        return cls(nonce, message, title, required, pin)

    def check_before(self, payload: UnverifiedPayload) -> None:
        """Raises Refused."""
        if not self.roles <= payload.roles:
            raise _role_missing()
        if self.pin and "cd" not in payload.roles:
            raise _pin_missing()
        if self.nonce is UNSAID:
            return
        expected = (self.nonce or "").encode("utf-8", "surrogatepass")
        for nonce in payload.signed_nonces():
            if not expected or not hmac.compare_digest(nonce.encode("utf-8", "surrogatepass"), expected):
                raise Refused("nonce_mismatch", _NONCE_MISMATCH, "the payload was made for another session")

    def check_after(self, validation: Validation) -> None:
        """Raises Refused."""
        if not self.roles.issubset(validation.valid_signatures):
            raise _role_missing()
        if self.pin and not validation.pin:
            raise _pin_missing()


def _role_missing() -> Refused:
    return Refused("roles_required", _ROLES_REQUIRED, "this site requires a role that has not signed")


def _pin_missing() -> Refused:
    return Refused("pin_required", _PIN_REQUIRED, "this site requires the PIN of the control device")
