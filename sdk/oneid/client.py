"""A site's connection to the service, blocking. ``asyncclient`` is the same for asyncio."""

import ssl
from collections.abc import Iterable
from types import TracebackType
from typing import Literal, Self

import httpx

from . import environment, operations
from .credentials import Credentials
from .drivers import Driver
from .endpoint import DEFAULT_TIMEOUT, Endpoint
from .expectations import UNSAID, Expectations, Unsaid
from .payload import Payload
from .validation import Validation

__all__ = ["OneID"]


class OneID:
    """Asks the service about users, with the site's credentials. Make one, keep it, share it between threads.

    ``api_id``, ``api_key``: as handed out by ``register``. ``server``: the service's URL, a path prefix
    included; when None, ``ONEID_SERVER``, else ``http://127.0.0.1:8000``. It is https unless the host is this
    machine. ``repo``: where ``confirm`` asks, if another party runs the repo; when None, ``ONEID_REPO`` if the
    server is that of the environment as well, else the server. It is sent the same credentials. ``timeout``:
    seconds for each step of a call (to connect, to send, to read on), each try anew.
    ``ssl_context``: where the service has a certificate of your own authority,
    ``ssl.create_default_context(cafile=...)``; one that does not verify is refused. ``transport``: an httpx
    transport to use instead of the network, or to go through a proxy (``httpx.HTTPTransport(proxy=...)``;
    proxies are not taken from the environment).

    Raises ConfigurationError. Every method but ``script_tag`` raises CouldNotAsk (see ``oneid.errors``).
    """

    def __init__(
        self,
        api_id: str,
        api_key: str,
        *,
        server: str | None = None,
        repo: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        ssl_context: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.api_id = api_id
        self._endpoint = Endpoint.of(server, timeout, ssl_context, repo)
        self._driver = Driver(self._endpoint, Credentials(api_id, api_key), transport)

    @classmethod
    def from_environment(
        cls,
        *,
        server: str | None = None,
        repo: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        ssl_context: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> Self:
        """With ``ONEID_API_ID`` and ``ONEID_API_KEY``; else the file that ``ONEID_API_KEY_FILE`` names; else
        ``api_key.json`` in the working directory, which holds ``{"API_ID": ..., "API_KEY": ...}``.
        """
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
    def register(
        *,
        server: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        ssl_context: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> Credentials:
        """New credentials for a site. The key is shown this once: ``save`` it."""
        driver = Driver(Endpoint.of(server, timeout, ssl_context), None, transport)
        try:
            return driver.run(operations.register())
        finally:
            driver.close()

    def validate(self, payload: Payload) -> Validation:
        """Whether the user signed, as the old SDK answered it: a refusal is a mapping too.

        ``payload``: what the browser posted to the site's callback, as a dict, JSON text or JSON bytes, 64
        KiB at most. Only ``uid``, ``nonces``, ``attr_claim_tokens`` and, beside a token, the address that it
        is about are sent.

        Look at ``success``, or use ``verify``, whose refusals can not be overlooked.
        """
        return self._driver.run(operations.validate(payload))

    def verify(
        self,
        payload: Payload,
        *,
        nonce: str | Literal[Unsaid.UNSAID] | None = UNSAID,
        message: str | None = None,
        title: str | None = None,
        roles: Iterable[str] | None = None,
        pin: bool = False,
    ) -> Validation:
        """The user that signed. Raises Refused if nobody did, or not what this site expected.

        ``nonce``: what the site gave to this browser session (``make_nonce``). None, as an expired session
        has it, is met by no payload; only leaving the argument out leaves the check out. ``message``,
        ``title``: the words that the user has to have approved on their control device. ``roles``: who has to
        have signed, of ``"ad"``, ``"repo"`` and ``"cd"``. ``pin``: the user has to have typed the PIN of their
        control device (``OOBPIN``). Nonce and roles are held against the payload first, so that one for another
        session stays unspent. Raises ValueError for roles that do not exist, and for
        a title without a message.
        """
        return self._driver.run(operations.verify(payload, Expectations.of(nonce, message, title, roles, pin)))

    def confirm(
        self,
        uid: str | None,
        two_factor_token: str | None,
        message: str,
        title: str | None = None,
        *,
        nonce: str | None = None,
    ) -> Validation:
        """Ask the user's phone, with no browser present, and wait until they decide: for 50 seconds at most.

        ``uid``, ``two_factor_token``: what the user's last payload brought, or None where none did. The phone shows
        ``title`` and ``message`` (1 to 10,000 characters) and signs exactly these; the returned nonces are validated
        with the same user and the same words. ``nonce``: one of ``make_nonce``, if the site wants to name the
        confirmation; else the service makes one.

        A refusal is a mapping, as in ``validate``: ``confirmation_denied``, ``confirmation_timed_out``, ``no_phone``,
        ``token_refused`` and so on. Look at ``success``. Nobody is ever asked twice: where the answer got lost,
        AnswerLost is raised. Raises ValueError without a message.
        """
        return self._driver.run(operations.confirm(uid, two_factor_token, message, title, nonce))

    def validate_many(self, payloads: Iterable[Payload]) -> list[Validation]:
        """``validate`` for each, in order, in batches. If a later batch can not be asked about, what was
        answered before is in ``CouldNotAsk.answered``: those nonces are spent.

        Raises Refused only where a batch is refused as a whole; a user's refusal is in the list.
        """
        return self._driver.run(operations.validate_many(payloads))

    def make_nonce(self) -> str:
        """A fresh nonce for a page: letters, digits, ``-`` and ``:``, 64 characters at most. Raises Refused
        if the service will not make one.
        """
        return self._driver.run(operations.make_nonce())

    def script_tag(self) -> str:
        """The HTML, escaped, that puts the service's browser library into a page."""
        return self._endpoint.script_tag()

    def close(self) -> None:
        """Give the connections back."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(api_id={self.api_id!r}, server={self._endpoint.server!r})"
