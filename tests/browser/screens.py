"""``python -m tests.browser.screens FOLDER``: a picture of every screen, light and dark, on a phone and on a desktop.

The pictures are to be looked at, and are kept out of the repository.
"""

import sys
import tempfile
from contextlib import ExitStack
from itertools import chain, product
from pathlib import Path

from playwright.sync_api import sync_playwright

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest does, for the modules that tests share

from tests.browser import chromium, neighbours
from tests.browser.chromium import BLOCKING
from tests.browser.pages import Pages
from tests.browser.phone import Camera
from tests.browser.sites import Site
from tests.browser.walk import every_screen
from tests.browser.walk_dashboard import every_dashboard_screen
from tests.browser.walk_devices import every_phone_screen

SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 800}}
WINDOW = {"width": 460, "height": 780}  # what the shim opens on a desktop


def shoot(folder: Path) -> None:
    """Write ``<screen>-<scheme>-<size>.png`` for every screen."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as until_the_end:
        room = Path(until_the_end.enter_context(tempfile.TemporaryDirectory()))
        started = until_the_end.enter_context(neighbours.running(room / "data"))
        playwright = until_the_end.enter_context(sync_playwright())
        browser = until_the_end.enter_context(chromium.running(playwright, BLOCKING))
        camera = Camera(browser)
        pages = Pages()
        until_the_end.callback(pages.close)
        for scheme, (size, shape) in product(("light", "dark"), SIZES.items()):
            pages.forget()

            def make(scheme: str = scheme, shape: dict = shape):
                return browser.new_context(locale="en-GB", color_scheme=scheme, viewport=shape, reduced_motion="reduce")

            site = Site(pages, started.service)
            walks = every_screen(site, started, make), every_phone_screen(site, started, make, camera)
            for name, page in chain(*walks, every_dashboard_screen(site, make)):
                wanted = WINDOW if "/popup" in page.url and size == "desktop" else shape
                page.set_viewport_size(wanted)
                # All of it, and without the scroll bar that a phone does not have.
                height = page.evaluate("() => document.documentElement.scrollHeight")
                page.set_viewport_size({**wanted, "height": max(height, wanted["height"])})
                page.screenshot(path=folder / f"{name}-{scheme}-{size}.png", animations="disabled")


if __name__ == "__main__":
    shoot(Path(sys.argv[1]))
