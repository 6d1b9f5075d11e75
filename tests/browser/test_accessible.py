"""Everybody can use it: by keyboard alone, with a screen reader, zoomed, on a narrow screen, in the dark."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.walk import every_screen

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[1] / "js" / "node_modules" / "axe-core" / "axe.min.js"
EVERYTHING = {"iframes": False}
CONTRAST = {**EVERYTHING, "runOnly": ["color-contrast"]}
CHECK = """async (how) => {
  const { violations } = await axe.run(document, how);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}"""
# Of what has the focus; nothing has it where the page's own body has.
NAME = """() => {
  const { activeElement: active, body } = document;
  return active === body ? "" : (active.labels?.[0] ?? active).textContent;
}"""
OUTSIDE = ("button", "dialog-", "shop", "other", "service")


@pytest.mark.timeout(900)
def test_no_screen_has_what_a_checker_finds(site, started, make_context):
    assert faults(every_screen(site, started, lambda: make_context(reduced_motion="reduce"))) == {}


def faults(screens):
    """axe-core, over every screen: names, roles, contrast, order, language. And nothing is wider than a phone."""
    axe = AXE.read_text()
    found = {}
    for name, page in screens:
        page.set_viewport_size({"width": 320, "height": 640})
        page.evaluate(axe)
        here = page.evaluate(CHECK, EVERYTHING)
        page.emulate_media(color_scheme="dark")
        here += page.evaluate(CHECK, CONTRAST)
        if page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            here.append("wider than 320 pixels")
        if not name.startswith(OUTSIDE) and not name.endswith("-wrong") and focused(page) != "H1":
            here.append(f"the focus is on {focused(page)}, not on the heading")
        if here:
            found[name] = here
    return found


def focused(page):
    return page.evaluate("() => document.activeElement?.tagName")


def press_until(page, text, most=12):
    """Tab to the control of that name; it must be reached, and be seen to be."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if text in page.evaluate(NAME):
            assert page.evaluate(
                """() => { const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement);
                  return outlineStyle !== "none" || boxShadow !== "none"; }"""
            ), f"{text}: nobody sees where the focus is"
            return
    raise AssertionError(f"{text} is not reached by Tab")


def settle(popup, screen):
    """A screen that takes presses: each rests for a moment first."""
    popup.at(screen)
    expect(popup.page.locator("#screen [data-action]").first).to_be_enabled()


def test_signing_up_by_keyboard_alone(site, service, context):
    visit = site.visit(context)
    visit.page.evaluate("() => { window.plan = ['signin', { challenge: { callback: '/callback' } }]; }")
    visit.page.focus("#act")
    with visit.page.expect_popup() as opened:
        visit.page.keyboard.press("Enter")
    page = opened.value
    popup = Popup(page)
    settle(popup, "welcome")
    press_until(page, "Create a OneID")
    page.keyboard.press("Enter")
    settle(popup, "create")
    press_until(page, "A name for it")
    page.keyboard.type("Mia")
    page.keyboard.press("Enter")
    settle(popup, "key")
    key = popup.shown_key()
    press_until(page, "I have it")
    page.keyboard.press("Enter")
    settle(popup, "key-check")
    press_until(page, "OneID Key")
    page.keyboard.type(key)
    page.keyboard.press("Enter")
    settle(popup, "consent")
    press_until(page, "Sign me in here without asking next time")
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    press_until(page, "Sign in")
    with popup.closing():
        page.keyboard.press("Enter")
    visit.page.wait_for_function("heard[0].over")
    assert visit.page.evaluate("heard[0].value") == {"error": "success"}
    assert service.validate(site.pages.callbacks()[0])["errorcode"] == 0


def test_escape_cancels_the_popup(site, context):
    call, page = site.visit(context).open("signin", {"challenge": {"callback": "/callback"}})
    popup = Popup(page)
    settle(popup, "welcome")
    with popup.closing():
        page.keyboard.press("Escape")
    assert call.value() is None


def test_the_key_that_opened_the_window_does_not_also_consent(site, context):
    """Enter is still held down when the window comes: it must not press what appears under it."""
    call, page = site.visit(context).open("signin", {"challenge": {"callback": "/callback"}})
    popup = Popup(page).go_to("consent")
    page.keyboard.press("Enter")  # on the heading, where the focus is
    settle(popup, "consent")
    assert popup.screen == "consent"
    popup.cancel()
    assert call.value() is None


@pytest.mark.parametrize(
    ("locale", "language", "title"), [("de-AT", "de", "Mit OneID anmelden"), ("fr", "en", "Sign in with OneID")]
)
def test_the_popup_speaks_the_persons_language(locale, language, title, site, make_context):
    context = make_context(locale=locale)
    _, page = site.visit(context).open("signin", {"challenge": {"callback": "/callback"}})
    Popup(page).at("welcome")
    assert page.evaluate("document.documentElement.lang") == language
    assert page.locator("h1").inner_text() == title
