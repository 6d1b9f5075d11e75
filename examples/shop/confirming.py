"""Buying and cancelling: neither happens before a phone has confirmed its very words.

Buying begins in the browser. The page's script hands the shop's words and a nonce to the browser library; the phone
shows the words and signs them; the payload comes to ``confirm``, where

1. the nonce has to be one of this session's, for this order; it is spent here, whatever happens next;
2. the service says whether the browser, the repo and the phone signed this nonce, and the phone the words of the order
   **as the shop knows them**: a page that shows, asks for or sends other words gains nothing;
3. the uid has to be the account's: a stranger's payload is no less genuine, but a stranger's.

Cancelling needs no browser: the server asks the phone itself, with the token that came beside the uid, and waits.
"""

from sqlite3 import Connection

from flask import Blueprint, abort, current_app, make_response, render_template, request
from werkzeug import Response

from oneid import success

from . import accounts, orders, sessions
from .ordering import UNKNOWN
from .orders import ADDRESS, Order
from .sessions import Session
from .visit import Shop, see

_INCOMPLETE = "Say first where this order goes, and what it is paid with."
_TOO_LATE = "This order was confirmed before, in another tab perhaps."


def door(shop: Shop) -> Blueprint:
    """Where orders are confirmed and cancelled."""
    blueprint = Blueprint("confirming", __name__)

    @blueprint.post(f"{ADDRESS}/nonce")
    def nonce(number: int) -> dict[str, object]:
        """What the page's script passes on to the library as it is, with a fresh nonce, and how things stand."""
        fresh = shop.keychain.make_nonce()
        with shop.database.transaction() as db:
            session, found = _own(shop, db, number)
            if found.state == orders.WAITING and found.is_complete:
                orders.add_nonce(db, session, found, fresh)
        challenge = {"nonce": fresh, "callback": f"/orders/{number}/confirm?nonce={fresh}"}
        asked = {"title": orders.TITLE, "message": found.to_buy, "challenge": challenge}
        return {"state": found.state, "asked": asked}

    @blueprint.post(f"{ADDRESS}/confirm")
    def confirm(number: int) -> Response:
        """The callback: what the phone has signed."""
        if request.mimetype != "application/json":
            abort(415, "The payload comes as application/json.")
        _confirm(shop, number)
        return make_response({"error": "success", "errorcode": 0, "url": f"/orders/{number}"})

    @blueprint.post(f"{ADDRESS}/cancel")
    def cancel(number: int) -> Response:
        """The answer comes when the person has decided, or after 50 seconds."""
        with shop.database.transaction() as db:
            _, found = _own(shop, db, number)
            mine = shop.customer(db)
        if mine is None or found.state != orders.CONFIRMED:
            return see(f"/orders/{number}")
        answer = shop.keychain.confirm(mine.uid, mine.token, found.to_cancel, orders.TITLE)
        if not success(answer):
            current_app.logger.warning("not cancelled: %s (request %s)", answer.code, answer.request_id)
            return make_response(render_template("order.html", account=mine, order=found, code=answer.code), 403)
        with shop.database.transaction() as db:
            _still_of(db, mine.id, answer["uid"])
            orders.change(db, found, orders.CONFIRMED, orders.CANCELLED)
        return see(f"/orders/{number}")

    return blueprint


def _confirm(shop: Shop, number: int) -> None:
    """Raises Refused, CouldNotAsk and sessions.Ended."""
    with shop.database.transaction() as db:
        session, order = _own(shop, db, number)
        if order.state != orders.WAITING:
            abort(409, _TOO_LATE)
        if not order.is_complete:
            abort(409, _INCOMPLETE)
        expected = orders.spend_nonce(db, session, order, request.args.get("nonce", ""))
    user = shop.keychain.verify(
        request.get_data(),
        nonce=expected,  # None is met by no payload
        message=order.to_buy,
        title=orders.TITLE,
        roles=("ad", "repo", "cd"),
    )
    with shop.database.transaction() as db:
        if shop.session(db) != session:
            raise sessions.Ended
        _still_of(db, order.account, user["uid"])
        if not orders.change(db, order, orders.WAITING, orders.CONFIRMED):
            abort(409, _TOO_LATE)


def _own(shop: Shop, db: Connection, number: int) -> tuple[Session, Order]:
    """Whose request this is, and their order."""
    session = shop.session(db)
    if session is None or session.account is None:
        raise sessions.Ended
    return session, orders.find(db, number, session.account) or abort(404, UNKNOWN)


def _still_of(db: Connection, number: int, uid: str) -> None:
    """Who confirmed is whose account it is, also after the time that confirming took."""
    owner = accounts.find(db, number)
    if owner is None or owner.uid != uid:
        abort(403, "The OneID that confirmed is not the one of this account, so nothing has changed.")
