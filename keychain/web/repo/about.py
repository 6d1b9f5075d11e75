"""``/repo/about``: what a browser has to know before it signs anything (``docs/repo.md``, about)."""

from flask import Blueprint, Response

from keychain.repo import asking
from keychain.web import answers
from keychain.web.repo.desk import Desk


def door(desk: Desk) -> Blueprint:
    """The door, open to all."""
    blueprint = Blueprint("repo_about", __name__)

    @blueprint.route("/repo/about", methods=["GET"])
    def about() -> Response:
        """The service's origin, its clock, how long an account can be taken back, and how long a phone can answer."""
        settings = desk.service.settings
        desk.admit()
        members = {
            "origin": desk.origin,
            "time": int(desk.service.clock().timestamp()),
            "optout_window": settings.optout_window,
            "confirm_seconds": int(asking.LIFE.total_seconds()),
        }
        return answers.render(answers.success(about=members))

    return blueprint
