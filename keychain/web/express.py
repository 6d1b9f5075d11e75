"""The express way: doors that are asked at every sign-in, and each second by every open phone, before Flask.

A framework's request costs as much as the two signature checks that it is about. So these doors are plain functions of
the WSGI environment (PEP 3333), and what makes them alike to all others stays in one place: the permit that every
request holds while it is worked on, and the renderer of every failure.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from keychain import errors
from keychain.web import answers, bodies, problems
from keychain.web.permits import PERMITS, Permits

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The members of a success, or ``None`` where Flask's door of the same path shall find out what is the matter.
Way = Callable[["WSGIEnvironment"], Mapping[str, object] | None]


class Express:
    """WSGI in, WSGI out. ``ways`` are by method and path; the ``application`` has the rest, under one permit each."""

    def __init__(self, application: "WSGIApplication", ways: Mapping[tuple[str, str], Way], permits: Permits) -> None:
        self._application = application
        self._ways = ways
        self.doors = frozenset(path for _, path in ways)
        self._permits = permits

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        environ[PERMITS] = self._permits
        try:
            answer = self._answer(environ) if environ["PATH_INFO"] in self.doors else None
            if answer is None:
                with self._permits:
                    return self._application(environ, start_response)
        finally:
            bodies.leave(environ)
        start_response(answer.status, answer.headers)
        return [answer.line]

    def _answer(self, environ: "WSGIEnvironment") -> answers.Answer | None:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        way = self._ways.get((method, path))
        if way is None:
            allowed = ", ".join(sorted(method for method, other in self._ways if other == path))
            return problems.answer(errors.MethodNotAllowed(), environ, {"Allow": allowed})
        try:
            members = way(environ)
        except errors.KeychainError as error:
            return problems.answer(error, environ)
        except Exception as error:  # noqa: BLE001 - as Flask's last handler does: nobody is told what it was
            return problems.answer(problems.unforeseen(error), environ)
        return None if members is None else answers.answer(members)
