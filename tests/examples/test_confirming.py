"""Buying and cancelling at the shop: what a phone confirms, and everything else that comes instead."""

import html
import json
import re
import sqlite3
from pathlib import Path

import httpx
import pytest
from authenticator import Person, words_sha256

from examples import shop
from examples.shop import notices, orders
from oneid import OneID
from tests.examples.conftest import SERVICE, SHOP, Browser

TO_BUY = "Pay € 9.40 for Harbour Smoke?"
TO_CANCEL = "Cancel order 1, Harbour Smoke for € 9.40?"
DELIVERY = {
    "first_name": "Ada", "last_name": "Lovelace", "street": "1 Tea Street", "street2": "", "city": "Oakland",
    "state": "6", "zip": "94607", "phone": "",
}  # fmt: skip
PAYMENT = {
    "cc_type": "VI", "cc_number": "4111 1111 1111 1111", "cc_exp_mo": "4", "cc_exp_yr": "2031",
    "cc_name_on_card": "Ada Lovelace",
}  # fmt: skip
TOKEN = "TgKUvDCvzhMjs9CPAyDS2w=="  # pragma: allowlist secret


def with_phone(browser: Browser, **members) -> Person:
    """Somebody whose phone is on record, signed in."""
    person = Person("ad", "repo", "cd")
    browser.sign_in(person, two_factor_token=TOKEN, **members)
    return person


def approval(person: Person, nonce: str, message: str = TO_BUY, title: str = orders.TITLE, **how):
    """What the browser brings once the phone has signed these words."""
    words = {"words_sha256": words_sha256(message, title), "origin": SHOP}
    return person.payload(None, nonce=nonce, **words, **how)


def buy(browser: Browser, tea: str = "smoke") -> str:
    """The address of a new order that went through the checkout."""
    answer = browser.post("/orders", data={"tea": tea})
    assert answer.status_code == 303, answer.text
    order = answer.location.removesuffix("/delivery")
    for page, filled in (("delivery", DELIVERY), ("payment", PAYMENT)):
        assert browser.post(f"{order}/{page}", data=filled).status_code == 303
    return order


def asked(browser: Browser, order: str) -> dict:
    answer = browser.post(f"{order}/nonce")
    assert answer.status_code == 200, answer.text
    return answer.json["asked"]


def bring(browser: Browser, order: str, payload, nonce: str):
    return browser.post(f"{order}/confirm", query_string={"nonce": nonce}, json=payload)


def state(browser: Browser, order: str) -> str:
    return re.search(r'<span id="state">([^<]*)</span>', browser.text(order))[1]


def bought(browser: Browser, person: Person) -> str:
    """The address of an order that is confirmed."""
    order = buy(browser)
    nonce = asked(browser, order)["challenge"]["nonce"]
    assert bring(browser, order, approval(person, nonce), nonce).json["errorcode"] == 0
    return order


def test_what_the_phone_approved_is_bought(browser):
    person = with_phone(browser)
    order = buy(browser)
    assert state(browser, order) == "not confirmed yet"
    assert TO_BUY in html.unescape(browser.text(order))
    question = asked(browser, order)
    nonce = question["challenge"]["nonce"]
    assert question == {
        "title": "Lantern Tea",
        "message": TO_BUY,
        "challenge": {"nonce": nonce, "callback": f"{order}/confirm?nonce={nonce}"},
    }
    answer = browser.post(question["challenge"]["callback"], json=approval(person, nonce))
    assert answer.json == {"error": "success", "errorcode": 0, "url": order}
    assert state(browser, order) == "confirmed"
    assert "Order 1" in browser.text("/account")


@pytest.mark.parametrize(
    "words",
    [
        {"message": "Pay € 940.00 for Harbour Smoke?"},
        {"message": "Sign in to Lantern Tea?"},
        {"title": ""},
        {"title": "Lantern Tea\nPay € 9.40 for Harbour Smoke?", "message": ""},
    ],
)
def test_words_that_the_page_swapped_buy_nothing(browser, words):
    """The person approved what a page, or somebody in it, asked for; it is not what the order says."""
    person = with_phone(browser)
    order = buy(browser)
    nonce = asked(browser, order)["challenge"]["nonce"]
    answer = bring(browser, order, approval(person, nonce, **words), nonce)
    assert (answer.status_code, answer.json["error"]) == (403, notices.about("words_not_approved"))
    assert state(browser, order) == "not confirmed yet"


def test_words_that_the_page_sends_along_change_nothing(browser):
    person = with_phone(browser)
    order = buy(browser)
    nonce = asked(browser, order)["challenge"]["nonce"]
    swapped = "Pay € 0.01 for Harbour Smoke?"
    sent = approval(person, nonce, swapped) | {"message": swapped, "title": orders.TITLE, "confirm": True}
    assert bring(browser, order, sent, nonce).json["errorcode"] == -34
    assert state(browser, order) == "not confirmed yet"


def test_a_sign_in_confirms_nothing(browser):
    """The nonce is right and the words are missing, or the phone's signature is."""
    person = with_phone(browser)
    order = buy(browser)
    for payload in (
        lambda nonce: person.payload(None, nonce=nonce),
        lambda nonce: approval(person, nonce, roles=("ad", "repo")),
        lambda nonce: approval(person, nonce, roles=("repo", "cd")),
    ):
        nonce = asked(browser, order)["challenge"]["nonce"]
        answer = bring(browser, order, payload(nonce), nonce)
        assert (answer.status_code, state(browser, order)) == (403, "not confirmed yet")


def test_a_confirmation_signs_nobody_in_and_a_sign_ins_nonce_confirms_nothing(visitor):
    browser = visitor()
    person = with_phone(browser)
    order = buy(browser)
    nonce = asked(browser, order)["challenge"]["nonce"]
    assert browser.bring(approval(person, nonce), nonce).json["errorcode"] == -90
    nonce = browser.nonce()
    assert bring(browser, order, approval(person, nonce), nonce).json["errorcode"] == -90
    assert state(browser, order) == "not confirmed yet"


def test_somebody_elses_phone_buys_nothing(visitor):
    """Their payload is as genuine as can be. The shop has to look whose it is."""
    browser, elsewhere = visitor(), visitor()
    with_phone(browser)
    stranger = with_phone(elsewhere)
    order = buy(browser)
    nonce = asked(browser, order)["challenge"]["nonce"]
    answer = bring(browser, order, approval(stranger, nonce), nonce)
    assert answer.status_code == 403
    assert "not the one of this account" in answer.json["error"]
    assert state(browser, order) == "not confirmed yet"


def test_a_nonce_is_for_one_order_and_serves_once(browser):
    person = with_phone(browser)
    one, two = buy(browser), buy(browser)
    nonce = asked(browser, one)["challenge"]["nonce"]
    assert bring(browser, two, approval(person, nonce), nonce).json["errorcode"] == -90
    assert bring(browser, one, {"uid": person.uid, "nonces": {}}, nonce).json["errorcode"] == -20
    assert bring(browser, one, approval(person, nonce), nonce).json["errorcode"] == -90
    nonce = asked(browser, one)["challenge"]["nonce"]
    assert bring(browser, one, approval(person, nonce), nonce).json["errorcode"] == 0
    assert (state(browser, one), state(browser, two)) == ("confirmed", "not confirmed yet")


def test_a_nonce_of_another_session_confirms_nothing(visitor):
    browser, other = visitor(), visitor()
    person = with_phone(browser)
    other.sign_in(person, two_factor_token=TOKEN)
    order = buy(browser)
    nonce = asked(other, order)["challenge"]["nonce"]
    assert bring(browser, order, approval(person, nonce), nonce).json["errorcode"] == -90
    assert bring(other, order, approval(person, nonce), nonce).json["errorcode"] == 0


def test_a_page_that_was_open_for_too_long_buys_nothing(browser, clock):
    person = with_phone(browser)
    order = buy(browser)
    nonce = asked(browser, order)["challenge"]["nonce"]
    clock.tick(seconds=301)
    assert bring(browser, order, approval(person, nonce), nonce).status_code == 403
    assert state(browser, order) == "not confirmed yet"


def test_an_order_is_confirmed_once(browser):
    person = with_phone(browser)
    order = buy(browser)
    first, second = (asked(browser, order)["challenge"]["nonce"] for _ in range(2))
    assert bring(browser, order, approval(person, first), first).json["errorcode"] == 0
    late = approval(person, second)
    assert bring(browser, order, late, second).status_code == 409
    assert browser.post(f"{order}/nonce").json["state"] == "confirmed"
    assert state(browser, order) == "confirmed"


@pytest.mark.parametrize("leave", ["/signout", "/unlink"])
def test_who_left_while_the_service_was_asked_buys_nothing(tmp_path, transport, leave):
    class Slow(httpx.BaseTransport):
        def handle_request(self, request):
            answer = transport.handle_request(request)
            if json.loads(request.content).get("message"):
                browser.post(leave, data={"understood": "yes"})
            return answer

    credentials = OneID.register(transport=transport)
    slow = OneID(credentials.api_id, credentials.api_key, transport=Slow())
    browser = Browser(shop.create_app(slow, service=SERVICE, origin=SHOP, database=tmp_path / "slow.db"), SHOP)
    person = with_phone(browser)
    order = buy(browser)
    nonce = asked(browser, order)["challenge"]["nonce"]
    assert bring(browser, order, approval(person, nonce), nonce).status_code == 403
    with sqlite3.connect(tmp_path / "slow.db") as database:
        assert database.execute("SELECT state FROM orders").fetchall() == [("waiting",)]
    database.close()


# Whose orders.


def test_another_customers_order_does_not_exist(visitor):
    browser, other = visitor(), visitor()
    person = with_phone(browser)
    with_phone(other)
    order = bought(browser, person)
    for answer in (
        other.get(order),
        *(other.post(f"{order}/{door}", json={}) for door in ("nonce", "confirm", "cancel")),
    ):
        assert answer.status_code == 404
        assert "Harbour" not in answer.text
    assert "Harbour" not in other.text("/account")
    assert state(browser, order) == "confirmed"


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "9" * 30, "1.0", "%31"])
def test_an_order_that_does_not_exist_is_not_found(browser, number):
    with_phone(browser)
    assert browser.get(f"/orders/{number}").status_code == 404


def test_buying_needs_a_oneid(visitor):
    nobody, guest = visitor(), visitor()
    guest.be_guest("Ada")
    for browser, hint in ((nobody, "Sign in to buy"), (guest, "Link a OneID")):
        page = browser.text("/")
        assert hint in page
        assert 'name="tea"' not in page
        answer = browser.post("/orders", data={"tea": "smoke"})
        assert (answer.status_code, "needs a OneID" in answer.text) == (403, True)
    assert nobody.get("/orders/1").location == "/"
    assert nobody.post("/orders/1/nonce").status_code == 403
    assert nobody.post("/orders/1/confirm", json={}).json["errorcode"] == -1


def test_who_has_a_oneid_can_buy_each_tea_by_its_name(browser):
    with_phone(browser)
    page = browser.text("/")
    assert re.findall(r'value="(\w+)" aria-label="Buy ([^"]+)"', page) == [
        ("smoke", "Harbour Smoke"),
        ("mint", "Garden Door"),
        ("honey", "Late Lantern"),
    ]


@pytest.mark.parametrize("tea", ["", "gold", "<b>", "smoke\x00"])
def test_what_is_not_on_the_shelf_is_not_sold(browser, tea):
    with_phone(browser)
    assert browser.post("/orders", data={"tea": tea, "price": "0.01"}).status_code == 404


def test_orders_that_nobody_confirms_do_not_pile_up(browser):
    person = with_phone(browser)
    kept = bought(browser, person)
    last = [buy(browser) for _ in range(orders.UNCONFIRMED + 2)]
    listed = set(re.findall(r'href="(/orders/\d+)"', browser.text("/account")))
    assert listed == {kept, *last[2:]}


def test_each_of_eight_pages_has_a_nonce_and_the_ninth_takes_the_oldest(browser):
    person = with_phone(browser)
    order = buy(browser)
    nonces = [asked(browser, order)["challenge"]["nonce"] for _ in range(orders.UNSPENT + 1)]
    assert bring(browser, order, approval(person, nonces[0]), nonces[0]).json["errorcode"] == -90
    assert bring(browser, order, approval(person, nonces[1]), nonces[1]).json["errorcode"] == 0


# What is said.


def test_the_page_holds_the_words_for_everything_that_may_come(browser):
    with_phone(browser)
    order = buy(browser)
    page = html.unescape(browser.text(order))
    for code, words in notices.NOTICES.items():
        assert f'<template data-code="{code}">{words}' in page
    assert f'<template data-code="">{notices.OTHER}' in page
    assert f'{notices.NOTICES["no_phone"]} <a href="{SERVICE}/popup"' in page
    assert "needs JavaScript" in page


def test_the_script_has_words_for_all_that_it_tells():
    script = Path(shop.__file__).with_name("static").joinpath("phone.js").read_text()
    told = set(re.findall(r'"([a-z_]+)"', " ".join(re.findall(r"tell\((.*)\)", script))))
    assert {"asking", "closed", "confirmation_denied", "unavailable"} <= told <= set(notices.NOTICES)


def test_every_failure_at_the_callback_is_json_with_an_errorcode(browser):
    with_phone(browser)
    order = buy(browser)
    failures = [
        browser.post(f"{order}/confirm", json={}),
        browser.post(f"{order}/confirm", data={"json_data": "{}"}),
        browser.post(f"{order}/confirm", json={}, headers={}),
        browser.post("/orders/77/confirm", json={}),
        browser.get(f"{order}/confirm"),
        browser.post(f"{order}/confirm", data=b"x" * 300_000, content_type="application/json"),
    ]
    assert [answer.status_code for answer in failures] == [403, 415, 403, 404, 405, 413]
    for answer in failures:
        assert type(answer.json["errorcode"]) is int
        assert answer.json["errorcode"] != 0
        assert answer.json["error"] != "success"


def test_pages_about_orders_need_nothing_that_the_policy_forbids(browser):
    person = with_phone(browser)
    order = buy(browser)
    for path in (order, f"{order}/delivery", f"{order}/payment", bought(browser, person), "/account"):
        page = browser.text(path)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script>|javascript:", page)
        loaded = set(re.findall(r'(?:src|href)="(?!/)([^"]+)"', page))
        assert f"{SERVICE}/js/oneid.js" in loaded
        assert loaded <= {f"{SERVICE}/{name}" for name in ("js/oneid.js", "popup", "account")}


# Cancelling: the server asks the phone.


class Asked(httpx.BaseTransport):
    """The real service, but for its phone: what ``/repo/send_2fa`` answers is said by the test."""

    def __init__(self, transport) -> None:
        self.transport, self.questions = transport, []
        self.decide = lambda _: httpx.Response(503)

    def handle_request(self, request):
        if request.url.path != "/repo/send_2fa":
            return self.transport.handle_request(request)
        self.questions.append(json.loads(request.content))
        return self.decide(self.questions[-1])

    def approve(self, person: Person, nonce: str, **swapped) -> None:
        """Let this person's phone sign what it is asked, or other words."""

        def decide(question):
            words = {"message": question["message"], "title": question["title"]} | swapped
            signed = approval(person, nonce, roles=("repo", "cd"), **words)
            return httpx.Response(200, json={"errorcode": 0, "error": "success", "nonces": signed["nonces"]})

        self.decide = decide

    def refuse(self, code: str) -> None:
        self.decide = lambda _: httpx.Response(200, json={"errorcode": -96, "error": "no", "code": code})


@pytest.fixture
def phone(transport) -> Asked:
    return Asked(transport)


@pytest.fixture
def asking(phone, transport, tmp_path, clock) -> Browser:
    """A browser at a shop whose service has that phone."""
    credentials = OneID.register(transport=transport)
    keychain = OneID(credentials.api_id, credentials.api_key, transport=phone)
    database = tmp_path / "asking.db"
    app = shop.create_app(keychain, service=SERVICE, origin=SHOP, database=database, clock=lambda: clock().timestamp())
    return Browser(app, SHOP)


def test_the_server_asks_the_phone_and_cancels(asking, phone, keychain):
    person = with_phone(asking)
    order = bought(asking, person)
    assert "Ask my phone" in asking.text("/account")
    phone.approve(person, keychain.make_nonce())
    assert asking.post(f"{order}/cancel").location == order
    assert phone.questions == [{"two_factor_token": TOKEN, "message": TO_CANCEL, "title": "Lantern Tea"}]
    assert state(asking, order) == "cancelled"
    assert asking.post(f"{order}/cancel").location == order
    assert len(phone.questions) == 1


@pytest.mark.parametrize("code", [*notices.NOTICES, "new_word"])
def test_a_no_from_the_phone_is_told_and_changes_nothing(asking, phone, code):
    person = with_phone(asking)
    order = bought(asking, person)
    phone.refuse(code)
    answer = asking.post(f"{order}/cancel")
    assert answer.status_code == 403
    assert f'<p role="status">{notices.about(code)}' in html.unescape(answer.text)
    assert state(asking, order) == "confirmed"


def test_a_phone_that_approved_other_words_cancels_nothing(asking, phone, keychain):
    person = with_phone(asking)
    order = bought(asking, person)
    phone.approve(person, keychain.make_nonce(), message="Cancel order 2, Garden Door for € 7.80?")
    assert notices.about("words_not_approved") in asking.post(f"{order}/cancel").text
    assert state(asking, order) == "confirmed"


def test_a_token_of_another_user_cancels_nothing(asking, phone, keychain):
    """The token came through a browser, which may have brought a stranger's. The stranger's yes is not this user's."""
    person, stranger = with_phone(asking), Person("ad", "repo", "cd")
    order = bought(asking, person)
    keychain.verify(stranger.payload(None, nonce=keychain.make_nonce()))
    phone.approve(stranger, keychain.make_nonce())
    assert asking.post(f"{order}/cancel").status_code == 403
    assert state(asking, order) == "confirmed"


def test_only_what_was_bought_is_cancelled(asking, phone):
    with_phone(asking)
    order = buy(asking)
    assert asking.post(f"{order}/cancel").location == order
    assert phone.questions == []
    assert state(asking, order) == "not confirmed yet"


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [(503, "waiting_room_full", "out of order"), (429, "too_many_confirmations", "too often")],
)
def test_a_service_that_can_not_ask_is_told_apart_from_a_no(asking, phone, status, code, said):
    person = with_phone(asking)
    order = bought(asking, person)
    phone.decide = lambda _: httpx.Response(status, json={"errorcode": -52, "error": "busy", "code": code})
    answer = asking.post(f"{order}/cancel")
    assert (answer.status_code, said in answer.text) == (status, True)
    assert state(asking, order) == "confirmed"


def test_a_fresh_token_takes_the_place_of_the_one_before(asking, phone):
    person = with_phone(asking)
    order = bought(asking, person)
    fresh = "AAAAAAAAAAAAAAAAAAAAAA=="  # pragma: allowlist secret
    asking.sign_in(person, two_factor_token=fresh)
    phone.refuse("confirmation_denied")
    asking.post(f"{order}/cancel")
    assert phone.questions[0]["two_factor_token"] == fresh


@pytest.mark.parametrize("token", [None, 1, [], "", "x" * 24, "A" * 50_000, TOKEN + "\n"])
def test_what_is_no_token_is_not_kept_and_asks_nobody(asking, phone, token):
    person = with_phone(asking)
    order = bought(asking, person)
    asking.sign_in(person, **({} if token is None else {"two_factor_token": token}))
    assert notices.about("token_refused") in asking.post(f"{order}/cancel").text
    assert phone.questions == []


def test_the_token_leaves_with_the_oneid(asking, phone):
    person = with_phone(asking)
    order = bought(asking, person)
    asking.post("/unlink", data={"understood": "yes"})
    assert asking.post(f"{order}/cancel").status_code == 403
    assert phone.questions == []


def test_neither_token_nor_uid_is_logged_or_shown(asking, phone, caplog):
    person = with_phone(asking)
    order = bought(asking, person)
    phone.refuse("confirmation_denied")
    shown = asking.post(f"{order}/cancel").text + asking.text(order) + asking.text("/account") + asking.text("/")
    assert "confirmation_denied" in caplog.text
    assert TOKEN not in shown + caplog.text
    assert person.uid not in caplog.text


def test_a_shop_of_the_first_release_keeps_its_accounts(keychain, tmp_path):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as old:
        old.execute(
            "CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, uid TEXT UNIQUE, linked INTEGER)"
        )
        old.execute("INSERT INTO accounts (name) VALUES ('Ada')")
    old.close()
    for _ in range(2):
        browser = Browser(shop.create_app(keychain, service=SERVICE, origin=SHOP, database=path), SHOP)
        with_phone(browser)
    with sqlite3.connect(path) as now:
        first = now.execute("SELECT name, token, email FROM accounts ORDER BY id LIMIT 1").fetchone()
    assert first == ("Ada", None, None)
    now.close()
