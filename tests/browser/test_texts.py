"""Texts that bite: markup, scripts and marks that turn the direction of writing, in every value that is shown."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup

pytestmark = pytest.mark.slow

MARKUP = "<img src=x onerror=\"document.title='bitten'\"><script>document.title='bitten'</script>"
TURNED = "safe\u202egnp.moc.live\u2066\u200f\u0000\r\n\x1b[31m"
BITING = pytest.mark.parametrize("text", [MARKUP, TURNED, "A" * 10_000], ids=["markup", "marks", "long"])
# What looks empty, or covers other lines, or looks like something else.
ODD = ["email\u2800You\u2800are\u2800safe", "a\u3164b", "x" + "\u0323" * 80, "so\u00adft", "\u0435mail"]
MARKS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u0000\x1b\r")


def harmless(page, scope="#screen"):
    """Whether what is shown is text, keeps its direction, and fits."""
    shown = page.locator(scope).inner_text()
    assert page.locator(f"{scope} img, {scope} script").count() == 0
    assert not MARKS & set(shown)
    assert "bitten" not in page.title()
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return shown


@pytest.mark.parametrize(
    "text", [MARKUP, TURNED, "A" * 10_000, *ODD], ids=["markup", "marks", "long", *map(ascii, ODD)]
)
def test_what_a_site_asks_for_is_a_card_or_is_shown_to_nobody(text, site, known):
    visit = site.visit(known, "other")
    call, page = visit.open("signin", {"challenge": {"callback": "/callback", "attr": text}})
    Popup(page).at("refused")
    shown = harmless(page)
    assert len(shown) < 2000
    assert not any(part in shown for part in text.split())
    assert call.error() == "malformed_attr"
    page.close()
    visit.page.close()


@BITING
def test_the_name_that_a_site_fills_in(text, site, context):
    user = {"name": {"first_name": text, "last_name": text}}
    wanted = {"challenge": {"callback": "/callback"}, "silent": True, "userData": user}
    call, page = site.visit(context).open("signup", wanted)
    popup = Popup(page).at("silent")
    harmless(page)
    value = page.get_by_label("A name for it").input_value()
    assert len(value) <= 64
    assert not MARKS & set(value)
    with popup.closing():
        popup.act("create")
    assert call.value() == {"error": "success"}
    _, page = site.visit(context, "other").open("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).at("consent")
    harmless(page)


@BITING
def test_the_name_that_a_person_gives_wherever_it_is_shown(text, site, service, context):
    visit = site.visit(context).ready()
    call, page = visit.open("signup", {"challenge": {"callback": "/callback"}, "silent": True})
    popup = Popup(page).at("silent")
    page.get_by_label("A name for it").evaluate("(field, text) => { field.value = text; }", text)
    popup.sign_up_silently()
    call.value()
    page = context.new_page()
    page.goto(f"{service.origin}/popup")
    Popup(page).at("alone")
    assert "A" in harmless(page) or "safe" in harmless(page) or "<img" in harmless(page)
    assert visit.call("signout").value() is True
    _, page = visit.open("signin", {"challenge": {"callback": "/callback"}})
    popup = Popup(page).at("locked")
    harmless(page)
    popup.unlock()
    harmless(page)


@BITING
def test_the_error_that_a_sites_callback_answers(text, site, known):
    path = site.put(
        "/bitten",
        body="<p class=here></p>",
        script="OneID.config({ buttons: { 'signin .here': [{ challenge: { callback: '/callback' } }] } });",
    )
    site.answering({"error": text, "errorcode": -1})
    visit = site.visit(known, path=path)
    visit.page.get_by_role("button", name="Sign in with OneID").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.inner_text()
    assert visit.page.locator("img").count() == 0
    assert "bitten" not in visit.page.title()
    # The site's words on the site's own page: marks may turn them, and nothing beside them.
    assert dialog.locator("p").evaluate("(words) => getComputedStyle(words).unicodeBidi") in {"isolate", "plaintext"}
    close = dialog.get_by_role("button")
    close.click()
    expect(dialog).to_be_hidden()
    visit.page.close()


def test_an_origin_is_shown_whole_however_long(site, known):
    """The end of a name says whose it is, so it is never cut off."""
    name = ".".join(["accounts-paypal-com"] * 8 + ["evil"])
    _, page = site.visit(known, name).open("signin", {"challenge": {"callback": "/callback"}})
    popup = Popup(page).at("consent")
    page.set_viewport_size({"width": 360, "height": 740})
    origin = page.locator("#origin")
    assert origin.inner_text() == site.pages.origin(name)
    box = origin.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert origin.evaluate("(element) => element.scrollWidth <= element.clientWidth")
    harmless(page)
    popup.cancel()


def test_an_origin_in_another_script_is_shown_as_the_browser_writes_it(site, known):
    """A look-alike (here with a Cyrillic letter) appears in its ASCII form, which nobody takes for the real one."""
    visit = site.visit(known)
    visit.page.goto(f"http://p\u0430ypal.localhost:{site.pages.port}/")
    with visit.page.expect_popup() as opened:
        visit.call("signin", {"challenge": {"callback": "/callback"}})
    Popup(opened.value).at("consent")
    assert "//xn--pypal-4ve.localhost:" in opened.value.locator("#origin").inner_text()
