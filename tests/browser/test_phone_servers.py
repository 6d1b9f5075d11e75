"""A site's server asks by itself: the phone shows what, and that nobody vouches for who."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

SIGN_IN = {"challenge": {"callback": "/callback"}}
WORDS = "Send the tea to Ann?"


@pytest.fixture
def ask(service):
    """``ask(token)``: a server asks; it is answered when the phone is."""
    with ThreadPoolExecutor(1) as pool:

        def asked(token):
            question = {"two_factor_token": token, "message": WORDS, "title": "Tea"}
            address = f"{service.url}/repo/send_2fa"
            return pool.submit(lambda: httpx.post(address, auth=service.credentials, json=question, timeout=60).json())

        yield asked


@pytest.fixture
def payload(household):
    household.visit().call("signin", SIGN_IN).value()
    return household.site.pages.callbacks()[-1]


def test_what_a_server_asks_for_the_phone_approves_with_no_browser_there(household, payload, ask, service):
    for page in household.computer.pages:
        page.close()
    answer = ask(payload["two_factor_token"])
    handset = household.handset.look()
    assert handset.words == WORDS
    assert household.site.pages.origin() in handset.everything_shown()
    expect(handset.page.locator(".warning")).to_be_visible()  # nobody said that these credentials are this site's
    handset.approve()
    told = service.validate({"uid": payload["uid"], **answer.result()}, message=WORDS, title="Tea")
    assert told["valid_signatures"] == ["repo", "cd"]


@pytest.mark.parametrize(("decision", "code"), [("reject", "confirmation_denied"), ("report", "confirmation_reported")])
def test_what_the_person_denies_a_server_is_told(decision, code, household, payload, ask):
    answer = ask(payload["two_factor_token"])
    household.handset.look().say(decision)
    assert answer.result()["code"] == code
    if decision == "report":
        assert ask(payload["two_factor_token"]).result()["code"] == "token_refused"
        household.visit().call("signin", SIGN_IN).value()  # the next sign-in brings another one
        fresh = household.site.pages.callbacks()[-1]["two_factor_token"]
        assert fresh != payload["two_factor_token"]
