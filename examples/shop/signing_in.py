"""The callback: what the browser library brings here decides who is signed in.

1. The nonce in the callback's address has to be one of this session's; it is spent here, whatever happens next.
2. The service says whether the payload's user signed just this nonce, or the SDK raises.
3. In one transaction the old session ends, the uid finds its account, or the address that the service vouches for
   does, and a new session begins.

The payload comes by one of two transports: JSON that the page's script posts, and a form that takes the page along.
"""

from flask import Blueprint, abort, make_response, request
from werkzeug import Response

from . import accounts, sessions
from .visit import Shop, see

AFTERWARDS = "/account"


def door(shop: Shop) -> Blueprint:
    """Where nonces are fetched and payloads brought."""
    blueprint = Blueprint("signing_in", __name__)

    @blueprint.post("/nonce")
    def nonce() -> Response:
        """A fresh nonce for the page. It also says whether somebody is signed in, in another tab perhaps."""
        fresh = shop.keychain.make_nonce()
        with shop.database.transaction() as db:
            session, cookie = shop.session(db), None
            if session is None:
                session, cookie = sessions.begin(db, None, shop.now())
            sessions.add_nonce(db, session, fresh)
        answer = make_response({"nonce": fresh, "signed_in": session.account is not None})
        return shop.remember(answer, cookie) if cookie else answer

    @blueprint.post("/auth")
    def auth() -> Response:
        """The transport that the library uses by itself: the payload as JSON, an answer for the page's script."""
        if request.mimetype != "application/json":
            abort(415, "The payload comes as application/json.")
        cookie = _sign_in(shop, request.get_data())
        return shop.remember(make_response({"error": "success", "errorcode": 0, "url": AFTERWARDS}), cookie)

    @blueprint.post("/auth/form")
    def auth_form() -> Response:
        """The transport of ``request_method: "HTTP_POST"``: a form field, answered with the next page."""
        cookie = _sign_in(shop, request.form["json_data"])
        return shop.remember(see(AFTERWARDS), cookie)

    return blueprint


def _sign_in(shop: Shop, payload: str | bytes) -> str:
    """The cookie of the session that begins. Raises Refused, CouldNotAsk and sessions.Ended."""
    with shop.database.transaction() as db:
        session = shop.session(db)
        if session is None:
            raise sessions.Ended
        expected = sessions.spend_nonce(db, session, request.args.get("nonce", ""))
    user = shop.keychain.verify(payload, nonce=expected)  # None is met by no payload
    with shop.database.transaction() as db:
        sessions.end(db, session)
        token = user.get("two_factor_token")
        account = accounts.sign_in(db, user["uid"], token, user.verified_email, session.account, shop.now())
        _, cookie = sessions.begin(db, account, shop.now())
    return cookie
