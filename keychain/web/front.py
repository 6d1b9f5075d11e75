"""The front of the application: what happens to every request before Flask sees it, and to every answer after.

It normalises the path, gives the request its id, and logs one line: door, method, status, code, time taken. Neither the
path nor the query is logged as it came: people put secrets there.
"""

import secrets
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog

from keychain.web import paths
from keychain.web.permits import Permits

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = "keychain.request_id"
CODE = "keychain.code"
# By every open page: a line of each would be most of the log, and cost as much as the answer.
ASKED_EACH_SECOND = frozenset({"/repo/poll"})

_log = structlog.get_logger("keychain")


class Front:
    """WSGI in, WSGI out. ``doors`` are the normalised paths that may be named in a log; each request holds one of the
    ``permits`` while it is worked on.
    """

    def __init__(self, application: "WSGIApplication", doors: frozenset[str], permits: Permits) -> None:
        self._application = application
        self._doors = doors
        self._permits = permits

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        with self._permits:
            return self._answer(environ, start_response)

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began = time.perf_counter()
        path = paths.normalise(environ["PATH_INFO"])
        request_id = secrets.token_hex(8)
        environ["PATH_INFO"] = path
        environ[REQUEST_ID] = request_id
        answered = ""

        def start(status: str, headers: list[tuple[str, str]], *trouble: Any) -> Any:  # noqa: ANN401 - PEP 3333's own
            nonlocal answered
            answered = status[:3]
            headers.append(("X-Request-Id", request_id))
            return start_response(status, headers, *trouble)

        answer = self._application(environ, start)
        try:
            # Every answer is small and made already. Handed over whole, the server sends it with its length at once.
            return [b"".join(answer)]
        finally:
            answer.close()  # type: ignore[attr-defined] # Werkzeug's has one
            note = _log.debug if path in ASKED_EACH_SECOND and answered == "200" else _log.info
            note(
                "request",
                request_id=request_id,
                door=path if path in self._doors else "unknown",
                method=environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in _METHODS else "other",
                status=answered,
                code=environ.get(CODE, "success"),
                milliseconds=round((time.perf_counter() - began) * 1000, 2),
            )


_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
