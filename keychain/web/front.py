"""The front of the application: what happens to every request before Flask sees it, and to every answer after.

It normalises the path, gives the request its id, and logs one line: door, method, status, code, time taken. Neither the
path nor the query is logged as it came: people put secrets there.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import structlog

from keychain.web import bodies, paths

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = "keychain.request_id"
CODE = "keychain.code"
# By every open page, and by whoever watches: a line of each would be most of the log, and cost as much as the answer.
ASKED_EACH_SECOND = frozenset({"/repo/poll", "/healthz", "/readyz"})

# Told of each request: its door, method, status, code, and the seconds that it took.
Tally = Callable[[str, str, str, str, float], None]

_log = structlog.get_logger("keychain")


class Front:
    """WSGI in, WSGI out. ``doors`` are the normalised paths that may be named in a log, or to the ``tally``."""

    def __init__(self, application: "WSGIApplication", doors: frozenset[str], tally: Tally | None = None) -> None:
        self._application = application
        self.doors = doors
        self._tally = tally

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        began = time.perf_counter()
        request_id = secrets.token_hex(8)
        environ["PATH_INFO"] = paths.normalise(environ["PATH_INFO"])
        environ[REQUEST_ID] = request_id
        answered = ""

        def start(status: str, headers: list[tuple[str, str]], *trouble: Any) -> Any:  # noqa: ANN401 - PEP 3333's own
            nonlocal answered
            answered = status[:3]
            headers.append(("X-Request-Id", request_id))
            return start_response(status, headers, *trouble)

        answer = self._application(environ, start)
        try:
            bodies.drain(environ)
            # Every answer is small and made already. Handed over whole, the server sends it with its length at once.
            return answer if isinstance(answer, list) else [b"".join(answer)]
        finally:
            if close := getattr(answer, "close", None):
                close()
            self._note(environ, request_id, answered, time.perf_counter() - began)

    def _note(self, environ: "WSGIEnvironment", request_id: str, status: str, seconds: float) -> None:
        """One line of the log, and the tally."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        door = path if path in self.doors else "unknown"
        method = method if method in _METHODS else "other"
        code = environ.get(CODE, "success")
        if self._tally:
            self._tally(door, method, status, code, seconds)
        note = _log.debug if path in ASKED_EACH_SECOND and status == "200" else _log.info
        note(
            "request",
            request_id=request_id,
            door=door,
            method=method,
            status=status,
            code=code,
            milliseconds=round(seconds * 1000, 2),
        )


_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
