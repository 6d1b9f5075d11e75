"""A site's credentials: kept in a file, and made anew where the service does not know them (any more)."""

from pathlib import Path

from oneid import ConfigurationError, Credentials, CredentialsRefused, OneID


def connect(file: Path, server: str) -> OneID:
    """The site's connection to the service at ``server``. ``file`` is readable by its owner alone (0600).

    A site with users registers once, by hand, and keeps the file like a password. That an example registers again by
    itself costs nobody anything: credentials own no user, a uid belongs to the origin.

    Raises CouldNotAsk where the service does not answer.
    """
    try:
        kept = Credentials.load(file)
        site = OneID(kept.api_id, kept.api_key, server=server)
        site.make_nonce()  # the smallest question that needs credentials
    except (ConfigurationError, CredentialsRefused):
        file.unlink(missing_ok=True)
    else:
        return site
    fresh = OneID.register(server=server)
    fresh.save(file)
    return OneID(fresh.api_id, fresh.api_key, server=server)
