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
    credentials = request.authorization
    if credentials is None or credentials.type != "basic":
        raise errors.CredentialsRefused
    return sites.authenticate(session, credentials.username or "", credentials.password or "")
