"""Reading what came back, and believing nothing but a proper answer.

The clients of 2012 took HTML, an empty body or JSON without ``errorcode`` for a success, so a proxy's error
page signed people in. Here a success is exactly: HTTP 200, ``application/json``, one object, ``errorcode``
the integer 0, ``error`` the string ``"success"``. A refusal is as strict: an integer that is not 0, and a
string that is not ``"success"``. Whatever else comes back, a contradiction included, is ``NotAnAnswer``.
"""

import re
from collections.abc import Mapping
from typing import Any

from . import strict_json
from .errors import CredentialsRefused, NotAnAnswer, Refused, ServiceUnavailable
from .exchange import LARGEST_ANSWER, Reply

__all__ = ["confirmed", "judge", "proof", "read"]

_OK = 200
# A payload is refused with 200 (a client of 2012 died on 4xx), malformed JSON with 400, size with 413.
_REFUSING = frozenset({_OK, 400, 413})
_CREDENTIALS_REFUSED = 401
_TOO_MANY_REQUESTS = 429
_FAULT = 500

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def read(reply: Reply) -> dict[str, Any]:
    """The members of a success. Raises Refused, or what kind of CouldNotAsk it is."""
    return judge(_members(reply), reply.status, reply.retry_after)


def judge(answer: object, status: int = _OK, retry_after: int | None = None) -> dict[str, Any]:
    """The same for a value that is parsed already, such as one element of a batch's answers."""
    if not isinstance(answer, dict):
        raise NotAnAnswer("the answer is not an object")
    errorcode, error = answer.get("errorcode"), answer.get("error")
    # bool is an int in Python, and false would be 0.
    if type(errorcode) is not int or not isinstance(error, str):
        raise NotAnAnswer("the answer has no integer errorcode and string error")
    if (errorcode == 0) is not (error == "success"):
        raise NotAnAnswer("the answer contradicts itself: errorcode and error do not agree")
    if errorcode == 0:
        if status != _OK:
            raise NotAnAnswer(f"the answer contradicts itself: a success with HTTP {status}")
        return answer
    code = _word(answer.get("code"), _CODE) or "refused"
    request_id = _word(answer.get("request_id"), _REQUEST_ID)
    if status in _REFUSING:
        raise Refused(code, errorcode, error, request_id=request_id, attr_claims=_claims(answer) or {})
    if status == _CREDENTIALS_REFUSED:
        raise CredentialsRefused(request_id)
    if status == _TOO_MANY_REQUESTS or status >= _FAULT:
        raise ServiceUnavailable(code, status=status, request_id=request_id, retry_after=retry_after)
    raise NotAnAnswer(f"HTTP {status}: there seems to be no Keychain at this address")


def proof(answer: Mapping[str, Any], asked: frozenset[str]) -> dict[str, Any]:
    """A success of ``validate``, held against the roles that were ``asked`` about. Raises NotAnAnswer.

    A Keychain never says yes to fewer than two roles, nor without the repo, nor about a role that it was not
    shown. An answer that does belongs to another question, or to no Keychain. Returned with ``attr_claims``
    filled in.
    """
    roles = answer.get("valid_signatures")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise NotAnAnswer("valid_signatures is not a list of strings")
    if len(set(roles)) < 2 or "repo" not in roles or not asked.issuperset(roles):
        raise NotAnAnswer("valid_signatures does not name two of the roles that were asked about, repo among them")
    claims = _claims(answer)
    if claims is None:
        raise NotAnAnswer("attr_claims is not an object of booleans")
    return {**answer, "attr_claims": claims}


def confirmed(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The nonces of a confirmation, which the repo and the control device have signed. Raises NotAnAnswer.

    Whether the signatures are this user's, and over the words, is for ``validate`` to say.
    """
    match answer.get("nonces"):
        case {"repo": {"nonce": str(), "key": str()} as repo, "cd": {"nonce": str(), "key": str()} as cd}:
            return {"repo": repo, "cd": cd}
    raise NotAnAnswer("there are no two signed nonces, of the repo and of the control device")


def _members(reply: Reply) -> object:
    if not reply.is_json:
        raise NotAnAnswer(f"HTTP {reply.status}, but no JSON")
    if len(reply.body) > LARGEST_ANSWER:
        raise NotAnAnswer("the answer is larger than any that a Keychain gives")
    try:
        return strict_json.parse(reply.body.decode("utf-8"))
    except ValueError:
        # Not chained: the parser's error carries the whole text, which is nobody's answer.
        raise NotAnAnswer(f"HTTP {reply.status}, but not JSON without duplicate members") from None


def _claims(answer: Mapping[str, Any]) -> dict[str, bool] | None:
    claims = answer.get("attr_claims", {})
    if isinstance(claims, dict) and all(isinstance(claim, bool) for claim in claims.values()):
        return claims
    return None


def _word(word: object, form: re.Pattern[str]) -> str | None:
    """``word`` if it has the form that is safe in a log line."""
    return word if isinstance(word, str) and form.fullmatch(word) else None
