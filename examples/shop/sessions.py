"""Sessions of browsers, kept by the server, and the nonces that each may sign in with.

The cookie holds a random id, the table its hash: who reads the database takes over no session. A session that signs in
or out gets another id, so an id that somebody planted before is worth nothing afterwards (session fixation).
"""

import hashlib
import secrets
from dataclasses import dataclass
from sqlite3 import Connection

LASTS = 12 * 60 * 60
"""Seconds from its beginning."""

UNSPENT = 8
"""Nonces that wait at once: one for each tab of a person who has many open. The oldest goes first."""


@dataclass(frozen=True)
class Session:
    """``hash``: its key in the table. ``account``: who is signed in, or None."""

    hash: str
    account: int | None


class Ended(Exception):
    """There is no such session, or not any more: it may have ended while its sign-in was under way."""


def begin(db: Connection, account: int | None, now: int) -> tuple[Session, str]:
    """A new session, and the id for its cookie. Sessions that are over are forgotten on the way."""
    db.execute("DELETE FROM sessions WHERE begun <= ?", (now - LASTS,))
    cookie = secrets.token_urlsafe(32)
    session = Session(_hash(cookie), account)
    db.execute("INSERT INTO sessions (hash, account, begun) VALUES (?, ?, ?)", (session.hash, account, now))
    return session, cookie


def find(db: Connection, cookie: str | None, now: int) -> Session | None:
    """The session of a cookie, if it lives."""
    found = db.execute(
        "SELECT hash, account FROM sessions WHERE hash = ? AND begun > ?", (_hash(cookie or ""), now - LASTS)
    ).fetchone()
    return Session(**found) if found else None


def end(db: Connection, session: Session) -> None:
    """No request comes in with it any more; its nonces go with it. Raises Ended if it is over already."""
    if not db.execute("DELETE FROM sessions WHERE hash = ?", (session.hash,)).rowcount:
        raise Ended


def add_nonce(db: Connection, session: Session, nonce: str) -> None:
    """Let the session sign in with ``nonce``, once."""
    db.execute("INSERT INTO nonces (session, nonce) VALUES (?, ?)", (session.hash, nonce))
    db.execute(
        "DELETE FROM nonces WHERE session = ?1 AND number NOT IN"
        " (SELECT number FROM nonces WHERE session = ?1 ORDER BY number DESC LIMIT ?2)",
        (session.hash, UNSPENT),
    )


def spend_nonce(db: Connection, session: Session, nonce: str) -> str | None:
    """``nonce``, if it was this session's and unspent. It is spent now, whatever becomes of the sign-in."""
    spent = db.execute("DELETE FROM nonces WHERE session = ? AND nonce = ?", (session.hash, nonce)).rowcount
    return nonce if spent else None


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()
