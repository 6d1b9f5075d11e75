"""What goes wrong, in words for people: JSON at the doors of the script, a page everywhere else.

A refusal, a service that can not be asked and a page that was open for too long are three things to the person, so
they are told apart. What the log gets is the service's code, never the payload.
"""

import re

from flask import Flask, current_app, make_response, render_template, request
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from oneid import CouldNotAsk, Refused, ServiceUnavailable

from . import notices
from .sessions import Ended

_JSON_DOORS = re.compile(r"/(auth|nonce|orders/[0-9]+/(nonce|confirm))", re.ASCII)
# The page was open for too long, or was another session's: the next click has a fresh nonce.
_STALE = frozenset({"nonce_mismatch", "nonce_expired", "replayed_nonce"})
_OWN_ERRORCODE = -1  # not 0, which is all that the browser library asks


def install(app: Flask) -> None:
    """Let every failure end here."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CouldNotAsk, _could_not_ask)
    app.register_error_handler(Ended, _ended)
    app.register_error_handler(HTTPException, _http)


def _refused(refusal: Refused) -> Response:
    current_app.logger.warning("refused at %s: %s", request.endpoint, refusal)
    if request.endpoint == "confirming.confirm":
        return _answer(403, notices.about(refusal.code), refusal.errorcode)
    if refusal.code in _STALE:
        return _answer(403, "This page was open for too long. Please sign in again.", refusal.errorcode)
    return _answer(403, f"You are not signed in: {refusal.error}.", refusal.errorcode)


def _could_not_ask(trouble: CouldNotAsk) -> Response:
    current_app.logger.error("nobody knows at %s: %s: %s", request.endpoint, type(trouble).__name__, trouble)
    if isinstance(trouble, ServiceUnavailable) and trouble.code == "too_many_confirmations":
        return _answer(429, notices.about(trouble.code))
    return _answer(503, notices.about("unavailable"))


def _ended(_: Ended) -> Response:
    return _answer(403, "This page was open for too long, or you signed out in another tab. Please sign in again.")


def _http(error: HTTPException) -> Response:
    if isinstance(error.response, Response):  # a redirect of the framework's
        return error.response
    return _answer(error.code or 500, error.description or error.name)


def _answer(status: int, words: str, errorcode: int = _OWN_ERRORCODE) -> Response:
    if _JSON_DOORS.fullmatch(request.path):
        return make_response({"error": words, "errorcode": errorcode}, status)
    return make_response(render_template("sorry.html", words=words), status)
