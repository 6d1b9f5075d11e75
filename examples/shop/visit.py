"""What the shop is made of, and who is asking."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from flask import redirect, request
from werkzeug import Response

from oneid import OneID

from . import accounts, sessions
from .accounts import Account
from .database import Database
from .sessions import Session

COOKIE = "shop_session"


@dataclass(frozen=True)
class Shop:
    """``keychain``: the connection to the service. ``service``: the origin that browsers know the service by.
    ``origin``: the shop's own, the only one that it is reached at. ``clock``: answers Unix seconds.
    """

    keychain: OneID
    service: str
    origin: str
    database: Database
    clock: Callable[[], float]

    def now(self) -> int:
        """Whole Unix seconds."""
        return int(self.clock())

    def session(self, db: sqlite3.Connection) -> Session | None:
        """The session of this request."""
        return sessions.find(db, request.cookies.get(COOKIE), self.now())

    def account(self) -> Account | None:
        """Whose request this is."""
        with self.database.transaction() as db:
            session = self.session(db)
            return accounts.find(db, session.account) if session else None

    def remember(self, response: Response, cookie: str) -> Response:
        """Hand the id of a session that began just now to the browser, for as long as the session lasts."""
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=sessions.LASTS,
            secure=self.origin.startswith("https:"),  # http is for this machine alone
            httponly=True,
            samesite="Lax",
        )
        return response


def see(path: str) -> Response:
    """Go on to another page of the shop, with GET."""
    return redirect(path, 303)
