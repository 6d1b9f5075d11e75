"""The buttons that the shim draws: at every match, named, keyboard-operable, unbreakable by a site's style."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup

pytestmark = pytest.mark.slow

CONFIG = """OneID.config({ buttons: { "signin .here": [{ challenge: { callback: "/callback" } },
  (answer) => { window.answer = answer; }] } });"""


def buttons(page):
    return page.get_by_role("button", name="Sign in with OneID")


@pytest.mark.parametrize(
    "script",
    [
        CONFIG,  # config alone, as pages of 2013 have it
        f"{CONFIG} OneID.init();",
        f"OneID.init(); {CONFIG}",
        CONFIG.replace("config", "init"),
    ],
    ids=["config", "config-init", "init-config", "init"],
)
def test_a_button_is_drawn_at_every_match_and_works(script, site, known):
    path = site.put("/buttons", body="<p class=here></p><div class=here></div><span class=here></span>", script=script)
    visit = site.visit(known, path=path)
    expect(buttons(visit.page)).to_have_count(3)
    buttons(visit.page).nth(1).click()
    visit.page.wait_for_function("window.answer?.error === 'success'")
    visit.page.close()


def test_a_script_in_the_head_draws_when_the_page_is_there(site, service, context):
    head = f"<script src='{service.origin}/js/oneid.js'></script><script>{CONFIG}</script>"
    visit = site.visit(context, path=site.put("/head", head=head, body="<p class=here></p>"))
    expect(buttons(visit.page)).to_have_count(1)


def test_config_again_draws_no_button_twice(site, context):
    visit = site.visit(context, path=site.put("/again", body="<p class=here></p>", script=f"{CONFIG}\n{CONFIG}"))
    visit.page.evaluate("() => document.body.append(Object.assign(document.createElement('p'), { className: 'here' }))")
    visit.page.evaluate(CONFIG)
    expect(buttons(visit.page)).to_have_count(2)


def test_a_button_inside_a_form_or_a_link_does_nothing_but_sign_in(site, context):
    body = "<form action='/submitted' method=post><p class=here></p></form><a href='/followed' class=here></a>"
    visit = site.visit(context, path=site.put("/form", body=body, script=CONFIG))
    for number in (0, 1):
        with visit.page.expect_popup() as opened:
            buttons(visit.page).nth(number).click()
        Popup(opened.value).at("welcome").cancel()
        visit.page.wait_for_function("window.answer === null")
        visit.page.evaluate("() => { window.answer = undefined; }")
    assert visit.page.url.endswith("/form")
    assert [asked for asked in site.pages.asked if asked.path in {"/submitted", "/followed"}] == []


@pytest.mark.parametrize(
    "style",
    [
        "* { all: unset !important; }",
        "* { display: none !important; } html, body, main, .here { display: block !important; }",
        "button, oneid-box, .here * { visibility: hidden !important; pointer-events: none !important; }",
        "button, oneid-box, .here * { position: absolute !important; left: -9999px !important; width: 0 !important; }",
        ".here * { opacity: 0 !important; font-size: 0 !important; transform: scale(0) !important; }",
    ],
    ids=["unset", "none", "hidden", "elsewhere", "nothing"],
)
def test_a_sites_style_does_not_break_a_button(style, site, context):
    path = site.put("/styled", head=f"<style>{style}</style>", body="<div class=here></div>", script=CONFIG)
    visit = site.visit(context, path=path)
    button = buttons(visit.page)
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box["height"] >= 44
    assert box["width"] > 100
    assert button.evaluate("(button) => getComputedStyle(button).color") == "rgb(255, 255, 255)"
    assert button.evaluate("(button) => getComputedStyle(button).backgroundColor") == "rgb(31, 111, 92)"
    with visit.page.expect_popup() as opened:
        button.click()
    opened.value.close()


def test_a_button_is_reached_and_pressed_by_keyboard(site, context):
    visit = site.visit(context, path=site.put("/keys", body="<p class=here></p>", script=CONFIG))
    expect(buttons(visit.page)).to_be_visible()
    visit.page.focus("#act")
    visit.page.keyboard.press("Tab")
    with visit.page.expect_popup() as opened:
        visit.page.keyboard.press("Enter")
    Popup(opened.value).at("welcome").cancel()
    visit.page.wait_for_function("window.answer === null")


def test_a_button_speaks_the_language_of_the_page(site, context):
    path = site.put("/lang", body="<p class=here></p>", script=f"document.documentElement.lang = 'de'; {CONFIG}")
    visit = site.visit(context, path=path)
    expect(visit.page.get_by_role("button", name="Mit OneID anmelden")).to_be_visible()


@pytest.mark.parametrize("wrong", ["signin", "signin ", "nothing .here", "signin ..here", ""])
def test_a_button_key_that_is_wrong_harms_no_other(wrong, site, context):
    script = f"OneID.config({{ buttons: {{ {wrong!r}: [{{}}] }} }}); {CONFIG}"
    visit = site.visit(context, path=site.put("/wrong", body="<p class=here></p>", script=script))
    expect(buttons(visit.page)).to_have_count(1)
