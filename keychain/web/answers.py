"""How every answer looks: one line of JSON, an object, with ``errorcode``, ``error`` and ``attr_claims`` in it.

The line ends with a newline, and begins with nothing: one surviving client reads one line and no more.
"""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Response

from keychain.validation.question import Validation

HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


_ALWAYS = tuple(HEADERS.items())


class Answer(NamedTuple):
    """An answer as WSGI has it: ``status`` with its phrase, headers, and the one line."""

    status: str
    headers: list[tuple[str, str]]
    line: bytes


def answer(
    members: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK, more: Iterable[tuple[str, str]] = ()
) -> Answer:
    """An answer of the API, ready to be sent."""
    text = line(members).encode()
    headers = [*_ALWAYS, *more, ("Content-Length", str(len(text)))]
    return Answer(f"{status.value} {status.phrase}", headers, text)


def render(members: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The same for Flask."""
    return response(answer(members, HTTPStatus(status), (headers or {}).items()))


def response(made: Answer) -> Response:
    """An answer as Flask has it."""
    return Response(made.line, made.status, made.headers)


def line(members: Mapping[str, Any]) -> str:
    """Members as the one line that is sent."""
    return json.dumps(members) + "\n"


def success(**members: object) -> dict[str, object]:
    """The members that every success has, and then its own."""
    return {"errorcode": 0, "error": "success", "attr_claims": {}, **members}


def validation(answer: Validation) -> dict[str, object]:
    """What a site is told about a payload that holds."""
    members = success(valid_signatures=list(answer.valid_signatures), attr_claims=dict(answer.attr_claims))
    if answer.first_use:
        members["first_use"] = True
    if answer.pin:
        members["pin"] = True
    return members
