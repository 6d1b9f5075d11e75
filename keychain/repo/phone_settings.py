"""What an account wants of its phones: whether every sign-in asks one, and when a number has to be typed there."""

from dataclasses import dataclass

from sqlalchemy import select, update

from keychain.store.engine import Session
from keychain.store.repo_tables import accounts

ALWAYS, AUTO, NEVER = NUMBERS = ("always", "auto", "never")


@dataclass(frozen=True)
class PhoneSettings:
    """``numbers``: always, never, or auto: when confirmations repeat."""

    demands_phone: bool
    numbers: str


def of(session: Session, account: str) -> PhoneSettings:
    """Those of ``account``."""
    wanted = select(accounts.c.demands_phone, accounts.c.numbers).where(accounts.c.id == account)
    [row] = session.rows(wanted)
    return PhoneSettings(*row)


def put(session: Session, account: str, wanted: PhoneSettings) -> None:
    """Those of ``account`` from now on."""
    session.changed(update(accounts).where(accounts.c.id == account).values(vars(wanted)))
