"""What a person does on the phone, in a browser of its own: scans, types what the computer shows, says yes or no."""

import base64
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import APIResponse, Browser, BrowserContext, Locator, Route, expect
from playwright.sync_api import TimeoutError as TooLate

from tests.browser.chromium import Kind
from tests.browser.person import Popup, Screens
from tests.browser.sites import Service, Site, Visit

POCKET = Kind("a-phone", third_party_cookies=False)  # another browser, and so another profile, than the computer's
AGENT = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36"
)
SHAPE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "en-GB",
    "user_agent": AGENT,
}
SOON_MS = 20_000  # for what a page learns by asking once a second
LIBRARY = Path(__file__).parents[1] / "js" / "node_modules" / "qr"
CAMERA = """<!doctype html><title>Camera</title><script type="module">
import decode from "./decode.js";
window.read = async (picture) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
  const drawing = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  drawing.drawImage(bitmap, 0, 0);
  return decode(drawing.getImageData(0, 0, bitmap.width, bitmap.height));
};
window.ready = true;
</script>"""


class Camera:
    """Reads QR codes from what is to be seen of them, by another program than the one that a page runs."""

    def __init__(self, browser: Browser) -> None:
        self.page = browser.new_context().new_page()
        self.page.route("http://camera.localhost/*", self._serve)
        self.page.goto("http://camera.localhost/")
        self.page.wait_for_function("window.ready")

    def read(self, seen: Locator) -> str:
        picture = base64.b64encode(seen.screenshot()).decode()
        text: str = self.page.evaluate("(picture) => read(picture)", picture)
        return text

    @staticmethod
    def _serve(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name:
            route.fulfill(path=LIBRARY / name, content_type="text/javascript")
        else:
            route.fulfill(body=CAMERA, content_type="text/html")


class Handset(Screens):
    """The OneID page of a phone."""

    @property
    def outcome(self) -> str:
        return self.page.locator("#screen").get_attribute("data-outcome") or ""

    @property
    def shown_digits(self) -> str:
        return "".join(self.page.locator("#digits").inner_text().split())

    @property
    def words(self) -> str:
        """The words to be approved, as they are to be seen."""
        return self.page.locator("#message").inner_text()

    def type_code(self, code: str) -> "Handset":
        self.page.locator("#code").fill(code)
        return self.act("connect")

    def type_digits(self, digits: str) -> "Handset":
        self.at("digits").page.locator("#digits-input").fill(digits)
        return self.act("check")

    def asked(self, count: int = 1) -> "Handset":
        """Wait at home until so many questions are there."""
        self.at("home")
        expect(self.page.locator("[data-action=open]")).to_have_count(count, timeout=SOON_MS)
        return self

    def look(self) -> "Handset":
        """Open the only question, whether the page has done that by itself or not."""
        confirmation = self.page.locator("#screen[data-screen=confirmation]")
        question = self.page.locator("[data-action=open]")
        expect(confirmation.or_(question).first).to_be_visible(timeout=SOON_MS)
        if not confirmation.count():
            with contextlib.suppress(TooLate):  # it may have opened by itself just now
                question.first.click(timeout=10_000)
        return self.at("confirmation")

    def approve(self, *, number: str | None = None, pin: str | None = None) -> str:
        """Say yes to what is shown, with what has to be typed; what became of it."""
        self.try_to_approve(number=number, pin=pin)
        return self.at("outcome", SOON_MS).outcome

    def try_to_approve(self, *, number: str | None = None, pin: str | None = None) -> "Handset":
        self.at("confirmation").read_words()
        for field, typed in (("#number", number), ("#pin", pin)):
            if typed is not None:
                self.page.locator(field).fill(typed)
        return self.act("approve")

    def read_words(self) -> "Handset":
        """Scroll the words to their end, which they want where they do not fit."""
        words = self.page.locator("#words")
        if words.count():
            words.evaluate("(box) => box.scrollTo(0, box.scrollHeight)")
        return self

    def say(self, decision: str) -> str:
        """``reject``, or ``report``: this was not me. What became of it."""
        return self.at("confirmation").act(decision).at("outcome", SOON_MS).outcome

    def go_home(self) -> "Handset":
        if self.screen != "home":
            self.act("home")
        return self.at("home")

    def set_numbers(self, way: str) -> "Handset":
        """When two digits have to be typed: ``auto``, ``always``, ``never``."""
        self.go_home().act("settings").at("settings").page.locator(f"#numbers-{way}").check()
        return self._save_settings()

    def demand_phone(self, *, wanted: bool) -> "Handset":
        self.go_home().act("settings").at("settings").page.locator("#demands").set_checked(wanted)
        return self._save_settings()

    def _save_settings(self) -> "Handset":
        self.act("save")
        expect(self.page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
        return self.go_home()

    def set_pin(self, pin: str) -> "Handset":
        """From home: the phone's first PIN."""
        self.go_home().act("settings").at("settings").act("pin").at("pin")
        for field in ("#pin-new", "#pin-again"):
            self.page.locator(field).fill(pin)
        return self.act("save").at("settings").go_home()

    def devices(self) -> "Handset":
        return self.go_home().act("devices").at("devices")


@dataclass
class Phone:
    """A phone: a browser of its own, with the OneID page in one tab at a time."""

    context: BrowserContext
    service: Service
    camera: Camera

    @property
    def address(self) -> str:
        return f"{self.service.origin}/remote"

    def open(self, address: str = "") -> Handset:
        """The page, in a tab of its own, as a camera opens it. The tab before goes."""
        former = self.context.pages
        page = self.context.new_page()
        page.goto(address or self.address)
        for other in former:
            other.close()
        return Handset(page)

    def scan(self, screens: Screens) -> Handset:
        """Point the camera at a screen."""
        return self.open(self.camera.read(screens.page.locator("svg.qr")))

    @property
    def handset(self) -> Handset:
        return Handset(self.context.pages[-1])


def offer_phone(context: BrowserContext, service: Service) -> Popup:
    """At a computer whose owner has one OneID: the code for a phone is on the screen."""
    page = context.new_page()
    page.goto(f"{service.origin}/popup")
    return Popup(page).at("alone").act("connect").at("pair")


def digits_at(popup: Screens) -> str:
    """The six digits that a computer shows once the phone has answered."""
    expect(popup.page.locator("#digits")).to_be_visible(timeout=SOON_MS)
    return "".join(popup.page.locator("#digits").inner_text().split())


def carry_number(handset: Handset, popup: Screens) -> None:
    """Type at the computer the four digits that the phone shows."""
    popup.page.locator("#number").fill(handset.at("number", SOON_MS).shown_digits)
    popup.act("finish")


def connect(context: BrowserContext, phone: Phone) -> Handset:
    """Pair a phone with the OneID of a computer, by its QR code. It is at home then."""
    popup = offer_phone(context, phone.service)
    handset = phone.scan(popup).at("digits")
    handset.type_digits(digits_at(popup)).at("number", SOON_MS)
    popup.page.locator("#number").fill(handset.shown_digits)
    popup.act("finish").at("paired", SOON_MS).page.close()
    return handset.at("paired", SOON_MS).act("home").at("home")


@dataclass
class Household:
    """A computer whose owner is known at the plain site ``shop``, and their phone."""

    computer: BrowserContext
    phone: Phone
    site: Site

    @property
    def handset(self) -> Handset:
        return self.phone.handset

    def visit(self, name: str = "shop") -> Visit:
        """A new tab at a site, ready to call; those before go."""
        for page in self.computer.pages:
            page.close()
        visit = self.site.visit(self.computer, name)
        visit.ready()
        return visit

    def settle(self) -> None:
        """As it was at the beginning: nothing waits, nobody is silenced, and the phone's page is at home."""
        for context in (self.computer, self.phone.context):
            context.set_offline(False)
            context.unroute_all()
        change = self.site.service.change
        change("UPDATE confirmations SET state = 'cancelled' WHERE state = 'pending'")
        change("UPDATE accounts SET numbers = 'never', demands_phone = false")
        change("DELETE FROM silenced")
        self.phone.open().at("home")


def known_household(make: Callable[..., BrowserContext], phone: Phone, site: Site) -> Household:
    computer = make()
    site.visit(computer).know()
    household = Household(computer, phone, site)
    connect(computer, phone)
    household.handset.set_numbers("never")
    return household


def fetched(route: Route) -> APIResponse:
    """What the repo answers. Names below localhost are for browsers alone."""
    return route.fetch(url=route.request.url.replace("id.localhost", "127.0.0.1"))
