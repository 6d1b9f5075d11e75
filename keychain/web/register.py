"""``/register``: credentials for anyone who asks (``docs/protocol.md``, register)."""

from flask import Blueprint, Response, request

from keychain import errors
from keychain.validation import sites
from keychain.web import answers
from keychain.web.service import Service


def door(service: Service) -> Blueprint:
    """The door, open to all: no credentials asked for, any body ignored, an Authorization header too."""
    blueprint = Blueprint("register", __name__)

    @blueprint.route("/register", methods=["GET", "POST"])
    def register() -> Response:
        """A fresh pair of API ID and API key."""
        if not service.rates.admit(
            service.settings.register_limit, "register", address=service.address(request.environ)
        ):
            raise errors.TooManyRequests
        with service.store.session() as session:
            fresh = sites.register(session, service.clock())
        return answers.render(answers.success(API_ID=fresh.api_id, API_KEY=fresh.api_key))

    return blueprint
