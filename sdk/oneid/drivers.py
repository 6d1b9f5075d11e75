"""The two drivers: all the input and output there is, once with blocking calls and once with asyncio.

What both have in common is said once, in ``_arguments``: HTTP connections are kept and used again; redirects
are never followed, because a question that holds credentials goes where the site said and nowhere else; for
the same reason nothing is read from the environment (no proxy, no ``.netrc`` in the place of the API key, no
other certificates); cookies are not kept, so one user's answer can not colour the next one's question.
"""

import asyncio
import os
import time
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx

from .credentials import Credentials
from .endpoint import Endpoint
from .errors import ConfigurationError
from .exchange import Ask, Finished, NoReply, Reply, Steps

__all__ = ["AsyncDriver", "Driver", "__version__"]

try:
    __version__ = version("oneid")
except PackageNotFoundError:  # run from a source tree
    __version__ = "0+source"

_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "content-type": "application/json",
    "user-agent": f"oneid-python/{__version__}",
}
# Beside httpx's 100: a service lets 200 wait for a person, and they must not keep a sign-in from a connection.
_CONNECTIONS = httpx.Limits(max_connections=300, max_keepalive_connections=20)


def _arguments(
    endpoint: Endpoint,
    credentials: Credentials | None,
    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None,
) -> dict[str, Any]:
    if transport is not None and endpoint.ssl_context is not None:
        raise ConfigurationError("an injected transport brings its own TLS; ssl_context would have no effect")
    return {
        "auth": httpx.BasicAuth(credentials.api_id, credentials.api_key) if credentials else None,
        "headers": _HEADERS,
        "timeout": endpoint.timeout,
        "limits": _CONNECTIONS,
        "verify": endpoint.ssl_context or True,
        "transport": transport,
        "follow_redirects": False,
        "trust_env": False,
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
    }


def _sending(endpoint: Endpoint, ask: Ask) -> dict[str, Any]:
    """Where ``ask`` goes, and how long its reply may take. All other steps keep to the site's own time-out."""
    patience = max(ask.patience, endpoint.timeout)
    return {
        "method": "POST",
        "url": (endpoint.repo if ask.of_repo else endpoint.server) + ask.path,
        "content": ask.body,
        "timeout": httpx.Timeout(endpoint.timeout, read=patience),
    }


class Driver:
    """Runs operations with blocking calls. May be shared by threads, and survives a fork."""

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._arguments = _arguments(endpoint, credentials, transport)
        self._open()

    def run(self, steps: Steps[Finished]) -> Finished:
        """What ``steps`` returns; what it raises is raised."""
        try:
            ask = next(steps)
            while True:
                ask = steps.send(self._ask(ask))
        except StopIteration as last:
            finished: Finished = last.value
            return finished

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _ask(self, ask: Ask) -> Reply | NoReply:
        if self._pid != os.getpid():
            # Parent and child would read from one socket, and take the answers about each other's users.
            self._open()
        time.sleep(ask.pause)
        try:
            with self._http.stream(**_sending(self._endpoint, ask)) as response:
                reply = Reply.opening(response)
                if reply.is_json:
                    for part in response.iter_bytes():
                        if not reply.take(part):
                            break
                return reply
        except httpx.HTTPError as error:
            return NoReply.because(error)

    def _open(self) -> None:
        self._pid = os.getpid()
        self._http = httpx.Client(**self._arguments)


class AsyncDriver:
    """Runs the same operations in one asyncio event loop."""

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._http = httpx.AsyncClient(**_arguments(endpoint, credentials, transport))

    async def run(self, steps: Steps[Finished]) -> Finished:
        """What ``steps`` returns; what it raises is raised."""
        try:
            ask = next(steps)
            while True:
                ask = steps.send(await self._ask(ask))
        except StopIteration as last:
            finished: Finished = last.value
            return finished

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _ask(self, ask: Ask) -> Reply | NoReply:
        await asyncio.sleep(ask.pause)
        try:
            async with self._http.stream(**_sending(self._endpoint, ask)) as response:
                reply = Reply.opening(response)
                if reply.is_json:
                    async for part in response.aiter_bytes():
                        if not reply.take(part):
                            break
                return reply
        except httpx.HTTPError as error:
            return NoReply.because(error)
