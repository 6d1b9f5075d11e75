"""The shop's accounts, and whose account a uid opens. Times are Unix seconds."""

import re
from dataclasses import dataclass, field
from sqlite3 import Connection, Row

LONGEST_NAME = 40
_TOKEN = re.compile(r"[A-Za-z0-9+/]{22}==", re.ASCII)


@dataclass(frozen=True)
class Account:
    """``name``: of a guest, as they typed it; empty for who came with a OneID. ``uid``: of the linked OneID. ``token``:
    its ``two_factor_token``, with which the shop may ask the phone; kept like a password, and so in no log. ``email``:
    an address that OneID has verified, or None.
    """

    id: int
    name: str
    uid: str | None
    linked: int | None
    token: str | None = field(repr=False)
    email: str | None = field(repr=False)

    @property
    def title(self) -> str:
        """What the pages call its owner."""
        return self.name or f"Customer {self.id}"


def find(db: Connection, number: int | None) -> Account | None:
    """The account of that number."""
    return _account(db.execute("SELECT * FROM accounts WHERE id = ?", (number,)).fetchone())


def sign_in(db: Connection, uid: str, token: object, email: str | None, current: int | None, now: int) -> int:
    """The account that a verified ``uid`` opens, for a browser that is signed in to ``current`` or to none.

    1. Who is signed in links this OneID to their account; it moves away from the account that had it.
    2. Else it opens the account that it is linked to.
    3. Else it opens the account that has this verified address, and no OneID any more, and is linked to it.
    4. Else there is a new account.

    ``email``: an address that the service vouches for (``verified_email``), or None. An account comes by its address
    in no other way: one that somebody merely typed would open another customer's account, or catch them in theirs. And
    who has a mailbox takes no account away from a OneID: that would be a password reset by another name.

    ``token``: what came as ``two_factor_token``. It takes the place of the one before, which may have been revoked. It
    is the browser's word, and opens nothing: what a phone confirms with it counts for ``uid`` or for nobody.
    """
    account = _opened(db, uid, email, current, now)
    if email:
        db.execute("UPDATE OR IGNORE accounts SET email = ? WHERE id = ?", (email, account))  # unless another has it
    fresh = token if isinstance(token, str) and _TOKEN.fullmatch(token) else None
    db.execute("UPDATE accounts SET token = ? WHERE id = ?", (fresh, account))
    return account


def link(db: Connection, number: int, uid: str, now: int) -> None:
    """Give ``uid`` to this account, in place of one it may have had, and take it from any other."""
    db.execute("UPDATE accounts SET uid = NULL, linked = NULL, token = NULL WHERE uid = ? AND id <> ?", (uid, number))
    # Signing in again with the same OneID leaves the date of linking as it is.
    db.execute("UPDATE accounts SET uid = ?, linked = ? WHERE id = ? AND uid IS NOT ?", (uid, now, number, uid))


def unlink(db: Connection, number: int) -> None:
    """The OneID that was linked opens this account no more."""
    db.execute("UPDATE accounts SET uid = NULL, linked = NULL, token = NULL WHERE id = ?", (number,))


def add_guest(db: Connection, name: str) -> int:
    """An account with nothing but a name. Only the session that made it gets in, until a OneID is linked."""
    return _insert(db, name, None, None)


def is_name(name: str) -> bool:
    """Whether the shop takes this for a guest's name: something printable, and not too long."""
    return 0 < len(name) <= LONGEST_NAME and name.isprintable()


def _opened(db: Connection, uid: str, email: str | None, current: int | None, now: int) -> int:
    if current is not None:
        link(db, current, uid, now)
        return current
    if known := db.execute("SELECT id FROM accounts WHERE uid = ?", (uid,)).fetchone():
        return int(known["id"])
    orphaned = "SELECT id FROM accounts WHERE email = ? AND uid IS NULL"
    if email and (same := db.execute(orphaned, (email,)).fetchone()):
        link(db, int(same["id"]), uid, now)
        return int(same["id"])
    return _insert(db, "", uid, now)


def _insert(db: Connection, name: str, uid: str | None, linked: int | None) -> int:
    made = db.execute("INSERT INTO accounts (name, uid, linked) VALUES (?, ?, ?) RETURNING id", (name, uid, linked))
    return int(made.fetchone()["id"])


def _account(row: Row | None) -> Account | None:
    return Account(**row) if row else None
