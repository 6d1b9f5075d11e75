"""What a poll tells: a counter that grows when something happened, and nothing else.

An open page asks more than once a second, so this is one statement, made once: for one ticket, or for many devices.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import String, bindparam, select

from keychain import errors
from keychain.repo import tickets
from keychain.repo.devices import alive
from keychain.repo.tickets import Ticket
from keychain.store.engine import Session
from keychain.store.phone_tables import confirmations, pairings
from keychain.store.repo_tables import accounts, devices
from keychain.store.tables import UTCDateTime

_ID = bindparam("id", type_=String(43))
_NOW = bindparam("now", type_=UTCDateTime())
_OF_ACCOUNTS = (
    select(devices.c.id, accounts.c.changes)
    .select_from(devices.join(accounts, devices.c.account == accounts.c.id))
    .where(accounts.c.closed_at.is_(None), alive(_NOW))
)
_OF_THE_ACCOUNT = _OF_ACCOUNTS.where(devices.c.id == _ID)
# Written into the statement: a thousand parameters take PostgreSQL fifteen times as long. They are thumbprints, from
# tickets that are authenticated.
_OF_MANY_ACCOUNTS = _OF_ACCOUNTS.where(devices.c.id.in_(bindparam("ids", expanding=True, literal_execute=True)))
_AT_ONCE = 1000  # ids: far below what either database takes in one statement
_OF_THE_CONFIRMATION = select(confirmations.c.changes).where(confirmations.c.id == _ID)
_OF_THE_PAIRING = select(pairings.c.changes).where(pairings.c.id == _ID)
_CHANGES = {
    tickets.CONFIRMATION: _OF_THE_CONFIRMATION,
    tickets.PAIRING_A: _OF_THE_PAIRING,
    tickets.PAIRING_B: _OF_THE_PAIRING,
}


def change(session: Session, ticket: Ticket, now: datetime) -> int:
    """The counter of a ticket's topic.

    Raises:
        SignerRevoked: if the device that the ticket was made for has ended.
        TicketRefused: if what it is about was forgotten.
    """
    if ticket.topic == tickets.ACCOUNT:
        found = session.rows(_OF_THE_ACCOUNT, {"id": ticket.id, "now": now})
        if not found:
            raise errors.SignerRevoked
    else:
        found = session.rows(_CHANGES[ticket.topic], {"id": ticket.id})
        if not found:
            raise errors.TicketRefused
    return int(found[0].changes)


def changes(session: Session, asked: Collection[str], now: datetime) -> dict[str, int]:
    """The counters of the accounts of many devices, by device; one that has ended is left out."""
    ids = list(asked)
    found: dict[str, int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = session.rows(_OF_MANY_ACCOUNTS, {"ids": ids[start : start + _AT_ONCE], "now": now})
        found.update((row.id, row.changes) for row in some)
    return found
