"""Every screen that there is, one after the other: for the test of accessibility, and to be looked at (``screens``)."""

from collections.abc import Callable, Iterator
from itertools import chain

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.neighbours import Neighbours
from tests.browser.person import Popup
from tests.browser.sites import BLOCKED, OPAQUE, Site, Visit
from tests.browser.walk_cards import asking_for_cards

SIGN_IN = {"challenge": {"callback": "/callback", "attr": "email name[first_name] name[last_name]"}}
BUTTON = "OneID.config({ buttons: { 'signin .here': [{ challenge: { callback: '/callback' } }] } });"
MakeContext = Callable[[], BrowserContext]
Shown = tuple[str, Page]


def every_screen(site: Site, started: Neighbours, make_context: MakeContext) -> Iterator[Shown]:
    """Names of screens, each with the page that shows it now, at rest."""
    context = make_context()
    ways = (
        *(signing_up(site, context), coming_back(site, context)),
        *(asking_for_cards(site, make_context()), going_wrong(site, make_context)),
    )
    for name, page in chain(*ways, at_the_sites(site, started, make_context)):
        expect(page.locator("fieldset:disabled, fieldset[aria-disabled=true]")).to_have_count(0)
        yield name, page


def signing_up(site: Site, context: BrowserContext) -> Iterator[Shown]:
    call, page = site.visit(context).open("signin", SIGN_IN)
    popup = Popup(page)
    yield "welcome", popup.at("welcome").page
    popup.act("have-key")
    yield "recover", popup.at("recover").page
    popup.enter_key("AAAA-BBBB")
    expect(popup.alert).not_to_be_empty()
    yield "recover-wrong", page
    popup.act("back").at("welcome").act("create")
    yield "create", popup.at("create").page
    popup.act("create")
    yield "key", popup.at("key").page
    popup.act("skip")
    yield "skip", popup.at("skip").page
    popup.act("continue").at("key")
    key = popup.shown_key()
    popup.act("continue")
    yield "key-check", popup.at("key-check").page
    popup.enter_key(key[:-1] + ("A" if key[-1] != "A" else "B"))
    expect(popup.alert).not_to_be_empty()
    yield "key-check-wrong", page
    popup.enter_key(key)
    yield "consent", popup.at("consent").page
    popup.consent()
    call.value()


def coming_back(site: Site, context: BrowserContext) -> Iterator[Shown]:
    """With an account in the browser already: another one, choosing, signed out, and by itself."""
    _, page = site.visit(context, "other").open("signin", SIGN_IN)
    popup = Popup(page).at("consent").act("use-another").at("welcome").act("create").at("create").act("create")
    popup.at("key").act("skip").at("skip").act("skip-yes")
    yield "consent-unsaved", popup.at("consent").page
    popup.act("use-another")
    yield "choose", popup.at("choose").page
    popup.cancel()
    visit = site.visit(context)
    visit.call("signout").value()
    _, page = visit.open("signin", SIGN_IN)
    popup = Popup(page).at("choose")
    popup.page.locator("[data-action=pick]", has_text="My OneID").click()
    yield "locked", popup.at("locked").page
    popup.cancel()
    page = context.new_page()
    page.goto(f"{site.service.origin}/popup")
    yield "alone-known", Popup(page).at("alone").page


def going_wrong(site: Site, make_context: MakeContext) -> Iterator[Shown]:
    context = make_context()
    page = context.new_page()
    page.goto(f"{site.service.origin}/popup")
    yield "alone", Popup(page).at("alone").page
    site.pages.put("/opaque", f"<!doctype html><script>{site.asking()}</script>", Content_Security_Policy=OPAQUE)
    page = context.new_page()
    page.goto(f"{site.pages.origin()}/opaque")
    with page.expect_popup() as opened:
        page.evaluate("ask()")
    page = opened.value
    yield "refused", Popup(page).at("refused").page
    wanted = {**SIGN_IN, "silent": True, "userData": {"name": {"first_name": "Mia", "last_name": "Muster"}}}
    _, page = site.visit(context).open("signup", wanted)
    yield "silent", Popup(page).at("silent").page
    context.route("**/repo/about", lambda route: route.abort())
    _, page = site.visit(context).open("signin", SIGN_IN)
    yield "error", Popup(page).at("error").page


def at_the_sites(site: Site, started: Neighbours, make_context: MakeContext) -> Iterator[Shown]:
    """What people see outside the popup: the shim's button and dialogs, and the example sites."""
    context = make_context()
    visit = site.visit(context, path=site.put("/button", body="<p class=here></p>", script=BUTTON))
    expect(visit.page.get_by_role("button", name="Sign in with OneID")).to_be_visible()
    yield "button", visit.page
    visit = site.visit(context, path=site.put("/blocked", head=BLOCKED))
    visit.call("signin", SIGN_IN)
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    yield "dialog-blocked", visit.page
    site.answering({"error": "Please register first.", "errorcode": -1})
    yield "dialog-error", failing(site.visit(context, path="/button"))
    page = context.new_page()
    page.goto(started.shop)
    expect(page.get_by_role("button", name="Sign in with OneID")).to_be_visible()
    yield "shop", page
    page.goto(f"{started.shop}/by-form")
    expect(page.get_by_role("button", name="Sign in with OneID")).to_be_visible()
    yield "shop-by-form", page
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Sign in with OneID").click()
    Popup(opened.value).consent()
    page.wait_for_url("**/account")
    yield "shop-account", page
    page.goto(started.other)
    expect(page.get_by_role("button", name="Sign in with OneID")).to_be_visible()
    yield "other", page
    page.goto(site.service.origin)
    yield "service", page


def failing(visit: Visit) -> Page:
    """Sign in by a button that has no callback of the page: the shim shows what the site answers."""
    with visit.page.expect_popup() as opened:
        visit.page.get_by_role("button", name="Sign in with OneID").click()
    Popup(opened.value).sign_up()
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    return visit.page
