"""What goes wrong, in words for people: JSON at the doors of the script, a page everywhere else.

A refusal, a service that can not be asked and a page that was open for too long are three things to the person, so
they are told apart. What the log gets is the service's code, never the payload.
"""

from flask import Flask, current_app, make_response, render_template, request
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from oneid import CouldNotAsk, Refused

from .sessions import Ended

JSON_DOORS = frozenset({"/auth", "/nonce"})
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
    current_app.logger.warning("sign-in refused: %s", refusal)
    if refusal.code in _STALE:
        return _answer(403, "This page was open for too long. Please sign in again.", refusal.errorcode)
    return _answer(403, f"You are not signed in: {refusal.error}.", refusal.errorcode)


def _could_not_ask(trouble: CouldNotAsk) -> Response:
    current_app.logger.error("nobody can sign in: %s: %s", type(trouble).__name__, trouble)
    return _answer(503, "Signing in is out of order at the moment. Please try again in a few minutes.")


def _ended(_: Ended) -> Response:
    return _answer(403, "This page was open for too long, or you signed out in another tab. Please sign in again.")


def _http(error: HTTPException) -> Response:
    if isinstance(error.response, Response):  # a redirect of the framework's
        return error.response
    return _answer(error.code or 500, error.description or error.name)


def _answer(status: int, words: str, errorcode: int = _OWN_ERRORCODE) -> Response:
    if request.path in JSON_DOORS:
        return make_response({"error": words, "errorcode": errorcode}, status)
    return make_response(render_template("sorry.html", words=words), status)
