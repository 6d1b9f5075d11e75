"""Plain sites: pages that load the shim and, at a click, do the call that a test planned; and the service they use."""

import contextlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Frame, Page
from running import PATIENCE

from tests.browser.pages import Pages
from tests.browser.person import Popup

# Each planned call is made inside a real click. What its callback and its promise got is kept in `heard`.
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Plain site</title>{head}</head>
<body><main><h1>Plain site</h1><button id="act">Act</button>{body}</main>
<script src="{service}/js/oneid.js"></script>
<script>
const heard = [];
function act(name, ...given) {{
  const call = {{ called: [], over: false }};
  heard.push(call);
  const promise = OneID[name](...given, (value) => call.called.push(value));
  promise.then((value) => {{ call.value = value; }}, (error) => {{ call.error = error.code; }})
    .finally(() => setTimeout(() => {{ call.over = true; }}));
}}
document.getElementById("act").addEventListener("click", () => act(...window.plan));
{script}
</script></body></html>"""

# What the shim does, for pages that the shim would refuse to run in: `ask()` opens the popup and asks it for a sign-in.
ASK = """function ask() {
  const none = { nonce: null, frame: null, id: null };
  const request = { name: "signin", attr: "", label: "", silent: false, ...none };
  window.addEventListener("message", ({ data, source }) => {
    if (data?.type !== "ready") return;
    source.postMessage({ oneid: 1, type: "request", request }, "*", [new MessageChannel().port2]);
  });
  window.open("%s/popup");
}"""
# A policy that leaves a page without an origin of its own.
OPAQUE = "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox"
# Blockers, such as those that people add to their browser: the first window is not opened, a second one is.
BLOCKED = """<script>
let blocked = false;
const open = window.open;
window.open = (...given) => {
  if (blocked) return open.apply(window, given);
  blocked = true;
  return null;
};
</script>"""


@dataclass(frozen=True)
class Service:
    """The running service, as browsers (``origin``) and as this process (``url``) call it."""

    url: str
    data: Path
    credentials: tuple[str, str]

    @classmethod
    def at(cls, url: str, data: Path) -> "Service":
        fresh = httpx.get(f"{url}/register", timeout=PATIENCE).json()
        return cls(url, data, (fresh["API_ID"], fresh["API_KEY"]))

    @property
    def origin(self) -> str:
        return self.url.replace("127.0.0.1", "id.localhost")

    def count(self, table: str) -> int:
        """The rows of one of its tables."""
        with contextlib.closing(sqlite3.connect(self.data / "keychain.db")) as opened:
            return opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    def change(self, statement: str, *values: object) -> None:
        """Change its tables behind its back, as only time does otherwise."""
        with contextlib.closing(sqlite3.connect(self.data / "keychain.db", timeout=20)) as opened:
            opened.execute(statement, values)
            opened.commit()

    def make_nonce(self) -> str:
        return httpx.get(f"{self.url}/make_nonce", auth=self.credentials, timeout=PATIENCE).json()["nonce"]

    def validate(self, payload: dict, **words: str) -> dict:
        """What a site's server is told of a payload. It spends the nonce. ``words``: those that the site meant."""
        asked = {"uid": payload["uid"], "nonces": payload["nonces"], **words}
        return httpx.post(f"{self.url}/validate", auth=self.credentials, json=asked, timeout=PATIENCE).json()


@dataclass
class Call:
    """One call that a page made."""

    page: Page
    number: int

    def over(self) -> dict[str, Any]:
        """Wait until it is over; ``called`` (what the callback got, each time) and ``value`` or ``error``."""
        self.page.wait_for_function("(number) => heard[number].over", arg=self.number)
        return self.page.evaluate("(number) => heard[number]", self.number)

    def value(self) -> Any:
        """What it gave: to its callback, once, and to its promise the same."""
        heard = self.over()
        assert "error" not in heard, heard
        assert heard["called"] == [heard["value"]]
        return heard["value"]

    def error(self) -> str:
        """The code that it failed with. Its callback got null, once."""
        heard = self.over()
        assert "error" in heard, heard
        assert heard["called"] == [None]
        return heard["error"]


def know_the_frame(page: Page) -> None:
    """Wait until this page's shim and frame know each other."""
    page.wait_for_function("window.OneID")
    page.evaluate("() => new Promise((resolve) => OneID.init(() => resolve(true)))")
    page.wait_for_function("OneID.get('chanReady')")


@dataclass
class Visit:
    """A tab that shows a page of a plain site."""

    page: Page

    def call(self, name: str, *given: Any) -> Call:
        """Make the page call ``OneID.<name>`` inside a click."""
        number = self.page.evaluate("(plan) => { window.plan = plan; return heard.length; }", [name, *given])
        self.page.click("#act")
        return Call(self.page, number)

    def open(self, name: str, *given: Any) -> tuple[Call, Page]:
        """The same for a call that opens the popup."""
        with self.page.expect_popup() as opened:
            call = self.call(name, *given)
        return call, opened.value

    def know(self) -> "Visit":
        """Make the visitor known to this site, and signed in here without asking: in the quickest way there is."""
        self.ready()
        call, page = self.open("signup", {"challenge": {"callback": "/callback"}, "silent": True})
        Popup(page).sign_up_silently()
        assert call.value() == {"error": "success"}
        return self

    def get(self, name: str) -> Any:
        return self.page.evaluate("(name) => OneID.get(name)", name)

    def ready(self) -> "Visit":
        """Wait until the shim and its frame know each other: a click waits for the frame for a moment only, and a
        window does not wait for it long to keep what was made."""
        know_the_frame(self.page)
        return self

    def frame(self) -> Frame:
        """The service's frame in this page."""
        self.ready()
        return next(frame for frame in self.page.frames if frame.url.split("?")[0].endswith("/frame"))


class Site:
    """A server of plain sites, one under each name, all at one service."""

    def __init__(self, pages: Pages, service: Service) -> None:
        self.pages, self.service = pages, service
        self.answering({"error": "success"})

    def answering(self, answer: object, status: int = 200, content_type: str = "application/json") -> None:
        """What the callback answers from now on: text as it is, anything else as JSON."""
        body = answer if isinstance(answer, str) else json.dumps(answer)
        self.pages.put("/callback", body, status, Content_Type=content_type)

    def put(self, path: str = "/", *, head: str = "", body: str = "", script: str = "", **headers: str) -> str:
        page = PAGE.format(head=head, body=body, script=script, service=self.service.origin)
        return self.pages.put(path, page, **headers)

    def asking(self) -> str:
        return ASK % self.service.origin

    def visit(self, context: BrowserContext, name: str = "shop", path: str = "/") -> Visit:
        """A new tab at a site. Without a page of the test's own at ``/`` it is the plainest."""
        if path not in self.pages.answers:
            self.put(path)
        page = context.new_page()
        page.goto(f"{self.pages.origin(name)}{path}")
        return Visit(page)
