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
# A number of ours: the service never knows which nonce the site handed out. It uses none below -89.
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

    @classmethod
    def of(
        cls,
        nonce: str | Literal[Unsaid.UNSAID] | None,
        message: str | None,
        title: str | None,
        roles: Iterable[str] | None,
    ) -> "Expectations":
        """With what the site passed to ``verify``."""
        if isinstance(roles, str) or not _ROLES.issuperset(required := frozenset(roles or ())):
            raise ValueError('roles is a collection of "ad", "repo" and "cd"')
        if title is not None and message is None:
            raise ValueError("a title is approved together with a message")
        return cls(nonce, message, title, required)

    def check_before(self, payload: UnverifiedPayload) -> None:
        """Raises Refused."""
        if not self.roles <= payload.roles:
            raise _role_missing()
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


def _role_missing() -> Refused:
    return Refused("roles_required", _ROLES_REQUIRED, "this site requires a role that has not signed")
