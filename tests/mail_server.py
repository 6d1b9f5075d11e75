"""A mail server on loopback, for tests: aiosmtpd, what it got, and mails as people read them."""

import contextlib
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from running import free_port

PATIENCE = 10
LINK = re.compile(r"(\S+)/verify#(no\.)?([\w-]{43})$", re.MULTILINE)

# It logs every line that it is told. That is a mail server's business, and not what tests of our log look for.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class Received:
    """One mail, as it came."""

    def __init__(self, recipients: list[str], sender: str, content: bytes) -> None:
        self.recipients, self.sender, self.content = recipients, sender, content
        self.message: EmailMessage = message_from_bytes(content, policy=default)  # type: ignore[assignment]

    def part(self, kind: str = "plain") -> str:
        return self.message.get_body((kind,)).get_content().replace("\r\n", "\n")

    @property
    def code(self) -> str:
        [code] = re.findall(r"^ {4}(\d{6})$", self.part(), re.MULTILINE)
        return code

    @property
    def links(self) -> list[tuple[str, str, str]]:
        """Origin, ``no.`` or nothing, and token, of each link."""
        return LINK.findall(self.part())

    @property
    def token(self) -> str:
        [token] = {token for *_, token in self.links}
        return token


class MailServer:
    """What it got. ``answers`` replace what it says to RCPT and to DATA."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: dict[str, str] = {}
        self.logins: list[tuple[bytes, bytes]] = []
        self.was_encrypted: list[bool] = []
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server, _session, envelope, address, _options
    ) -> str:
        if refusal := self.answers.get("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope) -> str:  # noqa: N802
        if refusal := self.answers.get("DATA"):
            return refusal
        self.was_encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        self.received.append(Received(envelope.rcpt_tos, envelope.mail_from, envelope.original_content))
        return "250 OK"

    def log_in(self, _server, _session, _envelope, _mechanism, credentials) -> AuthResult:
        self.logins.append((credentials.login, credentials.password))
        return AuthResult(success=credentials.password == b"sesame")

    def last(self) -> Received:
        return self.received[-1]


@contextlib.contextmanager
def serving(folder: Path | None = None, *, tls: str = "none", logs_in: bool = False) -> Iterator[MailServer]:
    """A mail server; with ``tls`` its authority's certificate is ``authority.pem`` in ``folder``."""
    server = MailServer()
    options: dict = {}
    if tls != "none":
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "authority.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        options = {"tls_context": context, "require_starttls": True} if tls == "starttls" else {"ssl_context": context}
    if logs_in:
        # With TLS from the first byte aiosmtpd does not know of any.
        options |= {"authenticator": server.log_in, "auth_require_tls": tls == "starttls"}
    controller = Controller(server, hostname="127.0.0.1", port=free_port(), **options)
    server.port = controller.port
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


class Silent:
    """A server that takes connections, and never says a word."""

    def __init__(self, listening: socket.socket) -> None:
        self.connections: list[socket.socket] = []
        self.port: int = listening.getsockname()[1]
        self._listening = listening
        threading.Thread(target=self._accept, daemon=True).start()

    def hang_up(self) -> None:
        for connection in self.connections:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(self._listening.accept()[0])


@contextlib.contextmanager
def silent() -> Iterator[Silent]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Silent(listening)
        yield server
        listening.shutdown(socket.SHUT_RDWR)
        server.hang_up()


@contextlib.contextmanager
def babbling(*lines: bytes) -> Iterator[int]:
    """The port of something that says these lines to whoever comes, one for each that it is told, then hangs up."""

    def babble() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, contextlib.suppress(OSError):
                    for line in lines:
                        connection.sendall(line)
                        connection.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=babble, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def wait_until(holds) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
