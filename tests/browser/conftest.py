"""What the browser tests stand on: browsers that people have, the real service, real sites and hostile ones."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from tests.browser import chromium, neighbours
from tests.browser.chromium import BLOCKING, Kind
from tests.browser.neighbours import Neighbours
from tests.browser.pages import Pages
from tests.browser.phone import POCKET, SHAPE, Camera, Household, Phone, known_household
from tests.browser.sites import Service, Site, Visit
from tests.browser.wallets import EVERYTHING, Forms, keep_cards, release

PATIENCE_MS = 30_000  # thirty times what the slowest step took: the tests share the machine


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def launch(playwright: Playwright) -> Iterator[Callable[[Kind], Browser]]:
    """``launch(kind)``: the one browser of a kind; it starts when it is first asked for."""
    started: dict[Kind, Browser] = {}
    with ExitStack() as until_the_end:

        def launched(kind: Kind) -> Browser:
            if kind not in started:
                started[kind] = until_the_end.enter_context(chromium.running(playwright, kind))
            return started[kind]

        yield launched


@pytest.fixture
def make_context(launch: Callable[[Kind], Browser]) -> Iterator[Callable[..., BrowserContext]]:
    """``make_context(kind)``: a browser that was never used, of a kind."""
    with ExitStack() as until_the_end:

        def make(kind: Kind = BLOCKING, **options) -> BrowserContext:
            context = launch(kind).new_context(**{"locale": "en-GB", **options})
            context.set_default_timeout(PATIENCE_MS)
            until_the_end.callback(context.close)
            return context

        yield make


@pytest.fixture
def context(make_context: Callable[..., BrowserContext]) -> BrowserContext:
    """A browser that was never used; it blocks third-party cookies, as most do."""
    return make_context()


@pytest.fixture
def computer(context: BrowserContext, site: Site) -> BrowserContext:
    """A browser whose owner is known at the plain site ``shop``, and has no phone yet."""
    site.visit(context).know().page.close()
    return context


@pytest.fixture(scope="module")
def known(launch: Callable[[Kind], Browser], pages_server: Pages, started: Neighbours) -> Iterator[BrowserContext]:
    """A browser whose owner is known at the plain site ``shop``: for tests that leave it so."""
    pages_server.forget()
    context = launch(BLOCKING).new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    Site(pages_server, started.service).visit(context).know().page.close()
    yield context
    context.close()


@pytest.fixture
def returning(known: BrowserContext, site: Site) -> Iterator[Visit]:
    """A new tab at the site where its visitor is known: signing in is one click."""
    visit = site.visit(known)
    visit.ready()
    yield visit
    visit.page.close()


@pytest.fixture(scope="package")
def wallet(launch: Callable[[Kind], Browser], pages_server: Pages, started: Neighbours) -> Iterator[BrowserContext]:
    """A browser of Ada's, whose cards the plain site ``shop`` may read without asking: for tests that leave it so."""
    pages_server.forget()
    context = launch(BLOCKING).new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    visit = Site(pages_server, started.service).visit(context)
    keep_cards(visit)
    release(visit)
    if "error" in visit.call("attr", {"attr": EVERYTHING, "silent": True}).over():
        release(visit)  # on a busy machine the window does not wait until the frame has kept it
    visit.page.close()
    yield context
    context.close()


@pytest.fixture
def forms(wallet: BrowserContext, site: Site) -> Iterator[Forms]:
    """Pages with forms, in Ada's browser."""
    opened = Forms(site, wallet)
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def camera(launch: Callable[[Kind], Browser]) -> Camera:
    return Camera(launch(POCKET))


@pytest.fixture
def make_phone(make_context: Callable[..., BrowserContext], camera: Camera, service: Service) -> Callable[..., Phone]:
    """``make_phone()``: a phone that was never used."""

    def make(**options) -> Phone:
        return Phone(make_context(POCKET, **{**SHAPE, **options}), service, camera)

    return make


@pytest.fixture(scope="package")
def shared_household(
    launch: Callable[[Kind], Browser], pages_server: Pages, started: Neighbours, camera: Camera
) -> Iterator[Household]:
    pages_server.forget()
    computer, pocket = launch(BLOCKING).new_context(locale="en-GB"), launch(POCKET).new_context(**SHAPE)
    for context in (computer, pocket):
        context.set_default_timeout(PATIENCE_MS)
    yield known_household(lambda: computer, Phone(pocket, started.service, camera), Site(pages_server, started.service))
    computer.close()
    pocket.close()


@pytest.fixture
def household(shared_household: Household, site: Site) -> Household:
    """A computer and a phone that belong together: for tests that leave them so."""
    shared_household.site = site
    shared_household.settle()
    return shared_household


@pytest.fixture
def fresh_household(
    make_context: Callable[..., BrowserContext], make_phone: Callable[..., Phone], site: Site
) -> Household:
    """The same, for a test that changes it for good."""
    return known_household(make_context, make_phone(), site)


@pytest.fixture(scope="package")
def pages_server() -> Iterator[Pages]:
    server = Pages()
    yield server
    server.close()


@pytest.fixture
def pages(pages_server: Pages) -> Pages:
    """A server without pages yet, under every name below localhost."""
    pages_server.forget()
    return pages_server


@pytest.fixture(scope="package")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    """The service and the example sites, for all tests."""
    with neighbours.running(tmp_path_factory.mktemp("neighbours") / "data") as started:
        yield started


@pytest.fixture
def service(started: Neighbours) -> Service:
    return started.service


@pytest.fixture
def site(pages: Pages, service: Service) -> Site:
    """Plain sites that use the service."""
    return Site(pages, service)


@pytest.fixture
def nonce_of() -> Callable[[str], str]:
    """The nonce that a JWS signs."""

    def read(jws: str) -> str:
        payload = jws.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["nonce"]

    return read
