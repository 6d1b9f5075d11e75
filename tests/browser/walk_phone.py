"""The screens of a phone that is connected and asked, and what the computer shows then, one after the other."""

from collections.abc import Callable, Iterator

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.neighbours import Neighbours
from tests.browser.person import Popup
from tests.browser.phone import SOON_MS, Camera, Handset, Phone, digits_at, offer_phone
from tests.browser.sites import Site, Visit

BY_PHONE = {"challenge": {"callback": "/callback", "auth_level": "OOB"}}
ODD = (
    "Pay \u202e001$ ot nnA\u202c\x07 now.\n\n<b>Do</b> not "
    + "scroll\u200bpast\u0323\u0323\u0323\u0323\u0323 this " * 20
)
WORDS = {"title": "Lantern Tea", "message": "Pay € 7.50 for 100 g of Morning Mist?"}
MakeContext = Callable[[], BrowserContext]
Shown = tuple[str, Page]


class Walk:
    """A household that is walked through: its computer, its phone, and what makes more of both."""

    def __init__(self, site: Site, started: Neighbours, make_context: MakeContext, camera: Camera) -> None:
        self.site, self.started, self.make_context, self.camera = site, started, make_context, camera
        self.computer = make_context()
        self.phone = self.new_phone()

    def new_phone(self) -> Phone:
        return Phone(self.make_context(), self.site.service, self.camera)

    @property
    def handset(self) -> Handset:
        return self.phone.handset

    def visit(self) -> Visit:
        visit = self.site.visit(self.computer)
        visit.ready()
        return visit

    def screens(self) -> Iterator[Shown]:
        self.site.visit(self.computer).know().page.close()
        for way in (self.pairing, self.settings, self.asked, self.numbered):
            yield from way()

    def pairing(self) -> Iterator[Shown]:
        page = self.computer.new_page()
        page.goto(f"{self.site.service.origin}/popup")
        expect(Popup(page).at("alone").page.locator("[data-action=connect]")).to_be_visible()
        yield "alone-connect", page
        page.close()
        popup = offer_phone(self.computer, self.site.service)
        yield "pair", popup.page
        handset = self.phone.open().at("start")
        yield "remote-start", handset.page
        handset.type_code("never")
        expect(handset.alert).not_to_be_empty()
        yield "remote-start-wrong", handset.page
        handset = self.phone.scan(popup).at("digits", SOON_MS)
        digits = digits_at(popup)
        yield "remote-digits", handset.page
        handset.type_digits("1")
        expect(handset.alert).not_to_be_empty()
        yield "remote-digits-wrong", handset.page
        handset.type_digits(digits).at("number", SOON_MS)
        yield "remote-number", handset.page
        yield "digits", popup.page
        popup.page.locator("#number").fill("1")
        popup.act("finish")
        expect(popup.alert).not_to_be_empty()
        yield "digits-wrong", popup.page
        popup.page.locator("#number").fill(handset.shown_digits)
        yield "paired", popup.act("finish").at("paired", SOON_MS).page
        yield "remote-paired", handset.at("paired", SOON_MS).page
        handset.act("home").at("home")
        yield "remote-home", handset.page
        popup.page.close()

    def settings(self) -> Iterator[Shown]:
        handset = self.handset.act("settings").at("settings")
        yield "remote-settings", handset.page
        handset.act("pin").at("pin").page.locator("#pin-new").fill("4711")
        handset.act("save")
        expect(handset.alert).not_to_be_empty()
        yield "remote-pin-wrong", handset.page
        handset.page.locator("#pin-again").fill("4711")
        handset.act("save").at("settings").act("pin").at("pin")
        yield "remote-pin", handset.page
        handset.act("back").at("settings").set_numbers("never")

    def asked(self) -> Iterator[Shown]:
        visit, handset = self.visit(), self.handset
        visit.call("confirm", WORDS)
        expect(visit.page.get_by_role("dialog")).to_be_visible()
        yield "dialog-phone", visit.page
        yield "remote-confirmation", handset.look().page
        handset.approve()
        yield "remote-outcome-approved", handset.page
        handset.act("home").at("home")
        visit.call("confirm", {"message": ODD, "challenge": {"auth_level": "OOBPIN"}})
        expect(visit.page.get_by_role("dialog")).to_be_visible()
        yield "dialog-phone-long", visit.page
        yield "remote-confirmation-odd", handset.look().page
        handset.try_to_approve(pin="0000")
        expect(handset.alert).not_to_be_empty()
        yield "remote-confirmation-wrong", handset.page
        handset.say("reject")
        yield "remote-outcome-rejected", handset.page
        handset.act("home").at("home")
        other = self.visit()
        visit.call("confirm", "One?")
        expect(visit.page.get_by_role("dialog")).to_be_visible()
        handset.look().page.keyboard.press("Escape")
        other.call("signin", BY_PHONE)
        handset.asked(2)
        yield "remote-home-asked", handset.page
        handset.page.locator("[data-action=open]").last.click()
        yield "remote-confirmation-signin", handset.at("confirmation").page
        visit.page.keyboard.press("Escape")
        other.page.keyboard.press("Escape")
        handset.at("outcome", SOON_MS)
        yield "remote-outcome-gone", handset.page
        handset.act("home")
        for page in (visit.page, other.page):
            page.close()
        handset.at("home", SOON_MS)

    def numbered(self) -> Iterator[Shown]:
        self.handset.set_numbers("always")
        visit = self.visit()
        visit.call("confirm", WORDS)
        number = visit.page.get_by_role("dialog").locator(".number")
        expect(number).to_be_visible()
        yield "dialog-phone-number", visit.page
        handset = self.handset.look()
        yield "remote-confirmation-number", handset.page
        wrong = "10" if number.inner_text() != "10" else "11"
        for _ in range(2):
            handset.try_to_approve(number=wrong)
            expect(handset.alert).not_to_be_empty()
        handset.approve(number=wrong)
        yield "remote-outcome-struck", handset.at("outcome").page
        handset.act("home").at("home")
        visit.page.close()
        handset.set_numbers("never")
