"""The two halves: what each may be given, and what neither starts without; and what an origin is."""

import pytest

from keychain import settings
from keychain.settings import Settings, SettingsError

MASTER = "1:" + "A" * 43 + "="
MINT = {"MINT_URL": "https://keychain.example", "MINT_API_ID": "x", "MINT_API_KEY": "y"}


def read(**environ: str) -> Settings:
    return settings.read({f"KEYCHAIN_{name}": value for name, value in environ.items()})


def mistaken(**environ: str) -> list[str]:
    """The settings that are complained about."""
    with pytest.raises(SettingsError) as refusal:
        read(**environ)
    return [line.split()[0].removeprefix("KEYCHAIN_") for line in refusal.value.mistakes]


def test_the_validating_half_does_not_start_with_what_is_the_repos():
    assert mistaken(ONLY="validation", MASTER_KEYS=MASTER, **MINT) == ["MASTER_KEYS", *MINT]
    alone = read(ONLY="validation")
    assert alone.serves_validation
    assert not alone.serves_repo


def test_the_repo_alone_does_not_start_without_a_keychain_to_mint_at():
    assert mistaken(ONLY="repo") == [*MINT]
    assert mistaken(ONLY="repo", MINT_URL="https://keychain.example") == ["MINT_API_ID", "MINT_API_KEY"]
    alone = read(ONLY="repo", **MINT)
    assert alone.serves_repo
    assert not alone.serves_validation


def test_one_process_mints_by_itself():
    assert mistaken(**MINT) == [*MINT]
    whole = read()
    assert whole.serves_repo
    assert whole.serves_validation


@pytest.mark.parametrize(
    "url",
    ["", "keychain.example", "http://keychain.example", "https://", "https://a b/", "https://u:p@k.example",
     "https://k.example?x", "https://k.example#x", "https://k.example/\n", "ftp://k.example", "https://k.exampl\u00e9"],
)  # fmt: skip
def test_a_secret_is_sent_to_https_alone(url):
    assert mistaken(ONLY="repo", **(MINT | {"MINT_URL": url}))[0] == "MINT_URL"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000/", "https://k.example/keychain/"])
def test_a_keychain_may_stand_on_this_machine_or_below_a_path(url):
    assert read(ONLY="repo", **(MINT | {"MINT_URL": url})).mint_url == url.rstrip("/")


@pytest.mark.parametrize(
    "origin",
    ["https://id.example.org", "https://id.example.org:8443", "http://localhost:1", "http://id.localhost:8000",
     "http://127.9.9.9", "http://[::1]:8000", "https://[2001:db8::1]"],
)  # fmt: skip
def test_an_origin_is_https_or_on_this_machine(origin):
    said = {"UNKNOWN_UID": "refuse", "MASTER_KEYS": MASTER}
    assert read(ORIGIN=origin, **said).public_origin == origin


@pytest.mark.parametrize("origin", ["https://id.example.org", "https://192.0.2.1"])
def test_an_origin_that_others_can_call_counts_like_an_address_that_they_can(origin):
    assert mistaken(ORIGIN=origin) == ["UNKNOWN_UID", "MASTER_KEYS"]
    assert mistaken(ORIGIN=origin, ONLY="validation") == ["UNKNOWN_UID"]
    assert read(ORIGIN="https://id.localhost:8443").pins_unknown_uids


@pytest.mark.parametrize(
    "origin",
    ["", "id.example.org", "https://id.example.org/", "https://ID.example.org", "https://id.example.org:443",
     "http://id.example.org", "http://localhost.example.org", "http://128.0.0.1", "https://id.example.org:65536",
     "http://127.1", "http://0x7f.1", "https://1.2.3", "https://[0:0::1]", "https://[::1", "https://[1.2.3.4]",
     "http://127.0.0.1:80", "null", "https://" + "a" * 248, "https://a@b.example", "https://x.1"],
)  # fmt: skip
def test_another_origin_is_a_mistake(origin):
    assert mistaken(ORIGIN=origin) == ["ORIGIN"]


def test_the_origin_on_loopback_follows_port_and_tls():
    assert read(PORT="80").public_origin == "http://id.localhost"
    assert read(PORT="8001").public_origin == "http://id.localhost:8001"
    with_tls = {"TLS_CERTIFICATE": "/etc/c.pem", "TLS_KEY": "/etc/k.pem"}
    assert read(PORT="443", **with_tls).public_origin == "https://id.localhost"


@pytest.mark.parametrize("half", ["both", "Validation", "none", " "])
def test_a_half_is_one_of_two(half):
    assert mistaken(ONLY=half) == ["ONLY"]
