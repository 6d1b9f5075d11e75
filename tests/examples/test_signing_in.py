"""The callback: nonces that belong to a session, sessions that change, and what everything else gets."""

import json

import httpx
import pytest
from authenticator import Person

from examples import shop
from examples.shop import sessions
from oneid import OneID
from tests.examples.conftest import SERVICE, SHOP, Browser


def signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def test_both_transports_sign_in(visitor):
    person = Person()
    by_script, by_form = visitor(), visitor()
    answer = by_script.sign_in(person)
    assert answer.mimetype == "application/json"
    assert answer.text.strip().count("\n") == 0
    nonce = by_form.nonce()
    answer = by_form.bring_by_form(person.payload(None, nonce=nonce), nonce)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Customer 1" in by_form.text("/account")


@pytest.mark.parametrize("bring", [Browser.bring, Browser.bring_by_form])
def test_a_payload_of_another_session_is_refused_and_stays_unspent(visitor, keychain, bring):
    """Somebody puts their own payload into a stranger's browser, to have them signed in as them."""
    attacker, victim = visitor(), visitor()
    nonce = attacker.nonce()
    payload = Person().payload(None, nonce=nonce)
    victim.nonce()
    answer = bring(victim, payload, nonce)
    assert answer.status_code == 403
    assert "open for too long" in answer.text
    assert not signed_in(victim)
    assert keychain.validate(payload).errorcode == 0


def test_a_nonce_that_is_the_sessions_covers_no_other_one(visitor):
    attacker, victim = visitor(), visitor()
    payload = Person().payload(None, nonce=attacker.nonce())
    assert victim.bring(payload, victim.nonce()).json["errorcode"] == -90
    assert not signed_in(victim)


def test_a_payload_signs_in_once(browser):
    nonce = browser.nonce()
    payload = Person().payload(None, nonce=nonce)
    assert browser.bring(payload, nonce).status_code == 200
    browser.post("/signout")
    browser.nonce()
    assert browser.bring(payload, nonce).status_code == 403
    assert not signed_in(browser)


def test_a_nonce_serves_once_even_if_the_sign_in_failed(browser):
    nonce = browser.nonce()
    assert browser.bring({"uid": Person().uid, "nonces": {}}, nonce).json["errorcode"] == -20
    assert browser.bring(Person().payload(None, nonce=nonce), nonce).json["errorcode"] == -90
    assert not signed_in(browser)


def test_the_nonce_of_a_page_that_was_open_for_too_long_is_refused_and_the_next_one_is_not(browser, clock):
    nonce = browser.nonce()
    clock.tick(seconds=301)
    answer = browser.bring(Person().payload(None, nonce=nonce), nonce)
    assert (answer.status_code, answer.json["error"]) == (403, "This page was open for too long. Please sign in again.")
    browser.sign_in(Person())


def test_each_of_eight_tabs_has_a_nonce_and_the_ninth_takes_the_oldest(browser):
    nonces = [browser.nonce() for _ in range(sessions.UNSPENT + 1)]
    assert len(set(nonces)) == len(nonces)
    assert browser.bring(Person().payload(None, nonce=nonces[0]), nonces[0]).status_code == 403
    assert browser.bring(Person().payload(None, nonce=nonces[1]), nonces[1]).status_code == 200


def test_signing_in_changes_the_session_and_ends_the_one_before(visitor):
    """Who planted a session id in somebody's browser is not signed in with them."""
    attacker, victim = visitor(), visitor()
    attacker.nonce()
    planted = attacker.cookie
    victim.be(planted)
    victim.sign_in(Person())
    assert victim.cookie != planted
    assert signed_in(victim)
    assert not signed_in(attacker)


@pytest.mark.parametrize("leave", [lambda browser: browser.post("/signout"), lambda browser: browser.be_guest("Ada")])
def test_the_nonces_of_a_session_end_with_it(browser, leave):
    nonce = browser.nonce()
    leave(browser)
    assert browser.bring(Person().payload(None, nonce=nonce), nonce).status_code == 403


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(visitor):
    browser, thief = visitor(), visitor()
    browser.sign_in(Person())
    thief.be(browser.cookie)
    assert signed_in(thief)
    browser.post("/signout")
    assert browser.cookie is None
    assert not signed_in(thief)


def test_a_session_that_ended_while_the_service_was_asked_signs_nobody_in(shop_app, transport, visitor, browser):
    """The person signs out in one tab while another one's sign-in is under way."""
    browser.be_guest("Ada")
    other_tab, nonce, person = visitor(), browser.nonce(), Person()
    other_tab.be(browser.cookie)

    class Slow(httpx.BaseTransport):
        def handle_request(self, request):
            other_tab.post("/signout")
            return transport.handle_request(request)

    keychain = OneID.register(transport=transport)
    slow = OneID(keychain.api_id, keychain.api_key, transport=Slow())
    database = shop_app.extensions["shop"].database.path
    same_shop = shop.create_app(slow, service=SERVICE, origin=SHOP, database=database)
    tab = Browser(same_shop, SHOP)
    tab.be(browser.cookie)
    assert tab.bring(person.payload(None, nonce=nonce), nonce).status_code == 403
    assert not signed_in(tab)


def test_a_session_is_over_after_its_time(browser, clock):
    browser.sign_in(Person())
    clock.tick(seconds=sessions.LASTS - 1)
    assert signed_in(browser)
    clock.tick(seconds=1)
    assert not signed_in(browser)


def test_the_cookie_is_out_of_reach_and_the_database_holds_none(browser, shop_app):
    header = browser.sign_in(Person()).headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    kept = shop_app.extensions["shop"].database.path
    assert kept.stat().st_mode & 0o777 == 0o600
    assert all(browser.cookie.encode() not in file.read_bytes() for file in kept.parent.glob("shop.db*"))


def test_the_page_learns_that_somebody_signed_in_elsewhere(browser):
    assert browser.post("/nonce").json["signed_in"] is False
    browser.sign_in(Person())
    assert browser.post("/nonce").json["signed_in"] is True


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "{}", '{"uid":', "\x00", '{"uid": "a", "uid": "b", "nonces": {}}', "[" * 20000, " " * 70000],
)
def test_a_body_that_is_no_payload_is_refused_and_changes_nothing(browser, body):
    nonce = browser.nonce()
    how = {"query_string": {"nonce": nonce}, "data": body, "content_type": "application/json"}
    answer = browser.post("/auth", **how)
    assert (answer.status_code, answer.json["errorcode"]) == (403, -20)
    assert not signed_in(browser)


def test_every_failure_at_the_callback_is_json_with_an_errorcode(browser):
    browser.nonce()
    failures = [
        browser.post("/auth", json={}),
        browser.post("/auth", data={"json_data": "{}"}),
        browser.post("/auth", json={}, headers={}),
        browser.post("/auth", data=b"x" * 300_000, content_type="application/json"),
        browser.get("/auth"),
        browser.client.put("/auth", base_url=SHOP, headers={"Origin": SHOP}),
    ]
    assert [answer.status_code for answer in failures] == [403, 415, 403, 413, 405, 405]
    for answer in failures:
        assert type(answer.json["errorcode"]) is int
        assert answer.json["errorcode"] != 0
        assert answer.json["error"] != "success"


def test_a_form_without_its_field_is_refused_with_a_page(browser):
    nonce = browser.nonce()
    answer = browser.post("/auth/form", query_string={"nonce": nonce}, data={"json": "{}"})
    assert (answer.status_code, answer.mimetype) == (400, "text/html")


def test_a_service_that_can_not_be_asked_signs_nobody_in_and_is_said_to_be_out_of_order(tmp_path):
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("no answer", request=request)

    silent = OneID("id", "key", transport=httpx.MockTransport(down))
    browser = Browser(shop.create_app(silent, service=SERVICE, origin=SHOP, database=tmp_path / "shop.db"), SHOP)
    assert browser.get("/").status_code == 200
    answer = browser.post("/nonce")
    assert answer.status_code == 503
    assert "out of order" in answer.json["error"]
    assert answer.json["errorcode"] != 0


XSS = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_html_in_a_payload_is_shown_nowhere(browser):
    nonce = browser.nonce()
    members = {"attr": {"name": {"first_name": XSS}}, "attr_claim_tokens": {"email": XSS}, XSS: XSS}
    answer = browser.bring(Person().payload(None, nonce=nonce) | members, nonce)
    assert "<script>alert" not in answer.text
    assert all("<script>alert" not in browser.text(path) for path in ("/", "/account", "/by-form"))
    nonce = browser.nonce()
    for bring in (browser.bring, browser.bring_by_form):
        answer = bring({"uid": XSS, "nonces": {XSS: {"nonce": XSS, "key": XSS}}}, nonce)
        assert answer.status_code == 403
        assert "alert" not in answer.text


def test_html_in_a_guests_name_is_text(browser):
    browser.be_guest("<b>Ada</b>")
    for path in ("/", "/account", "/by-form"):
        assert "<b>" not in browser.text(path)
        assert "&lt;b&gt;Ada" in browser.text(path)


def test_a_refusal_is_logged_by_its_code_and_without_the_payload(browser, caplog):
    nonce = browser.nonce()
    payload = Person().payload(None, nonce=nonce)
    payload["nonces"]["ad"]["key"] = Person().keys["ad"].text
    assert browser.bring(payload, nonce).json["errorcode"] == -30
    assert "bad_signature" in caplog.text
    assert not any(secret in caplog.text for secret in (payload["uid"], json.dumps(payload["nonces"]["ad"])[12:60]))
