"""In development: mail goes to the log and to a page of this process, and nowhere does it say whom it is for."""

import re
from dataclasses import replace

import pytest
from device import Device, over_wsgi
from mailing import ADDRESS, MailboxPage, follow, is_of, state, wish

from keychain.app import create_app
from keychain.mail_port import SHOWN


@pytest.fixture
def development(config, store, clock):
    """An application that was just started."""
    return create_app(replace(config, mail_limit="1000/day"), clock=clock, store=store)


@pytest.fixture
def device(development, clock) -> Device:
    return Device(over_wsgi(development), clock).sign_up()


def look(app, host: str = "id.localhost:8000"):
    return app.test_client().get("/mailbox", headers={"Host": host})


def test_the_mailbox_is_empty_at_first(development):
    answer = look(development)
    assert answer.status_code == 200
    assert "Nothing came yet." in answer.text


@pytest.mark.parametrize("way", ["code", "link"])
def test_an_address_is_proved_with_what_the_mailbox_shows(development, device, way):
    begun = device.do("/repo/emails", wish())["email"]
    page = MailboxPage(look(development).text)
    [link], [code] = page.links["confirm"], page.codes
    assert link.startswith("http://id.localhost:8000/verify#")
    if way == "code":
        assert device.code("/repo/emails/confirm", {"id": begun["id"], "code": code}) == "success"
    else:
        assert follow(device, "link", link.partition("#")[2])[1]["errorcode"] == 0
    assert is_of(state(device))


def test_the_mailbox_shows_the_newest_first_and_the_last_fifty(development, device):
    for _ in range(SHOWN + 3):
        device.do("/repo/emails", wish())
        newest = MailboxPage(look(development).text).links["refuse"][0]
    page = MailboxPage(look(development).text)
    assert page.links["refuse"][0] == newest
    assert len(page.codes) == len(page.links["confirm"]) == SHOWN
    assert len(set(page.links["confirm"])) == SHOWN


def test_the_mailbox_does_not_say_whom_a_mail_is_for(development, device):
    device.do("/repo/emails", wish())
    assert ADDRESS.lower() not in look(development).text.lower()


def test_the_page_is_kept_nowhere_runs_nothing_and_is_framed_by_nobody(development):
    sent = look(development).headers
    assert sent["Cache-Control"] == "no-store"
    policy = sent["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert sent["Cross-Origin-Resource-Policy"] == "same-origin"
    for path in re.findall(r'href="(/static/[^"]+)"', look(development).text):
        assert development.test_client().get(path).status_code == 200


@pytest.mark.parametrize(("workers", "says"), [(1, False), (2, True)])
def test_with_several_workers_it_says_that_each_shows_its_own(config, store, clock, workers, says):
    app = create_app(replace(config, workers=workers), clock=clock, store=store)
    assert ("each shows its own mails only" in look(app).text) is says


@pytest.mark.parametrize("host", ["id.localhost:8000", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_this_machine_may_look_under_each_of_its_names(development, host):
    assert look(development, host).status_code == 200


@pytest.mark.parametrize("host", ["evil.example:8000", "192.168.0.7:8000", "localhost.evil.example"])
def test_a_name_that_was_made_to_lead_here_shows_nothing(development, device, host):
    device.do("/repo/emails", wish())
    answer = look(development, host)
    assert answer.get_json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, "203.0.113.9"), ({}, "2001:db8::9"), ({}, ""), ({}, "x"),
        ({"X-Forwarded-For": "203.0.113.9"}, "127.0.0.1"), ({"X-Forwarded-Host": "id.example.org"}, "127.0.0.1"),
        ({"Forwarded": "for=203.0.113.9"}, "127.0.0.1"), ({"X-Real-IP": "127.0.0.1"}, "127.0.0.1"),
        ({"Via": "1.1 proxy"}, "::1"),
    ],
    ids=str,
)  # fmt: skip
def test_nothing_is_shown_to_another_machine_or_through_a_proxy(development, device, headers, address):
    device.do("/repo/emails", wish())
    answer = development.test_client().get(
        "/mailbox", headers={"Host": "127.0.0.1:8000"} | headers, environ_overrides={"REMOTE_ADDR": address}
    )
    assert answer.get_json()["code"] == "not_found"


@pytest.mark.parametrize(
    "changed",
    [
        {"host": "0.0.0.0", "origin": "https://id.example.org"},
        {"origin": "https://id.example.org"},
        {"smtp_host": "127.0.0.1", "mail_from": "oneid@id.example.org"},
        {"only": "validation"},
    ],
    ids=str,
)
def test_elsewhere_there_is_no_such_page(config, store, clock, changed):
    app = create_app(replace(config, **changed), clock=clock, store=store)
    assert look(app).get_json()["code"] == "not_found"
    assert "/mailbox" not in {rule.rule for rule in app.url_map.iter_rules()}
