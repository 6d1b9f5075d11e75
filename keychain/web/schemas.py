"""What a payload's members have to be, before anyone looks at what they say (``docs/protocol.md``, validate).

Unknown members are left out and never logged: old clients forward whole payloads, clear-text attributes included.
``null`` and PHP's ``[]`` stand for an empty object where clients of the time sent them so. Seven members, each
looked at once: a schema library would take a fifth of what two signature checks cost (``docs/performance.md``).
"""

import re
from collections.abc import Mapping
from typing import Any

from keychain import errors
from keychain.validation.question import Question

MANY_MEMBERS = 16  # of an object whose members are looked at one by one: no honest one comes near

_REQUEST = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def question(payload: object) -> Question:
    """The question that a parsed payload asks.

    Raises:
        MalformedUid, MalformedPayload: if a member is not of its type.
        MalformedBody: if one member stands there in both spellings.
    """
    if not isinstance(payload, dict):
        raise errors.MalformedPayload
    uid, nonces = _either(payload, "uid", "UID"), _either(payload, "nonces", "NONCES")
    if not isinstance(uid, str):
        raise errors.MalformedUid
    attr, request = payload.get("attr"), payload.get("request")
    if request is not None and not (isinstance(request, str) and _REQUEST.fullmatch(request)):
        raise errors.MalformedPayload
    message, title = _words(payload)
    return Question(
        uid=uid,
        nonces={role: _pair(part) for role, part in _few(nonces).items()},
        attr_claim_tokens=_tokens(payload) if "attr_claim_tokens" in payload else None,
        attr=attr if isinstance(attr, dict) else {},
        message=message,
        title=title,
        request=request or "",
    )


def _either(payload: Mapping[str, Any], member: str, older: str) -> Any:  # noqa: ANN401 - what was sent
    """A member in today's spelling, or in that of 2013."""
    if older not in payload:
        return payload.get(member)
    if member in payload:
        raise errors.MalformedBody
    return payload[older]


def _few(members: Any) -> dict[str, Any]:  # noqa: ANN401 - what was sent
    if members is None or members == []:
        return {}
    if not isinstance(members, dict) or len(members) > MANY_MEMBERS:
        raise errors.MalformedPayload
    return members


def _pair(part: object) -> tuple[str, str]:
    if isinstance(part, dict):
        signed, key = part.get("nonce"), part.get("key")
        if isinstance(signed, str) and isinstance(key, str):
            return signed, key
    raise errors.MalformedPayload


def _tokens(payload: Mapping[str, Any]) -> dict[str, str]:
    tokens = _few(payload["attr_claim_tokens"])
    if not all(isinstance(token, str) for token in tokens.values()):
        raise errors.MalformedPayload
    return tokens


def _words(payload: Mapping[str, Any]) -> tuple[str | None, str]:
    """The words of a confirmation: message and title. Of these null is not nothing: a site that lost them must not go
    on without them. And they are hashed as title, line break, message: a line break in the title would make two pairs
    one text.
    """
    if "message" not in payload:
        if "title" in payload:
            raise errors.MalformedPayload
        return None, ""
    message, title = payload["message"], payload.get("title", "")
    if not (isinstance(message, str) and isinstance(title, str)) or "\n" in title:
        raise errors.MalformedPayload
    try:
        f"{title}{message}".encode()
    except UnicodeEncodeError as error:  # half a surrogate pair has no UTF-8, so nobody can have signed it
        raise errors.MalformedPayload from error
    return message, title
