"""Other sites' pages can make the shop do nothing, and its own pages load nothing from elsewhere."""

import re
from pathlib import Path

import pytest
from authenticator import Person

from examples import shop
from tests.examples.conftest import OTHER, SERVICE, SHOP, Browser

POSTS = (
    *("/auth", "/auth/form", "/nonce", "/guest", "/unlink", "/signout"),
    *("/orders", "/orders/1/nonce", "/orders/1/confirm", "/orders/1/cancel"),
)
SHOP_FILES = Path(__file__).parents[2] / "examples/shop"
ELSEWHERE = {
    "another site": {"Origin": OTHER, "Sec-Fetch-Site": "cross-site"},
    "a sibling domain": {"Origin": "http://evil.shop.localhost:8001", "Sec-Fetch-Site": "same-site"},
    "another port": {"Origin": "http://shop.localhost:8002", "Sec-Fetch-Site": "same-site"},
    "another scheme": {"Origin": "https://shop.localhost:8001", "Sec-Fetch-Site": "same-site"},
    "a sandbox": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "nobody": {},
    "two that do not agree": {"Origin": SHOP, "Sec-Fetch-Site": "cross-site"},
    "no origin": {"Sec-Fetch-Site": "same-origin"},
}


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("headers", ELSEWHERE.values(), ids=ELSEWHERE)
def test_nothing_happens_for_a_page_that_is_not_the_shops(visitor, path, headers):
    person = Person()
    browser = visitor()
    browser.sign_in(person)
    cookie, nonce = browser.cookie, browser.nonce()
    known = {"understood": "yes", "name": "Ada", "json_data": "{}"}
    how = {"json": Person().payload(None, nonce=nonce)} if path == "/auth" else {"data": known}
    answer = browser.post(path, query_string={"nonce": nonce}, headers=headers, **how)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert browser.cookie == cookie
    assert person.uid in browser.text("/account")
    again = browser.bring(person.payload(None, nonce=nonce), nonce)
    assert again.json["error"] == "success", "the nonce was not spent"


def test_a_browser_that_sends_no_fetch_metadata_is_known_by_its_origin(browser):
    assert browser.post("/nonce", headers={"Origin": SHOP}).status_code == 200


def test_the_shop_has_one_name(browser):
    for host in ("http://127.0.0.1:8001", "http://localhost:8001", "http://evil.example"):
        answer = browser.client.get("/account?next=//evil.example", base_url=host)
        assert (answer.status_code, answer.location) == (302, SHOP)
        assert browser.client.post("/signout", base_url=host, headers={"Origin": host}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/by-form", "/account", "/absent", "/static/shop.js", "/nonce"])
def test_every_answer_says_what_may_be_loaded_and_framed(browser, path):
    answer = browser.post(path) if path == "/nonce" else browser.get(path)
    directives = dict(
        directive.strip().split(" ", 1) for directive in answer.headers["Content-Security-Policy"].split(";")
    )
    assert directives == {
        "default-src": "'none'",
        "img-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "script-src": f"'self' {SERVICE}",
        "frame-src": SERVICE,
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (answer.headers["Cache-Control"] == "no-store") is not path.startswith("/static/")


def test_pages_and_scripts_need_nothing_that_the_policy_forbids(visitor):
    guest, linked, nobody = visitor(), visitor(), visitor()
    guest.be_guest("Ada")
    linked.sign_in(Person())
    for browser in (guest, linked, nobody):
        for path in ("/", "/by-form", "/account", "/absent"):
            page = browser.text(path)
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script>|javascript:", page)
            loaded = set(re.findall(r'(?:src|href)="(?!/)([^"]+)"', page))
            assert {f"{SERVICE}/js/oneid.js"} <= loaded <= {f"{SERVICE}/js/oneid.js", f"{SERVICE}/account"}
    for script in Path(SHOP_FILES).rglob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script.read_text())


def test_over_https_no_neighbour_can_plant_a_session(keychain, tmp_path, clock):
    """A cookie with this prefix belongs to one host; a browser takes it from nobody else (RFC 6265bis, 4.1.3.2)."""
    origin = "https://shop.example"
    app = shop.create_app(
        keychain, service=SERVICE, origin=origin, database=tmp_path / "shop.db", clock=lambda: clock().timestamp()
    )
    browser = Browser(app, origin)
    [made] = browser.post("/nonce").headers.getlist("Set-Cookie")
    assert made.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(made.split("; "))
    assert "Domain=" not in made
    [gone] = browser.post("/signout").headers.getlist("Set-Cookie")
    assert gone.startswith("__Host-session=;")
    assert "Secure" in gone.split("; ")
