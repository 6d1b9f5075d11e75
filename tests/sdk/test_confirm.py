"""``confirm``: the phone is asked once, and its answer is held against the same user and the same words."""

import logging
import traceback
from typing import Any

import httpx
import pytest

import oneid
from tests.sdk.playing import API_ID, API_KEY, BUSY, NONCE, REFUSAL, SERVER, UID, Service, answer, payload

TOKEN = "TgKUvDCvzhMjs9CPAyDS2w=="  # pragma: allowlist secret
WORDS = "Cancel the order of Harbour Smoke?"
CONFIRMED = {"errorcode": 0, "error": "success", "attr_claims": {}, "nonces": payload(roles=("repo", "cd"))["nonces"]}
VALID = {"errorcode": 0, "error": "success", "valid_signatures": ["repo", "cd"], "attr_claims": {}}
SENT = [httpx.ReadTimeout("slow"), httpx.WriteError("reset"), httpx.RemoteProtocolError("gone")]
UNSENT = [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")]


def named(error: Exception) -> str:
    return type(error).__name__


def test_the_phone_is_asked_and_the_same_words_are_validated(play: Any) -> None:
    site, service = play(answer(CONFIRMED), answer(VALID))
    confirmed = site.confirm(UID, TOKEN, WORDS, title="Lantern Tea", nonce=NONCE)
    assert oneid.success(confirmed)
    assert (confirmed.uid, confirmed.valid_signatures) == (UID, ("repo", "cd"))
    asked, validated = service.bodies
    assert [request.url.path for request in service.requests] == ["/repo/send_2fa", "/validate"]
    assert asked == {"two_factor_token": TOKEN, "message": WORDS, "title": "Lantern Tea", "nonce": NONCE}
    assert (validated["uid"], validated["nonces"]) == (UID, CONFIRMED["nonces"])
    assert (validated["message"], validated["title"]) == (WORDS, "Lantern Tea")
    assert all(request.headers["authorization"].startswith("Basic ") for request in service.requests)


def test_title_and_nonce_may_be_left_out(play: Any) -> None:
    site, service = play(answer(CONFIRMED), answer(VALID))
    assert site.confirm(UID, TOKEN, WORDS)
    assert service.bodies[0] == {"two_factor_token": TOKEN, "message": WORDS}
    assert "title" not in service.bodies[1]


def test_only_the_asking_is_patient(play: Any) -> None:
    site, service = play(answer(CONFIRMED), answer(VALID))
    site.confirm(UID, TOKEN, WORDS)
    asking, validating = (request.extensions["timeout"] for request in service.requests)
    assert asking == {"connect": 10.0, "read": 60, "write": 10.0, "pool": 10.0}
    assert validating["read"] == 10.0


def test_a_site_that_is_more_patient_stays_so(kind: Any) -> None:
    service = Service(answer(CONFIRMED), answer(VALID))
    kind(API_ID, API_KEY, timeout=90, transport=service.transport).confirm(UID, TOKEN, WORDS)
    assert service.requests[0].extensions["timeout"]["read"] == 90


REFUSALS = (
    "malformed_words",
    "token_refused",
    "no_phone",
    "asker_silenced",
    "confirmation_pending",
    "confirmation_denied",
    "confirmation_reported",
    "confirmation_timed_out",
    "nonce_expired",
)


@pytest.mark.parametrize("code", REFUSALS)
def test_a_no_is_a_mapping_without_a_user_and_nothing_is_validated(play: Any, code: str) -> None:
    site, service = play(answer(REFUSAL | {"code": code, "errorcode": -96}))
    refused = site.confirm(UID, TOKEN, WORDS)
    assert not refused
    assert (refused.code, refused.errorcode, refused.uid, refused["failed"]) == (code, -96, None, "failed")
    assert len(service.requests) == 1


@pytest.mark.parametrize("code", ["words_not_approved", "key_not_on_record", "wrong_audience"])
def test_what_the_service_does_not_validate_is_a_no(play: Any, code: str) -> None:
    """Another user's token, another site's confirmation, other words."""
    site, _ = play(answer(CONFIRMED), answer(REFUSAL | {"code": code}))
    refused = site.confirm(UID, TOKEN, WORDS)
    assert (bool(refused), refused.code, refused.uid) == (False, code, None)


@pytest.mark.parametrize(
    "nonces",
    [
        None,
        {},
        [],
        {"repo": CONFIRMED["nonces"]["repo"]},
        payload()["nonces"],
        {**CONFIRMED["nonces"], "cd": {}},
        {**CONFIRMED["nonces"], "repo": "eyJ"},
    ],
)
def test_a_yes_without_the_two_signatures_is_no_answer(play: Any, nonces: Any) -> None:
    site, service = play(answer(CONFIRMED | {"nonces": nonces}), answer(VALID))
    with pytest.raises(oneid.NotAnAnswer):
        site.confirm(UID, TOKEN, WORDS)
    assert len(service.requests) == 1


@pytest.mark.parametrize("roles", [["repo", "cd", "ad"], ["repo"], ["cd", "ad"]])
def test_a_validation_of_other_roles_is_no_answer(play: Any, roles: Any) -> None:
    site, _ = play(answer(CONFIRMED), answer(VALID | {"valid_signatures": roles}))
    with pytest.raises(oneid.NotAnAnswer):
        site.confirm(UID, TOKEN, WORDS)


def test_a_confirmation_of_another_nonce_is_refused_and_stays_unspent(play: Any) -> None:
    site, service = play(answer(CONFIRMED), answer(VALID))
    assert site.confirm(UID, TOKEN, WORDS, nonce="0012026-01-02T03:04:05Zzzzzzz").code == "nonce_mismatch"
    assert len(service.requests) == 1


@pytest.mark.parametrize("failure", SENT, ids=named)
def test_nobody_is_asked_twice_because_an_answer_got_lost(play: Any, failure: Exception) -> None:
    site, service = play(failure, answer(CONFIRMED), answer(VALID))
    with pytest.raises(oneid.AnswerLost):
        site.confirm(UID, TOKEN, WORDS)
    assert len(service.requests) == 1


@pytest.mark.parametrize("failure", UNSENT, ids=named)
def test_what_was_not_sent_has_asked_nobody(play: Any, failure: Exception) -> None:
    site, service = play(failure, failure, answer(CONFIRMED), answer(VALID))
    assert site.confirm(UID, TOKEN, WORDS)
    assert [request.url.path for request in service.requests] == ["/repo/send_2fa"] * 3 + ["/validate"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(503, "unavailable"), (503, "waiting_room_full"), (429, "too_many_confirmations"), (500, "internal_fault")],
)
def test_a_service_that_can_not_ask_is_not_asked_again(play: Any, status: int, code: str) -> None:
    site, service = play(answer(BUSY | {"code": code}, status, retry_after="1"))
    with pytest.raises(oneid.ServiceUnavailable, match=code):
        site.confirm(UID, TOKEN, WORDS)
    assert len(service.requests) == 1


def test_a_validation_that_got_lost_is_said_to_be(play: Any) -> None:
    site, service = play(answer(CONFIRMED), httpx.ReadTimeout("slow"))
    with pytest.raises(oneid.AnswerLost):
        site.confirm(UID, TOKEN, WORDS)
    assert len(service.requests) == 2


def test_credentials_that_are_refused_say_nothing_about_the_person(play: Any) -> None:
    site, _ = play(answer(REFUSAL | {"code": "credentials_refused", "errorcode": -10}, 401))
    with pytest.raises(oneid.CredentialsRefused):
        site.confirm(UID, TOKEN, WORDS)


@pytest.mark.parametrize(("uid", "token", "code"), [(None, TOKEN, "malformed_payload"), (UID, None, "token_refused")])
def test_nobody_is_asked_where_the_site_has_nobody_to_ask(play: Any, uid: Any, token: Any, code: str) -> None:
    site, service = play(answer(CONFIRMED), answer(VALID))
    assert site.confirm(uid, token, WORDS).code == code
    assert service.requests == []


def test_words_are_never_left_out(play: Any) -> None:
    site, service = play(answer(CONFIRMED), answer(VALID))
    with pytest.raises(ValueError, match="message"):
        site.confirm(UID, TOKEN, None)
    assert service.requests == []


@pytest.mark.parametrize("words", ["ü" * 10_000, "茶" * 10_000, "🍵" * 10_000])
def test_the_longest_words_of_any_script_are_read_by_the_service(play: Any, words: str) -> None:
    site, service = play(answer(CONFIRMED), answer(VALID))
    assert site.confirm(UID, TOKEN, words)
    assert [body["message"] for body in service.bodies] == [words, words]
    assert max(len(request.content) for request in service.requests) < 64 * 1024


def test_what_utf_8_lacks_is_for_the_service_to_refuse(play: Any) -> None:
    site, service = play(answer(REFUSAL | {"code": "malformed_words"}))
    assert site.confirm(UID, TOKEN, "Pay \ud800?").code == "malformed_words"
    assert service.bodies[0]["message"] == "Pay \ud800?"


# The repo of another party.


def test_the_repo_may_be_another_partys(kind: Any) -> None:
    service = Service(answer(CONFIRMED), answer(VALID))
    kind(API_ID, API_KEY, server=SERVER, repo="https://repo.example/x/", transport=service.transport).confirm(
        UID, TOKEN, WORDS
    )
    assert [str(request.url) for request in service.requests] == [
        "https://repo.example/x/repo/send_2fa",
        f"{SERVER}/validate",
    ]


@pytest.mark.parametrize(
    ("server", "repo", "asked"),
    [
        (None, None, "https://repo.example"),
        (SERVER, None, SERVER),
        (None, "https://third.example", "https://third.example"),
        (SERVER, "https://third.example", "https://third.example"),
    ],
)
def test_the_repo_of_the_environment_belongs_to_the_server_of_the_environment(
    kind: Any, monkeypatch: pytest.MonkeyPatch, server: Any, repo: Any, asked: str
) -> None:
    for name, value in {"SERVER": SERVER, "REPO": "https://repo.example", "API_ID": API_ID, "API_KEY": API_KEY}.items():
        monkeypatch.setenv(f"ONEID_{name}", value)
    service = Service(answer(CONFIRMED), answer(VALID))
    if kind is oneid.OneID:
        site = kind.from_environment(server=server, repo=repo, transport=service.transport)
    else:
        site = kind(API_ID, API_KEY, server=server, repo=repo, transport=service.transport)
    assert site.confirm(UID, TOKEN, WORDS)
    assert str(service.requests[0].url) == f"{asked}/repo/send_2fa"


REPOS = ["http://repo.example", "https://user:secret@repo.example", "repo.example", "", 5]  # pragma: allowlist secret


@pytest.mark.parametrize("repo", REPOS)
def test_a_repo_is_https_or_on_this_machine(kind: Any, repo: Any) -> None:
    with pytest.raises(oneid.ConfigurationError, match="repo") as caught:
        kind(API_ID, API_KEY, server=SERVER, repo=repo).make_nonce()
    assert "secret" not in str(caught.value)


# Secrets.

OUTCOMES = {
    "success": answer(CONFIRMED),
    "refusal": answer(REFUSAL),
    "busy": answer(BUSY, 503),
    "connection": httpx.ConnectError("refused"),
    "timeout": httpx.ReadTimeout("slow"),
    "an echo": lambda request: httpx.Response(200, html=request.content.decode()),
    "an echo in JSON": lambda request: httpx.Response(200, json={"error": request.content.decode()}),
}


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES.keys())
def test_neither_the_token_nor_the_words_are_ever_said(
    play: Any, caplog: pytest.LogCaptureFixture, outcome: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    site, _ = play(outcome, answer(VALID))
    try:
        said = repr(site.confirm(UID, TOKEN, WORDS))
    except oneid.OneIDError as error:
        said = "".join([repr(error), str(error), repr(vars(error)), *traceback.format_exception(error)])
    # A traceback quotes the lines of this file, which hold the names alone.
    assert not [secret for secret in (TOKEN, WORDS, API_KEY) if secret in said + caplog.text]
