"""``/repo/activity``: what a person can look back at (``docs/repo.md``, Activity)."""

from flask import Blueprint, Response

from keychain.repo import confirmations, sign_ins
from keychain.repo.confirmations import Past
from keychain.repo.sign_ins import SignIn
from keychain.web import answers
from keychain.web.repo import schemas
from keychain.web.repo.desk import Desk
from keychain.web.repo.devices import time

_NOTHING = schemas.Nothing()


def door(desk: Desk) -> Blueprint:
    """The door."""
    blueprint = Blueprint("repo_activity", __name__)

    @blueprint.route("/repo/activity", methods=["POST"])
    def activity() -> Response:
        """The latest sign-ins and confirmations, without the words of these."""
        with desk.asked(_NOTHING) as asked:
            account = asked.device().account
            signed = sign_ins.of(asked.session, account)
            past = confirmations.latest(asked.session, account, asked.now)
        shown = {"sign_ins": [_signed(one) for one in signed], "confirmations": [_asked(one) for one in past]}
        return answers.render(answers.success(**shown))

    return blueprint


def _signed(made: SignIn) -> dict[str, object]:
    shown = {"origin": made.origin, "uid": made.uid, "device": made.device}
    return shown | {"phone": made.phone, "at": time(made.signed_at)}


def _asked(past: Past) -> dict[str, object]:
    shown = {"asker": past.asker, "kind": past.kind, "state": past.state, "at": time(past.asked_at)}
    return shown | {"decided": time(past.decided_at) if past.decided_at else None}
