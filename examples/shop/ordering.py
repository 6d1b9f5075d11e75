"""Orders as people see them: placed here, and confirmed or cancelled in ``confirming``."""

from flask import Blueprint, abort, render_template, request
from werkzeug import Response

from . import orders, teas
from .visit import Shop, see

UNKNOWN = "There is no such order."  # another customer's neither
_NO_ONEID = "Buying needs a OneID, whose phone confirms. Sign in with one, or link one to your account."


def door(shop: Shop) -> Blueprint:
    """Where orders are placed and looked at."""
    blueprint = Blueprint("ordering", __name__)

    @blueprint.post("/orders")
    def place() -> Response:
        """For somebody with a OneID. Nothing is bought yet: the checkout comes first, and then the phone is asked."""
        tea = teas.find(request.form.get("tea", ""))
        if tea is None:
            abort(404, "There is no such tea on the shelf.")
        with shop.database.transaction() as db:
            mine = shop.customer(db)
            if mine is None or mine.uid is None:
                abort(403, _NO_ONEID)
            number = orders.place(db, mine.id, tea, shop.now())
        return see(f"/orders/{number}/delivery")

    @blueprint.get(orders.ADDRESS)
    def order(number: int) -> str | Response:
        """One order, and what can be done about it."""
        with shop.database.transaction() as db:
            mine = shop.customer(db)
            found = orders.find(db, number, mine.id) if mine else None
        if mine is None:
            return see("/")
        return render_template("order.html", account=mine, order=found or abort(404, UNKNOWN))

    return blueprint
