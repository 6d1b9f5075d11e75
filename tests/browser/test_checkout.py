"""The example shop's checkout: a person's cards fill it in by one click, and nobody but the two can read them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import neighbours
from tests.browser.dashboard import ADDRESS, EMAIL, NAME, PAYMENT, dashboard
from tests.browser.neighbours import Neighbours
from tests.browser.person import Popup
from tests.browser.shopping import put_in_order
from tests.browser.sites import know_the_frame
from tests.browser.test_at_the_shop import sign_up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # a walk through all of it

QUICKFILL = "button:has-text('Fill in with OneID')"
FILLED = {
    "First name": NAME["first_name"],
    "Last name": NAME["last_name"],
    "Street": ADDRESS["street"],
    "City": ADDRESS["city"],
    "State": "6",
    "ZIP code": ADDRESS["zip"],
}
# All that the person keeps. Numbers that a log could have by chance are left out.
KEPT = [*NAME.values(), ADDRESS["street"], ADDRESS["city"], "4111111111111111", *EMAIL.values(), "Quillfeather"]


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    """A service that logs all that it can."""
    with neighbours.running(tmp_path_factory.mktemp("talkative") / "data", KEYCHAIN_LOG_LEVEL="DEBUG") as started:
        yield started


def everything_kept(started: Neighbours) -> bytes:
    """What the service has on its disk and said in its log, but not the shop's own database."""
    folder = started.service.data
    kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.name.startswith("shop.db")]
    with closing(sqlite3.connect(folder / "keychain.db")) as database:
        dump = "\n".join(database.iterdump()).encode()
    return b"\n".join([*kept, dump, (folder.parent / "log").read_bytes()])


def customer(started: Neighbours, context: BrowserContext) -> Page:
    """Somebody new at the shop, who has nothing to share yet."""
    page = context.new_page()
    page.goto(started.shop)
    sign_up(page)
    return page


def verify_address(started: Neighbours, context: BrowserContext, address: str = EMAIL["email"]) -> None:
    """Prove the address in the dashboard, with the code of the development mailbox."""
    board = dashboard(context, started.service).at("cards")
    board.press(board.card(address), "verify").at("email").act("send").at("code")
    mailbox = context.new_page()
    mailbox.goto(f"{started.service.origin}/mailbox")
    code = mailbox.locator(".code").first.inner_text()
    mailbox.close()
    board.page.locator("#code").fill(code)
    board.act("check")
    expect(board.at("cards").card(address)).to_contain_text("Verified")
    board.page.close()


def test_a_stranger_keeps_cards_once_and_checks_out_by_one_click(talkative, make_context):
    context = make_context()
    page = customer(talkative, context)
    board = dashboard(context, talkative.service)
    for kind, fields in {"name": NAME, "email": EMAIL}.items():
        board.add(kind, fields)
    board.add("address", {**ADDRESS, "country": "US", "state": "CA"})
    board.add("payment", {**PAYMENT, "cc_exp_mo": "4", "cc_type": "VI"})
    board.page.close()
    verify_address(talkative, context)

    # The first visit: one click, and the person's consent.
    put_in_order(page, talkative.shop)
    with page.expect_popup() as opened:
        page.click(QUICKFILL)
    Popup(opened.value).share()
    check_out(page)

    # The second visit: one click, and no window.
    put_in_order(page, talkative.shop)
    windows = len(context.pages)
    know_the_frame(page)
    page.click(QUICKFILL)
    check_out(page)
    assert len(context.pages) == windows

    # The shop learns the address, and that it is verified.
    page.goto(f"{talkative.shop}/account")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Share my verified e-mail address").click()
    Popup(opened.value).share()
    expect(page.get_by_text("Verified e-mail address", exact=True)).to_be_visible()
    expect(page.get_by_text(EMAIL["email"], exact=True)).to_be_visible()

    board = dashboard(context, talkative.service).site(talkative.shop)
    for word in ("Street and number", "Payment card", "E-mail address"):
        expect(board.page.locator("#screen")).to_contain_text(word)
    board.page.close()

    kept = everything_kept(talkative)
    assert len(kept) > 100_000
    for word in KEPT:
        assert word.encode() not in kept, word


def check_out(page: Page) -> None:
    """Both pages are filled in; the second one fills itself."""
    for label, text in FILLED.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(text)
    page.get_by_role("button", name="Go on to payment").click()
    expect(page.get_by_label("Number")).to_have_value("4111111111111111")
    expect(page.get_by_label("Card", exact=True)).to_have_value("VI")
    expect(page.get_by_label("Month")).to_have_value("4")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Visa ending in 1111")).to_be_visible()
    expect(page.get_by_text("Saltmarsh, CA 94105")).to_be_visible()


def test_who_has_a_new_oneid_comes_back_by_the_verified_address(talkative, make_context):
    titles, address = [], "returning@quillfeather.example"
    for context in (make_context(), make_context()):
        page = context.new_page()
        page.goto(talkative.other)
        with page.expect_popup() as opened:
            page.get_by_role("button", name="Sign in with OneID").click()
        Popup(opened.value).sign_up()
        dashboard(context, talkative.service).add("email", {"email": address}).page.close()
        verify_address(talkative, context, address)
        page.goto(talkative.shop)
        with page.expect_popup() as opened:
            page.get_by_role("button", name="Sign in with OneID").click()
        popup = Popup(opened.value).at("consent")
        expect(popup.block("email")).to_contain_text(address)
        popup.consent()
        page.wait_for_url("**/account")
        expect(page.get_by_text(address, exact=True)).to_be_visible()
        titles.append(page.get_by_role("heading", level=1).inner_text())
        page.get_by_text("Unlink this OneID").click()
        page.get_by_label("I know. Unlink it.").check()
        page.get_by_role("button", name="Unlink", exact=True).click()
    assert titles[0] == titles[1]
