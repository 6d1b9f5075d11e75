"""A push service on loopback, for tests: real TLS, and what it got, opened as a browser would."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import http_ece
import trustme
from authenticator import Json, b64url
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PATIENCE = 10


@dataclass
class Received:
    """One message, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


class Browser:
    """A subscription's keys, which only the browser has."""

    def __init__(self) -> None:
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), b"sixteen bytes !!"

    def members(self, endpoint: str) -> Json:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": endpoint, "p256dh": b64url(point), "auth": b64url(self.auth)}

    def open(self, received: Received) -> Json:
        opened: Json = json.loads(http_ece.decrypt(received.body, private_key=self.key, auth_secret=self.auth))
        return opened


class PushService:
    """``/push/...`` takes messages, ``/gone`` and ``/lost`` know no phone, ``/moved`` redirects, ``/hangs`` hangs."""

    def __init__(self, names: tuple[str, ...], folder: Path) -> None:
        self.received: list[Received] = []
        self.closing = threading.Event()
        authority = trustme.CA()
        self.authority = folder / "authority.pem"
        authority.cert_pem.write_to_path(self.authority)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(context)
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.received.append(Received(self.path, dict(self.headers), body))
                if self.path.startswith("/hangs"):
                    service.closing.wait(PATIENCE)
                    return
                status = {"/gone": 410, "/lost": 404, "/moved": 307, "/broken": 500}.get(self.path, 201)
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", f"https://localhost:{service.port}/push/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.handle_error = lambda *_: None  # a handshake that the other side broke off
        self.port: int = self.server.server_address[1]

    def wait_for(self, count: int) -> list[Received]:
        deadline = time.monotonic() + PATIENCE
        while len(self.received) < count:
            assert time.monotonic() < deadline, f"{len(self.received)} of {count} came"
            time.sleep(0.01)
        return self.received


@contextmanager
def serving(folder: Path, *names: str) -> Iterator[PushService]:
    service = PushService(names or ("localhost",), folder)
    threading.Thread(target=service.server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield service
    finally:
        service.closing.set()
        service.server.shutdown()
        service.server.server_close()
