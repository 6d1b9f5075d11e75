"""The orders of an account, the words that each has to be confirmed with, and the nonces for doing so. Times are Unix
seconds.

The words are made here, from what the shop knows. What a page shows, asks for or sends changes none of them.
"""

from dataclasses import dataclass, field
from sqlite3 import Connection, Row

from .sessions import Session
from .teas import Tea

TITLE = "Lantern Tea"

WAITING, CONFIRMED, CANCELLED = "waiting", "confirmed", "cancelled"

ADDRESS = "/orders/<int(max=999999999):number>"
"""Of an order's page, and of the doors below it."""

UNCONFIRMED = 10
"""Orders of an account that wait at once. The oldest goes first."""

UNSPENT = 8
"""Nonces of a session that wait at once, for all its orders. The oldest goes first."""


@dataclass(frozen=True)
class Order:
    """``state``: ``WAITING`` for the person's word, ``CONFIRMED`` or ``CANCELLED``. ``price``: in euros, as printed.
    ``delivery``, ``paid_with``: lines for a parcel, a card by its last digits; empty until the checkout is done.
    """

    id: int
    account: int
    tea: str
    price: str
    state: str
    placed: int
    delivery: str = field(repr=False)
    paid_with: str

    @property
    def is_complete(self) -> bool:
        """Whether it can be confirmed: where it goes and what it is paid with is known."""
        return bool(self.delivery and self.paid_with)

    @property
    def to_buy(self) -> str:
        """What the phone shows and signs before anything is bought."""
        return f"Pay € {self.price} for {self.tea}?"

    @property
    def to_cancel(self) -> str:
        """What it shows and signs before the order is cancelled. The number tells two orders of one tea apart."""
        return f"Cancel order {self.id}, {self.tea} for € {self.price}?"


def place(db: Connection, account: int, tea: Tea, now: int) -> int:
    """The number of a new order, which nobody has confirmed."""
    made = db.execute(
        "INSERT INTO orders (account, tea, price, state, placed) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (account, tea.name, tea.price, WAITING, now),
    ).fetchone()
    db.execute(
        "DELETE FROM orders WHERE account = ?1 AND state = ?2 AND id NOT IN"
        " (SELECT id FROM orders WHERE account = ?1 AND state = ?2 ORDER BY id DESC LIMIT ?3)",
        (account, WAITING, UNCONFIRMED),
    )
    return int(made["id"])


def find(db: Connection, number: int, account: int | None) -> Order | None:
    """The order of that number, if it is this account's."""
    return _order(db.execute("SELECT * FROM orders WHERE id = ? AND account = ?", (number, account)).fetchone())


def of(db: Connection, account: int) -> list[Order]:
    """All of an account, the newest first."""
    found = db.execute("SELECT * FROM orders WHERE account = ? ORDER BY id DESC", (account,))
    return [Order(**row) for row in found]


def change(db: Connection, order: Order, before: str, after: str) -> bool:
    """From one state to another. False if it is not in the first, as when somebody was quicker."""
    changed = db.execute("UPDATE orders SET state = ? WHERE id = ? AND state = ?", (after, order.id, before))
    return changed.rowcount == 1


def deliver_to(db: Connection, order: Order, delivery: str) -> None:
    """Where it goes."""
    db.execute("UPDATE orders SET delivery = ? WHERE id = ?", (delivery, order.id))


def pay_with(db: Connection, order: Order, card: str) -> None:
    """What it is paid with."""
    db.execute("UPDATE orders SET paid_with = ? WHERE id = ?", (card, order.id))


def add_nonce(db: Connection, session: Session, order: Order, nonce: str) -> None:
    """Let the session confirm this order with ``nonce``, once. It signs nobody in, and confirms no other order."""
    db.execute("INSERT INTO asked (session, purchase, nonce) VALUES (?, ?, ?)", (session.hash, order.id, nonce))
    db.execute(
        "DELETE FROM asked WHERE session = ?1 AND number NOT IN"
        " (SELECT number FROM asked WHERE session = ?1 ORDER BY number DESC LIMIT ?2)",
        (session.hash, UNSPENT),
    )


def spend_nonce(db: Connection, session: Session, order: Order, nonce: str) -> str | None:
    """``nonce``, if it was this session's for this order and unspent. It is spent now, whatever becomes of it."""
    spent = db.execute(
        "DELETE FROM asked WHERE session = ? AND purchase = ? AND nonce = ?", (session.hash, order.id, nonce)
    ).rowcount
    return nonce if spent else None


def _order(row: Row | None) -> Order | None:
    return Order(**row) if row else None
