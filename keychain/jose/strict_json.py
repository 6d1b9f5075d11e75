"""JSON in which every reader sees the same value (RFC 8259, with RFC 7515 section 4's rule made general).

A member that stands twice means one thing to a parser that keeps the first and another to one that keeps the last;
such a text is refused wherever it stands, with names compared after unescaping. So are ``NaN`` and ``Infinity``,
numbers too long to be one, and nesting deeper than the parser's stack.
"""

import json
from math import isfinite
from typing import Any, NoReturn


def loads(text: str) -> Any:  # noqa: ANN401 - JSON is whatever it is; callers narrow it
    """The value of a JSON text.

    Raises:
        ValueError: for anything that is not strict JSON.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is too large to be one")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_number, parse_float=_finite)
