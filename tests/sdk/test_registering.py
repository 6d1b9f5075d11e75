"""Credentials and nonces: what the service hands out is looked at before it is used."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

import oneid
from tests.sdk.playing import API_ID, API_KEY, NONCE, REFUSAL, SERVER, Service, answer

REGISTERED = {"API_KEY": API_KEY, "API_ID": API_ID, "errorcode": 0, "error": "success", "attr_claims": {}}


def test_registering_needs_no_credentials(kind: Any) -> None:
    service = Service(answer(REGISTERED))
    credentials = kind.register(server=SERVER, transport=service.transport)
    assert credentials == oneid.Credentials(API_ID, API_KEY)
    assert str(service.requests[0].url) == f"{SERVER}/register"
    assert "authorization" not in service.requests[0].headers


@pytest.mark.parametrize(
    "members",
    [
        {"API_ID": API_ID, "API_KEY": API_KEY},
        {**REGISTERED, "API_KEY": None},
        {**REGISTERED, "API_ID": 5},
        {**REGISTERED, "API_ID": "a:b"},
        {**REGISTERED, "API_KEY": "a\r\nb"},  # pragma: allowlist secret
        {**REGISTERED, "API_KEY": ""},
    ],
)
def test_credentials_that_can_not_be_used_are_no_answer(kind: Any, members: Any) -> None:
    with pytest.raises(oneid.NotAnAnswer):
        kind.register(transport=Service(answer(members)).transport)


def test_a_service_may_refuse_to_register(kind: Any) -> None:
    with pytest.raises(oneid.Refused):
        kind.register(transport=Service(answer(REFUSAL)).transport)


def test_saved_credentials_are_for_their_owner_only_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "api_key.json"
    oneid.Credentials(API_ID, API_KEY).save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == {"API_ID": API_ID, "API_KEY": API_KEY}
    assert oneid.Credentials.load(path) == oneid.Credentials(API_ID, API_KEY)
    with pytest.raises(FileExistsError):
        oneid.Credentials("other", "key").save(path)
    (tmp_path / "link.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        oneid.Credentials("other", "key").save(tmp_path / "link.json")


@pytest.mark.parametrize("api_id", ["", "a b", "a:b", "é", "a\n", None])
@pytest.mark.parametrize("side", ["id", "key"])
def test_credentials_that_no_service_hands_out_are_a_mistake(kind: Any, api_id: Any, side: str) -> None:
    if (api_id, side) == ("a:b", "key"):
        return
    with pytest.raises(oneid.ConfigurationError):
        kind(*((api_id, API_KEY) if side == "id" else (API_ID, api_id)), server=SERVER).make_nonce()


def test_a_nonce_is_what_the_service_made(play: Any) -> None:
    site, service = play(answer({"errorcode": 0, "error": "success", "nonce": NONCE, "NONCE": NONCE}))
    assert site.make_nonce() == NONCE
    assert str(service.requests[0].url) == f"{SERVER}/make_nonce"
    assert service.requests[0].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "nonce",
    [
        None,
        5,
        "",
        NONCE[3:],
        NONCE[:-1],
        NONCE + "\n",
        NONCE + '"',
        NONCE + "x" * 36,
        NONCE.replace("2026", "٢٠٢٦"),
        "002" + NONCE[3:],
    ],
)
def test_a_nonce_of_another_form_is_no_answer(play: Any, nonce: Any) -> None:
    site, _ = play(answer({"errorcode": 0, "error": "success", "nonce": nonce}))
    with pytest.raises(oneid.NotAnAnswer):
        site.make_nonce()


def test_the_longest_nonce_has_64_characters(play: Any) -> None:
    longest = NONCE + "x" * (64 - len(NONCE))
    site, _ = play(answer({"errorcode": 0, "error": "success", "nonce": longest}))
    assert site.make_nonce() == longest
