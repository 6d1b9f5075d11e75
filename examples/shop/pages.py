"""The shop's pages, as people look at them."""

from datetime import UTC, datetime

from flask import Blueprint, render_template
from werkzeug import Response

from . import orders
from .teas import SHELF
from .visit import Shop, see


def door(shop: Shop) -> Blueprint:
    """All of them. None holds a nonce: the script fetches one where a button is."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def index() -> str:
        return render_template("index.html", account=shop.account(), shelf=SHELF)

    @blueprint.get("/by-form")
    def by_form() -> str:
        """Signing in by the other transport."""
        return render_template("by_form.html", account=shop.account())

    @blueprint.get("/account")
    def account() -> str | Response:
        """Who you are, and what you can do about it."""
        with shop.database.transaction() as db:
            mine = shop.customer(db)
            placed = orders.of(db, mine.id) if mine else []
        if mine is None:
            return see("/")
        linked = datetime.fromtimestamp(mine.linked, UTC) if mine.linked is not None else None
        return render_template("account.html", account=mine, linked=linked, orders=placed)

    return blueprint
