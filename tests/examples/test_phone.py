"""The shop and a person with a phone, at the real service: every door that a purchase and a cancellation pass."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from device import Device, Frame, Phone, over_wsgi

from examples.shop import notices
from tests.examples.conftest import SHOP, Browser
from tests.examples.test_confirming import TO_BUY, TO_CANCEL, asked, buy, state


class Customer:
    """A person at the shop: what their frame and their phone do. The phone has its key on record, or is none."""

    def __init__(self, app, clock, *, phone: bool = True) -> None:
        device = Device(over_wsgi(app), clock).sign_up()
        self.identity = device.mint(SHOP)
        self.frame: Frame = device.frame(self.identity)
        self.phone: Phone | None = device.connect_phone().pin_all() if phone else None

    def signed_in(self, browser: Browser) -> "Customer":
        nonce = browser.nonce()
        signed = self.frame.do("/repo/cosign", self.frame.question(nonce=nonce))["signed"]
        payload = self.payload(nonce, signed)
        assert browser.bring(payload, nonce).json["error"] == "success"
        return self

    def payload(self, nonce, signed, cd=None):
        nonces = {
            "ad": {"nonce": self.identity.key.jws({"nonce": nonce}), "key": self.identity.key.text},
            "repo": {"nonce": signed["nonce"], "key": signed["key"]},
        }
        token = {"two_factor_token": signed["two_factor_token"]}
        return {"uid": signed["uid"], "nonces": nonces | ({"cd": cd} if cd else {}), "attr": {}} | token

    def asks(self, question):
        """What `OneID.confirm` does with what the page gave it."""
        wish = self.frame.question(nonce=question["challenge"]["nonce"]) | {
            "kind": "confirm",
            "level": "OOB",
            "title": question["title"],
            "message": question["message"],
            "shows_number": True,
        }
        return self.frame.do("/repo/confirmations", wish)["confirmation"]["id"]

    def outcome(self, confirmation):
        return self.frame.do("/repo/confirmations/result", {"confirmation": confirmation})["confirmation"]

    def approved(self, question):
        """The payload that the browser brings to the callback once the phone has approved."""
        confirmation = self.asks(question)
        [shown] = self.phone.pending()
        self.phone.approve(shown)
        outcome = self.outcome(confirmation)
        assert outcome["state"] == "approved"
        return shown, self.payload(question["challenge"]["nonce"], outcome["signed"], outcome["cd"])

    @contextmanager
    def at_hand(self, decide) -> Iterator[list]:
        """Meanwhile the person has the phone in the hand, and decides on the next question; they have seen it then."""
        over, seen = threading.Event(), []

        def wait() -> None:
            while not over.wait(0.02):
                if waiting := self.phone.pending():
                    seen.append(waiting[-1])
                    decide(waiting[-1])
                    return

        person = threading.Thread(target=wait)
        person.start()
        try:
            yield seen
        finally:
            over.set()
            person.join()


@pytest.fixture
def customer(app, clock, browser) -> Customer:
    return Customer(app, clock).signed_in(browser)


def bought(browser: Browser, customer: Customer) -> str:
    order = buy(browser)
    question = asked(browser, order)
    _, payload = customer.approved(question)
    assert browser.post(question["challenge"]["callback"], json=payload).json["error"] == "success"
    return order


def test_what_the_phone_shows_is_what_the_shop_asks_and_its_yes_buys(browser, customer):
    order = buy(browser)
    question = asked(browser, order)
    shown, payload = customer.approved(question)
    assert (shown["message"], shown["title"], shown["origin"]) == (TO_BUY, "Lantern Tea", SHOP)
    assert browser.post(question["challenge"]["callback"], json=payload).json["errorcode"] == 0
    assert state(browser, order) == "confirmed"


def test_a_page_that_swaps_the_words_is_caught_by_the_shops_server(browser, customer):
    """The person reads and approves what the page says. The server compares it with the order."""
    order = buy(browser)
    question = asked(browser, order)
    shown, payload = customer.approved(question | {"message": "Pay € 0.10 for Harbour Smoke?"})
    assert shown["message"] == "Pay € 0.10 for Harbour Smoke?"
    answer = browser.post(question["challenge"]["callback"], json=payload)
    assert (answer.status_code, answer.json["error"]) == (403, notices.about("words_not_approved"))
    assert state(browser, order) == "not confirmed yet"


def test_a_rejected_purchase_brings_nothing_to_the_shop(browser, customer):
    order = buy(browser)
    confirmation = customer.asks(asked(browser, order))
    customer.phone.reject(customer.phone.pending()[0])
    outcome = customer.outcome(confirmation)
    assert (outcome["state"], outcome["signed"], outcome["cd"]) == ("rejected", None, None)
    assert state(browser, order) == "not confirmed yet"


def test_the_shops_server_asks_the_phone_and_cancels(browser, customer):
    order = bought(browser, customer)
    with customer.at_hand(customer.phone.approve) as seen:
        assert browser.post(f"{order}/cancel").location == order
    assert [(each["kind"], each["title"], each["message"]) for each in seen] == [("send_2fa", "Lantern Tea", TO_CANCEL)]
    assert state(browser, order) == "cancelled"


@pytest.mark.parametrize(("how", "code"), [("reject", "confirmation_denied"), ("report", "confirmation_reported")])
def test_a_no_to_the_shops_server_is_told_to_the_person(browser, customer, how, code):
    order = bought(browser, customer)
    with customer.at_hand(getattr(customer.phone, how)):
        answer = browser.post(f"{order}/cancel")
    assert (answer.status_code, notices.about(code) in answer.text) == (403, True)
    assert state(browser, order) == "confirmed"


def test_after_this_was_not_me_the_token_is_worth_nothing_and_the_next_sign_in_brings_another(browser, customer):
    order = bought(browser, customer)
    with customer.at_hand(customer.phone.report):
        browser.post(f"{order}/cancel")
    assert notices.about("token_refused") in browser.post(f"{order}/cancel").text
    customer.signed_in(browser)
    assert state(browser, order) == "confirmed"
    with customer.at_hand(customer.phone.approve):
        browser.post(f"{order}/cancel")
    assert state(browser, order) == "cancelled"


def test_who_has_no_phone_is_told_how_to_get_one(app, clock, browser):
    customer = Customer(app, clock, phone=False).signed_in(browser)
    order = buy(browser)
    wish = asked(browser, order)
    question = customer.frame.question(nonce=wish["challenge"]["nonce"]) | {
        "kind": "confirm",
        "level": "OOB",
        "title": wish["title"],
        "message": wish["message"],
        "shows_number": True,
    }
    assert customer.frame.code("/repo/confirmations", question) == "no_phone"
    assert notices.about("no_phone") in browser.text(order)
