"""``/repo/confirmations/pending`` and ``/decide``: what a phone is asked, and its answers (``docs/repo.md``)."""

from flask import Blueprint, Response

from keychain.repo import confirmations, deciding
from keychain.repo.confirmations import Confirmation
from keychain.repo.deciding import Answer
from keychain.web import answers
from keychain.web.repo import confirmation_schemas as schemas
from keychain.web.repo.desk import Desk
from keychain.web.repo.devices import time
from keychain.web.repo.schemas import Nothing

_DECISION = schemas.Decision()
_NOTHING = Nothing()


def door(desk: Desk) -> Blueprint:
    """The two doors for phones."""
    blueprint = Blueprint("repo_decisions", __name__)

    @blueprint.route("/repo/confirmations/pending", methods=["POST"])
    def pending() -> Response:
        """What a phone is asked, newest last; the time says for how long still."""
        with desk.asked(_NOTHING) as asked:
            phone = asked.phone(in_need=True)
            found = confirmations.shown(asked.session, phone.account, asked.now)
        shown = [_shown(confirmation, origin) for confirmation, origin in found]
        return answers.render(answers.success(confirmations=shown, now=time(asked.now)))

    @blueprint.route("/repo/confirmations/decide", methods=["POST"])
    def decide() -> Response:
        """Answer. The first answer wins; a later one is told how it ended."""
        with desk.asked(_DECISION) as asked:
            phone, sent = asked.phone(in_need=True), asked.members
            answer = Answer(sent["decision"], sent["cd"], sent["number"], sent["pin"])
            decided = deciding.decide(asked.session, phone, sent["confirmation"], answer, keys=desk.keys, now=asked.now)
        desk.room.call(sent["confirmation"])
        return answers.render(answers.success(confirmation=vars(decided)))

    return blueprint


def _shown(confirmation: Confirmation, origin: str) -> dict[str, object]:
    same = ("id", "uid", "kind", "level", "title", "message", "nonce", "audience", "address", "browser", "proved")
    return {name: getattr(confirmation, name) for name in same} | {
        "origin": origin,
        "asked": time(confirmation.created_at),
        "expires": time(confirmation.expires_at),
        "number_wanted": confirmation.number is not None,
    }
