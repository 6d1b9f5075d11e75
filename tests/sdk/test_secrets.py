"""The API key and the user's attributes never reach a log, a repr or an exception."""

import base64
import logging
import pickle
import traceback
from typing import Any

import httpx
import pytest

import oneid
from tests.sdk.playing import API_ID, API_KEY, BUSY, REFUSAL, SERVER, SUCCESS, answer, payload, respond

BASIC = base64.b64encode(f"{API_ID}:{API_KEY}".encode()).decode()
ADDRESS = "private@example.org"
SECRETS = (API_KEY, BASIC, ADDRESS, "eyJhbGciOiJFUzI1NiJ9")

OUTCOMES = {
    "success": answer(SUCCESS | {"attr_claims": {"email": True}}),
    "refusal": answer(REFUSAL),
    "credentials": answer(REFUSAL, 401),
    "busy": answer(BUSY, 503),
    "connection": httpx.ConnectError("refused"),
    "timeout": httpx.ReadTimeout("slow"),
    "an echo": lambda request: httpx.Response(200, html=request.content.decode() + API_KEY),
    "an echo in JSON": lambda request: httpx.Response(200, json={"error": request.content.decode(), "k": BASIC}),
    "an echo cut short": lambda request: httpx.Response(
        200, content=request.content[:-1], headers={"content-type": "application/json"}
    ),
    "a redirect": respond(302, headers={"location": "https://other.example/"}),
}


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES.keys())
def test_no_secret_is_ever_said(play: Any, caplog: pytest.LogCaptureFixture, outcome: Any) -> None:
    caplog.set_level(logging.DEBUG)
    site, _ = play(outcome)
    signed = payload(attr={"email": {"email": ADDRESS}}, attr_claim_tokens={"email": "eyJhbGciOiJFUzI1NiJ9"})
    said = []
    for call in (site.validate, site.verify):
        try:
            said.append(repr(call(signed)))
        except oneid.OneIDError as error:
            said += [repr(error), str(error), repr(vars(error)), "".join(traceback.format_exception(error))]
    said.append(caplog.text)
    assert not [secret for secret in SECRETS if secret in "\n".join(said)]


def test_no_secret_is_said_of_a_malformed_payload(play: Any) -> None:
    site, _ = play(answer())
    with pytest.raises(oneid.Refused) as caught:
        site.verify(f'{{"email": "{ADDRESS}"')
    assert ADDRESS not in "".join(traceback.format_exception(caught.value))


def test_a_repr_names_the_site_and_not_its_key() -> None:
    with oneid.OneID(API_ID, API_KEY, server=SERVER) as site:
        assert repr(site) == f"OneID(api_id='{API_ID}', server='{SERVER}')"
    assert repr(oneid.AsyncOneID(API_ID, API_KEY, server=SERVER)).startswith("AsyncOneID(api_id=")
    assert repr(oneid.Credentials(API_ID, API_KEY)) == f"Credentials(api_id='{API_ID}')"


@pytest.mark.parametrize("mistake", [API_KEY + "\n", API_KEY + "é", f" {API_KEY}"])
def test_a_mistaken_key_is_not_repeated_in_the_complaint(mistake: str) -> None:
    with pytest.raises(oneid.ConfigurationError) as caught:
        oneid.OneID(API_ID, mistake)
    assert API_KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "error",
    [
        oneid.Refused("bad_signature", -30, "x", request_id="r", attr_claims={"email": False}),
        oneid.ServiceUnavailable("unavailable", status=500, request_id="r", retry_after=5),
        oneid.CredentialsRefused("r"),
    ],
)
def test_errors_travel_between_processes(error: oneid.OneIDError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
