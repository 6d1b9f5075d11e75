"""What a newcomer needs to try the service: credentials of its own, and words that can be pasted."""

import json
import os
from datetime import datetime

from keychain import errors
from keychain.settings import Settings
from keychain.store.engine import Session
from keychain.validation import sites

FILE = "api_key.json"  # the file name, and the members, that SDKs of 2013 read


def credentials(session: Session, settings: Settings, now: datetime) -> sites.Registration:
    """The try-out site's credentials, kept in the data directory (0600); made where there are none that hold."""
    path = settings.data_dir / FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        sites.authenticate(session, kept["API_ID"], kept["API_KEY"])
        return sites.Registration(kept["API_ID"], kept["API_KEY"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, errors.CredentialsRefused):
        pass  # none yet, damaged, or of a database that is gone: a new pair is always right
    fresh = sites.register(session, now, name="try-out")
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump({"API_KEY": fresh.api_key, "API_ID": fresh.api_id}, file)
    return fresh


def address(settings: Settings) -> str:
    """The service's address as a URL."""
    scheme = "https" if settings.tls_certificate else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{settings.port}"
