"""Phones are woken through push services: sealed for the phone, signed by this service, and sent nowhere else."""

import json
import socket
import time
from dataclasses import replace

import pytest
from authenticator import Key
from confirming import Asked, ask, ask_code, wish
from device import Device, over_wsgi
from flask import Flask
from push_service import Browser, PushService, serving
from py_vapid import Vapid02
from sqlalchemy import event, select

from keychain import push_port
from keychain.app import create_app, master_keys
from keychain.jose import base64url
from keychain.push_port import Pushes, is_public
from keychain.repo import push_subscriptions
from keychain.repo.push_subscriptions import Subscription
from keychain.store.phone_tables import push_subscriptions as table


@pytest.fixture
def service(tmp_path, monkeypatch):
    with serving(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.authority))
        yield running


@pytest.fixture
def make_app(config, store, clock, service):
    def make(**changed) -> Flask:
        named = {"push_services": (f"localhost:{service.port}",), "push_contact": "mailto:ops@id.example"}
        return create_app(replace(config, **(named | changed)), clock=clock, store=store)

    return make


@pytest.fixture
def asked(make_app, clock) -> Asked:
    return Asked(Device(over_wsgi(make_app()), clock).sign_up())


def subscribe(phone, service: PushService, path: str) -> Browser:
    browser = Browser()
    phone.do("/repo/phone/push", browser.members(f"https://localhost:{service.port}{path}"))
    return browser


def test_a_confirmation_wakes_the_phone_with_its_id_and_nothing_else(asked, service, clock):
    browser = subscribe(asked.phone, service, "/push/abc?d=%2b")
    made = ask(asked.frame, message="Open the safe?")
    [received] = service.wait_for(1)
    assert browser.open(received) == {"id": made["id"]}
    assert b"safe" not in received.body
    headers = received.headers
    assert received.path == "/push/abc?d=%2b"
    assert (headers["TTL"], headers["Urgency"], headers["Content-Encoding"]) == ("120", "high", "aes128gcm")
    assert headers["Host"] == f"localhost:{service.port}"
    assert Vapid02.verify(headers["Authorization"])
    token, key = (part.partition("=")[2] for part in headers["Authorization"].removeprefix("vapid ").split(","))
    assert key == asked.phone.do("/repo/phone")["phone"]["vapid_key"]
    header, claims, _ = token.split(".")
    assert json.loads(base64url.decode(header)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(base64url.decode(claims)) == {
        "aud": f"https://localhost:{service.port}",
        "exp": int(clock.now.timestamp()) + 43200,
        "sub": "mailto:ops@id.example",
    }


def test_the_same_question_again_wakes_nobody(asked, service):
    subscribe(asked.phone, service, "/push/x")
    body = wish(asked.frame)
    assert {asked.frame.code("/repo/confirmations", body) for _ in range(10)} == {"success"}
    asked.phone.approve(asked.phone.pending()[0])
    assert {asked.frame.code("/repo/confirmations", body) for _ in range(10)} == {"success"}
    service.wait_for(1)
    ask(asked.frame)
    service.wait_for(2)
    time.sleep(0.2)
    assert len(service.received) == 2


def test_every_phone_of_the_account_is_woken_and_nobody_elses(asked, service, clock):
    other = asked.phone.connect_phone()
    gone = asked.phone.connect_phone()
    stranger = Asked(Device(asked.device.ask, clock).sign_up())
    for name, phone in (("one", asked.phone), ("two", other), ("gone", gone), ("stranger", stranger.phone)):
        subscribe(phone, service, f"/push/{name}")
    asked.phone.do("/repo/devices/revoke", {"device": gone.kid})
    service.wait_for(2)  # the news that one of them was revoked
    service.received.clear()
    for _ in range(2):
        ask(asked.frame)
    paths = sorted(received.path for received in service.wait_for(4))
    time.sleep(0.2)
    assert (
        sorted(received.path for received in service.received)
        == paths
        == ["/push/one", "/push/one", "/push/two", "/push/two"]
    )


@pytest.fixture
def pushes(config, store, clock, service):
    """The port alone, and a way to send one thing and wait until it was tried."""

    class Sending:
        def __init__(self, **changed) -> None:
            named = {"push_services": (f"localhost:{service.port}",)}
            settings = replace(config, **(named | changed))
            self.port = Pushes(settings, store, master_keys(settings, store), clock)
            self.device = Device(over_wsgi(create_app(config, clock=clock, store=store)), clock).sign_up()
            self.phone = self.device.connect_phone()

        def send(self, endpoint: str, confirmation: str = "x") -> None:
            browser = Browser().members(endpoint)
            point, auth = base64url.decode(browser["p256dh"]), base64url.decode(browser["auth"])
            with store.session() as session:
                found = Subscription(self.phone.kid, endpoint, point, auth, 1)
                push_subscriptions.put(session, found, clock.now)
                self.port.wake(session, self.device.account, confirmation)
            self.port._waiting.join()

        def kept(self) -> bool:
            with store.session() as session:
                return bool(session.rows(select(table)))

    return Sending


@pytest.mark.parametrize(("path", "kept"), [("/gone", False), ("/lost", False), ("/broken", True), ("/push/x", True)])
def test_a_subscription_that_is_gone_is_forgotten(pushes, service, path, kept):
    sending = pushes()
    sending.send(f"https://localhost:{service.port}{path}")
    assert [received.path for received in service.received] == [path]
    assert sending.kept() is kept


def test_no_redirect_is_followed(pushes, service):
    sending = pushes()
    sending.send(f"https://localhost:{service.port}/moved")
    assert [received.path for received in service.received] == ["/moved"]
    assert sending.kept()


def test_news_are_kept_for_a_day_and_say_no_id(pushes, service):
    pushes().send(f"https://localhost:{service.port}/push/x", confirmation="")
    [received] = service.received
    assert received.headers["TTL"] == "86400"


def test_a_service_that_is_not_allowed_any_more_gets_nothing(pushes, service):
    sending = pushes(push_services=())
    sending.send(f"https://localhost:{service.port}/push/x")
    assert service.received == []
    assert sending.kept()


def test_a_certificate_for_another_name_gets_nothing(pushes, service):
    sending = pushes(push_services=(f"127.0.0.1:{service.port}",))
    sending.send(f"https://127.0.0.1:{service.port}/push/x")
    assert service.received == []


def test_a_certificate_of_nobody_gets_nothing(pushes, service, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    pushes().send(f"https://localhost:{service.port}/push/x")
    assert service.received == []


def test_a_service_that_is_down_or_has_no_address_costs_nothing(pushes, service, monkeypatch):
    sending = pushes()
    service.server.shutdown()
    service.server.server_close()
    sending.send(f"https://localhost:{service.port}/push/x")

    def nowhere(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    sending.send("https://web.push.apple.com/x")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    sending.send("https://web.push.apple.com/x")
    assert sending.kept()


def resolving(monkeypatch, *addresses: str, ends_in: type[OSError] = ConnectionRefusedError) -> list:
    """Lets every name lead to these; the connections that are tried."""
    real, tried = socket.getaddrinfo, []

    def resolve(host, port, *_, **__):
        if host in addresses:
            return real(host, port, type=socket.SOCK_STREAM)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    class Noted(socket.socket):
        def connect(self, address):
            tried.append(address[0])
            raise ends_in

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "socket", Noted)
    return tried


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("10.0.0.1",), ("8.8.8.8", "192.168.0.1"), ("::1",)])
def test_a_push_services_name_that_leads_to_a_private_address_gets_nothing(pushes, monkeypatch, addresses, config):
    sending = pushes()
    if config.database_url:
        sending.kept()  # the connection is there before the network is taken away
    tried = resolving(monkeypatch, *addresses)
    sending.port._waiting.put(push_port._Waking(Subscription("x", "https://x.push.apple.com/x", b"", b"", 1), ""))
    sending.port._start()
    sending.port._waiting.join()
    assert tried == []


@pytest.mark.parametrize("ends_in", [ConnectionRefusedError, TimeoutError])
def test_the_connection_goes_to_the_addresses_that_were_looked_at(pushes, monkeypatch, ends_in):
    sending = pushes()
    browser = Browser().members("")
    point, auth = base64url.decode(browser["p256dh"]), base64url.decode(browser["auth"])
    tried = resolving(monkeypatch, "8.8.8.8", "9.9.9.9", ends_in=ends_in)
    found = Subscription("x", "https://x.push.apple.com/x", point, auth, 1)
    sending.port._waiting.put(push_port._Waking(found, ""))
    sending.port._start()
    sending.port._waiting.join()
    assert tried == ["8.8.8.8", "9.9.9.9"]


PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "192.0.2.1", "2001:db8::1",
    "64:ff9b:1::808:808", "64:ff9b:1:fffe::7f00:1", "::7f00:1", "::808:808", "::ffff:0:808:808", "fec0::1", "feff::1",
    "2001:0:7f00:1::", "2001::808:808", "2002:a00:1::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450:4001:80e::200a", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_are(address):
    assert is_public(address)


def test_a_service_that_hangs_costs_a_confirmation_nothing(asked, service):
    subscribe(asked.phone, service, "/hangs")
    began = time.monotonic()
    for _ in range(3):
        ask(asked.frame)
    assert time.monotonic() - began < push_port.TIMEOUT
    service.wait_for(1)
    assert len(asked.phone.pending()) == 3


def test_what_comes_when_the_queue_is_full_is_dropped(asked, service, monkeypatch, make_app, clock):
    monkeypatch.setattr(push_port, "PLACES", 1)
    monkeypatch.setattr(push_port, "THREADS", 1)
    asked.frame.ask = asked.phone.ask = over_wsgi(make_app())
    subscribe(asked.phone, service, "/hangs")
    assert ask_code(asked.frame) == "success"
    service.wait_for(1)
    assert [ask_code(asked.frame) for _ in range(2)] == ["success"] * 2
    assert len(asked.phone.pending()) == 3
    service.closing.set()
    service.wait_for(2)
    time.sleep(0.2)
    assert len(service.received) == 2


def test_a_database_that_can_not_say_whom_to_wake_costs_a_confirmation_nothing(asked, store, service):
    subscribe(asked.phone, service, "/push/x")

    def refuse(_connection, _cursor, statement, *_):
        if "FROM push_subscriptions JOIN" in statement:
            from sqlalchemy.exc import OperationalError

            raise OperationalError(statement, {}, Exception("away"))

    event.listen(store.engine, "before_cursor_execute", refuse)
    try:
        assert ask_code(asked.frame) == "success"
    finally:
        event.remove(store.engine, "before_cursor_execute", refuse)
    assert len(asked.phone.pending()) == 1
    assert service.received == []


def test_what_nobody_foresaw_stops_no_thread(pushes, service, monkeypatch):
    monkeypatch.setattr(push_port, "THREADS", 1)
    sending = pushes()
    for _ in range(3):
        sending.port._waiting.put(push_port._Waking(None, ""))
    sending.send(f"https://localhost:{service.port}/push/x")
    assert [received.path for received in service.received] == ["/push/x"]
    assert len(sending.port._threads) == 1


def test_what_can_not_be_sealed_is_not_sent(pushes, service):
    sending = pushes()
    found = Subscription("x", f"https://localhost:{service.port}/push/x", b"\x04" + bytes(64), b"a" * 16, 1)
    sending.port._waiting.put(push_port._Waking(found, ""))
    unknown = replace(found, p256dh=b"\x04" + Key().raw, key_version=99)
    sending.port._waiting.put(push_port._Waking(unknown, ""))
    sending.port._start()
    sending.port._waiting.join()
    assert service.received == []
