"""``OneID`` for asyncio: the same ``operations`` by the other driver, and no logic of its own."""

import ssl
from collections.abc import Iterable
from types import TracebackType
from typing import Literal, Self

import httpx

from . import environment, operations
from .credentials import Credentials
from .drivers import AsyncDriver
from .endpoint import DEFAULT_TIMEOUT, Endpoint
from .expectations import UNSAID, Expectations, Unsaid
from .payload import Payload
from .validation import Validation

__all__ = ["AsyncOneID"]


class AsyncOneID:
    """As ``OneID``, with coroutines and an asynchronous ``transport``; belongs to one event loop."""

    def __init__(
        self,
        api_id: str,
        api_key: str,
        *,
        server: str | None = None,
        repo: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        ssl_context: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.api_id = api_id
        self._endpoint = Endpoint.of(server, timeout, ssl_context, repo)
        self._driver = AsyncDriver(self._endpoint, Credentials(api_id, api_key), transport)

    @classmethod
    def from_environment(
        cls,
        *,
        server: str | None = None,
        repo: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        ssl_context: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> Self:
        """As ``OneID.from_environment``."""
        site = environment.credentials()
        return cls(
            site.api_id,
            site.api_key,
            server=server,
            repo=repo,
            timeout=timeout,
            ssl_context=ssl_context,
            transport=transport,
        )

    @staticmethod
    async def register(
        *,
        server: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        ssl_context: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> Credentials:
        """As ``OneID.register``."""
        driver = AsyncDriver(Endpoint.of(server, timeout, ssl_context), None, transport)
        try:
            return await driver.run(operations.register())
        finally:
            await driver.close()

    async def validate(self, payload: Payload) -> Validation:
        """As ``OneID.validate``."""
        return await self._driver.run(operations.validate(payload))

    async def verify(
        self,
        payload: Payload,
        *,
        nonce: str | Literal[Unsaid.UNSAID] | None = UNSAID,
        message: str | None = None,
        title: str | None = None,
        roles: Iterable[str] | None = None,
        pin: bool = False,
    ) -> Validation:
        """As ``OneID.verify``."""
        expected = Expectations.of(nonce, message, title, roles, pin)
        return await self._driver.run(operations.verify(payload, expected))

    async def confirm(
        self,
        uid: str | None,
        two_factor_token: str | None,
        message: str,
        title: str | None = None,
        *,
        nonce: str | None = None,
    ) -> Validation:
        """As ``OneID.confirm``."""
        return await self._driver.run(operations.confirm(uid, two_factor_token, message, title, nonce))

    async def validate_many(self, payloads: Iterable[Payload]) -> list[Validation]:
        """As ``OneID.validate_many``."""
        return await self._driver.run(operations.validate_many(payloads))

    async def make_nonce(self) -> str:
        """As ``OneID.make_nonce``."""
        return await self._driver.run(operations.make_nonce())

    def script_tag(self) -> str:
        """As ``OneID.script_tag``."""
        return self._endpoint.script_tag()

    async def close(self) -> None:
        """As ``OneID.close``."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(api_id={self.api_id!r}, server={self._endpoint.server!r})"
