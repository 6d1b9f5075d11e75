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

    @property
    def cookie(self) -> str:
        """The name of the session's cookie. With this prefix a neighbour below the same domain can not plant one (RFC
        6265bis, 4.1.3.2); browsers take the prefix over https alone.
        """
        return "__Host-session" if self.is_secure else "session"

    @property
    def is_secure(self) -> bool:
        """Whether the shop is reached over https; http is for this machine alone."""
        return self.origin.startswith("https:")

    def now(self) -> int:
        """Whole Unix seconds."""
        return int(self.clock())

    def session(self, db: sqlite3.Connection) -> Session | None:
        """The session of this request."""
        return sessions.find(db, request.cookies.get(self.cookie), self.now())

    def customer(self, db: sqlite3.Connection) -> Account | None:
        """Whose request this is."""
        session = self.session(db)
        return accounts.find(db, session.account) if session else None

    def account(self) -> Account | None:
        """The same, for pages that ask nothing else."""
        with self.database.transaction() as db:
            return self.customer(db)

    def remember(self, response: Response, cookie: str) -> Response:
        """Hand the id of a session that began just now to the browser, for as long as the session lasts."""
        response.set_cookie(
            self.cookie,
            cookie,
            max_age=sessions.LASTS,
            secure=self.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return response


def see(path: str) -> Response:
    """Go on to another page of the shop, with GET."""
    return redirect(path, 303)
