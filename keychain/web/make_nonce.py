"""``/make_nonce``: a fresh nonce for a site that wants to choose it (``docs/protocol.md``, make_nonce)."""

from flask import Blueprint, Response, request

from keychain import nonce
from keychain.web import answers
from keychain.web.service import Service


def door(service: Service) -> Blueprint:
    """The door. Nothing is kept: a nonce is only ever written down when it is spent."""
    blueprint = Blueprint("make_nonce", __name__)

    @blueprint.route("/make_nonce", methods=["GET", "POST"])
    def make_nonce() -> Response:
        """A nonce of this second, in both spellings that clients read."""
        with service.store.session() as session:
            service.caller(session, request.environ)
        text = nonce.make(service.clock()).text
        return answers.render(answers.success(nonce=text, NONCE=text))

    return blueprint
