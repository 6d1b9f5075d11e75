"""Over a real socket: connections, threads, forks, TLS, and the package's own functions.

The service itself is asked in ``test_service``; here a server of the standard library plays it.
"""

import ipaddress
import json
import logging
import os
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from running import free_port

import oneid
from oneid import site as functions
from tests.sdk.playing import API_ID, API_KEY, NONCE, SUCCESS, UID, payload

ANSWERS = {
    "/validate": SUCCESS,
    "/validate_batch": {"errorcode": 0, "error": "success", "answers": [SUCCESS]},
    "/make_nonce": {"errorcode": 0, "error": "success", "nonce": NONCE},
    "/register": {"errorcode": 0, "error": "success", "API_ID": API_ID, "API_KEY": API_KEY},
}


class Server(ThreadingHTTPServer):
    """Keeps the sockets that were opened to it."""

    daemon_threads = True
    url = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.opened: list[Any] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def get_request(self) -> Any:
        accepted = super().get_request()
        self.opened.append(accepted)
        return accepted

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some of these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(ANSWERS[self.path]).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - its name in the standard library
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


@pytest.fixture
def environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ONEID_SERVER", server.url)
    monkeypatch.setenv("ONEID_API_ID", API_ID)
    monkeypatch.setenv("ONEID_API_KEY", API_KEY)
    yield
    if functions._site:
        functions._site.close()


def test_a_connection_is_used_again(server: Server) -> None:
    with oneid.OneID(API_ID, API_KEY, server=server.url) as site:
        assert all(site.validate(payload()).uid == UID for _ in range(5))
    assert len(server.opened) == 1


def test_a_forked_child_never_uses_the_connections_of_its_parent(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with oneid.OneID(API_ID, API_KEY, server=server.url) as site:
        assert site.validate(payload())
        parents = site._driver._http
        monkeypatch.setattr(os, "getpid", lambda: -1)
        assert site.validate(payload())
        assert site.validate(payload())
        parents.close()
    assert len(server.opened) == 2


@pytest.mark.usefixtures("environment")
def test_the_functions_ask_as_the_site_of_the_environment() -> None:
    assert oneid.validate(json.dumps(payload())).uid == UID
    assert oneid.verify(payload(), nonce=NONCE)
    assert [each.uid for each in oneid.validate_many([payload()])] == [UID]
    assert oneid.make_nonce() == NONCE
    assert oneid.register() == oneid.Credentials(API_ID, API_KEY)


@pytest.mark.usefixtures("environment")
def test_the_site_of_the_environment_is_made_once_for_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    make = oneid.OneID.from_environment
    monkeypatch.setattr(oneid.OneID, "from_environment", lambda: made.append(make()) or made[-1])
    together = threading.Barrier(8)

    def ask(_: int) -> bool:
        together.wait()
        return bool(oneid.validate(payload()))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))
    assert len(made) == 1


def test_threads_share_one_site(server: Server) -> None:
    with oneid.OneID(API_ID, API_KEY, server=server.url) as site, ThreadPoolExecutor(8) as pool:
        signed = [payload(uid=str(number)) for number in range(100)]
        assert [each.uid for each in pool.map(site.validate, signed)] == [str(number) for number in range(100)]
    assert len(server.opened) <= 8


def test_the_wire_libraries_log_no_secret(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    for library in (None, "httpx", "httpcore"):  # the service, where it was in this process, has made them quieter
        caplog.set_level(logging.DEBUG, library)
    with oneid.OneID(API_ID, API_KEY, server=server.url) as site:
        site.validate(payload(attr={"email": {"email": "private@example.org"}}))
    assert caplog.records
    assert not [secret for secret in (API_KEY, "Basic", "private@", UID) if secret in caplog.text]


def test_nobody_at_the_address_is_unreachable(kind: Any) -> None:
    with pytest.raises(oneid.Unreachable):
        kind(API_ID, API_KEY, server=f"http://127.0.0.1:{free_port()}").make_nonce()


def test_a_service_without_tls_is_not_spoken_to_as_if_it_had_it(kind: Any, server: Server) -> None:
    with pytest.raises(oneid.Unreachable):
        kind(API_ID, API_KEY, server=server.url.replace("http:", "https:")).validate(payload())


def self_signed(folder: Path, address: str) -> Path:
    """A file with a new key and the certificate for ``address`` that it signs for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a service of our own")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "service.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("address", "vouched_for", "believed"),
    [("127.0.0.1", True, True), ("127.0.0.1", False, False), ("127.0.0.2", True, False)],
    ids=["ours", "unknown authority", "another host"],
)
def test_a_certificate_that_does_not_verify_is_nobody(
    kind: Any, server: Server, tmp_path: Path, address: str, vouched_for: bool, believed: bool
) -> None:
    certificate = self_signed(tmp_path, address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    trusted = ssl.create_default_context(cafile=certificate) if vouched_for else None
    url = server.url.replace("http:", "https:")
    site = kind(API_ID, API_KEY, server=url, timeout=5, ssl_context=trusted)
    if believed:
        assert site.make_nonce() == NONCE
    else:
        with pytest.raises(oneid.Unreachable):
            site.make_nonce()
    if isinstance(site, oneid.OneID):
        site.close()
