"""The functions of `OneID` as their documentation has them: callbacks and promises, early and late."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup

pytestmark = pytest.mark.slow

SIGN_IN = {"challenge": {"callback": "/callback"}}
STATE_KEYS = {
    "apiHost", "apiReady", "browserSupport", "buildVersion", "chanReady", "debug", "enabled", "getMobileUrl",
    "keychainHost", "mobileEnabled", "oneIdHost", "repoHost", "signedIn",
}  # fmt: skip


def test_get_tells_every_key_of_the_documentation(site, service, context):
    visit = site.visit(context)
    visit.ready()
    state = visit.page.evaluate("OneID.get()")
    assert set(state) == STATE_KEYS
    assert {state[name] for name in ("apiHost", "keychainHost", "oneIdHost", "repoHost")} == {service.origin}
    assert state["apiReady"] is state["chanReady"] is state["browserSupport"] is True
    assert state["enabled"] is state["signedIn"] is state["mobileEnabled"] is state["debug"] is False
    assert re.fullmatch(r"\d+\.\d+\.\d+-[0-9a-f]{12}", state["buildVersion"])
    for name in STATE_KEYS:
        assert visit.get(name) == state[name]
    assert visit.page.evaluate("OneID.get('nothing') === undefined")


def test_signing_in_changes_the_state_that_get_tells(site, context):
    visit = site.visit(context)
    visit.know()
    assert visit.get("enabled") is visit.get("signedIn") is True
    assert visit.call("signout").over()["value"] is True
    assert visit.get("signedIn") is False


@pytest.mark.parametrize(
    "script",
    [
        "OneID.init(() => { window.ran = 1; });",
        "OneID.init({ debug: false }, () => { window.ran = 1; });",
        "OneID.init({}).then(() => { window.ran = 1; });",
        "OneID.config({ ready: () => { window.ran = 1; } });",
        "OneID.once('apiReady', () => { window.ran = 1; }); OneID.init();",
        "OneID.init(); setTimeout(() => OneID.init(() => { window.ran = 1; }), 300);",
    ],
)
def test_each_way_to_hear_that_it_is_ready(script, site, context):
    visit = site.visit(context, path=site.put("/ways", script=script))
    visit.page.wait_for_function("window.ran === 1")
    assert visit.get("apiReady") is True


def test_calls_made_before_it_is_ready_are_queued(site, context):
    """The click comes before the frame has answered, as on a slow line; the sign-in still needs no second one."""
    site.visit(context).know()
    held = []

    def hold(route):
        held.append(route)

    context.route("**/frame", hold)
    # The click waits for 700 ms, which are soon over here.
    patient = "const wait = setTimeout; window.setTimeout = (f, ms, ...a) => wait(f, ms === 700 ? 20_000 : ms, ...a);"
    visit = site.visit(context, path=site.put("/patient", head=f"<script>{patient}</script>"))
    call = visit.call("signin", SIGN_IN)
    while not held:
        visit.page.wait_for_timeout(20)
    assert visit.get("apiReady") is False
    held[0].continue_()
    assert call.value() == {"error": "success"}


def test_functions_that_need_the_frame_wait_for_it(site, context):
    path = site.put("/early", script="act('init'); act('signout');")
    visit = site.visit(context, path=path)
    visit.page.wait_for_function("heard.every(({ over }) => over)")
    assert visit.page.evaluate("heard[0].called") == [True]
    assert visit.page.evaluate("heard[1].called") == [None]


def test_listeners_hear_each_outcome_until_they_are_taken_off(site, context):
    visit = site.visit(context)
    visit.know()
    visit.page.evaluate(
        """() => {
          window.log = [];
          window.always = (value) => log.push(["on", value]);
          OneID.on("signin", always);
          OneID.once("signin", (value) => log.push(["once", value]));
        }"""
    )
    said = {"error": "success"}
    visit.call("signin", SIGN_IN).value()
    assert visit.page.evaluate("log") == [["on", said], ["once", said]]
    visit.call("signin", SIGN_IN).value()
    assert visit.page.evaluate("log.length") == 3
    visit.page.evaluate("OneID.off('signin', always)")
    visit.call("signin", SIGN_IN).value()
    assert visit.page.evaluate("log.length") == 3


def test_without_a_callback_address_the_page_gets_the_payload(site, service, context):
    call, page = site.visit(context).open("signin", {"challenge": {}})
    Popup(page).sign_up()
    payload = call.value()
    assert set(payload) == {"uid", "nonces", "attr", "attr_claim_tokens", "two_factor_token"}
    assert service.validate(payload)["errorcode"] == 0


def test_signup_without_a_challenge_makes_a_oneid_and_says_true(site, context):
    call, page = site.visit(context).open("signup", {})
    Popup(page).sign_up()
    assert call.value() is True
    assert site.pages.callbacks() == []


def test_signup_with_a_challenge_signs_in(site, service, context):
    call, page = site.visit(context).open("signup", SIGN_IN)
    Popup(page).sign_up()
    assert call.value() == {"error": "success"}
    assert service.validate(site.pages.callbacks()[0])["errorcode"] == 0


def test_a_silent_signup_is_one_button_in_a_prefilled_popup(site, service, context):
    wanted = {**SIGN_IN, "silent": True, "userData": {"name": {"first_name": "Mia", "last_name": "Muster"}}}
    call, page = site.visit(context).open("signup", wanted)
    popup = Popup(page).at("silent")
    assert "Mia Muster" in popup.everything_shown()
    with popup.closing():
        popup.act("create")
    assert call.value() == {"error": "success"}
    assert service.validate(site.pages.callbacks()[0])["errorcode"] == 0


def test_signout_locks_this_browser_at_every_site_and_one_tap_unlocks_it(site, context):
    shop, other = site.visit(context), site.visit(context, "other")
    shop.know()
    call, page = other.open("signin", SIGN_IN)
    Popup(page).at("consent").consent()
    call.value()
    assert shop.call("signout").value() is True
    # The other site's frame had its session, too: that one is over as well, and the click opens the window.
    call, page = other.open("signin", SIGN_IN)
    Popup(page).at("locked").unlock().consent()
    assert call.value() == {"error": "success"}


def test_signout_where_nobody_is_signed_in_says_null(site, context):
    visit = site.visit(context)
    visit.ready()
    assert visit.call("signout").over()["called"] == [None]


def test_optout_undoes_a_new_account(site, context):
    visit = site.visit(context)
    visit.know()
    uid = site.pages.callbacks()[0]["uid"]
    assert visit.call("optout").value() is True
    assert visit.get("enabled") is False
    call, page = visit.open("signin", SIGN_IN)
    Popup(page).at("choose").act("use-another").sign_up()
    assert call.value() == {"error": "success"}
    assert site.pages.callbacks()[-1]["uid"] != uid


def test_optout_of_an_account_that_was_opened_is_refused_and_changes_nothing(site, context):
    visit = site.visit(context).ready()
    call, page = visit.open("signin", SIGN_IN)
    Popup(page).sign_up_with_key()
    call.value()
    assert visit.call("optout").error() == "optout_refused"
    assert visit.call("signin", SIGN_IN).value() == {"error": "success"}


@pytest.mark.parametrize("given", [[], [{}], [{"challenge": None}]], ids=repr)
def test_signin_without_a_challenge_is_no_mistake(given, site, context):
    call, page = site.visit(context).open("signin", *given)
    Popup(page).at("welcome").cancel()
    assert call.value() is None


@pytest.mark.parametrize("callback", ["javascript:alert(1)", "data:,x", "http://[", "file:///etc/passwd"])
def test_a_callback_that_is_no_web_address_is_refused_before_a_window_opens(callback, site, context):
    visit = site.visit(context)
    assert visit.call("signin", {"challenge": {"callback": callback}}).error() == "invalid_callback"
    assert len(context.pages) == 1


@pytest.mark.parametrize("level", ["oob", "MFA"])
def test_a_level_that_there_is_not_is_refused_and_not_passed_over(level, site, context):
    challenge = {"callback": "/callback", "auth_level": level}
    assert site.visit(context).call("signin", {"challenge": challenge}).error() == "not_supported"
    assert len(context.pages) == 1


@pytest.mark.parametrize("level", ["OOB", "OOBPIN"])
def test_a_level_that_needs_a_phone_is_not_passed_over_for_somebody_without_one(level, site, context):
    challenge = {"callback": "/callback", "auth_level": level}
    call, page = site.visit(context).open("signin", {"challenge": challenge})
    popup = Popup(page).go_to("key").act("skip").at("skip").act("skip-yes").at("phoneless")
    with popup.closing():
        popup.act("cancel")
    assert call.error() == "no_phone"
    visit = site.visit(context, "other").ready()
    plain, page = visit.open("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).consent()
    assert plain.value() == {"error": "success"}
    assert visit.call("signin", {"challenge": challenge}).error() == "no_phone"
    assert visit.call("confirm", "Pay $40 to Ann?").error() == "no_phone"
    assert len(site.pages.callbacks()) == 1  # of the plain one


def test_the_viewport_is_set_only_where_the_page_has_none(site, context):
    own = '<meta name="viewport" content="width=500">'
    for path, head, expected in (("/none", "", 1), ("/own", own, 1)):
        visit = site.visit(context, path=site.put(path, head=head))
        visit.ready()
        assert visit.page.locator("meta[name=viewport]").count() == expected
    assert visit.page.locator("meta[name=viewport]").get_attribute("content") == "width=500"


def test_including_the_script_twice_does_no_harm(site, service, context):
    path = site.put("/twice", head=f"<script src='{service.origin}/oneid.js'></script>")
    visit = site.visit(context, path=path)
    visit.know()
    assert visit.page.locator("iframe").count() == 1


def test_a_site_with_a_strict_policy_signs_in(site, service, context):
    """The script and the frame of the service are all that a site has to allow; style needs nothing."""
    script = site.pages.put(
        "/strict.js",
        """OneID.config({ buttons: { "signin #here": [{ challenge: { callback: "/callback" } }, (answer) => {
          document.title = answer.error;
        }] } });""",
        Content_Type="text/javascript",
    )
    path = site.pages.put(
        "/strict",
        f"<!doctype html><title>Strict</title><body><div id=here></div>"
        f"<script src='{service.origin}/js/oneid.js'></script><script src='{script}'></script>",
        Content_Security_Policy=(
            f"default-src 'none'; script-src 'self' {service.origin}; frame-src {service.origin}; style-src 'self';"
            " connect-src 'self'; require-trusted-types-for 'script'"
        ),
    )
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{site.pages.origin()}{path}")
    button = page.get_by_role("button", name="Sign in with OneID")
    assert button.evaluate("(button) => getComputedStyle(button).backgroundColor") == "rgb(31, 111, 92)"
    with page.expect_popup() as opened:
        button.click()
    Popup(opened.value).sign_up()
    expect(page).to_have_title("success")
    assert [text for text in complaints if "Content Security Policy" in text] == []
