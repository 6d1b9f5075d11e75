"""The checkout: two pages that are filled in, by hand or by one click, and read like any form."""

import re
import sqlite3

import pytest
from authenticator import Person

from examples.shop import accounts, checkout
from examples.shop.database import Database
from tests.examples.test_confirming import DELIVERY, PAYMENT, asked, bring, buy, with_phone


@pytest.fixture
def order(browser) -> str:
    """An order that nobody has filled in."""
    browser.sign_in(Person())
    location = browser.post("/orders", data={"tea": "smoke"}).location
    assert location == "/orders/1/delivery"
    return location.removesuffix("/delivery")


def code(browser, path: str, filled: dict[str, str]) -> int:
    return browser.post(path, data=filled).status_code


def test_both_pages_lead_to_the_order_which_shows_what_was_written(browser, order):
    assert browser.post(f"{order}/delivery", data=DELIVERY | {"phone": "555 0100"}).location == f"{order}/payment"
    assert browser.post(f"{order}/payment", data=PAYMENT).location == order
    shown = browser.text(order)
    assert "Ada Lovelace\n1 Tea Street\nOakland, CA 94607\n555 0100" in shown
    assert "Visa ending in 1111" in shown
    assert "Confirm with my phone" in shown


def test_nothing_is_kept_of_a_card_but_four_digits(browser, order, tmp_path):
    browser.post(f"{order}/payment", data=PAYMENT)
    for file in tmp_path.glob("shop.db*"):
        assert b"4111" not in file.read_bytes()
    assert "4111" not in browser.text(order)


def test_before_the_checkout_is_done_nothing_can_be_confirmed(browser):
    person = with_phone(browser)
    order = browser.post("/orders", data={"tea": "smoke"}).location.removesuffix("/delivery")
    assert "Confirm with my phone" not in browser.text(order)
    nonce = asked(browser, order)["challenge"]["nonce"]
    answer = bring(browser, order, person.payload(None, nonce=nonce), nonce)
    assert answer.status_code == 409
    assert "where this order goes" in answer.json["error"]
    browser.post(f"{order}/delivery", data=DELIVERY)
    assert f'href="{order}/payment"' in browser.text(order)


WRONG = [
    ("delivery", "state", "CA"), ("delivery", "state", ""), ("delivery", "state", "99"), ("delivery", "city", ""),
    ("delivery", "street", "x" * 101), ("delivery", "zip", "1\n2"), ("delivery", "first_name", "\u202eevil"),
    ("payment", "cc_type", "XX"), ("payment", "cc_type", ""), ("payment", "cc_number", "4111"),
    ("payment", "cc_number", "x" * 16), ("payment", "cc_number", "٤" * 16), ("payment", "cc_name_on_card", ""),
]  # fmt: skip


@pytest.mark.parametrize(("page", "field", "written"), WRONG)
def test_what_can_not_be_sent_to_or_paid_with_is_not_taken(browser, order, page, field, written):
    filled = {"delivery": DELIVERY, "payment": PAYMENT}[page] | {field: written}
    assert code(browser, f"{order}/{page}", filled) == 400
    assert "Goes to" not in browser.text(order)
    assert code(browser, f"{order}/{page}", {}) == 400


def test_another_customers_order_has_no_checkout(visitor, browser, order):
    stranger = visitor()
    stranger.sign_in(Person())
    for page, filled in (("delivery", DELIVERY), ("payment", PAYMENT)):
        assert stranger.get(f"{order}/{page}").status_code == code(stranger, f"{order}/{page}", filled) == 404
        assert visitor().get(f"{order}/{page}").status_code == 403
    assert "Goes to" not in browser.text(order)


def test_what_was_bought_goes_where_it_was_said_then(browser):
    person = with_phone(browser)
    order = buy(browser)
    with sqlite3.connect(browser.client.application.extensions["shop"].database.path) as db:
        db.execute("UPDATE orders SET state = 'confirmed'")
    db.close()
    assert code(browser, f"{order}/delivery", DELIVERY | {"street": "2 Other Street"}) == 409
    assert browser.get(f"{order}/payment").status_code == 409
    assert "1 Tea Street" in browser.text(order)
    assert person.uid


def test_every_state_stands_once_on_the_page_with_its_number_and_code(browser, order):
    page = browser.text(f"{order}/delivery")
    options = re.findall(r'<option value="(\d+)" data-usps="([A-Z]{2})">', page)
    assert len(options) == len(dict(options)) == len(checkout.STATES) == 51
    assert dict(options)["6"] == "CA"


# Whose account a verified address opens.


@pytest.fixture
def db(tmp_path):
    with Database(tmp_path / "accounts.db").transaction() as connection:
        yield connection


def opened(db, uid: str, email: str | None = None, current: int | None = None) -> int:
    return accounts.sign_in(db, uid, None, email, current, 1)


def test_a_new_oneid_with_the_same_verified_address_finds_the_account_that_was_unlinked(db):
    mine = opened(db, "first", "ada@example.org")
    accounts.unlink(db, mine)
    assert opened(db, "second", "ada@example.org") == mine
    assert accounts.find(db, mine).uid == "second"
    assert opened(db, "first") != mine, "the former OneID opens it no more"


def test_who_has_the_mailbox_takes_no_account_away_from_a_oneid(db):
    mine = opened(db, "first", "ada@example.org")
    assert opened(db, "thief", "ada@example.org") != mine
    assert accounts.find(db, mine).uid == "first"


def test_an_address_opens_nothing_where_its_case_or_a_space_differs(db):
    mine = opened(db, "first", "ada@example.org")
    accounts.unlink(db, mine)
    for other in ("Ada@example.org", "ada@example.org ", "ada@example.com"):
        assert opened(db, other, other) != mine


def test_without_a_verified_address_there_is_a_new_account(db):
    mine = opened(db, "first", "ada@example.org")
    accounts.unlink(db, mine)
    assert opened(db, "second") != mine
    assert opened(db, "third", "") != mine


def test_an_address_of_another_account_is_taken_from_nobody(db):
    mine, yours = opened(db, "mine", "ada@example.org"), opened(db, "yours")
    assert opened(db, "yours", "ada@example.org") == yours, "who has an account keeps it"
    assert accounts.find(db, mine).email == "ada@example.org"
    assert accounts.find(db, yours).email is None
    guest = accounts.add_guest(db, "Guest")
    assert opened(db, "third", "ada@example.org", guest) == guest, "who is signed in links to their own account"
    assert accounts.find(db, guest).email is None


def test_an_address_that_changed_is_the_accounts_new_one(db):
    mine = opened(db, "mine", "ada@example.org")
    assert opened(db, "mine", "lovelace@example.org") == mine
    assert accounts.find(db, mine).email == "lovelace@example.org"
    assert opened(db, "mine") == mine
    assert accounts.find(db, mine).email == "lovelace@example.org", "an address that is not sent is not forgotten"
