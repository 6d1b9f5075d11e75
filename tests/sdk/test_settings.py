"""Where the service is, who this site is, and that neither can be told unsafely."""

import json
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest

import oneid
from tests.sdk.playing import API_ID, API_KEY, SERVER, Service, answer, payload


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("https://id.example.org", "https://id.example.org/validate"),
        ("https://ID.example.org:8443/", "https://id.example.org:8443/validate"),
        ("https://example.org/keychain/", "https://example.org/keychain/validate"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/validate"),
        ("http://127.9.9.9", "http://127.9.9.9/validate"),
        ("http://[::1]:8000", "http://[::1]:8000/validate"),
        ("http://LOCALHOST:8000", "http://localhost:8000/validate"),
        ("http://id.localhost:8000/x", "http://id.localhost:8000/x/validate"),
        (None, "http://127.0.0.1:8000/validate"),
    ],
)
def test_a_service_is_https_or_on_this_machine(kind: Any, server: str | None, url: str) -> None:
    service = Service(answer())
    kind(API_ID, API_KEY, server=server, transport=service.transport).validate(payload())
    assert str(service.requests[0].url) == url


@pytest.mark.parametrize(
    "server",
    [
        "http://id.example.org",
        "http://192.168.1.1",
        "http://128.0.0.1",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://notlocalhost",
        "http://127.1",
        "http://2130706433",
        "http://[::2]",
        "http://[::ffff:127.0.0.1]",
        "http://0.0.0.0",
        "http://127.0.0.1@id.example.org",
        "http://localhost\\@id.example.org",
        "https://user@id.example.org",
        "https://user:secret@id.example.org",  # pragma: allowlist secret
        "https://id.example.org?x=1",
        "https://id.example.org/?",
        "https://id.example.org/#",
        "https://id.example.org/#x",
        "https://",
        "https:///validate",
        "id.example.org",
        "//id.example.org",
        "ftp://id.example.org",
        "https://id.example.org\n",
        "https://id.example.org:port",
        "",
        5,
    ],
)
def test_an_address_that_others_could_answer_at_is_refused(kind: Any, server: Any) -> None:
    with pytest.raises(oneid.ConfigurationError) as caught:
        kind(API_ID, API_KEY, server=server).make_nonce()
    assert "secret" not in str(caught.value)


def test_a_tls_context_that_verifies_is_taken(kind: Any) -> None:
    with oneid.OneID(API_ID, API_KEY, server=SERVER, ssl_context=ssl.create_default_context()):
        pass


@pytest.mark.parametrize("switched_off", ["host name", "certificate", "everything"])
def test_a_tls_context_that_does_not_verify_is_refused(kind: Any, switched_off: str) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    if switched_off == "certificate":
        context.verify_mode = ssl.CERT_OPTIONAL
        context.check_hostname = True
    if switched_off == "everything":
        context.verify_mode = ssl.CERT_NONE
    with pytest.raises(oneid.ConfigurationError, match="ssl_context"):
        kind(API_ID, API_KEY, server=SERVER, ssl_context=context).make_nonce()


def test_there_is_no_switch_to_turn_verification_off(kind: Any) -> None:
    with pytest.raises(TypeError):
        kind(API_ID, API_KEY, server=SERVER, verify=False).make_nonce()


def test_a_tls_context_that_would_have_no_effect_is_refused(kind: Any) -> None:
    with pytest.raises(oneid.ConfigurationError, match="transport"):
        kind(
            API_ID, API_KEY, ssl_context=ssl.create_default_context(), transport=Service(answer()).transport
        ).make_nonce()


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), None, "5", True])
def test_nobody_waits_for_ever(kind: Any, timeout: Any) -> None:
    with pytest.raises(oneid.ConfigurationError, match="timeout"):
        kind(API_ID, API_KEY, timeout=timeout).make_nonce()


def test_the_timeout_is_for_each_step(kind: Any) -> None:
    service = Service(answer())
    kind(API_ID, API_KEY, timeout=3, transport=service.transport).validate(payload())
    assert service.requests[0].extensions["timeout"] == httpx.Timeout(3).as_dict()


def test_a_netrc_never_takes_the_place_of_the_api_key(
    play: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine id.example.org login stranger password theirs\n")
    monkeypatch.setenv("NETRC", str(netrc))
    site, service = play(answer())
    site.validate(payload())
    expected = httpx.Request("GET", SERVER)
    next(httpx.BasicAuth(API_ID, API_KEY).auth_flow(expected))
    assert service.requests[0].headers["authorization"] == expected.headers["authorization"]


def test_the_server_comes_from_the_environment_where_it_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEID_SERVER", SERVER)
    assert oneid.script_tag() == f'<script src="{SERVER}/js/oneid.js"></script>'
    monkeypatch.setenv("ONEID_SERVER", "http://id.example.org")
    with pytest.raises(oneid.ConfigurationError):
        oneid.script_tag()


def test_the_script_tag_can_not_break_out_of_its_attribute(kind: Any) -> None:
    tag = '<script src="https://id.example.org/a&amp;b%22%3E/js/oneid.js"></script>'
    assert oneid.script_tag('https://id.example.org/a&b">') == tag
    with oneid.OneID(API_ID, API_KEY, server="https://id.example.org/a&b\">'") as site:
        assert site.script_tag().count('"') == 2
        assert "'" not in site.script_tag()
    assert oneid.AsyncOneID(API_ID, API_KEY, server=SERVER).script_tag().startswith(f'<script src="{SERVER}/')


def test_credentials_come_from_the_environment_before_any_file(monkeypatch: pytest.MonkeyPatch) -> None:
    oneid.Credentials("of-the-file", "key").save("api_key.json")
    assert oneid.OneID.from_environment(server=SERVER).api_id == "of-the-file"
    oneid.Credentials("of-the-other-file", "key").save("other.json")
    monkeypatch.setenv("ONEID_API_KEY_FILE", "other.json")
    assert oneid.AsyncOneID.from_environment(server=SERVER).api_id == "of-the-other-file"
    monkeypatch.setenv("ONEID_API_ID", API_ID)
    monkeypatch.setenv("ONEID_API_KEY", API_KEY)
    assert oneid.OneID.from_environment(server=SERVER).api_id == API_ID


@pytest.mark.parametrize("alone", ["ONEID_API_ID", "ONEID_API_KEY"])
def test_half_a_credential_is_a_mistake_and_not_filled_up_from_a_file(
    monkeypatch: pytest.MonkeyPatch, alone: str
) -> None:
    oneid.Credentials(API_ID, API_KEY).save("api_key.json")
    monkeypatch.setenv(alone, "x")
    with pytest.raises(oneid.ConfigurationError, match="together"):
        oneid.OneID.from_environment()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"API_ID": API_ID}),
        json.dumps({"API_ID": API_ID, "API_KEY": 5}),
        f'{{"API_ID": "{API_ID}", "API_KEY": "{API_KEY}", "API_KEY": "other"}}',
        f'{{"API_ID": "{API_ID}", "API_KEY": "{API_KEY}"',
    ],
)
def test_a_credentials_file_of_another_form_is_a_mistake(text: str) -> None:
    Path("api_key.json").write_text(text)
    with pytest.raises(oneid.ConfigurationError) as caught:
        oneid.OneID.from_environment()
    assert API_KEY not in repr(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_missing_or_unreadable_credentials_file_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(oneid.ConfigurationError, match="ONEID_API_ID"):
        oneid.OneID.from_environment()
    with pytest.raises(oneid.ConfigurationError, match="read"):
        oneid.Credentials.load(tmp_path)
