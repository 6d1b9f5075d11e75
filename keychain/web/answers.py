"""How every answer looks: one line of JSON, an object, with ``errorcode``, ``error`` and ``attr_claims`` in it.

The line ends with a newline, and begins with nothing: one surviving client reads one line and no more.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from keychain.validation.question import Validation

HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def render(members: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of the API, as bytes that say what they are."""
    response = Response(line(members), status, headers)
    response.headers.update(HEADERS)
    return response


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
