"""The API ID and API key of a site (Basic on the wire, RFC 7617), and the file they live in since 2012."""

import json
import os
import string
from dataclasses import dataclass, field
from pathlib import Path

from . import strict_json
from .errors import ConfigurationError

__all__ = ["Credentials"]

_PRINTABLE = frozenset(string.ascii_letters + string.digits + string.punctuation)


@dataclass(frozen=True, slots=True)
class Credentials:
    """They name a site at the service; they own no user. The key is never part of a ``repr``.

    Raises ConfigurationError for what no service hands out: empty, white space, not ASCII, a colon in the ID.
    """

    api_id: str
    api_key: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _usable(self.api_id) or ":" in self.api_id:
            raise ConfigurationError("the API ID is empty or has characters that no API ID has")
        if not _usable(self.api_key):
            raise ConfigurationError("the API key is empty or has characters that no API key has")

    @classmethod
    def load(cls, path: str | Path) -> "Credentials":
        """Read ``{"API_ID": ..., "API_KEY": ...}``. Raises ConfigurationError."""
        try:
            members = strict_json.parse(Path(path).read_text("utf-8"))
        except FileNotFoundError as missing:
            raise ConfigurationError(
                "no credentials: set ONEID_API_ID and ONEID_API_KEY, or provide api_key.json"
            ) from missing
        except OSError as unreadable:
            raise ConfigurationError("the credentials file can not be read") from unreadable
        except ValueError:
            # Not chained: the parser's error carries the whole text, the key included.
            raise ConfigurationError("the credentials file is not JSON") from None
        match members:
            case {"API_ID": str(api_id), "API_KEY": str(api_key)}:
                return cls(api_id, api_key)
        raise ConfigurationError("the credentials file has no API_ID and API_KEY")

    def save(self, path: str | Path) -> None:
        """Write that file, readable by its owner alone. Raises FileExistsError rather than replace one."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"API_ID": self.api_id, "API_KEY": self.api_key}, file)
            file.write("\n")


def _usable(word: object) -> bool:
    return isinstance(word, str) and word != "" and _PRINTABLE.issuperset(word)
