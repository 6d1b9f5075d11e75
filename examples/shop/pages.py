"""The shop's pages, as people look at them."""

from datetime import UTC, datetime

from flask import Blueprint, render_template
from werkzeug import Response

from .visit import Shop, see

PRODUCTS = (
    ("smoke", "Harbour Smoke", "Black tea, dried over pine. For rain against the window.", "9.40"),
    ("mint", "Garden Door", "Green tea and mint, cut on the same morning.", "7.80"),
    ("honey", "Late Lantern", "Rooibos, orange peel, honeybush. Nothing in it keeps you up.", "8.20"),
)


def door(shop: Shop) -> Blueprint:
    """All of them. None holds a nonce: the script fetches one where a button is."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def index() -> str:
        return render_template("index.html", account=shop.account(), products=PRODUCTS)

    @blueprint.get("/by-form")
    def by_form() -> str:
        """Signing in by the other transport."""
        return render_template("by_form.html", account=shop.account())

    @blueprint.get("/account")
    def account() -> str | Response:
        """Who you are, and what you can do about it."""
        mine = shop.account()
        if mine is None:
            return see("/")
        linked = datetime.fromtimestamp(mine.linked, UTC) if mine.linked is not None else None
        return render_template("account.html", account=mine, linked=linked)

    return blueprint
