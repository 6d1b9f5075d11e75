"""``/repo/ticket`` and ``/repo/poll``: how an open page learns that something happened (``docs/repo.md``, tickets).

A thousand open pages ask more than a thousand times a second, so a poll that is answered takes the express way, and by
the board, without a statement of its own (``docs/adr/0013``). Whatever else there is to say of one, the door says.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from keychain import errors
from keychain.repo import polling, tickets
from keychain.web import answers
from keychain.web.board import Board
from keychain.web.express import Way
from keychain.web.repo import schemas
from keychain.web.repo.desk import OWN_PAGES, Desk
from keychain.web.repo.devices import time

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PATH = "/repo/poll"
GOOD_FOR = timedelta(hours=24)

_NOTHING = schemas.Nothing()
_TOPICS = (tickets.ACCOUNT, tickets.CONFIRMATION, tickets.PAIRING_A, tickets.PAIRING_B)


def door(desk: Desk) -> Blueprint:
    """The two doors."""
    blueprint = Blueprint("repo_poll", __name__)

    @blueprint.route("/repo/ticket", methods=["POST"])
    def ticket() -> Response:
        """A ticket for the news of the account."""
        with desk.asked(_NOTHING) as asked:
            signer = asked.device()
        expires = asked.now + GOOD_FOR
        made = tickets.make(desk.keys, tickets.ACCOUNT, signer.device, expires)
        return answers.render(answers.success(ticket={"ticket": made, "expires": time(expires)}))

    @blueprint.route(PATH, methods=["GET"])
    def poll() -> Response:
        """Whether something happened. A ticket that is good is not counted by address: many may share one."""
        desk.admit_own_page()
        now = desk.service.clock()
        try:
            held = desk.ticket(now, *_TOPICS)
        except errors.TicketRefused:
            desk.admit_address(desk.service.settings.repo_limit, "repo")
            raise
        with desk.service.store.session() as session:
            change = polling.change(session, held, now)
        return answers.render(answers.success(change=change))

    return blueprint


def way(desk: Desk) -> Way:
    """The express way of a poll. Whatever is no plain yes or no, the door finds out once more, and says."""

    def look(devices: Collection[str]) -> dict[str, int]:
        with desk.service.store.session() as session:
            return polling.changes(session, devices, desk.service.clock())

    board = Board(look)

    def poll(environ: "WSGIEnvironment") -> dict[str, object] | None:
        if environ.get("HTTP_SEC_FETCH_SITE", "none") not in OWN_PAGES:
            return None
        with desk.service.permits:
            now = desk.service.clock()
            try:
                held = desk.believe(environ.get("HTTP_TICKET", ""), now, *_TOPICS)
                change = board.change(held.id) if held.topic == tickets.ACCOUNT else None
                if change is None:
                    with desk.service.store.session() as session:
                        change = polling.change(session, held, now)
            except errors.KeychainError:
                return None
        return answers.success(change=change)

    return poll
