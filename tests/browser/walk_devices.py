"""The screens of a phone that brings devices in and is lost, of a window that asks it, and of the shop that does."""

from collections.abc import Iterator

from playwright.sync_api import BrowserContext, expect

from tests.browser.neighbours import Neighbours
from tests.browser.person import Popup
from tests.browser.phone import SOON_MS, Camera, Handset, carry_number, connect, digits_at, offer_phone
from tests.browser.shopping import check_out, put_in_order
from tests.browser.sites import Site, know_the_frame
from tests.browser.walk_phone import BY_PHONE, WORDS, MakeContext, Shown, Walk

SIGN_IN = {"challenge": {"callback": "/callback"}}
NO_STORAGE = (
    "if (window !== window.top) Object.defineProperty(window, 'indexedDB', { get() { throw new Error('none'); } });"
)


class WholeWalk(Walk):
    """All of it."""

    def screens(self) -> Iterator[Shown]:
        yield from super().screens()
        for way in (self.devices, self.a_new_browser, self.in_the_window, self.at_the_shop, self.lost):
            yield from way()

    def devices(self) -> Iterator[Shown]:
        handset = self.handset.devices()
        yield "remote-devices", handset.page
        handset.page.locator("[data-action=revoke]").first.click()
        yield "remote-revoke", handset.at("revoke").page
        handset.act("back").at("devices").act("add").at("add")
        yield "remote-add", handset.page
        handset.act("offer").at("offer")
        yield "remote-offer", handset.page
        other = self.new_phone().scan(handset).at("digits", SOON_MS)
        yield "remote-offer-digits", handset.at("offer-digits", SOON_MS).page
        other.act("stop").at("start")
        yield "remote-pairing-ended", handset.at("pairing-ended", SOON_MS).page
        handset.act("home").at("home")
        popup = offer_phone(self.without_phone(), self.site.service)
        yield "remote-replace", self.phone.scan(popup).at("replace", SOON_MS).page
        self.handset.act("keep").at("home")

    def without_phone(self) -> BrowserContext:
        context = self.make_context()
        self.site.visit(context).know().page.close()
        return context

    def a_new_browser(self) -> Iterator[Shown]:
        _, page = self.site.visit(self.make_context()).open("signin", BY_PHONE)
        popup = Popup(page).at("welcome").act("use-phone").at("pair")
        yield "pair-browser", page
        handset = self.phone.scan(popup).at("digits", SOON_MS)
        yield "remote-digits-browser", handset.page
        digits = digits_at(popup)
        yield "digits-browser", page
        handset.type_digits(digits).at("admit", SOON_MS)
        yield "remote-admit", handset.page
        handset.act("refuse").at("pairing-ended")
        yield "remote-refused", handset.page
        yield "unpaired", popup.at("unpaired", SOON_MS).page
        popup.act("again").at("pair")
        handset = self.phone.scan(popup).at("digits", SOON_MS)
        handset.type_digits(digits_at(popup)).at("admit", SOON_MS).act("approve")
        carry_number(handset, popup)
        handset.at("admitted", SOON_MS)
        yield "remote-admitted", handset.page
        yield "consent-phone", popup.at("consent", SOON_MS).page
        popup.cancel()
        handset.act("home").at("home")

    def in_the_window(self) -> Iterator[Shown]:
        """Where the window itself asks the phone, or has none to ask."""
        context = self.make_context()
        context.add_init_script(NO_STORAGE)
        _, page = self.site.visit(context).open("confirm", WORDS)
        popup = Popup(page).at("welcome").act("use-phone").at("pair")
        handset = self.phone.scan(popup)
        handset.type_digits(digits_at(popup)).at("admit", SOON_MS).act("approve")
        carry_number(handset, popup)
        handset.at("admitted", SOON_MS)
        handset.act("home").at("home").set_numbers("always")
        popup.at("consent", SOON_MS).act("sign-in").at("waiting", SOON_MS)
        yield "waiting", page
        handset.look().say("reject")
        handset.act("home").at("home").set_numbers("never")
        _, page = self.site.visit(self.make_context()).open("confirm", WORDS)
        popup = Popup(page).go_to("skip").act("skip-yes").at("phoneless")
        yield "phoneless", page
        popup.cancel()

    def at_the_shop(self) -> Iterator[Shown]:
        page = self.computer.new_page()
        page.goto(self.started.shop)
        with page.expect_popup() as opened:
            page.get_by_role("button", name="Sign in with OneID").click()
        Popup(opened.value).consent()
        page.wait_for_url("**/account")
        page.goto(self.started.shop)
        yield "shop-shelf", page
        yield "shop-delivery", put_in_order(page, self.started.shop)
        confirm = check_out(page)
        yield "shop-order", page
        know_the_frame(page)
        confirm.click()
        handset = self.handset.look()
        yield "remote-confirmation-shop", handset.page
        yield "dialog-phone-shop", page
        handset.approve()
        expect(page.locator("#state")).to_have_text("confirmed", timeout=SOON_MS)
        yield "shop-order-confirmed", page
        handset.act("home").at("home")
        page.get_by_role("button", name="Ask my phone to cancel").click(no_wait_after=True)
        handset.look()
        yield "remote-confirmation-server", handset.page
        handset.say("reject")
        expect(page.locator(".phone [role=status]")).to_contain_text("no", timeout=SOON_MS)
        yield "shop-order-denied", page
        handset.act("home").at("home")

    def lost(self) -> Iterator[Shown]:
        computer, phone, elsewhere = self.make_context(), self.new_phone(), self.make_context()
        _, page = self.site.visit(computer).open("signin", SIGN_IN)
        key = Popup(page).sign_up_with_key()
        connect(computer, phone)
        _, page = self.site.visit(elsewhere).open("signin", SIGN_IN)
        popup = Popup(page).go_to("recover").enter_key(key).at("lost")
        yield "lost", page
        popup.act("lost")
        expect(page.locator("[data-action=lost]")).to_have_count(0)
        yield "lost-going", page
        yield "consent-lost", popup.act("continue").at("consent").page
        popup.cancel()
        handset = phone.handset
        expect(handset.page.locator("#news [role=note]")).to_be_visible(timeout=SOON_MS)
        yield "remote-home-news", handset.page
        page = computer.new_page()
        page.goto(f"{self.site.service.origin}/popup")
        expect(page.locator(".phone [role=note]")).to_be_visible()
        yield "alone-lost", page
        phone.context.set_offline(True)
        expect(handset.page.locator("#status")).to_contain_text("offline", timeout=SOON_MS)
        yield "remote-home-offline", handset.page
        handset.page.goto("about:blank")  # else it may hear of the end first, and forget whose phone this was
        phone.context.set_offline(False)
        self.site.service.change("UPDATE devices SET ends_at = '2026-01-01 00:00:00.000000' WHERE ends_at IS NOT NULL")
        yield "remote-removed", phone.open().at("removed", SOON_MS).page
        page = phone.context.new_page()
        page.goto(f"{self.site.service.url}/remote")
        yield "remote-misplaced", Handset(page).at("misplaced").page


def every_phone_screen(site: Site, started: Neighbours, make_context: MakeContext, camera: Camera) -> Iterator[Shown]:
    """Names of screens, each with the page that shows it now, at rest."""
    for name, page in WholeWalk(site, started, make_context, camera).screens():
        expect(page.locator("fieldset:disabled, fieldset[aria-disabled=true]")).to_have_count(0)
        yield name, page
