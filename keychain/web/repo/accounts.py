"""``/repo/accounts...`` and ``/repo/optout``: how an account begins, and how one ends (``docs/repo.md``)."""

from datetime import timedelta

from flask import Blueprint, Response

from keychain.repo import joining, leaving
from keychain.repo.joining import Joined
from keychain.web import answers
from keychain.web.repo import schemas
from keychain.web.repo.desk import Desk

_NEW_DEVICE = schemas.NewDevice()
_NOTHING = schemas.Nothing()


def door(desk: Desk) -> Blueprint:
    """The three doors."""
    blueprint = Blueprint("repo_accounts", __name__)

    @blueprint.route("/repo/accounts", methods=["POST"])
    def sign_up() -> Response:
        """A new account; or the one that this device signed up before."""
        with desk.asked(_NEW_DEVICE) as asked:
            key, name = asked.members["device"]["key"], asked.members["device"]["name"]
            before = asked.newcomer(key)
            joined = before or joining.sign_up(asked.session, key, name, asked.now)
        return answers.render(answers.success(account=account(joined)))

    @blueprint.route("/repo/accounts/close", methods=["POST"])
    def close() -> Response:
        """Close it for good."""
        with desk.asked(_NOTHING) as asked:
            leaving.close(asked.session, asked.device(), asked.now)
        return answers.render(answers.success())

    @blueprint.route("/repo/optout", methods=["POST"])
    def opt_out() -> Response:
        """Take a new account back."""
        window = timedelta(seconds=desk.service.settings.optout_window)
        with desk.asked(_NOTHING) as asked:
            leaving.opt_out(asked.session, asked.device_or_frame(), window, asked.now)
        return answers.render(answers.success())

    return blueprint


def account(joined: Joined) -> dict[str, object]:
    """What a device is told about the account that it belongs to."""
    return {"id": joined.account, "device": joined.device, "created": joined.created}
