"""How a payload reaches the site's callback, and what its answer means (``docs/javascript.md``)."""

import json
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def test_the_payload_arrives_as_json_on_one_line_with_the_sites_cookies(site, known, returning):
    returning.page.evaluate("document.cookie = 'session=ours'")
    returning.call("signin", {"challenge": {"callback": "/callback"}}).value()
    asked = next(asked for asked in site.pages.asked if asked.method == "POST")
    assert asked.headers["Content-Type"].split(";")[0] == "application/json"
    assert "\n" not in asked.body
    assert asked.headers["Cookie"] == "session=ours"
    payload = asked.payload()
    assert set(payload) == {"uid", "nonces", "attr", "attr_claim_tokens", "two_factor_token"}
    assert payload["attr"] == payload["attr_claim_tokens"] == {}
    assert set(payload["nonces"]) == {"ad", "repo"}


@pytest.mark.parametrize(
    ("callback", "arrives_at"),
    [
        ("auth?state=open&x=%C3%A9", "/deep/auth?state=open&x=%C3%A9"),
        ("/auth/", "/auth/"),
        ("../auth?a=1&b=2", "/auth?a=1&b=2"),
        ("{origin}/auth?redirect_to=%2F", "/auth?redirect_to=%2F"),
    ],
)
def test_a_callback_may_be_relative_and_keeps_its_query(callback, arrives_at, site, known, returning):
    for path in ("/auth", "/auth/", "/deep/auth"):
        site.pages.put(path, '{"error": "success"}', Content_Type="application/json")
    visit = site.visit(known, path=site.put("/deep/page"))
    visit.ready()
    callback = callback.format(origin=site.pages.origin())
    assert visit.call("signin", {"challenge": {"callback": callback}}).value() == {"error": "success"}
    assert [asked.path for asked in site.pages.asked if asked.method == "POST"] == [arrives_at]


SUCCESSES = [
    {"error": "success", "url": "/next"},
    {"errorcode": 0, "error": "success"},
    {"errorcode": "0", "error": "success", "url": "account.py?sessionid=1"},
    {"url": "/success"},
    {},
]
FAILURES = [
    ({"error": "Please register first"}, 200),
    ({"errorcode": "-999", "error": "No e-mail address"}, 200),
    ({"errorcode": -3, "error": "expired"}, 200),
    ({"errorcode": -3, "error": "success"}, 200),
    ({"error": "success"}, 401),
    ("", 200),
    ("", 401),
    ("<h1>502 Bad Gateway</h1>", 502),
    ("Oops", 401),
    ("[]", 200),
    ("null", 200),
]


@pytest.mark.parametrize("answer", SUCCESSES, ids=json.dumps)
@pytest.mark.parametrize("form", ["{}", "\r\n\n {} \n"], ids=["bare", "padded"])
def test_a_success_is_handed_to_the_page(answer, form, site, returning):
    site.answering(form.format(json.dumps(answer)) if form != "{}" else answer, content_type="text/html")
    assert returning.call("signin", {"challenge": {"callback": "/callback"}}).value() == answer


@pytest.mark.parametrize(("answer", "status"), FAILURES, ids=str)
def test_anything_else_is_a_failure(answer, status, site, returning):
    site.answering(answer, status, "text/html")
    heard = returning.call("signin", {"challenge": {"callback": "/callback"}}).over()
    assert "value" not in heard or heard["value"] is None or heard["value"].get("error") != "success"


def click_through(visit, challenge):
    """Sign in as a page without a callback of its own does, as of 2013."""
    visit.page.evaluate(
        """(challenge) => {
          document.getElementById("act").onclick = (event) => {
            event.stopImmediatePropagation();
            OneID.signin({ challenge });
          };
          document.getElementById("act").replaceWith(Object.assign(document.getElementById("act").cloneNode(true),
            { onclick: document.getElementById("act").onclick }));
        }""",
        challenge,
    )
    visit.page.click("#act")


def test_without_a_page_callback_the_url_of_a_success_is_followed(site, known, returning):
    site.pages.put("/next", "<!doctype html><title>Next</title>")
    site.answering({"error": "success", "url": "next?from=sign-in"})
    click_through(returning, {"callback": "/callback"})
    returning.page.wait_for_url(f"{site.pages.origin()}/next?from=sign-in")


@pytest.mark.parametrize("url", ["javascript:window.bitten=1", "data:text/html,<h1>bitten</h1>"])
def test_a_url_that_is_no_page_is_not_followed(url, site, returning):
    site.answering({"error": "success", "url": url})
    before = returning.page.url
    with returning.page.expect_response("**/callback"):
        click_through(returning, {"callback": "/callback"})
    returning.page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 200))")
    assert returning.page.url == before
    assert returning.page.evaluate("window.bitten") is None


@pytest.mark.parametrize(
    ("answer", "shown"),
    [({"error": "Please register first"}, "Please register first"), ("", None), ("<h1>502</h1>", None)],
    ids=["error", "empty", "html"],
)
def test_without_a_page_callback_an_error_is_shown(answer, shown, site, returning):
    site.answering(answer, content_type="text/html")
    click_through(returning, {"callback": "/callback"})
    dialog = returning.page.get_by_role("alertdialog").or_(returning.page.get_by_role("dialog"))
    expect(dialog).to_be_visible()
    if shown:
        expect(dialog).to_contain_text(shown)
    returning.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("method", ["HTTP_POST", "POST"])
def test_a_form_post_carries_the_payload_in_json_data_and_becomes_the_page(method, site, service, returning):
    site.pages.put("/account", "<!doctype html><title>Account</title>")
    challenge = {"callback": "/account?state=1", "request_method": method}
    with returning.page.expect_navigation():
        returning.call("signin", {"challenge": challenge})
    assert returning.page.title() == "Account"
    asked = next(asked for asked in site.pages.asked if asked.method == "POST")
    assert asked.path == "/account?state=1"
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    fields = parse_qs(asked.body)
    assert list(fields) == ["json_data"]
    payload = json.loads(fields["json_data"][0])
    assert "\n" not in fields["json_data"][0]
    assert service.validate(payload)["errorcode"] == 0


def test_a_callback_on_a_page_that_is_gone_is_an_error_not_a_success(site, known, returning):
    returning.page.route("**/callback", lambda route: route.abort())
    heard = returning.call("signin", {"challenge": {"callback": "/callback"}}).over()
    assert heard["called"] == [None]
    assert heard["error"]


def test_the_payload_never_goes_to_another_site_unless_the_page_says_so(site, known, returning):
    """A callback at another origin gets the payload without anybody's cookies."""
    known.add_cookies([{"name": "session", "value": "other", "url": site.pages.origin("other")}])
    site.pages.put(
        "/elsewhere",
        '{"error": "success"}',
        Access_Control_Allow_Origin="*",
        Access_Control_Allow_Headers="content-type",
    )
    returning.call("signin", {"challenge": {"callback": f"{site.pages.origin('other')}/elsewhere"}}).over()
    assert all("Cookie" not in asked.headers for asked in site.pages.asked if "elsewhere" in asked.path)
