"""The only reader of the environment: which service, which repo, and which credentials."""

import os

from .credentials import Credentials
from .errors import ConfigurationError

__all__ = ["credentials", "repo", "server"]

_DEFAULT_SERVER = "http://127.0.0.1:8000"
_DEFAULT_FILE = "api_key.json"


def server() -> str:
    """``ONEID_SERVER``, else a service on this machine."""
    return os.environ.get("ONEID_SERVER") or _DEFAULT_SERVER


def repo() -> str | None:
    """``ONEID_REPO``, or None where the service is one."""
    return os.environ.get("ONEID_REPO") or None


def credentials() -> Credentials:
    """``ONEID_API_ID`` and ``ONEID_API_KEY``; else the file that ``ONEID_API_KEY_FILE`` names; else
    ``api_key.json`` in the working directory. Raises ConfigurationError, also where one of the two variables
    is there alone.
    """
    api_id, api_key = os.environ.get("ONEID_API_ID"), os.environ.get("ONEID_API_KEY")
    if api_id and api_key:
        return Credentials(api_id, api_key)
    if api_id or api_key:
        raise ConfigurationError("ONEID_API_ID and ONEID_API_KEY have to be set together")
    return Credentials.load(os.environ.get("ONEID_API_KEY_FILE") or _DEFAULT_FILE)
