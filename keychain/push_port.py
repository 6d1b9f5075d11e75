"""The port to push services: what wakes a phone (RFC 8030), encrypted (RFC 8291) and signed (RFC 8292).

What is sent says an id and nothing else, and brings nothing that decides: a phone that is woken asks, and is told. So
whatever goes wrong here costs nobody more than a look at the phone. A request only leaves its subscriptions in a queue;
a few threads send, and when the queue is full, what comes is dropped.

An endpoint is a stranger's word. It was held against the list of services when it came, and is again when something is
sent; the name is resolved once, every address it has must be a public one unless the operator named that very host, and
the connection goes to the address that was looked at, with the name's certificate. No redirect is followed.
"""

import json
import queue
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

import structlog
from cryptography.hazmat.primitives.asymmetric import ec

from keychain import errors
from keychain.jose import base64url, jws
from keychain.repo import push_services, push_subscriptions
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.push_services import Endpoint
from keychain.repo.push_subscriptions import UNCOMPRESSED, Subscription
from keychain.settings import Settings
from keychain.store.engine import Session, Store

# What sends is loaded by the first thread that sends: it takes 2 MB of every worker.
if TYPE_CHECKING:
    import ssl

    import httpx

THREADS = 4
PLACES = 1000
TIMEOUT = 10  # seconds
TOLD = timedelta(hours=12)  # for how long a token holds; RFC 8292, 2: at most a day
# Seconds for which a push service keeps what it can not deliver: a confirmation is over by then, news are not.
KEPT, NEWS_KEPT = 120, 86400
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

_RELAYED = IPv6Address("64:ff9b::")  # RFC 6052: an IPv4 address stands in the last 32 bits of these
_RELAYED_BITS = 32
# What may lead into a network, whatever this version of Python says of it: local translation (RFC 8215), addresses
# with an IPv4 address in them (RFC 4291, RFC 2765), site-local ones (RFC 3879), Teredo (RFC 4380).
_INWARD = tuple(map(IPv6Network, ("64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96", "fec0::/10", "2001::/32")))

_log = structlog.get_logger("keychain")


class _NotPublic(Exception):
    """A push service's name leads to where this service does not send."""


@dataclass(frozen=True)
class _Waking:
    subscription: Subscription
    confirmation: str


class Pushes:
    """Sends to phones, from threads of its own that start with the first thing to send."""

    def __init__(self, settings: Settings, store: Store, keys: MasterKeys, clock: Callable[[], datetime]) -> None:
        self._store, self._keys, self._clock = store, keys, clock
        self._added = settings.push_services
        self._contact = settings.push_contact or settings.public_origin
        self._waiting: queue.Queue[_Waking] = queue.Queue(PLACES)
        self._starting = threading.Lock()
        self._threads: list[threading.Thread] = []

    def wake(self, session: Session, account: str, confirmation: str = "") -> None:
        """Wake the phones of an account: after the commit, and without waiting for anything."""
        try:
            found = push_subscriptions.of(session, account, self._clock())
        except errors.Unavailable as trouble:
            _log.warning("phones not woken", exc_info=trouble)
            return
        for subscription in found:
            try:
                self._waiting.put_nowait(_Waking(subscription, confirmation))
            except queue.Full:
                _log.warning("push dropped")
        if found:
            self._start()

    def _start(self) -> None:
        with self._starting:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            while len(self._threads) < THREADS:
                self._threads.append(threading.Thread(target=self._work, daemon=True))
                self._threads[-1].start()

    def _work(self) -> None:
        while True:
            waking = self._waiting.get()
            try:
                self._send(waking)
            except Exception as trouble:  # noqa: BLE001 - one that can not be sent shall not keep others from being sent
                # Its words may quote the endpoint, which is secret.
                _log.warning("push failed", why=type(trouble).__name__)
            finally:
                self._waiting.task_done()

    def _send(self, waking: _Waking) -> None:
        subscription = waking.subscription
        endpoint = push_services.check(subscription.endpoint, self._added)
        headers = {
            "Authorization": self._authorization(endpoint, subscription.key_version),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "Host": endpoint.authority,
            "TTL": str(KEPT if waking.confirmation else NEWS_KEPT),
            "Urgency": "high",
        }
        status = self._post(endpoint, _seal(subscription, {"id": waking.confirmation}), headers)
        if status in GONE:
            with self._store.session() as session:
                push_subscriptions.remove(session, subscription.device, subscription.endpoint)
        elif status >= HTTPStatus.MULTIPLE_CHOICES:
            _log.warning("push refused", status=status)

    def _post(self, endpoint: Endpoint, sealed: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer, by the first of the name's addresses that can be reached."""
        import httpx

        name = {"sni_hostname": endpoint.host}
        trouble: httpx.TransportError | None = None
        for address in _addresses(endpoint):
            url = f"https://{f'[{address}]' if ':' in address else address}:{endpoint.port}{endpoint.path}"
            try:
                # Streamed, so that nobody's long answer is read.
                with self._client.stream("POST", url, content=sealed, headers=headers, extensions=name) as answer:
                    return answer.status_code
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                trouble = error
        raise trouble or _NotPublic

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx

        # No proxy of the environment, which would resolve the name by itself; and no connection is kept, because the
        # next one to this address may be for another name.
        return httpx.Client(
            verify=_trust(),
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def _authorization(self, endpoint: Endpoint, version: int) -> str:
        key = self._keys.vapid_key(version)
        claims = {
            "aud": f"https://{endpoint.authority}",
            "exp": int((self._clock() + TOLD).timestamp()),
            "sub": self._contact,
        }
        return f"vapid t={jws.sign(claims, key, 'JWT')},k={base64url.encode(UNCOMPRESSED + key.public.raw)}"


def _trust() -> "ssl.SSLContext":
    """Whom push services are certified by: as for other clients here, and as the operator says with SSL_CERT_FILE."""
    import httpx

    return httpx.create_ssl_context()


def _seal(subscription: Subscription, members: dict[str, str]) -> bytes:
    """What only the phone opens (RFC 8291)."""
    import http_ece  # type: ignore[import-untyped]

    sealed: bytes = http_ece.encrypt(
        json.dumps(members).encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=subscription.p256dh,
        auth_secret=subscription.auth,
    )
    return sealed


def _addresses(endpoint: Endpoint) -> list[str]:
    """The addresses to connect to.

    Raises:
        _NotPublic: if one that the name has is not everybody's, and the operator did not name this host.
    """
    found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    if not endpoint.named and not all(map(is_public, addresses)):
        raise _NotPublic
    return addresses


def is_public(address: str) -> bool:
    """Whether an address is one of the whole internet, and of no network in it, this machine's own among them."""
    parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        if any(parsed in network for network in _INWARD):
            return False
        parsed = parsed.ipv4_mapped or parsed.sixtofour or _relayed(parsed) or parsed
    return parsed.is_global and not parsed.is_multicast


def _relayed(address: IPv6Address) -> IPv4Address | None:
    number = int(address)
    if number >> _RELAYED_BITS != int(_RELAYED) >> _RELAYED_BITS:
        return None
    return IPv4Address(number & (1 << _RELAYED_BITS) - 1)
