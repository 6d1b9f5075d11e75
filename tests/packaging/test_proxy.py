"""The proxy of deploy/ before two nodes on one PostgreSQL: it adds nothing that is no JSON, and misses no lost node."""

import base64
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime

import httpx
import proxying
import psycopg
import pytest
import trustme
from running import free_port, service, workers
from sqlalchemy import make_url

from keychain.cli.payload import mint
from keychain.errors import every_code

pytestmark = pytest.mark.slow

MASTER_KEYS = "1:" + base64.b64encode(bytes(32)).decode()  # pragma: allowlist secret
CODES = {(error.status, error.errorcode, error.code) for error in every_code()}


class Front:
    """nginx and its two nodes."""

    def __init__(self, port, nodes, certificates, log):
        self.port, self.nodes, self.log = port, nodes, log
        self.tls = ssl.create_default_context()
        certificates.configure_trust(self.tls)
        self.client = httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=self.tls, timeout=20)
        self.credentials = ("", "")

    def register(self):
        made = self.client.get("/register").json()
        self.credentials = (made["API_ID"], made["API_KEY"])

    def ask(self, payload):
        return self.client.post("/validate", content=json.dumps(payload), auth=self.credentials)

    def raw(self, request: bytes) -> tuple[int, dict]:
        """What a client without a server name gets for bytes that no library would send."""
        head, _, body = self.answer(request).partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)

    def answer(self, request: bytes) -> bytes:
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        with anybody.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=20)) as connection:
            with contextlib.suppress(OSError):  # it may be refused before it is read
                connection.sendall(request)
            answer = b""
            with contextlib.suppress(OSError):
                while some := connection.recv(65536):
                    answer += some
        return answer

    def served(self):
        """How many validations each node's log has."""
        return [node.log.read_text().count('"door": "/validate"') for node in self.nodes]


@pytest.fixture(scope="module")
def database(postgresql):
    """A database of these tests alone, migrated as an operator does it."""
    server = make_url(postgresql).set(drivername="postgresql")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("CREATE DATABASE proxied")
    url = make_url(postgresql).set(database="proxied").render_as_string(hide_password=False)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEYCHAIN_")}
    line = [sys.executable, "-m", "keychain", "migrate"]
    subprocess.run(line, env={**kept, "KEYCHAIN_DATABASE_URL": url}, check=True, capture_output=True)
    return url


def post(path: bytes, length: int) -> bytes:
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (path, length)
    return head + b"a" * length


@contextlib.contextmanager
def started(database, folder):
    certificates = trustme.CA()
    certificate = folder / "certificate.pem"
    certificates.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    port, health = free_port(), free_port()
    said = {
        "database_url": database,
        "master_keys": MASTER_KEYS,
        "origin": f"https://id.localhost:{port}",
        "unknown_uid": "pin",
        "trusted_proxies": "127.0.0.1",
    }
    with service(folder / "one", **said) as one, service(folder / "two", **said) as two:
        nodes = [one, two]
        path = proxying.written(folder, certificate, port, health, tuple(httpx.URL(node.url).port for node in nodes))
        with proxying.running(path, health):
            front = Front(port, nodes, certificates, folder / "access.log")
            with front.client:
                front.register()
                yield front


@pytest.fixture(scope="module")
def front(database, tmp_path_factory):
    """One that every test leaves as it was."""
    with started(database, tmp_path_factory.mktemp("front")) as front:
        yield front


def kill(node):
    for process in [*workers(node.process), node.process.pid]:
        os.kill(process, signal.SIGKILL)
    node.process.wait()


def until_answered(front, payload):
    """As a site does that is told to try again: what was sent to a node while it died is lost."""
    for _ in range(3):
        answer = front.ask(payload).json()
        if answer.get("code") != "unavailable":
            break
    return answer


def test_a_lost_node_is_not_missed_and_without_any_the_answer_is_json_that_is_no_success(database, tmp_path):
    payloads = [mint(datetime.now(UTC), ("ad", "repo")) for _ in range(40)]
    with started(database, tmp_path) as front:
        for payload in payloads[:20]:
            assert front.ask(payload).json()["errorcode"] == 0
        assert all(front.served())
        lost, left = front.nodes
        kill(lost)
        answers = [until_answered(front, payload) for payload in payloads[20:]]
        assert [answer["errorcode"] for answer in answers] == [0] * 20
        assert {front.ask(payload).json()["code"] for payload in payloads} == {"replayed_nonce"}
        kill(left)
        for answer in (front.ask({}), front.client.get("/keychain/make_nonce"), front.client.get("/")):
            assert answer.headers["content-type"] == "application/json"
            assert (answer.status_code, answer.json()["errorcode"], answer.json()["code"]) in CODES
            assert answer.json()["code"] == "unavailable"


def test_what_the_proxy_refuses_is_refused_in_the_shape_of_every_answer(front):
    passed_on = ("credentials_refused", "malformed_body")
    expected = {
        post(b"/validate", 66_000): ("body_too_large",),
        post(b"/validate", 65_000): passed_on,
        post(b"/validate_batch", 4_000_000): passed_on,
        post(b"/.oneid.com//keychain/validate_batch/", 4_000_000): passed_on,
        post(b"/validate_batch", 5_000_000): ("body_too_large",),
        b"nonsense\r\n\r\n": ("malformed_request",),
        b"GET / HTTP/1.1\r\n\r\n": ("malformed_request",),
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n": ("malformed_request",),
        b"TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n": ("method_not_allowed",),
        b"GET /.fault/large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n": ("not_found",),
        b"GET /make_nonce HTTP/1.0\r\n\r\n": passed_on,
    }
    for request, codes in expected.items():
        status, answer = front.raw(request)
        assert answer["code"] in codes, request[:60]
        assert answer["errorcode"] < 0
        assert status >= 400
        assert {"error", "attr_claims", "request_id"} <= answer.keys()


def test_large_bodies_of_strangers_keep_nobody_from_the_nodes(front):
    """Such a body is read to its end, or the node would have closed before the proxy has sent it."""
    for _ in range(20):
        _, answer = front.raw(post(b"/validate_batch", 4_000_000))
        assert answer["code"] == "credentials_refused"
        _, answer = front.raw(post(b"/nothing", 65_000))
        assert answer["code"] == "not_found"


@pytest.mark.parametrize(
    ("request_line", "header"),
    [
        (b"/validate_batch", b"".join(b"X-%d: y\r\n" % number for number in range(150))),
        (b"/validate_batch", b"X: \x01\r\n"),
        (b"/validate_batch?\xff", b""),
        (b"/static/x?\xff", b""),
    ],
    ids=["150 headers", "a control character", "no ASCII", "no ASCII to a page"],
)
def test_what_makes_a_node_close_at_once_keeps_nobody_from_it(front, request_line, header):
    """Its server refuses these before anything of ours is asked, and reads no further."""
    length = 4_000_000 if b"batch" in request_line else 65_000
    refused = post(request_line, length).replace(b"Host: x\r\n", b"Host: x\r\n" + header)
    for _ in range(5):
        assert front.answer(refused).startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
        assert front.ask({}).json()["code"] == "malformed_uid"
        assert front.client.get("/account").status_code == 200


def test_a_body_that_the_proxy_can_not_keep_is_answered_in_json(front):
    place = front.log.parent / "nginx_body"
    kept = place.rename(place.with_suffix(".away"))
    try:
        status, answer = front.raw(post(b"/validate_batch", 4_000_000))
    finally:
        kept.rename(place)
    assert (status, answer["code"]) == (503, "unavailable")


def test_a_browser_keeps_its_node_and_a_site_uses_both(front):
    def asked(door):
        return [node.log.read_text().count(f'"door": "{door}", "method"') for node in front.nodes]

    before = asked("/account")
    for _ in range(8):
        assert front.client.get("/account").status_code == 200
    for _ in range(20):
        front.ask({})
    assert sorted(now - then for now, then in zip(asked("/account"), before, strict=True)) == [0, 8]
    assert all(front.served())


def test_the_proxys_own_log_names_no_path_and_no_address(front):
    assert front.client.get("/static/secret-of-somebody?code=123456").status_code == 404
    deadline = time.monotonic() + proxying.PATIENCE
    while '"status":404' not in (log := front.log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert "secret-of-somebody" not in log
    assert "123456" not in log
    assert '"127.0.0.1"' not in log
