"""Mail servers, good ones and bad ones: TLS, passwords, refusals, silence. What can not be mailed leaves no trace."""

import threading
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from device import Device, over_http, over_wsgi
from mail_server import babbling, serving, silent, wait_until
from mailing import ADDRESS, FROM, ask_for_mail, state, wish
from running import free_port, service
from sqlalchemy import select

from keychain import mail_port
from keychain.app import create_app, utc_now
from keychain.store.vault_tables import address_proofs

PASSWORD = {"smtp_username": "keychain", "smtp_password": "sesame"}  # pragma: allowlist secret


@pytest.fixture
def _impatient(monkeypatch):
    assert mail_port.TIMEOUT <= 10, "seconds, for each step"
    monkeypatch.setattr(mail_port, "TIMEOUT", 1)


@pytest.fixture
def make_device(config, store, clock):
    def make(**changed) -> Device:
        app = create_app(replace(config, mail_from=FROM, **changed), clock=clock, store=store)
        return Device(over_wsgi(app), clock).sign_up()

    return make


@pytest.fixture
def trusted(tmp_path, monkeypatch) -> Path:
    """Where a test's authority is, which the service trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return tmp_path


def at(port: int, tls: str = "none", host: str = "127.0.0.1") -> dict:
    return {"smtp_host": host, "smtp_port": port, "smtp_tls": tls}


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_goes_through_tls_with_a_password(make_device, trusted, tls):
    with serving(trusted, tls=tls, logs_in=True) as server:
        device = make_device(**at(server.port, tls, "localhost"), **PASSWORD)
        assert ask_for_mail(device, server).code_of("confirm") == "success"
    assert server.was_encrypted == [True]
    assert server.logins == [(b"keychain", b"sesame")]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_whose_certificate_does_not_verify_is_told_nothing(make_device, tmp_path, tls):
    with serving(tmp_path, tls=tls, logs_in=True) as server:
        device = make_device(**at(server.port, tls, "localhost"), **PASSWORD)
        assert device.code("/repo/emails", wish()) == "mail_unavailable"
    assert server.received == server.logins == []


def test_a_certificate_for_another_name_does_not_verify(make_device, trusted):
    with serving(trusted, tls="tls") as server:
        assert make_device(**at(server.port, "tls")).code("/repo/emails", wish()) == "mail_unavailable"
    assert server.received == []


def test_no_password_and_no_mail_goes_to_a_server_without_starttls(make_device):
    with serving() as server:
        device = make_device(**at(server.port, "starttls"), **PASSWORD)
        assert device.code("/repo/emails", wish()) == "mail_unavailable"
    assert server.received == server.logins == []


@pytest.mark.usefixtures("_impatient")
def test_a_wrong_password_is_mail_unavailable(make_device, trusted):
    with serving(trusted, tls="starttls", logs_in=True) as server:
        wrong = PASSWORD | {"smtp_password": "hunter2"}  # pragma: allowlist secret
        device = make_device(**at(server.port, "starttls", "localhost"), **wrong)
        assert device.code("/repo/emails", wish()) == "mail_unavailable"
    assert server.received == []


REFUSALS = {
    ("RCPT", "550 no such user here"): (400, "malformed_address"),
    ("RCPT", "450 greylisted, come back"): (503, "mail_unavailable"),
    ("RCPT", "421 too busy"): (503, "mail_unavailable"),
    ("DATA", "554 looks like spam"): (503, "mail_unavailable"),
    ("DATA", "451 disk full"): (503, "mail_unavailable"),
}


@pytest.mark.parametrize(("refusal", "answer"), REFUSALS.items())
def test_what_a_server_refuses_leaves_everything_as_it_was(make_device, session, refusal, answer):
    with serving() as server:
        device = make_device(**at(server.port))
        former = ask_for_mail(device, server)
        before = session.rows(select(address_proofs))
        server.answers = dict([refusal])
        status, members = device.post("/repo/emails", wish("bob@example.net"))
        assert (status, members["code"]) == answer
        assert session.rows(select(address_proofs)) == before
    assert former.code_of("confirm") == "success"


NO_SERVERS = {
    "says nothing and goes": (),
    "is no mail server": (b"HTTP/1.1 400 Bad Request\r\n\r\n",),
    "says what is no text": (b"\xff\xfe\x00\r\n",),
    "never ends its line": (b"2" * 100_000,),
    "goes after the greeting": (b"220 hello\r\n",),
    "has no EHLO": (b"220 hello\r\n", b"502 what?\r\n", b"502 what?\r\n"),
    "goes before the end": (b"220 hello\r\n", b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"),
}


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("lines", NO_SERVERS.values(), ids=NO_SERVERS)
def test_what_is_no_mail_server_is_mail_unavailable(make_device, session, lines):
    with babbling(*lines) as port:
        status, members = make_device(**at(port)).post("/repo/emails", wish())
    assert (status, members["code"]) == (503, "mail_unavailable")
    assert session.rows(select(address_proofs)) == []


def test_a_server_that_is_not_there_is_mail_unavailable(make_device):
    assert make_device(**at(free_port())).code("/repo/emails", wish()) == "mail_unavailable"
    nowhere = make_device(**at(25, host="mail.invalid"))
    assert nowhere.code("/repo/emails", wish()) == "mail_unavailable"


@pytest.mark.usefixtures("_impatient")
def test_a_silent_server_is_waited_for_for_seconds(make_device):
    with silent() as server:
        assert make_device(**at(server.port)).code("/repo/emails", wish()) == "mail_unavailable"
        assert len(server.connections) == 1


def test_a_silent_server_holds_up_nobody(config, store, clock):
    """One thread's turn is all that there is: it is given back while a mail is on its way."""
    codes: list[str] = []
    with silent() as server:
        app = create_app(replace(config, threads=1, mail_from=FROM, **at(server.port)), clock=clock, store=store)
        device = Device(over_wsgi(app), clock).sign_up()
        waiting = threading.Thread(target=lambda: codes.append(device.code("/repo/emails", wish())))
        waiting.start()
        wait_until(lambda: server.connections)
        for _ in range(3):
            assert state(device) is None
        assert codes == []
        server.hang_up()
        waiting.join(30)
        assert codes == ["mail_unavailable"]
        assert state(device) is None, "the turn is there again"


def test_only_a_few_wait_for_a_silent_server_at_once(config, store, clock, monkeypatch):
    monkeypatch.setattr(mail_port, "AT_ONCE", 2)
    codes: list[str] = []

    def ask(device) -> None:
        codes.append(device.code("/repo/emails", wish()))

    with silent() as server:
        app = create_app(replace(config, mail_from=FROM, **at(server.port)), clock=clock, store=store)
        first, second, third = (Device(over_wsgi(app), clock).sign_up() for _ in range(3))
        waiting = [threading.Thread(target=ask, args=(device,)) for device in (first, second)]
        for thread in waiting:
            thread.start()
        wait_until(lambda: len(server.connections) == 2)
        assert third.code("/repo/emails", wish()) == "mail_unavailable"
        assert codes == [], "it was refused at once, while the two still wait"
        server.hang_up()
        for thread in waiting:
            thread.join(30)
        assert codes == ["mail_unavailable"] * 2
        assert len(server.connections) == 2


def test_a_server_that_ends_without_goodbye_has_the_mail_all_the_same(make_device, session):
    said = (b"220 hello\r\n", *[b"250 ok\r\n"] * 3, b"354 go on\r\n")
    with babbling(*said, b"250 taken\r\n", b"421 enough\r\n") as port:
        assert make_device(**at(port)).code("/repo/emails", wish()) == "success"
    assert len(session.rows(select(address_proofs))) == 1


def test_beyond_loopback_nothing_is_mailed_without_a_server(config, store, clock):
    app = create_app(replace(config, origin="https://id.example.org"), clock=clock, store=store)
    device = Device(over_wsgi(app), clock, "https://id.example.org").sign_up()
    status, members = device.post("/repo/emails", {"address": ADDRESS, "language": "en"})
    assert (status, members["code"]) == (503, "mail_unavailable")
    assert app.test_client().get("/mailbox").status_code == 404


def test_a_server_is_greeted_with_the_senders_domain_and_not_with_this_machines_name(make_device, monkeypatch):
    greeted = []

    async def note(_server, session, _envelope):
        greeted.append(session.host_name)
        return "250 OK"

    with serving() as server:
        monkeypatch.setattr(server, "handle_DATA", note)
        assert make_device(**at(server.port)).code("/repo/emails", wish()) == "success"
    assert greeted == ["id.example.org"]


@pytest.mark.slow
def test_a_served_process_mails_and_its_log_at_debug_has_no_address_and_no_password(tmp_path):
    password = tmp_path / "password"
    password.write_text("sesame")
    setting = {
        "smtp_username": "keychain",
        "smtp_password_file": str(password),
        "mail_from": FROM,
        "log_level": "DEBUG",
    }
    with serving(logs_in=True) as server:
        where = {name: str(value) for name, value in at(server.port).items()}
        with service(tmp_path / "data", **where, **setting) as started:
            origin = started.url.replace("127.0.0.1", "id.localhost")
            device = Device(over_http(started.url), utc_now, origin).sign_up()
            assert httpx.get(f"{started.url}/mailbox").status_code == 404
            mailed = ask_for_mail(device, server)
            assert mailed.code_of("confirm") == "success"
            server.answers = {"RCPT": f"550 no <{ADDRESS}> here"}
            assert device.code("/repo/emails", wish()) == "malformed_address"
            log = started.log.read_text()
    assert "/repo/emails" in log
    assert "mail not sent" in log
    for secret in (ADDRESS, ADDRESS.split("@")[0], "mail.example.org", mailed.mail.code, mailed.mail.token, "sesame"):
        assert secret.lower() not in log.lower()
