"""The screens of the dashboard, one after the other: for the test of accessibility, and to be looked at."""

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.dashboard import (
    ADDRESS,
    EMAIL,
    NAME,
    PAYMENT,
    SIGN_IN,
    Dashboard,
    bring,
    dashboard,
    sign_up,
)
from tests.browser.person import Popup
from tests.browser.sites import Site
from tests.browser.walk import MakeContext, Shown

WITH_CARDS = {"challenge": {"callback": "/callback", "attr": "email name phone address[city] address[zip]"}}
MANY_FIELDS = ADDRESS | {"street2": "Third floor, care of the harbour master", "country": "US", "state": "CA"}


class Walk:
    """A person with several browsers, from their first look at the dashboard to the end of their OneID."""

    def __init__(self, site: Site, make_context: MakeContext) -> None:
        self.site, self.service, self.make_context = site, site.service, make_context
        self.context = make_context()

    def screens(self) -> Iterator[Shown]:
        yield "none", self.nobody()
        self.key = sign_up(self.context, self.site)
        self.dashboard = dashboard(self.context, self.service)
        for way in (self.cards, self.email, self.sites, self.activity, self.devices, self.account, self.standing):
            yield from way()

    @property
    def page(self) -> Page:
        return self.dashboard.page

    def nobody(self) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.service.origin}/account")
        return Dashboard(page).at("none").page

    def cards(self) -> Iterator[Shown]:
        here = self.dashboard
        yield "cards-empty", self.page
        here.act("add").at("add")
        yield "add", self.page
        self.page.locator("[data-action=pick][data-kind=payment]").click()
        here.at("edit")
        yield "edit-new", self.page
        here.fill(PAYMENT | {"cc_number": "4111 1111 1111 1112"}).act("save")
        expect(here.alert).not_to_be_empty()
        yield "edit-wrong", self.page
        here.fill(PAYMENT | {"cc_exp_mo": "3"}, "The blue one").act("save").at("cards")
        for kind, fields, label in (
            ("name", NAME, ""),
            ("email", EMAIL, ""),
            ("address", MANY_FIELDS, "Home"),
            ("address", ADDRESS, "Work"),
        ):
            here.add(kind, fields, label)
        yield "cards", self.page
        here.press(here.card("The blue one"), "uncover")
        here.press(here.card("Home"), "edit").at("edit")
        yield "edit", self.page
        here.act("back").at("cards")
        here.press(here.card("The blue one"), "remove").at("remove")
        yield "remove", self.page
        here.act("back").at("cards")

    def email(self) -> Iterator[Shown]:
        here = self.dashboard
        here.press(here.card(EMAIL["email"]), "verify").at("email")
        yield "email", self.page
        here.act("send").at("code")
        yield "code", self.page
        self.page.locator("#code").fill("000000")
        here.act("check")
        expect(here.alert).not_to_be_empty()
        yield "code-wrong", self.page
        here.act("back").at("cards")

    def sites(self) -> Iterator[Shown]:
        call, page = self.site.visit(self.context, "library").open("signin", WITH_CARDS)
        popup = Popup(page).at("consent")
        page.locator("#screen [data-card=phone] input[type=checkbox]").uncheck()
        popup.consent()
        call.value()
        here = self.dashboard.section("sites")
        yield "sites", self.page
        here.site(self.site.pages.origin("library"))
        yield "site", self.page
        here.act("withdraw").at("withdraw")
        yield "withdraw", self.page
        here.act("back").at("site").act("forget").at("forget")
        yield "forget", self.page
        here.act("back").at("site")

    def activity(self) -> Iterator[Shown]:
        self.dashboard.section("activity")
        yield "activity", self.page

    def devices(self) -> Iterator[Shown]:
        here = self.dashboard.section("devices").act("revoke").at("revoke")
        yield "revoke-last", self.page
        self.elsewhere = self.make_context()
        bring(self.elsewhere, self.key, self.site)
        here.section("devices")
        yield "devices", self.page
        self.service.change("UPDATE devices SET phone = true WHERE id = ?", self.other())
        here.section("account").section("devices").act("renew").at("renew")
        yield "renew-guarded", self.page
        here.act("back").at("devices")
        self.revoke_other()
        yield "revoke-phone", here.page
        here.act("do").at("devices")
        yield "devices-leaving", self.page
        self.service.change("UPDATE devices SET phone = false, ends_at = NULL WHERE id = ?", self.other())
        here.section("devices")
        self.revoke_other()
        yield "revoke", self.page
        here.act("do").at("revoked-device")
        yield "revoked-device", self.page
        page = self.elsewhere.new_page()
        page.goto(f"{self.service.origin}/account")
        yield "revoked", Dashboard(page).at("revoked").page
        here.act("renew").at("renew")
        yield "renew", self.page
        here.act("do").at("renewed")
        yield "renewed", self.page
        here.act("key").at("new-key")
        yield "key-first", self.page
        here.act("back").at("account")

    def other(self) -> str:
        """The id of the device that is not this one."""
        items = self.dashboard.section("devices").page.locator("[data-device]", has_not_text="This one")
        return items.first.get_attribute("data-device") or ""

    def revoke_other(self) -> None:
        item = self.page.locator(f"[data-device='{self.other()}']")
        self.dashboard.press(item, "revoke").at("revoke")

    def account(self) -> Iterator[Shown]:
        here = self.dashboard.section("account")
        yield "account", self.page
        here.act("export").at("export")
        yield "export", self.page
        here.act("back").at("account").act("close").at("close")
        yield "close", self.page
        self.page.locator("#typed").fill("Somebody")
        here.act("do")
        expect(here.alert).not_to_be_empty()
        yield "close-wrong", self.page
        here.act("back").at("account")

    def standing(self) -> Iterator[Shown]:
        """How this browser stands with its OneIDs; what can not be read; and the end."""
        here = self.dashboard
        mine = self.page.evaluate("() => location.hash.split('=')[1]")
        self.service.change("UPDATE cards SET version = version - 1 WHERE account = ?", mine)
        self.page.locator("#sections a").first.click()
        yield "rolled-back", here.at("error").page
        self.service.change("UPDATE cards SET version = version + 1 WHERE account = ?", mine)
        self.context.route("**/repo/devices/list", lambda route: route.abort())
        self.page.locator("#sections a").nth(1).click()
        yield "error", here.at("error").page
        self.context.unroute_all()
        here.section("cards")
        self.service.change("UPDATE devices SET locked_at = created_at WHERE account = ?", mine)
        self.page.locator("#sections a").nth(2).click()
        yield "locked", here.at("locked").page
        here.act("unlock").at("cards")
        self.another()
        self.page.reload()
        here.at("cards")
        self.page.locator("#whose a").click()
        yield "choose", here.at("choose").page
        self.page.locator("[data-action=pick]", has_text="My OneID").click()
        here.at("cards").section("account").act("close").at("close")
        self.page.locator("#typed").fill("My OneID")
        here.act("do").at("closed")
        yield "closed", self.page

    def another(self) -> None:
        """A second OneID in the same browser."""
        _, page = self.site.visit(self.context, "other").open("signin", SIGN_IN)
        popup = Popup(page).at("consent").act("use-another").at("welcome").act("create").at("create").act("create")
        popup.at("key").act("skip").at("skip").act("skip-yes").at("consent").cancel()


def every_dashboard_screen(site: Site, make_context: MakeContext) -> Iterator[Shown]:
    """Names of screens, each with the page that shows it now, at rest."""
    for name, page in Walk(site, make_context).screens():
        page.bring_to_front()
        expect(page.locator("fieldset:disabled, fieldset[aria-disabled=true]")).to_have_count(0)
        yield f"dashboard-{name}", page
