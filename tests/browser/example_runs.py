"""Examples of the two pages on JavaScript at work, in a page that travels with the headers which are shown there."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

from tests.browser.documented import SERVICE, Example, examples, fits
from tests.browser.pages import Answer, Asked
from tests.browser.person import Popup
from tests.browser.phone import Handset
from tests.browser.sites import Service, Site, know_the_frame
from tests.browser.wallets import keep_cards, release

PATIENCE = 20  # seconds; ten times what the slowest example took
ENDED = "ended"
WHOLE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Example</title>
<script src="/heard.js"></script><script src="{service}/js/oneid.js"></script></head>
<body><h1>Example</h1><button id="go">Go</button><div class="sign-in" hidden></div><div class="sign-in"></div>
{form}
<script src="/example.js"></script></body></html>"""
# The one that examples fill.
FORM = examples("html")["checkout"].code
# What an example logs, as a reader of the page would write it. What the shim says in debug mode is the shim's.
HEARD = """const log = console.log;
const render = (value) => Array.isArray(value) ? `[${value.map(render).join(", ")}]`
  : value && typeof value === "object"
    ? `{${Object.entries(value).map(([name, member]) => `${name}: ${render(member)}`).join(", ")}}`
    : JSON.stringify(value) ?? String(value);
console.log = (...values) => values[0] !== "OneID:" && log(`heard ${values.map(render).join(", ")}`);"""
RUNS = """async function example() {
%s
}
const run = () => example().then(() => console.debug("ended"), (error) => console.debug("ended", String(error)));
%s;"""
AT_LOAD = "run()"
AT_A_CLICK = 'document.getElementById("go").addEventListener("click", run)'


@dataclass(frozen=True)
class Plan:
    """What is around an example.

    ``known``: the person signed in at this site before. ``cards``: they have some. ``gave``: which of them they let
    this site read before, without being asked again. ``presses``: what they click on, None if the loading of the page
    is all. ``window``: what they do in the window, None if there is none. ``answer``: the callback's.
    ``at_the_phone``: what they do there, None if it is not asked.
    """

    known: bool = False
    cards: bool = False
    gave: str = ""
    at_load: bool = False
    presses: str | None = "#go"
    window: Callable[[Popup], None] | None = Popup.sign_up
    answer: str = '{"error": "success", "url": "/account"}'
    goes_to: str | None = None
    at_the_phone: str | None = None
    cancelled_at: str = "welcome"


class Run:
    """An example in a tab of a site, and what came of it."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site, self.context = site, context
        self.page: Page = context.new_page()
        self.logged: list[str] = []
        self.ended: list[str] = []
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.hear(message.type, message.text))

    def hear(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)
        elif text.startswith("heard "):
            self.logged.append(text.removeprefix("heard "))
        elif text.startswith(ENDED):
            self.ended.append(text)

    def prepare(self, example: Example, plan: Plan) -> None:
        """Put the site up, as the example and the plan have it."""
        pages, service = self.site.pages, self.site.service
        if plan.known:
            visit = self.site.visit(self.context).ready()
            call, window = visit.open("signin", {"challenge": {"callback": "/callback"}})
            Popup(window).sign_up()
            call.value()
        if plan.cards or plan.gave:
            visit = self.site.visit(self.context)
            keep_cards(visit)
            if plan.gave:
                release(visit, plan.gave)
            visit.page.close()
        script = RUNS % (ours(example.code, service), AT_LOAD if plan.at_load else AT_A_CLICK)
        pages.put("/example", WHOLE.format(service=service.origin, form=FORM), **headers(service))
        pages.put("/heard.js", HEARD, Content_Type="text/javascript")
        pages.put("/example.js", script, Content_Type="text/javascript; charset=utf-8")
        pages.put("/signed-in", plan.answer, Content_Type="application/json")
        pages.put("/paid", plan.answer, Content_Type="application/json")
        pages.put("/account", "<!doctype html><title>Account</title>")
        pages.answers["/nonce"] = lambda _: Answer(json.dumps({"nonce": service.make_nonce()}))
        pages.asked.clear()

    def play(self, plan: Plan, window: Callable[[Popup], None] | None, handset: Handset | None = None) -> None:
        """Look at the page, press what is to be pressed, and see it through in the window, or at the phone."""
        self.page.goto(f"{self.site.pages.origin()}/example")
        opened = len(self.context.pages)
        if plan.presses and not plan.at_load and not window:
            know_the_frame(self.page)
        if window and plan.presses:
            with self.page.expect_popup() as opening:
                self.page.click(plan.presses)
            window(Popup(opening.value))
        elif plan.presses:
            self.page.click(plan.presses)
        if handset and plan.at_the_phone:
            handset.look().say(plan.at_the_phone)
            handset.go_home()
        if plan.goes_to:
            self.page.wait_for_url(f"**{plan.goes_to}")
        else:
            self.until(lambda: self.ended)
            assert self.ended == [ENDED]
        assert len(self.context.pages) == opened

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, (self.logged, self.complaints)
            self.page.wait_for_timeout(20)

    def said(self, example: Example, *, cancelled: bool = False) -> None:
        """Hold what was logged against the arrows."""
        expected = [ours(line, self.site.service) for line in example.logs(cancelled=cancelled)]
        self.until(lambda: len(self.logged) >= len(expected))
        assert [(line, True) for line in expected] == [
            (line, fits(line, logged)) for line, logged in zip(expected, self.logged, strict=True)
        ], self.logged
        assert [text for text in self.complaints if "Policy" in text] == []

    def posted(self) -> Asked:
        """The one thing that the site's server got, beside questions for a nonce."""
        [asked] = [asked for asked in self.site.pages.asked if asked.method == "POST" and asked.path != "/nonce"]
        return asked


def ours(text: str, service: Service) -> str:
    """An example, with the service that is running here."""
    return text.replace(SERVICE, service.origin)


def headers(service: Service) -> dict[str, str]:
    """Those of the page's block of headers."""
    lines = ours(examples("http")["headers"].code, service).splitlines()
    return {name.replace("-", "_"): value for name, _, value in (line.partition(": ") for line in lines)}
