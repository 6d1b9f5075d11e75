"""The checkout: two pages, where the tea goes and what it is paid with. One click on QuickFill fills both.

What a browser fills in is the person's own word, whether they typed it or OneID did; it is read like any form. Of a
card's number the shop keeps four digits: nothing is sold here, and what is not kept can not be stolen.
"""

from sqlite3 import Connection
from typing import Any

from flask import Blueprint, abort, render_template, request
from werkzeug import Response

from . import orders, sessions
from .ordering import UNKNOWN
from .orders import ADDRESS, Order
from .states import STATES
from .visit import Shop, see

LONGEST = 100
DELIVERY = ("first_name", "last_name", "street", "street2", "city", "state", "zip", "phone")
NOT_WANTED = frozenset({"street2", "phone"})
CARDS = {"VI": "Visa", "MC": "Mastercard", "AE": "American Express", "DI": "Discover"}
_DIGITS = range(12, 20)


def door(shop: Shop) -> Blueprint:
    """The two pages, and where their forms go."""
    blueprint = Blueprint("checkout", __name__)

    @blueprint.get(f"{ADDRESS}/delivery")
    def delivery(number: int) -> str:
        """Where does it go?"""
        return _page(shop, number, "delivery.html", states=STATES)

    @blueprint.post(f"{ADDRESS}/delivery")
    def deliver(number: int) -> Response:
        """An address in the United States: its states have numbers here, as in many a shop's database."""
        given = {name: _text(name, optional=name in NOT_WANTED) for name in DELIVERY}
        if given["state"] not in STATES:
            abort(400, "Choose a state.")
        with shop.database.transaction() as db:
            orders.deliver_to(db, _waiting(shop, db, number), _lines(given))
        return see(f"/orders/{number}/payment")

    @blueprint.get(f"{ADDRESS}/payment")
    def payment(number: int) -> str:
        """What is it paid with?"""
        return _page(shop, number, "payment.html", cards=CARDS, years=range(_this_year(shop), _this_year(shop) + 15))

    @blueprint.post(f"{ADDRESS}/payment")
    def pay(number: int) -> Response:
        """Nothing is paid yet: the phone confirms on the next page."""
        kind, digits = request.form.get("cc_type", ""), "".join(_text("cc_number").split())
        if kind not in CARDS or not (digits.isascii() and digits.isdigit() and len(digits) in _DIGITS):
            abort(400, "This is no card's number.")
        _text("cc_name_on_card")
        with shop.database.transaction() as db:
            orders.pay_with(db, _waiting(shop, db, number), f"{CARDS[kind]} ending in {digits[-4:]}")
        return see(f"/orders/{number}")

    return blueprint


def _page(shop: Shop, number: int, template: str, **members: Any) -> str:  # noqa: ANN401 - what a template takes
    with shop.database.transaction() as db:
        order, mine = _waiting(shop, db, number), shop.customer(db)
    return render_template(template, account=mine, order=order, **members)


def _waiting(shop: Shop, db: Connection, number: int) -> Order:
    """An order of whose request this is, that nobody has confirmed yet."""
    session = shop.session(db)
    if session is None or session.account is None:
        raise sessions.Ended
    found = orders.find(db, number, session.account) or abort(404, UNKNOWN)
    if found.state != orders.WAITING:
        abort(409, "This order is not open any more.")
    return found


def _text(name: str, *, optional: bool = False) -> str:
    """What was written in a field: one line that can be seen."""
    text = request.form.get(name, "").strip()
    if len(text) > LONGEST or not (text.isprintable() and (text or optional)):
        abort(400, f"Please fill in every field, with at most {LONGEST} characters that can be seen.")
    return text


def _lines(given: dict[str, str]) -> str:
    """An address as it stands on a parcel."""
    state = STATES[given["state"]][0]
    lines = (
        f"{given['first_name']} {given['last_name']}",
        given["street"],
        given["street2"],
        f"{given['city']}, {state} {given['zip']}",
        given["phone"],
    )
    return "\n".join(line for line in lines if line)


def _this_year(shop: Shop) -> int:
    return 1970 + int(shop.now() // 31_556_952)  # a mean Gregorian year is exact enough for a list
