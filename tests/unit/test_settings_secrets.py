"""Secrets come from files as well, and no setting, refusal or request shows one."""

import os
from dataclasses import fields

import pytest

from keychain import settings
from keychain.settings import Settings, SettingsError

SECRET = "postgresql+psycopg://keychain:correct-horse@db.example.org/keychain"  # pragma: allowlist secret
SECRETS = ("DATABASE_URL", "LIMITS_STORAGE", "MASTER_KEYS", "MINT_API_KEY", "SMTP_PASSWORD")

MASTER = "1:" + "A" * 43 + "="


def read(**environ: str) -> Settings:
    return settings.read({f"KEYCHAIN_{name}": value for name, value in environ.items()})


def mistakes(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        read(**environ)
    return refusal.value.mistakes


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_come_from_a_file(name, tmp_path):
    kept = tmp_path / "secret"
    secret, value = {
        "DATABASE_URL": (SECRET, SECRET),
        "LIMITS_STORAGE": ("memory://:correct-horse@cache",) * 2,
        "MASTER_KEYS": (MASTER, ((1, bytes(32)),)),
        "MINT_API_KEY": ("sesame", "sesame"),
        "SMTP_PASSWORD": ("sesame", "sesame"),
    }[name]
    kept.write_text(f"\n{secret}\n")
    beside = {
        "MINT_API_KEY": {"ONLY": "repo", "MINT_URL": "https://k.example", "MINT_API_ID": "x"},
        "SMTP_PASSWORD": {"SMTP_HOST": "mail.example", "SMTP_USERNAME": "x", "MAIL_FROM": "oneid@mail.example"},
    }.get(name, {})
    assert getattr(read(**beside, **{f"{name}_FILE": str(kept)}), name.lower()) == value


KEY = MASTER.removeprefix("1:")
BAD_KEYS = [
    "correct-horse", "correct-horse:AAAA", "1:correct-horse", f"2:{KEY},1:{KEY}", f"{MASTER},{MASTER}", MASTER[:-1],
    f"{MASTER},", f"-{MASTER}", f"0:{KEY}", "1:" + "A" * 42 + "B=", KEY, f"1:{KEY},2:AAAA",
]  # fmt: skip


@pytest.mark.parametrize("raw", BAD_KEYS)
def test_a_master_key_that_is_none_is_a_mistake_that_quotes_nothing(raw):
    (mistake,) = mistakes(MASTER_KEYS=raw)
    assert mistake.startswith("KEYCHAIN_MASTER_KEYS has to ")
    assert "AAAA" not in mistake
    assert "correct-horse" not in mistake


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("content", ["", "\n", "  "])
def test_an_empty_secret_file_is_a_mistake_and_not_the_default(name, content, tmp_path):
    kept = tmp_path / "secret"
    kept.write_text(content)
    assert mistakes(**{f"{name}_FILE": str(kept)}) == [f"KEYCHAIN_{name} names a file that is empty"]


@pytest.mark.parametrize("scheme", ["bogus", "redis+nonsense", ""])
def test_a_storage_that_can_not_be_opened_is_a_mistake_that_quotes_nothing(scheme):
    (mistake,) = mistakes(LIMITS_STORAGE=f"{scheme}://user:correct-horse@cache")  # pragma: allowlist secret
    assert mistake.startswith("KEYCHAIN_LIMITS_STORAGE is not the URL of a storage")
    assert "correct-horse" not in mistake


def test_only_secrets_may_come_from_a_file():
    secret = {setting.name.upper() for setting in fields(Settings) if setting.metadata["secret"]}
    assert secret == set(SECRETS)
    for setting in fields(Settings):
        name = settings.variable(setting)
        if name.removeprefix("KEYCHAIN_") not in SECRETS:
            assert mistakes(**{f"{setting.name.upper()}_FILE": "/etc/hostname"})[0].startswith(
                f"{name}_FILE is no setting"
            )


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_file_that_can_not_be_read_is_a_mistake(name, tmp_path):
    for place in (tmp_path / "absent", tmp_path):
        (mistake,) = mistakes(**{f"{name}_FILE": str(place)})
        assert mistake.startswith(f"KEYCHAIN_{name} names a file that can not be read (")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_given_twice_is_a_mistake(name, tmp_path):
    kept = tmp_path / "secret"
    kept.write_text(SECRET)
    found = mistakes(**{name: SECRET, f"{name}_FILE": str(kept)})
    assert found == [f"KEYCHAIN_{name} and KEYCHAIN_{name}_FILE are both given; which one is meant?"]


def test_no_secret_is_in_what_settings_print_or_refuse(tmp_path):
    kept = tmp_path / "secret"
    kept.write_text("mysql://correct-horse")
    whole = read(DATABASE_URL=SECRET, LIMITS_STORAGE="memory://:correct-horse@cache", MASTER_KEYS=MASTER)
    assert "correct-horse" not in repr(whole) + str(whole)
    assert "master_keys" not in repr(whole)
    for asked in ({"DATABASE_URL": "mysql://correct-horse"}, {"DATABASE_URL_FILE": str(kept)},
                  {"DATABASE_URL": "correct-horse", "DATABASE_URL_FILE": str(kept)},
                  {"DATABASE_URL": SECRET, "LIMITS_STORAGE": "correct-horse", "NOPE": "correct-horse"}):  # fmt: skip
        with pytest.raises(SettingsError) as refusal:
            read(**asked)
        assert "correct-horse" not in repr(refusal.value) + str(refusal.value)


def test_no_byte_of_a_secret_file_that_is_no_text_is_in_the_refusal(tmp_path):
    kept = tmp_path / "secret"
    kept.write_bytes(b"correct-\xfe-horse")
    (mistake,) = mistakes(DATABASE_URL_FILE=str(kept))
    assert "fe" not in mistake.removeprefix("KEYCHAIN_DATABASE_URL").split()
    assert "0xfe" not in mistake


def test_what_must_not_reach_a_request_is_forgotten(monkeypatch):
    environ = {"KEYCHAIN_DATABASE_URL": SECRET, "HTTP_HOST": "x", "CONTENT_TYPE": "x", "PATH": "/bin", "XHTTP_": "x"}
    monkeypatch.setattr(os, "environ", environ)
    settings.forget_environment()
    assert environ == {"PATH": "/bin", "XHTTP_": "x"}
