"""Settings are read once, refused whole, and tell nobody a secret."""

from dataclasses import FrozenInstanceError, fields
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from keychain import settings
from keychain.settings import Settings, SettingsError

SECRET = "postgresql+psycopg://keychain:correct-horse@db.example.org/keychain"  # pragma: allowlist secret

MASTER = "A" * 43 + "="


def read(**environ: str) -> Settings:
    return settings.read({f"KEYCHAIN_{name}": value for name, value in environ.items()})


def mistakes(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        read(**environ)
    assert str(refusal.value) == "\n".join(refusal.value.mistakes)
    return refusal.value.mistakes


def test_an_empty_environment_gives_the_defaults():
    assert settings.read({}) == Settings()


def test_every_setting_can_be_given_and_has_help():
    given = {
        "data_dir": ("/srv/keychain", Path("/srv/keychain")),
        "database_url": (SECRET, SECRET),
        "host": ("::1", "::1"),
        "port": ("8443", 8443),
        "workers": ("4", 4),
        "threads": ("2", 2),
        "metrics_port": ("9464", 9464),
        "metrics_host": ("10.0.0.1", "10.0.0.1"),
        "tls_certificate": ("/etc/c.pem", Path("/etc/c.pem")),
        "tls_key": ("/etc/k.pem", Path("/etc/k.pem")),
        "trusted_proxies": ("10.0.0.0/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1/128"))),
        "origin": ("https://id.example.org", "https://id.example.org"),
        "only": ("repo", "repo"),
        "unknown_uid": ("refuse", "refuse"),
        "master_keys": (f"1:{MASTER},7:{MASTER}", ((1, bytes(32)), (7, bytes(32)))),
        "mint_url": ("https://keychain.example/below/", "https://keychain.example/below"),
        "mint_api_id": ("606a1bb0", "606a1bb0"),
        "mint_api_key": ("sesame", "sesame"),
        "optout_window": ("0", 0),
        "nonce_max_age": ("60", 60),
        "register_limit": ("5/minute;50/hour", "5/minute;50/hour"),
        "first_use_limit": ("1/second", "1/second"),
        "sign_up_limit": ("1/day", "1/day"),
        "recovery_limit": ("1/day", "1/day"),
        "signer_limit": ("1/day", "1/day"),
        "account_limit": ("1/day", "1/day"),
        "repo_limit": ("1/day", "1/day"),
        "pairing_limit": ("1/day", "1/day"),
        "confirmation_limit": ("1/day", "1/day"),
        "confirmations_limit": ("1/day", "1/day"),
        "poll_limit": ("1/second", "1/second"),
        "waiting": ("20", 20),
        "push_services": ("Push.example, 127.0.0.1:8443", ("push.example", "127.0.0.1:8443")),
        "push_contact": ("mailto:ops@example.org", "mailto:ops@example.org"),
        "smtp_host": ("mail.example.org", "mail.example.org"),
        "smtp_port": ("2525", 2525),
        "smtp_tls": ("tls", "tls"),
        "smtp_username": ("keychain", "keychain"),
        "smtp_password": ("sesame", "sesame"),
        "mail_from": ("oneid@example.org", "oneid@example.org"),
        "mail_limit": ("1/day", "1/day"),
        "limits_storage": ("memory://cache", "memory://cache"),
        "claims_public_key": ("abc", "abc"),
        "log_level": ("DEBUG", "DEBUG"),
    }
    assert given.keys() == {setting.name for setting in fields(Settings)}
    built = read(**{name.upper(): raw for name, (raw, _) in given.items()})
    assert {name: getattr(built, name) for name in given} == {name: value for name, (_, value) in given.items()}
    assert all(setting.metadata["help"] for setting in fields(Settings))


@pytest.mark.parametrize("raw", ["https://p.example", "p.example/", "*.example", "p..example", "a:0", "a b", "ü"])
def test_a_push_service_is_a_host_by_its_name(raw):
    [mistake] = mistakes(PUSH_SERVICES=raw)
    assert "has to be hosts such as" in mistake


@pytest.mark.parametrize("raw", ["ops@example.org", "mailto:ops", "http://example.org", "https://", "https://a b"])
def test_a_push_service_is_told_an_address_that_somebody_reads(raw):
    [mistake] = mistakes(PUSH_CONTACT=raw)
    assert "has to be mailto:" in mistake


def test_the_environment_of_the_process_is_the_default(monkeypatch):
    monkeypatch.setenv("KEYCHAIN_PORT", "4711")
    assert settings.read().port == 4711


def test_all_mistakes_are_reported_together():
    found = mistakes(PORT="x", WORKERS="0", HOST="0.0.0.0", TLS_KEY="k.pem", LOG_LEVEL="LOUD",
                     DATABASE_URL="mysql://h/d", TRUSTED_PROXIES="proxy", REGISTER_LIMIT="often", NOPE="1")  # fmt: skip
    named = ("PORT", "WORKERS", "TRUSTED_PROXIES", "REGISTER_LIMIT", "LOG_LEVEL", "NOPE", "TLS_CERTIFICATE",
             "DATABASE_URL", "UNKNOWN_UID", "ORIGIN", "MASTER_KEYS")  # fmt: skip
    assert [line.split()[0] for line in found] == [f"KEYCHAIN_{name}" for name in named]


@pytest.mark.parametrize(
    "name", ["KEYCHAIN_NOPE", "KEYCHAIN_", "KEYCHAIN_PORTS", "KEYCHAIN_port", "KEYCHAIN_PORT_FILE"]
)
def test_an_unknown_name_is_a_mistake(name):
    with pytest.raises(SettingsError, match=f"^{name} is no setting"):
        settings.read({name: "1"})


def test_names_of_others_are_none_of_ours():
    assert settings.read({"PATH": "/bin", "keychain_port": "x", "XKEYCHAIN_PORT": "x", "KEYCHAIN": "x"}) == Settings()


NUMBERS = {
    "PORT": (1, 65535), "WORKERS": (1, 64), "THREADS": (1, 64), "NONCE_MAX_AGE": (1, 3600), "OPTOUT_WINDOW": (0, 86400),
}  # fmt: skip


@pytest.mark.parametrize(("name", "lowest", "highest"), [(name, *limits) for name, limits in NUMBERS.items()])
def test_a_number_is_whole_and_within_its_limits(name, lowest, highest):
    for number in (lowest, lowest + 1, highest):
        assert getattr(read(**{name: str(number)}), name.lower()) == number
    for raw in (str(lowest - 1), str(highest + 1), "", " 5", "5 ", "5\n", "+5", "-5", "5.0", "5e0", "0x5", "1_0",
                "\u0665", "\u00b2", "five", "None", "9" * 5000):  # fmt: skip
        (mistake,) = mistakes(**{name: raw})
        assert mistake.startswith(f"KEYCHAIN_{name} ")


@pytest.mark.parametrize("raw", ["", "PIN", "pin ", "allow", "pin,refuse", "True"])
def test_a_choice_is_one_of_its_words(raw):
    assert mistakes(UNKNOWN_UID=raw) == ["KEYCHAIN_UNKNOWN_UID has to be one of pin, refuse"]
    assert mistakes(LOG_LEVEL=raw) == ["KEYCHAIN_LOG_LEVEL has to be one of DEBUG, INFO, WARNING, ERROR"]


@pytest.mark.parametrize(
    ("raw", "networks"),
    [
        ("", ()), (" , ,", ()), ("127.0.0.1", ("127.0.0.1/32",)), ("10.0.0.0/8,fd00::/8", ("10.0.0.0/8", "fd00::/8")),
        (" 192.168.0.0/255.255.0.0 , ::1,", ("192.168.0.0/16", "::1/128")), ("0.0.0.0/0", ("0.0.0.0/0",)),
    ],
)  # fmt: skip
def test_proxies_are_addresses_and_networks(raw, networks):
    assert read(TRUSTED_PROXIES=raw).trusted_proxies == tuple(map(ip_network, networks))


@pytest.mark.parametrize(
    "raw", ["proxy", "*", "10.0.0.1/8", "10.0.0.0/33", "10.0.0", "10.0.0.0/8 ::1", "10.0.0.0/8;::1"]
)
def test_proxies_that_are_no_networks_are_a_mistake(raw):
    (mistake,) = mistakes(TRUSTED_PROXIES=raw)
    assert mistake.startswith("KEYCHAIN_TRUSTED_PROXIES has to be addresses or networks")


@pytest.mark.parametrize(
    "name",
    [
        "REGISTER_LIMIT",
        "FIRST_USE_LIMIT",
        "SIGN_UP_LIMIT",
        "RECOVERY_LIMIT",
        "SIGNER_LIMIT",
        "ACCOUNT_LIMIT",
        "REPO_LIMIT",
        "MAIL_LIMIT",
    ],
)
@pytest.mark.parametrize("raw", ["", "120", "-1/minute", "120/fortnight", "120/minute garbage", "many"])
def test_a_rate_that_is_none_is_a_mistake(name, raw):
    (mistake,) = mistakes(**{name: raw})
    assert mistake.startswith(f"KEYCHAIN_{name} has to be a rate")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "0:0:0:0:0:0:0:1"])
def test_on_loopback_a_first_use_is_pinned_by_default(host):
    assert settings.is_loopback(host)
    assert read(HOST=host).pins_unknown_uids
    assert not read(HOST=host, UNKNOWN_UID="refuse").pins_unknown_uids


BEYOND = pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "192.168.0.1", "fe80::1", "2001:db8::1"])


@BEYOND
def test_beyond_loopback_the_first_use_has_to_be_decided(host):
    assert not settings.is_loopback(host)
    (mistake,) = mistakes(HOST=host, ONLY="validation")
    assert mistake.startswith("KEYCHAIN_UNKNOWN_UID has to be said")
    assert read(HOST=host, ONLY="validation", UNKNOWN_UID="pin").pins_unknown_uids
    assert not read(HOST=host, ONLY="validation", UNKNOWN_UID="refuse").pins_unknown_uids


@BEYOND
def test_beyond_loopback_the_repo_wants_its_origin_and_its_master_keys(host):
    """What served the Keychain alone before there was a repo is told how it goes on."""
    found = mistakes(HOST=host, UNKNOWN_UID="pin")
    assert [line.split()[0] for line in found] == ["KEYCHAIN_ORIGIN", "KEYCHAIN_MASTER_KEYS"]
    assert all("KEYCHAIN_ONLY=validation serves the Keychain alone" in line for line in found)
    whole = {"ORIGIN": "https://id.example.org", "MASTER_KEYS": f"1:{MASTER}", "UNKNOWN_UID": "refuse"}
    assert read(HOST=host, **whole).public_origin == "https://id.example.org"
    minting = {"MINT_URL": "https://keychain.example", "MINT_API_ID": "x", "MINT_API_KEY": "y"}
    del whole["UNKNOWN_UID"]
    assert read(HOST=host, ONLY="repo", **whole, **minting).mint_url == "https://keychain.example"


@pytest.mark.parametrize(
    "host", ["", "localhost", "example.org", "127.0.0.1.example.org", "127.1", "127.0.0.1:80", "*"]
)
def test_a_host_that_is_no_address_is_a_mistake(host):
    (mistake,) = mistakes(HOST=host)
    assert mistake.startswith("KEYCHAIN_HOST has to be an IP address")


def test_a_certificate_and_its_key_go_together():
    for name in ("TLS_CERTIFICATE", "TLS_KEY"):
        (mistake,) = mistakes(**{name: "/etc/x.pem"})
        assert "go together" in mistake


@pytest.mark.parametrize("url", ["sqlite:///x", "postgresql://h/d", "postgresql+psycopg2://h/d", " " + SECRET, "x"])
def test_another_database_is_a_mistake(url):
    (mistake,) = mistakes(DATABASE_URL=url)
    assert mistake.startswith("KEYCHAIN_DATABASE_URL has to start with postgresql+psycopg://")


def test_settings_are_frozen():
    built = settings.read({})
    for setting in fields(Settings):
        with pytest.raises(FrozenInstanceError):
            setattr(built, setting.name, None)


def test_overrides_win_and_absent_ones_do_not():
    environ = {"KEYCHAIN_PORT": "1", "KEYCHAIN_WORKERS": "2", "KEYCHAIN_THREADS": "not asked"}
    built = settings.read(environ, port=9, workers=None, threads=3)
    assert (built.port, built.workers, built.threads) == (9, 2, 3)


@pytest.mark.parametrize(
    ("name", "override", "environ", "value"),
    [("database_url", "", SECRET, ""), ("trusted_proxies", "", "::1", ())],
    ids=["database_url", "trusted_proxies"],
)
def test_an_override_that_is_zero_or_empty_wins_as_well(name, override, environ, value):
    built = settings.read({f"KEYCHAIN_{name.upper()}": environ}, **{name: override})
    assert getattr(built, name) == value


@pytest.mark.parametrize(
    "overrides", [{"port": 65536}, {"workers": 0}, {"host": "localhost"}, {"unknown_uid": "maybe"}], ids=repr
)
def test_overrides_are_held_to_the_same_limits(overrides):
    (name,) = overrides
    with pytest.raises(SettingsError, match=f"^KEYCHAIN_{name.upper()} has to be "):
        settings.read({}, **overrides)


def test_overrides_can_contradict_each_other_too():
    with pytest.raises(SettingsError, match="UNKNOWN_UID has to be said"):
        settings.read({}, host="0.0.0.0", only="validation")
    assert not settings.read({}, host="0.0.0.0", only="validation", unknown_uid="refuse").pins_unknown_uids


def test_what_follows_from_settings():
    assert Settings(nonce_max_age=90).max_age == timedelta(seconds=90)
    assert Settings(data_dir=Path("/srv")).sqlite_path == Path("/srv/keychain.db")
    assert Settings(database_url=SECRET).sqlite_path is None


@pytest.mark.parametrize("name", ["DATA_DIR", "TLS_KEY", "TLS_CERTIFICATE"])
def test_an_empty_path_is_a_mistake_and_not_the_working_directory(name):
    assert any("has to be a path" in mistake for mistake in mistakes(**{name: ""}))


@pytest.mark.parametrize("rate", ["0/minute", "10/minute;0/day"])
def test_a_rate_that_lets_nobody_through_is_a_mistake(rate):
    assert any("has to be a rate" in mistake for mistake in mistakes(REGISTER_LIMIT=rate))
