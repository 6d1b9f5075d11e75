"""Ask a self-hosted OneID Keychain whether a user really signed in.

::

    import oneid

    signed_in = oneid.validate(request.body)  # ONEID_API_ID, ONEID_API_KEY and ONEID_SERVER, or api_key.json
    if oneid.success(signed_in):
        session["user"] = signed_in["uid"]

New code says what it expects, and can not forget to look at the answer::

    with oneid.OneID(api_id, api_key, server="https://id.example.org") as keychain:
        user = keychain.verify(request.body, nonce=session.pop("nonce", None)).uid

Whatever is not a proper answer is an exception, never a user: see ``oneid.errors``.
"""

from .asyncclient import AsyncOneID
from .client import OneID
from .credentials import Credentials
from .drivers import __version__
from .errors import (
    AnswerLost,
    ConfigurationError,
    CouldNotAsk,
    CredentialsRefused,
    NotAnAnswer,
    OneIDError,
    Refused,
    ServiceUnavailable,
    Unreachable,
)
from .site import confirm, make_nonce, register, script_tag, validate, validate_many, verify
from .validation import Validation, success

__all__ = [
    "AnswerLost",
    "AsyncOneID",
    "ConfigurationError",
    "CouldNotAsk",
    "Credentials",
    "CredentialsRefused",
    "NotAnAnswer",
    "OneID",
    "OneIDError",
    "Refused",
    "ServiceUnavailable",
    "Unreachable",
    "Validation",
    "__version__",
    "confirm",
    "make_nonce",
    "register",
    "script_tag",
    "success",
    "validate",
    "validate_many",
    "verify",
]
