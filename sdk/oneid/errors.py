"""Everything that can go wrong, drawn as one tree.

::

    OneIDError
    ├── ConfigurationError          this site's own settings; nothing was sent
    ├── CouldNotAsk                 there is no answer: nothing is known about the user
    │   ├── Unreachable             no connection, or no TLS that verifies; nothing was sent
    │   ├── AnswerLost              the question went out, its answer did not come back
    │   ├── NotAnAnswer             something came back that a Keychain never says
    │   ├── ServiceUnavailable      429 or 5xx, in the service's own words
    │   └── CredentialsRefused      401: the service knows no such API ID and key
    └── Refused                     asked, understood, and the answer is no

The first branching is the one that a site acts upon. After ``Refused`` the user did not prove who they are.
After ``CouldNotAsk`` nobody knows: keep the user signed out, say that sign-in is out of order, and let them
sign in *again* later, because the nonce of this payload may be spent. A credential that the service refuses
is a ``CouldNotAsk``, for it says nothing about the user.

No message, ``repr`` or attribute here ever holds the API key, a payload, or text from a body that was not an
answer.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .validation import Validation

__all__ = [
    "AnswerLost",
    "ConfigurationError",
    "CouldNotAsk",
    "CredentialsRefused",
    "NotAnAnswer",
    "OneIDError",
    "Refused",
    "ServiceUnavailable",
    "Unreachable",
]


class OneIDError(Exception):
    """The root."""


class ConfigurationError(OneIDError):
    """The site's own settings can not be used: credentials, server address, timeout or TLS context."""


class CouldNotAsk(OneIDError):
    """There is no answer.

    ``answered``: what ``validate_many`` had already been told, in order, when a later part could not be
    asked; those nonces are spent, so the answers are not thrown away. Empty everywhere else.
    """

    answered: "tuple[Validation, ...]" = ()


class Unreachable(CouldNotAsk):
    """No connection could be made, or its TLS certificate did not verify. Nothing was sent."""


class AnswerLost(CouldNotAsk):
    """The question may have been read and the nonce spent, but nobody can know what the answer was."""


class NotAnAnswer(CouldNotAsk):
    """What came back is not an answer of a Keychain: HTML, nothing, a redirect, a contradiction."""


class ServiceUnavailable(CouldNotAsk):
    """The service says that it can not answer now.

    ``code``: the service's word, such as ``unavailable`` or ``too_many_requests``. ``status``: the HTTP
    status. ``request_id``: names the failure in the service's log, or None. ``retry_after``: seconds, or
    None.
    """

    def __init__(
        self, code: str, *, status: int = 503, request_id: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"the service can not answer now: {self.code} (HTTP {self.status}, request {self.request_id})"


class CredentialsRefused(CouldNotAsk):
    """The API ID is unknown or revoked, or the API key is not its key.

    ``request_id``: names the refusal in the service's log, or None.
    """

    def __init__(self, request_id: str | None = None) -> None:
        super().__init__("the service does not accept this site's API ID and API key")
        self.request_id = request_id


class Refused(OneIDError):
    """The user did not prove who they are.

    ``code``: the service's stable word (its ``docs/errors.md``), or one of our own where nothing was asked:
    ``malformed_payload``, ``nonce_mismatch``, ``pin_required``, ``roles_required``, ``token_refused``.
    ``errorcode``: the legacy integer, never 0. ``error``: a sentence. ``request_id``: for the service's log; None
    where nothing was asked. ``attr_claims``: what the service said about each attribute.
    """

    def __init__(
        self,
        code: str,
        errorcode: int,
        error: str,
        *,
        request_id: str | None = None,
        attr_claims: Mapping[str, bool] | None = None,
    ) -> None:
        super().__init__(code, errorcode, error)
        self.code = code
        self.errorcode = errorcode
        self.error = error
        self.request_id = request_id
        self.attr_claims: Mapping[str, bool] = attr_claims or {}

    def __str__(self) -> str:
        return f"{self.code} (errorcode {self.errorcode}, request {self.request_id})"
