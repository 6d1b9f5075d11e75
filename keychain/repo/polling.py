"""What a poll tells: a counter that grows when something happened, and nothing else.

An open page asks once a second, so this is one statement, made once.
"""

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
_OF_THE_ACCOUNT = (
    select(accounts.c.changes)
    .join(devices, devices.c.account == accounts.c.id)
    .where(devices.c.id == _ID, accounts.c.closed_at.is_(None), alive(_NOW))
)
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
