"""The settings of a mail server: all that it needs or none of it, and no password in clear."""

import pytest

from keychain import settings
from keychain.settings import Settings, SettingsError

MAILING = {"SMTP_HOST": "mail.example.org", "MAIL_FROM": "oneid@example.org"}
PASSWORD = {"SMTP_USERNAME": "keychain", "SMTP_PASSWORD": "sesame"}  # pragma: allowlist secret


def read(**environ: str) -> Settings:
    return settings.read({f"KEYCHAIN_{name}": value for name, value in environ.items()})


def mistakes(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        read(**environ)
    return refusal.value.mistakes


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_a_port_that_is_not_said_is_the_usual_one(tls, port):
    assert read(**MAILING, SMTP_TLS=tls).smtp_port_used == port
    assert read(**MAILING, SMTP_TLS=tls, SMTP_PORT="2525").smtp_port_used == 2525


def test_tls_is_the_default_and_none_has_to_be_said():
    assert read(**MAILING).smtp_tls == "starttls"
    assert mistakes(**MAILING, SMTP_TLS="") == ["KEYCHAIN_SMTP_TLS has to be one of starttls, tls, none"]


def test_mail_comes_from_somebody():
    [mistake] = mistakes(SMTP_HOST="mail.example.org")
    assert mistake.startswith("KEYCHAIN_MAIL_FROM has to be said")


@pytest.mark.parametrize("name", ["SMTP_PORT", "SMTP_USERNAME", "SMTP_PASSWORD", "MAIL_FROM"])
def test_what_belongs_to_a_mail_server_says_nothing_without_one(name):
    value = {"SMTP_PORT": "25", "MAIL_FROM": "oneid@example.org"}.get(name, "x")
    assert mistakes(**{name: value}) == [f"KEYCHAIN_{name} says nothing without KEYCHAIN_SMTP_HOST"]


def test_user_name_and_password_go_together():
    for name, value in PASSWORD.items():
        [mistake] = mistakes(**MAILING, **{name: value})
        assert "go together" in mistake
        assert "sesame" not in mistake
    assert read(**MAILING, **PASSWORD).smtp_username == "keychain"


def test_a_password_goes_to_another_machine_through_tls_alone():
    [mistake] = mistakes(**MAILING, **PASSWORD, SMTP_TLS="none")
    assert mistake.startswith("KEYCHAIN_SMTP_TLS is none")
    assert read(**MAILING, SMTP_TLS="none").smtp_tls == "none"
    for host in ("localhost", "127.0.0.1", "::1"):
        assert read(**(MAILING | {"SMTP_HOST": host}), **PASSWORD, SMTP_TLS="none").smtp_host == host


def test_the_password_is_a_secret_that_a_file_may_hold(tmp_path):
    kept = tmp_path / "password"
    kept.write_text("sesame\n")
    given = read(**MAILING, SMTP_USERNAME="keychain", SMTP_PASSWORD_FILE=str(kept))
    assert given.smtp_password == "sesame"  # pragma: allowlist secret
    assert "sesame" not in repr(given)


def test_the_validating_half_sends_no_mail():
    found = mistakes(ONLY="validation", **MAILING, **PASSWORD)
    named = ["SMTP_HOST", "SMTP_USERNAME", "SMTP_PASSWORD", "MAIL_FROM"]
    assert [line.split()[0] for line in found] == [f"KEYCHAIN_{name}" for name in named]


@pytest.mark.parametrize(
    "host", ["mail example.org", "mail.example.org:25", "smtp://x", "a..b", "-\n", "m\u00e4il.de", "[::1]"]
)
def test_a_mail_server_is_a_host_without_a_port(host):
    mistake, *_ = mistakes(**(MAILING | {"SMTP_HOST": host}))
    assert mistake.startswith("KEYCHAIN_SMTP_HOST has to be a host")


@pytest.mark.parametrize(
    "sender", ["oneid", "OneID <oneid@example.org>", "oneid@example.org\nBcc: x@y.zz", "z\u00f6@example.org"]
)
def test_a_sender_is_an_address_and_nothing_more(sender):
    mistake, *_ = mistakes(**(MAILING | {"MAIL_FROM": sender}))
    assert mistake == "KEYCHAIN_MAIL_FROM has to be an e-mail address such as oneid@example.org"
