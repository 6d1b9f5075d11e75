"""What people do at the shop beside signing in: be a guest, unlink their OneID, sign out."""

from flask import Blueprint, abort, request
from werkzeug import Response

from . import accounts, sessions
from .visit import Shop, see

_NO_WAY_IN = "Without a OneID there is no way back into this account once you sign out. Tick the box if you mean it."


def door(shop: Shop) -> Blueprint:
    """Where the forms go. ``origins`` has seen to it that they are the shop's own."""
    blueprint = Blueprint("forms", __name__)

    @blueprint.post("/guest")
    def guest() -> Response:
        """An account without a OneID, to try linking with."""
        name = request.form.get("name", "").strip()
        if not accounts.is_name(name):
            abort(400, f"A name has 1 to {accounts.LONGEST_NAME} characters that can be seen.")
        with shop.database.transaction() as db:
            session = shop.session(db)
            if session and session.account is not None:
                return see("/account")
            if session:
                sessions.end(db, session)
            _, cookie = sessions.begin(db, accounts.add_guest(db, name), shop.now())
        return shop.remember(see("/account"), cookie)

    @blueprint.post("/unlink")
    def unlink() -> Response:
        """The person has to say that they know what follows: this shop has no other way into an account."""
        if request.form.get("understood") != "yes":
            abort(400, _NO_WAY_IN)
        with shop.database.transaction() as db:
            session = shop.session(db)
            if session and session.account is not None:
                accounts.unlink(db, session.account)
        return see("/account")

    @blueprint.post("/signout")
    def signout() -> Response:
        """Of the shop; of OneID, the page's script signs out before."""
        with shop.database.transaction() as db:
            if session := shop.session(db):
                sessions.end(db, session)
        response = see("/")
        response.delete_cookie(shop.cookie, secure=shop.is_secure, httponly=True, samesite="Lax")
        return response

    return blueprint
