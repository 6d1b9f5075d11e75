"""The screens on which a site asks for cards, or brings some; shown like those of ``walk``."""

from collections.abc import Iterator

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.person import Popup
from tests.browser.sites import Site
from tests.browser.vaults import Vault
from tests.browser.wallets import ADA, EVERYTHING

Shown = tuple[str, Page]


def asking_for_cards(site: Site, context: BrowserContext) -> Iterator[Shown]:
    visit = site.visit(context)
    _, page = visit.open("signup", {"userData": ADA})
    popup = Popup(page).at("welcome").act("create")
    yield "create-kept", popup.at("create").page
    popup.act("create").at("key").act("skip").at("skip").act("skip-yes").consent()
    Vault(context, site.service).add("email", "Work", email="ada@work.example")
    challenge = {"callback": "/callback", "attr": f"{EVERYTHING} payment[cc_verify] TinyBttn[ID]"}
    _, page = visit.open("signin", {"challenge": challenge})
    popup = Popup(page).at("consent")
    expect(page.get_by_text("not verified yet")).to_be_visible()
    yield "consent-cards", page
    popup.fill("payment", cc_verify="x").act("sign-in")
    expect(popup.alert).not_to_be_empty()
    yield "consent-cards-wrong", page
    popup.act("verify")
    yield "email-code", popup.at("email-code").page
    popup.act("back").at("consent").cancel()
    _, page = visit.open("attr", "name address")
    yield "share", Popup(page).at("share").page
    Popup(page).cancel()
    _, page = visit.open("attr", {"name[first_name]": "Augusta", "payment[cc_exp_yr]": 2033})
    yield "keep", Popup(page).at("keep").page
    Popup(page).cancel()
