"""Buying at the example shop: the checkout's two pages, filled in by hand."""

from playwright.sync_api import Locator, Page, expect

BY_HAND = (
    {"First name": "Ada", "Last name": "Lovelace", "Street": "1 Tea Street", "City": "Oakland", "ZIP code": "94607"},
    {"Number": "4111 1111 1111 1111", "Name on the card": "Ada Lovelace"},
)


def put_in_order(page: Page, shop: str) -> Page:
    """Choose a tea; the first page of the checkout."""
    page.goto(shop)
    page.get_by_role("button", name="Buy ").first.click()
    expect(page.get_by_role("heading", name="Where does it go?")).to_be_visible()
    return page


def buy(page: Page, shop: str) -> Locator:
    """Choose a tea and check out by hand; the button that asks the phone."""
    return check_out(put_in_order(page, shop))


def check_out(page: Page) -> Locator:
    """Fill in both pages by hand."""
    delivery, payment = BY_HAND
    for label, text in delivery.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("State").select_option("California")
    page.get_by_role("button", name="Go on to payment").click()
    for label, text in payment.items():
        page.get_by_label(label, exact=True).fill(text)
    for label, option in (("Card", "VI"), ("Month", "4")):
        page.get_by_label(label, exact=True).select_option(option)
    page.get_by_label("Year").select_option(index=3)
    page.get_by_role("button", name="Go on").click()
    confirm = page.get_by_role("button", name="Confirm with my phone")
    expect(confirm).to_be_enabled()
    return confirm
