"""Who is calling: HTTP Basic with API ID and API key (RFC 7617), sent pre-emptively by every surviving client."""

from flask import request

from keychain import errors
from keychain.store.engine import Session
from keychain.validation import sites


def site(session: Session) -> sites.Site:
    """The site that this request's credentials name.

    Raises:
        CredentialsRefused: in the same words for a missing header, an unknown API ID and a wrong key.
    """
    return sites.authenticate(session, *credentials())


def credentials() -> tuple[str, str]:
    """The API ID and API key that this request brings, whatever they are worth.

    Raises:
        CredentialsRefused: if it brings none.
    """
    brought = request.authorization
    if brought is None or brought.type != "basic":
        raise errors.CredentialsRefused
    return brought.username or "", brought.password or ""
