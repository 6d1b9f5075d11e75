"""What a person does in the dashboard: opens it, goes through its sections, changes cards and takes things back."""

import re
import sqlite3
from contextlib import closing
from typing import Any

from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.person import Popup, Screens
from tests.browser.sites import Service, Site

SIGN_IN = {"challenge": {"callback": "/callback"}}
SECTIONS = ("cards", "devices", "sites", "activity", "account")
# What a person might keep. No word of it may be anywhere but in their browsers.
NAME = {"first_name": "Annegret", "last_name": "Ostermann"}
ADDRESS = {"street": "17 Quillfeather Lane", "city": "Saltmarsh", "zip": "94105", "phone": "+1 555 0134"}
PAYMENT = {"cc_number": "4111 1111 1111 1111", "cc_exp_yr": "2031", "cc_name_on_card": "ANNEGRET OSTERMANN"}
EMAIL = {"email": "annegret@quillfeather.example"}
NUMBER = "4111111111111111"


class Dashboard(Screens):
    """The page at ``/account``."""

    @property
    def account(self) -> str:
        """The id of the account that it shows."""
        return self.page.evaluate("() => location.hash.split('=')[1]")

    def section(self, name: str) -> "Dashboard":
        """Go to one of the sections by its link."""
        self.page.locator(f"#sections a[href^='#{name}=']").click()
        return self.at(name)

    def card(self, words: str) -> Locator:
        """The card on which these words are to be seen."""
        return self.page.locator("#screen .card", has_text=words).first

    def press(self, card: Locator, action: str) -> "Dashboard":
        card.locator(f"[data-action={action}]").click()
        return self

    def fill(self, fields: dict[str, str], label: str = "") -> "Dashboard":
        """Write into the form of a card; a choice by its words."""
        for field, value in fields.items():
            control = self.page.locator(f".card-form [name={field}]")
            if control.evaluate("(one) => one.localName") == "select":
                control.select_option(value)
            else:
                control.fill(value)
        if label:
            self.page.locator("#label").fill(label)
        return self

    def add(self, kind: str, fields: dict[str, str], label: str = "") -> "Dashboard":
        """A new card, from the list of cards."""
        self.at("cards").act("add").at("add").page.locator(f"[data-action=pick][data-kind={kind}]").click()
        self.at("edit").fill(fields, label).act("save")
        return self.at("cards").said("Saved")

    def edit(self, words: str, fields: dict[str, str]) -> "Dashboard":
        return self.press(self.card(words), "edit").at("edit").fill(fields)

    def said(self, words: str) -> "Dashboard":
        """Wait until it says so."""
        expect(self.page.get_by_role("status").filter(has_text=words).first).to_be_visible()
        return self

    def sure(self) -> "Dashboard":
        """Press what a screen asks about."""
        return self.act("do")

    def site(self, origin: str) -> "Dashboard":
        """From the list of sites to one of them."""
        host = re.sub(r"^\w+://", "", origin)
        return self.press(self.section("sites").card(host), "open").at("site")


def dashboard(context: BrowserContext, service: Service, section: str = "cards") -> Dashboard:
    """A new tab with the dashboard of a browser that has one OneID."""
    page = context.new_page()
    page.goto(f"{service.origin}/account#{section}")
    return Dashboard(page).at(section)


def kept(service: Service, query: str, *values: object) -> list[Any]:
    """What the service's tables answer."""
    with closing(sqlite3.connect(service.data / "keychain.db")) as opened:
        return opened.execute(query, values).fetchall()


def bring(context: BrowserContext, key: str, site: Site, name: str = "elsewhere") -> None:
    """Bring a OneID to a browser with its OneID Key, at a site."""
    visit = site.visit(context, name)
    call, page = visit.open("signin", SIGN_IN)
    Popup(page).recover(key).consent()
    call.value()
    visit.page.close()


def sign_up(context: BrowserContext, site: Site) -> str:
    """Somebody new, known at the plain site ``shop``; their OneID Key."""
    call, page = site.visit(context).ready().open("signin", SIGN_IN)
    key = Popup(page).sign_up_with_key()
    call.value()
    return key
