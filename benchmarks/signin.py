"""What a returning sign-in takes in a real browser: from the click to the page's callback, beside the bare round trips.

The bare page does the same fetches and nothing else: its frame posts as many bytes to a view that does nothing, under
the same server, and hands the answer to the page, which posts a payload of the same size to the same callback. Both
take turns, so that a machine that is busy for a while spoils a click of each. Medians.
"""

import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from playwright.sync_api import BrowserContext, Page, Request, sync_playwright

from benchmarks import databases, server
from benchmarks.empty import FRAME
from benchmarks.wanted import Wanted
from keychain.web import bundle
from tests.browser import chromium
from tests.browser.pages import Pages
from tests.browser.person import Popup

CLICKS = 40
WARM_UP = 5
WANTED = 4.0

_PAGE = """<!doctype html><html lang="en"><title>Bench</title><button id="act">Sign in</button>
<script src="{script}"></script>
<script>{body}
document.getElementById("act").onclick = () => {{
  const began = performance.now();
  window.taken = act().then(() => performance.now() - began);
}};</script></html>"""

_SIGN_IN = """
const act = () => OneID.signin({challenge: {callback: "/signed-in"}}, () => {});
window.ready = new Promise((resolve) => OneID.init(resolve));
"""

_BARE = """
const frame = document.createElement("iframe");
const { port1, port2 } = new MessageChannel();
window.ready = new Promise((resolve) => {
  frame.onload = () => { frame.contentWindow.postMessage("", "*", [port2]); resolve(); };
});
frame.src = "%s";
document.body.append(frame);
const act = async () => {
  await new Promise((resolve) => { port1.onmessage = resolve; port1.postMessage(""); });
  const headers = {"Content-Type": "application/json"};
  const answer = await fetch("/signed-in", {method: "POST", headers, body: "x".repeat(%d)});
  return JSON.parse(await answer.text());
};
"""


@dataclass(frozen=True)
class SignIns:
    """Medians in seconds, sizes in bytes; those of a visit are of everything that came from the service."""

    signin: float
    bare: float
    shim: int
    shim_zipped: int
    first_visit: int
    later_visit: int

    def text(self) -> str:
        """The lines of the report."""
        return (
            f"a returning sign-in, click to callback: {self.signin * 1e3:.1f} ms; the same fetches without it:"
            f" {self.bare * 1e3:.1f} ms\n"
            f"shim: {self.shim_zipped} bytes gzipped, {self.shim} bytes as read;"
            f" a first visit loads {self.first_visit} bytes from the service, a later one {self.later_visit}"
        )

    def wanted(self) -> list[Wanted]:
        """Cryptography and all may take a few times as long as the bare fetches."""
        return [Wanted("a returning sign-in, times its bare fetches", self.signin / self.bare, WANTED)]


def measure(clicks: int = CLICKS) -> SignIns:
    """One browser, one service on SQLite, one site, and the bare page beside it."""
    with _rooms() as (context, pages, service, empty):
        origin, bare_origin = (f"http://id.localhost:{port}" for port in (service, empty))
        pages.put("/signed-in", '{"error": "success", "errorcode": 0}', Content_Type="application/json")
        pages.put("/", _PAGE.format(script=f"{origin}/js/oneid.js", body=_SIGN_IN))
        page, first_visit = _visit(context, f"{pages.origin()}/", origin)
        with page.expect_popup() as opened:
            page.click("#act")
        Popup(opened.value).sign_up()
        page.evaluate("window.taken")
        size = len(pages.asked[-1].body)
        pages.put("/bare", _PAGE.format(script="data:,", body=_BARE % (f"{bare_origin}{FRAME}", size)))
        page, later_visit = _visit(context, f"{pages.origin()}/", origin)
        bare, _ = _visit(context, f"{pages.origin()}/bare", origin)
        taken: dict[Page, list[float]] = {page: [], bare: []}
        for _ in range(WARM_UP + clicks):
            for each, seconds in taken.items():
                each.bring_to_front()
                each.click("#act")
                seconds.append(each.evaluate("window.taken") / 1000)
    shim = bundle.read().files[bundle.SHIM]
    signin, without = (statistics.median(seconds[WARM_UP:]) for seconds in taken.values())
    return SignIns(signin, without, len(shim.content), len(shim.zipped), first_visit, later_visit)


@contextmanager
def _rooms() -> Iterator[tuple[BrowserContext, Pages, int, int]]:
    pages = Pages()
    with (
        databases.fresh("sqlite") as database,
        databases.fresh("sqlite") as nothing,
        server.running(database) as service,
        server.running(nothing, server.EMPTY) as empty,
        sync_playwright() as playwright,
        chromium.running(playwright, chromium.BLOCKING) as browser,
    ):
        try:
            yield browser.new_context(), pages, service.port, empty.port
        finally:
            pages.close()


def _visit(context: BrowserContext, address: str, origin: str) -> tuple[Page, int]:
    """A page that is ready for its click, and how many bytes it had from ``origin``, headers included."""
    page = context.new_page()
    finished: list[Request] = []

    def keep(request: Request) -> None:
        finished.append(request)

    page.on("requestfinished", keep)
    page.goto(address)
    page.evaluate("window.ready")
    page.wait_for_load_state("networkidle")
    sizes = [request.sizes() for request in finished if request.url.startswith(origin)]
    return page, sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)


if __name__ == "__main__":
    found = measure()
    click.echo(found.text())
    click.echo(json.dumps(vars(found)))
