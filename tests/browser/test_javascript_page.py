"""Every example of the two pages on JavaScript, run in a browser: it does what it says."""

import json
import re
from urllib.parse import parse_qs

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.documented import examples
from tests.browser.example_runs import FORM, WHOLE, Plan, Run, headers, ours
from tests.browser.pages import Answer, Asked
from tests.browser.person import Popup
from tests.browser.phone import Household
from tests.browser.sites import Site
from tests.browser.wallets import keep, share

pytestmark = pytest.mark.slow


def quickly(popup: Popup) -> None:
    """Through the one screen of a silent sign-up, which has the name that the page knew."""
    expect(popup.at("silent").page.get_by_label("A name for it")).to_have_value("Ada Lovelace")
    with popup.closing():
        popup.act("create")


FILLS = "role=button[name='Fill in with OneID']"
DRAWN = "role=button[name='Sign in with OneID'] >> visible=true"
PLANS = {
    "init": Plan(at_load=True, presses=None, window=None),
    "init-options": Plan(at_load=True, presses=None, window=None),
    "buttons": Plan(at_load=True, presses=DRAWN),
    "get": Plan(at_load=True, presses=None, window=None),
    "events": Plan(),
    "signin": Plan(),
    "payload": Plan(),
    "level": Plan(at_the_phone="approve", window=None),
    "confirm": Plan(at_the_phone="approve", window=None),
    "confirm-callback": Plan(at_the_phone="approve", window=None),
    "nonce": Plan(at_load=True, presses=DRAWN, goes_to="/account"),
    "signup": Plan(window=quickly),
    "signup-alone": Plan(),
    "signout": Plan(known=True, window=None),
    "optout": Plan(known=True, window=None),
    "form": Plan(goes_to="/account"),
    "refused": Plan(answer='{"error": "Please register first."}'),
    "silently": Plan(at_load=True, known=True, presses=None, window=None),
    "errors": Plan(known=True, window=None, answer='{"error": "Please register first."}'),
    "attr": Plan(cards=True, window=share),
    "attr-list": Plan(cards=True, window=share),
    "attr-silent": Plan(gave="name[first_name]", window=None),
    "attr-keep": Plan(cards=True, window=keep, cancelled_at="keep"),
    "quickfill": Plan(cards=True, window=share),
    "quickfill-options": Plan(gave="address[zip] address[city]", window=None),
    "quickfill-button": Plan(cards=True, at_load=True, presses=FILLS, window=share),
    "collect": Plan(window=None),
    "collect-save": Plan(cards=True, window=keep, cancelled_at="keep"),
    "transform": Plan(gave="address[state]", window=None),
    "signin-attr": Plan(cards=True, window=Popup.consent),
    "signup-userdata": Plan(window=quickly),
}


@pytest.fixture
def run(site: Site, context: BrowserContext) -> Run:
    return Run(site, context)


@pytest.fixture
def run_at_home(household: Household) -> Run:
    """The same for somebody who has a phone, and is known at the site."""
    return Run(household.site, household.computer)


@pytest.mark.parametrize("name", [name for name, plan in PLANS.items() if not plan.at_the_phone])
def test_an_example_of_the_page_does_what_it_says(name, run):
    example, plan = examples("js")[name], PLANS[name]
    run.prepare(example, plan)
    run.play(plan, plan.window)
    run.said(example)


@pytest.mark.parametrize("name", [name for name, plan in PLANS.items() if plan.at_the_phone])
def test_an_example_with_the_phone_does_what_it_says(name, run_at_home, household):
    example, plan = examples("js")[name], PLANS[name]
    run_at_home.prepare(example, plan)
    run_at_home.play(plan, None, household.handset)
    run_at_home.said(example)
    run_at_home.page.close()


def test_the_words_of_the_example_are_those_that_the_site_s_server_can_hold_the_payload_against(
    run_at_home, household, service
):
    run_at_home.prepare(examples("js")["confirm-callback"], PLANS["confirm-callback"])
    run_at_home.play(PLANS["confirm-callback"], None, household.handset)
    run_at_home.until(lambda: run_at_home.logged)
    payload = run_at_home.posted().payload()
    swapped = service.validate(payload, title="Shop", message="Pay $4,000 to Ann?")
    assert swapped["errorcode"] != 0
    assert service.validate(payload, title=payload["title"], message="Pay $40 to Ann?")["errorcode"] == 0
    run_at_home.page.close()


@pytest.mark.parametrize("name", [name for name, example in examples("js").items() if example.can_be_cancelled])
def test_an_example_that_can_be_cancelled_says_what_comes_then(name, run):
    example, plan = examples("js")[name], PLANS[name]
    run.prepare(example, plan)
    run.play(plan, lambda popup: popup.at(plan.cancelled_at).cancel())
    run.said(example, cancelled=True)


def test_the_example_with_a_nonce_signs_the_one_that_the_server_gave(run, service, nonce_of):
    run.prepare(examples("js")["nonce"], PLANS["nonce"])
    given: list[str] = []

    def give(_: Asked) -> Answer:
        given.append(service.make_nonce())
        return Answer(json.dumps({"nonce": given[-1]}))

    run.site.pages.answers["/nonce"] = give
    run.play(PLANS["nonce"], Popup.sign_up)
    payload = run.posted().payload()
    assert [nonce_of(signed["nonce"]) for signed in payload["nonces"].values()] == [given[0]] * 2
    assert service.validate(payload)["errorcode"] == 0


def test_the_example_with_a_form_brings_the_payload_in_json_data(run, service):
    run.prepare(examples("js")["form"], PLANS["form"])
    run.play(PLANS["form"], Popup.sign_up)
    [payload] = parse_qs(run.posted().body)["json_data"]
    assert service.validate(json.loads(payload))["errorcode"] == 0
    assert run.logged == []


def test_the_example_without_a_window_shows_a_stranger_the_way_in(run):
    plan = Plan(at_load=True, presses=None, window=None)
    run.prepare(examples("js")["silently"], plan)
    run.play(plan, None)
    assert run.logged == []
    expect(run.page.locator(".sign-in[hidden]")).to_have_count(0)
    assert not any(asked.method == "POST" for asked in run.site.pages.asked)


def test_the_first_example_signs_in_and_follows_the_answer(site, service, context):
    site.pages.put("/first", "<!doctype html><title>First</title>" + ours(examples("html")["first"].code, service))
    site.pages.put("/signed-in", Plan.answer)
    site.pages.put("/account", "<!doctype html><title>Account</title>")
    page = context.new_page()
    page.goto(f"{site.pages.origin()}/first")
    with page.expect_popup() as opened:
        page.click("#enter")
    Popup(opened.value).sign_up()
    page.wait_for_url("**/account")
    [payload] = site.pages.callbacks("/signed-in")
    assert service.validate(payload)["errorcode"] == 0


@pytest.mark.parametrize("changed", [False, True], ids=["as-published", "changed"])
def test_the_pinned_example_runs_the_published_build_and_no_other(changed, site, service, context):
    published = httpx.get(f"{service.url}/static/integrity.json", timeout=60).json()
    integrity = published["files"]["oneid.js"]
    if changed:
        integrity = integrity[:20] + ("A" if integrity[20] != "A" else "B") + integrity[21:]
    code = ours(examples("html")["pinned"].code, service)
    code = re.sub(r"/static/[^/]+/", f"/static/{published['build']}/", code)
    code = re.sub(r'integrity="[^"]+"', f'integrity="{integrity}"', code)
    site.pages.put("/pinned", f"<!doctype html><title>Pinned</title>{code}", **headers(service))
    page = context.new_page()
    page.goto(f"{site.pages.origin()}/pinned")
    assert page.evaluate("window.OneID?.get('buildVersion') ?? null") == (None if changed else published["build"])


@pytest.mark.parametrize("directive", ["script-src", "frame-src"])
def test_what_the_headers_of_the_page_allow_is_needed(directive, site, service, context):
    policy = headers(service)["Content_Security_Policy"]
    without = re.sub(rf"({directive}[^;]*) {re.escape(service.origin)}", r"\1 'self'", policy)
    assert without != policy
    site.pages.put("/without", WHOLE.format(service=service.origin, form=FORM), Content_Security_Policy=without)
    site.pages.put("/example.js", "window.OneID?.init();", Content_Type="text/javascript")
    page = context.new_page()
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.goto(f"{site.pages.origin()}/without")
    assert page.evaluate("window.OneID?.get('chanReady') ?? false") is False
