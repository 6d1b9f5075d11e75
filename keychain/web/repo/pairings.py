"""``/repo/pairings/...``: how a phone, or a new browser, and an account meet (``docs/repo.md``, pairing).

Nobody signs these requests: one of the two has no account yet. Who makes a pairing, or opens it, gets a ticket for a
side of it.
"""

from flask import Blueprint, Response

from keychain.jose import base64url
from keychain.repo import pairings, relaying, tickets
from keychain.repo.tickets import PAIRING_A, PAIRING_B
from keychain.web import answers
from keychain.web.repo import pairing_schemas, schemas
from keychain.web.repo.desk import Asked, Desk
from keychain.web.repo.devices import time

_NEW_PAIRING = pairing_schemas.NewPairing()
_CODE = pairing_schemas.Code()
_OPENING = pairing_schemas.Opening()
_MESSAGE = pairing_schemas.Message()
_AFTER = pairing_schemas.After()
_NOTHING = schemas.Nothing()

_SIDES = {PAIRING_A: relaying.A, PAIRING_B: relaying.B}


def door(desk: Desk) -> Blueprint:
    """The six doors."""
    blueprint = Blueprint("repo_pairings", __name__)
    _open_to_all(blueprint, desk)
    _open_to_its_sides(blueprint, desk)
    return blueprint


def _open_to_all(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.route("/repo/pairings", methods=["POST"])
    def begin() -> Response:
        """A pairing, and the code that finds it."""
        with desk.asked(_NEW_PAIRING) as asked:
            _count(desk)
            by = desk.visitor()
            begun = relaying.begin(asked.session, **asked.members, by=(by.address, by.browser), now=asked.now)
        ticket = tickets.make(desk.keys, PAIRING_A, begun.id, begun.expires + pairings.FINISHED_WITHIN)
        half = pairings.CODE_LENGTH // 2
        code = f"{begun.code[:half]}-{begun.code[half:]}"
        members = {"id": begun.id, "code": code, "expires": time(begun.expires), "ticket": ticket}
        return answers.render(answers.success(pairing=members))

    @blueprint.route("/repo/pairings/find", methods=["POST"])
    def find() -> Response:
        """What waits under a code: whose it says it is, and what commits it to a key."""
        with desk.asked(_CODE) as asked:
            _count(desk)
            found = relaying.find(asked.session, asked.members["code"], asked.now)
        members = {
            "kind": found.kind,
            "commitment": base64url.encode(found.commitment),
            "expires": time(found.expires),
            "address": found.address,
            "browser": found.browser,
        }
        return answers.render(answers.success(pairing=members))

    @blueprint.route("/repo/pairings/open", methods=["POST"])
    def open_() -> Response:
        """Use a code up, and say something to who made it."""
        with desk.asked(_OPENING) as asked:
            _count(desk)
            opened = relaying.open_(asked.session, **asked.members, now=asked.now)
        ticket = tickets.make(desk.keys, PAIRING_B, opened.id, asked.now + pairings.FINISHED_WITHIN)
        return answers.render(answers.success(pairing={"id": opened.id, "ticket": ticket}))


def _open_to_its_sides(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.route("/repo/pairings/send", methods=["POST"])
    def send() -> Response:
        """A message to the other side."""
        with desk.asked(_MESSAGE) as asked:
            relaying.send(asked.session, *_side(asked), **asked.members, now=asked.now)
        return answers.render(answers.success())

    @blueprint.route("/repo/pairings/read", methods=["POST"])
    def read() -> Response:
        """What the other side said."""
        with desk.asked(_AFTER) as asked:
            said, ended = relaying.read(asked.session, *_side(asked), asked.members["after"], asked.now)
        return answers.render(answers.success(messages=[base64url.encode(one) for one in said], ended=ended))

    @blueprint.route("/repo/pairings/end", methods=["POST"])
    def end() -> Response:
        """Nothing more is said."""
        with desk.asked(_NOTHING) as asked:
            pairing, _ = _side(asked)
            relaying.end(asked.session, pairing, asked.now)
        return answers.render(answers.success())


def _count(desk: Desk) -> None:
    """A pairing is begun, or a code is tried, from this address."""
    desk.admit_address(desk.service.settings.pairing_limit, "pairing")


def _side(asked: Asked) -> tuple[str, str]:
    """The pairing that the request's ticket is for, and which side of it."""
    ticket = asked.ticket(*_SIDES)
    return ticket.id, _SIDES[ticket.topic]
