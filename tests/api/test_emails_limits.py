"""How many mails can be caused: by an account, from an address, and to one mailbox; and what nobody can use up."""

from dataclasses import replace

import pytest
from device import Device, over_wsgi
from mailing import ADDRESS, wish

from keychain import errors
from keychain.app import create_app
from keychain.web.rates import Rates


@pytest.fixture
def make_device(config, store, clock):
    """A signed-up browser, at an address of its own, of one application."""
    app = create_app(replace(config, mail_limit="3/hour"), clock=clock, store=store)

    def make(address: str) -> Device:
        ask = over_wsgi(app, environ_base={"REMOTE_ADDR": address})
        return Device(ask, clock).sign_up()

    make.app = app
    return make


def test_one_account_causes_so_many_mails_and_no_more(make_device):
    device = make_device("192.0.2.1")
    codes = [device.code("/repo/emails", wish(f"a{number}@example.org")) for number in range(4)]
    assert codes == ["success"] * 3 + ["too_many_requests"]
    assert make_device("192.0.2.2").code("/repo/emails", wish()) == "success"


def test_one_address_causes_so_many_mails_whatever_accounts_it_makes(make_device):
    devices = [make_device("192.0.2.1") for _ in range(4)]
    codes = [device.code("/repo/emails", wish(f"a{number}@example.org")) for number, device in enumerate(devices)]
    assert codes == ["success"] * 3 + ["too_many_requests"]


def test_one_mailbox_gets_so_many_mails_whoever_asks(make_device):
    devices = [make_device(f"192.0.2.{number}") for number in range(5)]
    spelled = [ADDRESS, ADDRESS.upper(), ADDRESS.lower(), ADDRESS.title(), ADDRESS]
    codes = [device.code("/repo/emails", wish(address)) for device, address in zip(devices, spelled, strict=True)]
    assert codes == ["success"] * 3 + ["too_many_requests"] * 2
    assert devices[0].code("/repo/emails", wish("other@example.org")) == "success"


def test_an_address_that_is_none_uses_nothing_up(make_device):
    device = make_device("192.0.2.1")
    for _ in range(5):
        assert device.code("/repo/emails", wish("none")) == "malformed_address"
    assert device.code("/repo/emails", wish()) == "success"


def test_where_no_mail_is_sent_nothing_is_counted(make_device, monkeypatch):
    device = make_device("192.0.2.1")

    def unavailable(*_):
        raise errors.MailUnavailable

    monkeypatch.setattr("keychain.mail_port.Mailbox.check", unavailable)
    assert {device.code("/repo/emails", wish()) for _ in range(5)} == {"mail_unavailable"}
    monkeypatch.undo()
    assert device.code("/repo/emails", wish()) == "success"


def test_who_reads_the_counters_learns_no_address(make_device, monkeypatch):
    counted = []
    real = Rates.admit

    def note(rates, rate, *of, address=None):
        counted.extend(of)
        return real(rates, rate, *of, address=address)

    monkeypatch.setattr(Rates, "admit", note)
    make_device("192.0.2.1").do("/repo/emails", wish())
    assert "recipient" in counted
    assert not [name for name in counted if "example" in name.lower()]
