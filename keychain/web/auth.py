"""Who is calling: HTTP Basic with API ID and API key (RFC 7617), sent pre-emptively by every surviving client."""

from typing import TYPE_CHECKING

from werkzeug.datastructures import Authorization

from keychain import errors
from keychain.store.engine import Session
from keychain.validation import sites

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def site(session: Session, environ: "WSGIEnvironment") -> sites.Site:
    """The site that a request's credentials name.

    Raises:
        CredentialsRefused: in the same words for a missing header, an unknown API ID and a wrong key.
    """
    return sites.authenticate(session, *credentials(environ))


def credentials(environ: "WSGIEnvironment") -> tuple[str, str]:
    """The API ID and API key that a request brings, whatever they are worth.

    Raises:
        CredentialsRefused: if it brings none.
    """
    try:
        brought = Authorization.from_header(environ.get("HTTP_AUTHORIZATION"))
    except ValueError as error:  # what is not ASCII, if the server lets it through
        raise errors.CredentialsRefused from error
    if brought is None or brought.type != "basic":
        raise errors.CredentialsRefused
    return brought.username or "", brought.password or ""
