"""``docs/javascript.md`` line by line: each function's every option, key and way to be called, in a real page.

What each promises beyond its line stands in the tests beside this one; attributes have files of their own.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.wallets import ADA, share

pytestmark = pytest.mark.slow

HERE = "<p class=here></p>"
ANSWER = {"error": "success"}


def payload_of(site):
    return site.pages.callbacks()[-1]


# init, config


def test_init_takes_a_callback(site, context):
    visit = site.visit(context)
    assert visit.call("init").value() is True
    assert visit.get("chanReady") is True


def test_init_options_are_those_of_config(site, context):
    visit = site.visit(context)
    assert visit.call("init", {"debug": True}).value() is True
    assert visit.get("debug") is True


def test_config_options_and_a_callback(site, context):
    visit = site.visit(context)
    assert visit.call("config", {}).value() is True
    assert visit.page.locator("iframe").count() == 0


@pytest.mark.parametrize(
    ("name", "label"),
    {"signin": "Sign in with OneID", "signup": "Create a OneID", "quickfill": "Fill in with OneID"}.items(),
)
def test_config_buttons_are_drawn_for_each_of_three_calls(name, label, site, context):
    visit = site.visit(context, path=site.put("/buttons", body=HERE))
    visit.call("config", {"buttons": {f"{name} .here": [{}]}}).value()
    expect(visit.page.get_by_role("button", name=label)).to_be_visible()


def test_config_ready_is_called_once(site, context):
    script = "window.told = []; OneID.config({ ready: (value) => told.push(value) });"
    visit = site.visit(context, path=site.put("/ready", script=script))
    visit.ready()
    visit.ready()
    assert visit.page.evaluate("told") == [True]


def test_config_debug_says_what_happens(site, context):
    visit = site.visit(context)
    visit.call("config", {"debug": True}).value()
    with visit.page.expect_console_message(lambda message: message.text.startswith("OneID: ")):
        visit.call("init")


@pytest.mark.parametrize(
    ("viewport", "content"), [(None, "width=device-width, initial-scale=1"), ("width=600", "width=600"), (False, None)]
)
def test_config_viewport_is_the_content_or_none(viewport, content, site, context):
    visit = site.visit(context)
    visit.call("init", {} if viewport is None else {"viewport": viewport}).value()
    found = visit.page.evaluate("() => document.querySelector('meta[name=viewport]')?.content ?? null")
    assert found == content


def test_config_transform_makes_the_sites_own_values(forms):
    form = forms.open("")
    form.page.evaluate("() => OneID.config({ transform: { first_name: { fromOneID: (text) => text.toUpperCase() } } })")
    assert form.run("OneID.attr('name[first_name]')") == {"attribute_data": {"name": {"first_name": "ADA"}}}


# get


def test_get_name_or_nothing(returning):
    whole = returning.page.evaluate("OneID.get()")
    assert {name: returning.get(name) for name in whole} == whole


def test_get_api_ready_and_chan_ready_become_true(site, context):
    visit = site.visit(context)
    assert [visit.get("apiReady"), visit.get("chanReady")] == [False, False]
    visit.ready()
    assert [visit.get("apiReady"), visit.get("chanReady")] == [True, True]


def test_get_browser_support_is_true_in_this_browser(site, context):
    assert site.visit(context).get("browserSupport") is True


def test_get_build_version_is_the_one_that_is_served(site, service, context):
    visit = site.visit(context)
    build = visit.get("buildVersion")
    assert context.request.get(f"{service.url}/static/{build}/shim/dialogs.js").ok


def test_get_debug_is_that_of_config(site, context):
    visit = site.visit(context)
    assert visit.get("debug") is False
    visit.call("config", {"debug": True}).value()
    assert visit.get("debug") is True


def test_get_enabled_and_signed_in_say_that_the_frame_holds_keys(site, returning, context):
    assert [returning.get("enabled"), returning.get("signedIn")] == [True, True]
    stranger = site.visit(context)
    stranger.ready()
    assert [stranger.get("enabled"), stranger.get("signedIn")] == [False, False]


def test_get_api_host_keychain_host_one_id_host_and_repo_host_are_the_service(site, service, context):
    visit = site.visit(context)
    names = ("apiHost", "keychainHost", "oneIdHost", "repoHost")
    assert {visit.get(name) for name in names} == {service.origin}


def test_get_mobile_enabled_says_that_there_is_a_phone(household, site, context):
    visit = household.visit()
    visit.call("signin").value()  # then the frame knows
    assert visit.get("mobileEnabled") is True
    visit.page.close()
    assert site.visit(context).get("mobileEnabled") is False


def test_get_get_mobile_url_is_the_phones_page(site, service, context):
    address = site.visit(context).get("getMobileUrl")
    assert address == f"{service.origin}/remote"


# on, once, off

LISTENS = "() => { window.told = []; OneID.%s('config', (value) => told.push(value)); }"


@pytest.mark.parametrize(("name", "times"), [("on", 2), ("once", 1)])
def test_on_event_handler_hears_each_call(name, times, site, context):
    visit = site.visit(context)
    visit.page.evaluate(LISTENS % name)
    for _ in range(2):
        visit.call("config", {}).value()
    assert visit.page.evaluate("told") == [True] * times


def test_once_event_handler_hears_one_call(site, context):
    visit = site.visit(context)
    visit.page.evaluate(LISTENS % "once")
    for _ in range(2):
        visit.call("config", {}).value()
    assert visit.page.evaluate("told") == [True]


def test_off_event_handler_hears_no_more(site, context):
    visit = site.visit(context)
    visit.page.evaluate(LISTENS % "on")
    visit.page.evaluate("() => OneID.off('config')")
    visit.call("config", {}).value()
    assert visit.page.evaluate("told") == []


# signin


def test_signin_options_may_be_left_out(returning):
    assert set(returning.call("signin").value()) == {"uid", "nonces", "attr", "attr_claim_tokens", "two_factor_token"}


def test_signin_callback_gets_the_payload(site, service, returning):
    assert returning.call("signin", {"challenge": {"callback": "/callback"}}).value() == ANSWER
    assert service.validate(payload_of(site))["errorcode"] == 0


def test_signin_nonce_is_the_one_that_is_signed(service, returning, nonce_of):
    nonce = service.make_nonce()
    payload = returning.call("signin", {"challenge": {"nonce": nonce}}).value()
    assert {nonce_of(signed["nonce"]) for signed in payload["nonces"].values()} == {nonce}


@pytest.mark.parametrize("method", ["HTTP_POST", "POST"])
def test_signin_request_method_takes_the_page_along(method, site, returning):
    site.pages.put("/next", "<!doctype html><title>Next</title>")
    returning.call("signin", {"challenge": {"callback": "/next", "request_method": method}})
    returning.page.wait_for_url("**/next")
    assert site.pages.asked[-1].body.startswith("json_data=")


@pytest.mark.parametrize("names", ["name[first_name] email", ["name[first_name]", "email"]], ids=["text", "list"])
def test_signin_attr_is_in_the_payload(names, forms):
    form = forms.open("")
    payload = form.visit.call("signin", {"challenge": {"attr": names}}).value()
    assert payload["attr"] == {"name": {"first_name": "Ada"}, "email": ADA["email"]}


@pytest.mark.parametrize(("level", "roles"), [("ON", ["ad", "repo"]), ("OOB", ["ad", "repo", "cd"])])
def test_signin_auth_level_says_who_signs(level, roles, household):
    visit = household.site.visit(household.computer)
    visit.ready()
    call = visit.call("signin", {"challenge": {"auth_level": level}})
    if level == "OOB":
        household.handset.look().say("approve")
        household.handset.go_home()
    assert list(call.value()["nonces"]) == roles
    visit.page.close()


# confirm


def confirmed(household, *given):
    """What a confirmation gave, and what the phone showed."""
    visit = household.site.visit(household.computer)
    visit.ready()
    call = visit.call("confirm", *given)
    handset = household.handset.look()
    shown = handset.everything_shown()
    handset.say("approve")
    handset.go_home()
    value = call.value()
    visit.page.close()
    return value, shown


def test_confirm_message_alone_is_shown_and_approved(household):
    value, shown = confirmed(household, "Pay $40 to Ann?")
    assert value["confirm"] is True
    assert "Pay $40 to Ann?" in shown


def test_confirm_options_have_the_message_and_the_title(household):
    value, shown = confirmed(household, {"message": "Pay $40?", "title": "The bank"})
    assert (value["message"], value["title"]) == ("Pay $40?", "The bank")
    assert "The bank" in shown


def test_confirm_silent_shows_no_dialog(household):
    visit = household.site.visit(household.computer)
    visit.ready()
    call = visit.call("confirm", {"message": "Pay $40?", "silent": True})
    handset = household.handset.look()
    assert visit.page.get_by_role("dialog").count() == 0
    handset.say("approve")
    handset.go_home()
    assert call.value()["confirm"] is True
    visit.page.close()


def test_confirm_challenge_has_the_callback(household):
    value, _ = confirmed(household, {"message": "Pay $40?", "challenge": {"callback": "/callback"}})
    assert value == ANSWER
    assert payload_of(household.site)["message"] == "Pay $40?"


# signup


def test_signup_options_may_be_left_out(site, context):
    call, window = site.visit(context).open("signup")
    Popup(window).sign_up()
    assert call.value() is True


def test_signup_challenge_signs_in_after(site, service, context):
    call, window = site.visit(context).open("signup", {"challenge": {"callback": "/callback"}})
    Popup(window).sign_up()
    assert call.value() == ANSWER
    assert service.validate(payload_of(site))["errorcode"] == 0


def test_signup_silent_is_one_screen_with_one_button(site, context):
    call, window = site.visit(context).open("signup", {"silent": True})
    Popup(window).sign_up_silently()
    assert call.value() is True


@pytest.mark.parametrize("silent", [True, False])
def test_signup_user_data_fills_the_new_account(silent, site, context):
    visit = site.visit(context)
    odd = {"silly": "x", "name[nick]": "x", "phone": {"phone": 5}}
    call, window = visit.open("signup", {"silent": silent, "userData": {**ADA, **odd}})
    popup = Popup(window)
    popup.sign_up_silently() if silent else popup.sign_up()
    assert call.value() is True
    call, window = visit.open("attr", "name email phone address payment company")
    popup = Popup(window).at("share")
    share(popup)
    assert call.value()["attribute_data"] == {**ADA, "phone": {"phone": "5"}}
