"""JSON with one meaning only (RFC 8259, as narrowed by RFC 7493).

Two parsers that read one text differently let an attacker show one user to the service and another to the
site. So duplicate members are refused at every depth, and so is what JSON does not have: NaN and the
infinities, also as 1e999.
"""

import json
import math
from typing import Any

__all__ = ["parse", "write", "write_words"]


def parse(text: str) -> Any:  # noqa: ANN401 - JSON is whatever it is; callers narrow it
    """The value that ``text`` stands for. Raises ValueError for everything else, and never RecursionError."""
    try:
        return json.loads(text, object_pairs_hook=_members, parse_constant=_refuse_constant, parse_float=_finite_number)
    except RecursionError as deep:
        raise ValueError("nested too deeply") from deep


def write(value: object, *, only_ascii: bool = True) -> str:
    """One line of JSON. Raises ValueError for what has no JSON form."""
    try:
        return json.dumps(value, ensure_ascii=only_ascii, allow_nan=False, separators=(",", ":"))
    except (TypeError, RecursionError) as unwritable:
        raise ValueError("this value has no JSON form") from unwritable


def write_words(value: object) -> str:
    """As ``write``, for long texts of any script: in UTF-8, as escapes would be up to three times as long. What
    UTF-8 lacks, a lone surrogate, is escaped; the service refuses it.
    """
    text = write(value, only_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return write(value)
    return text


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite_number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number
