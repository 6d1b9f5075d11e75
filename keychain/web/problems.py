"""The only renderer of failures: every error of every path becomes one line of JSON with a non-zero ``errorcode``.

Two surviving clients take anything else for a success (legacy wire, 1.2.5), so nothing that Flask or Werkzeug raises
reaches a caller in their words.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from keychain import errors
from keychain.web import answers
from keychain.web.front import CODE, REQUEST_ID

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# A rate's window is a minute by default; a database that is away or locked is mostly so for a moment.
RETRY_AFTER_SECONDS = {429: "60", 503: "1"}

# A full waiting room is no failure of ours, and whoever fills it shall not fill the log: the request's own line says
# it. That this process is not ready was logged when it came to be so.
_SAID_ELSEWHERE = (errors.WaitingRoomFull, errors.NotReady)

_log = structlog.get_logger("keychain")


def install(app: Flask) -> None:
    """Render every failure of ``app`` here."""
    app.register_error_handler(errors.KeychainError, render)
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_unforeseen)


def render(error: errors.KeychainError, headers: dict[str, str] | None = None) -> Response:
    """One failure as Flask's answer."""
    return answers.response(answer(error, request.environ, headers))


def answer(
    error: errors.KeychainError, environ: "WSGIEnvironment", headers: dict[str, str] | None = None
) -> answers.Answer:
    """One failure as an answer; only 5xx are logged as errors, with their cause."""
    environ[CODE] = error.code
    if isinstance(error, errors.ServiceFault) and not isinstance(error, _SAID_ELSEWHERE):
        _log.error(error.code, request_id=environ[REQUEST_ID], exc_info=error)
    headers = {} if headers is None else headers
    if isinstance(error, errors.CredentialsRefused):
        headers["WWW-Authenticate"] = 'Basic realm="keychain", charset="UTF-8"'
    if error.status in RETRY_AFTER_SECONDS:
        headers["Retry-After"] = RETRY_AFTER_SECONDS[error.status]
    return answers.answer(members(error, environ), HTTPStatus(error.status), headers.items())


def members(error: errors.KeychainError, environ: "WSGIEnvironment") -> dict[str, object]:
    """What a failure says, alone or in its place of a batch."""
    return {
        "errorcode": error.errorcode,
        "error": str(error),
        "code": error.code,
        "attr_claims": dict(error.attr_claims),
        "request_id": environ[REQUEST_ID],
    }


def _render_http(error: HTTPException) -> Response:
    """What the framework refused by itself, in our words."""
    match error:
        case MethodNotAllowed():
            allowed = ", ".join(sorted(error.valid_methods or ()))
            return render(errors.MethodNotAllowed(), {"Allow": allowed})
        case RequestEntityTooLarge():
            return render(errors.BodyTooLarge())
        case HTTPException(code=404):
            return render(errors.NotFound())
        case HTTPException(code=int(code)) if 400 <= code < 500:
            return render(errors.MalformedRequest())
    return _render_unforeseen(error)


def _render_unforeseen(error: Exception) -> Response:
    return render(unforeseen(error))


def unforeseen(error: Exception) -> errors.InternalFault:
    """What is told of a failure that nobody thought of: not what it was."""
    fault = errors.InternalFault()
    fault.__cause__ = error
    return fault
