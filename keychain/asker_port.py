"""The one port through which the repo learns which site asks for a confirmation, in its two shapes.

Where one process serves both halves, the Keychain's own list of sites says whose credentials these are, and for which
origin it is registered. Where two parties serve one each, the Keychain says whether they are good; which origin they
belong to it does not tell, so nobody who asks there is proved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from keychain import errors
from keychain.jose import strict_json
from keychain.store.engine import Store
from keychain.validation import sites

if TYPE_CHECKING:
    import httpx

# Seconds, out of those that the caller waits for a person.
TIMEOUT, CONNECT_TIMEOUT = 8, 3


@dataclass(frozen=True)
class AskingSites:
    """The port. ``origin_of``: API ID and API key to the origin that the site is registered for, or an empty text.
    ``remote``: that is asked of another machine.
    """

    origin_of: Callable[[str, str], str]
    remote: bool


class _Unexpected(Exception):
    """The Keychain answered something that is neither yes nor no."""


def in_this_process(store: Store) -> AskingSites:
    """Asking this process's own list of sites."""

    def origin_of(api_id: str, api_key: str) -> str:
        with store.session() as session:
            return sites.origin_of(session, sites.authenticate(session, api_id, api_key))

    return AskingSites(origin_of, remote=False)


def over_http(client: "httpx.Client", url: str) -> AskingSites:
    """Asking the Keychain at ``url`` for a nonce, which it gives to sites alone. ``client`` follows no redirect."""
    import httpx  # only where it is needed: it takes 2 MB of every worker

    def origin_of(api_id: str, api_key: str) -> str:
        try:
            answer = client.get(f"{url}/make_nonce", auth=(api_id, api_key))
            members = strict_json.loads(answer.text)
        except (httpx.HTTPError, ValueError) as error:
            raise errors.Unavailable from error
        code = members.get("errorcode") if isinstance(members, dict) else None
        if answer.status_code == HTTPStatus.UNAUTHORIZED and code == errors.CredentialsRefused.errorcode:
            raise errors.CredentialsRefused
        if answer.status_code != HTTPStatus.OK or type(code) is not int or code != 0:
            raise errors.Unavailable from _Unexpected(f"status {answer.status_code}")
        return ""

    return AskingSites(origin_of, remote=True)


def client_for() -> "httpx.Client":
    """The client that ``over_http`` takes. It has no credentials: callers' own are passed on."""
    import httpx

    return httpx.Client(timeout=httpx.Timeout(TIMEOUT, connect=CONNECT_TIMEOUT), follow_redirects=False)
