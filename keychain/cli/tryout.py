"""What a newcomer needs to try the service: credentials of its own, and words that can be pasted."""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from keychain import errors
from keychain.settings import Settings
from keychain.store import files
from keychain.store.engine import Session
from keychain.validation import sites

FILE = "api_key.json"  # the file name, and the members, that SDKs of 2013 read


def credentials(session: Session, settings: Settings, now: datetime) -> sites.Registration:
    """The try-out site's credentials, kept in the data directory (0600); made where there are none that hold."""
    files.make_private_directory(settings.data_dir)
    path = settings.data_dir / FILE
    if kept := _kept(session, path):
        return kept
    with NamedTemporaryFile("w", dir=settings.data_dir, encoding="utf-8") as fresh:  # made with mode 0600
        made = sites.register(session, now, name="try-out")
        json.dump({"API_KEY": made.api_key, "API_ID": made.api_id}, fresh)
        fresh.flush()
        path.unlink(missing_ok=True)
        with suppress(FileExistsError):
            path.hardlink_to(fresh.name)
    return _kept(session, path) or made  # another process may have been first


def _kept(session: Session, path: Path) -> sites.Registration | None:
    """The credentials at ``path``; none where it is not there, damaged, or of a database that is gone."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        sites.authenticate(session, kept["API_ID"], kept["API_KEY"])
        return sites.Registration(kept["API_ID"], kept["API_KEY"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, errors.CredentialsRefused):
        return None


def address(settings: Settings) -> str:
    """The service's address as a URL."""
    scheme = "https" if settings.tls_certificate else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{settings.port}"
