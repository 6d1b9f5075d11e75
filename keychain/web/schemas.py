"""What a payload's members have to be, before anyone looks at what they say (``docs/protocol.md``, validate).

Unknown members are left out and never logged: old clients forward whole payloads, clear-text attributes included.
``null`` and PHP's ``[]`` stand for an empty object where clients of the time sent them so.
"""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from keychain import errors
from keychain.validation.question import Question

MANY_MEMBERS = 16  # of an object whose members are looked at one by one: no honest one comes near

_OLDER_SPELLINGS = {"uid": "UID", "nonces": "NONCES"}
# Anchored at both ends: marshmallow looks for a match at the beginning, and is content with that.
_REQUEST = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
_NO_LINE_BREAK = re.compile(r"[^\n]*\Z")


def _encodable(text: str) -> None:
    """Half a surrogate pair has no UTF-8, so nobody can have signed it."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValidationError("not Unicode text") from error


class Signatures(fields.Field[dict[str, tuple[str, str]]]):
    """``{role: {"nonce": JWS, "key": X||Y}}`` as role to the pair of both; which roles there are is not asked here."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, tuple[str, str]]:  # noqa: ANN401 - what was sent
        if not isinstance(value, dict):
            raise ValidationError("not an object")
        return {role: _pair(part) for role, part in value.items()}


def _pair(part: object) -> tuple[str, str]:
    match part:
        case {"nonce": str(signed), "key": str(key)}:
            return signed, key
    raise ValidationError("not a nonce and a key")


class PayloadSchema(Schema):
    """The members that validate reads."""

    class Meta:
        unknown = EXCLUDE

    uid = fields.String(required=True)
    nonces = Signatures(required=True)
    attr_claim_tokens = fields.Dict(keys=fields.String(), values=fields.String())
    attr = fields.Raw()
    message = fields.String(validate=_encodable)
    # The words are hashed as title, line break, message: a line break in the title would make two pairs one text.
    title = fields.String(validate=[_encodable, validate.Regexp(_NO_LINE_BREAK)])
    request = fields.String(validate=validate.Regexp(_REQUEST))


_PAYLOAD = PayloadSchema()


def question(payload: object) -> Question:
    """The question that a parsed payload asks.

    Raises:
        MalformedUid, MalformedPayload: if a member is not of its type.
        MalformedBody: if one member stands there in both spellings.
    """
    if not isinstance(payload, dict):
        raise errors.MalformedPayload
    try:
        known = _PAYLOAD.load(_as_of_today(payload))
    except ValidationError as error:
        raise (errors.MalformedUid if "uid" in error.messages_dict else errors.MalformedPayload) from error
    if "title" in known and "message" not in known:
        raise errors.MalformedPayload
    return Question(**known)


def _as_of_today(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload in today's spelling: lower-case members, ``{}`` for nothing, absent for ``null``."""
    today = dict(payload)
    for member, older in _OLDER_SPELLINGS.items():
        if older in today and member in today:
            raise errors.MalformedBody
        if older in today:
            today[member] = today.pop(older)
    for member in ("nonces", "attr_claim_tokens"):
        if member in today and (today[member] is None or today[member] == []):
            today[member] = {}
    today.setdefault("nonces", {})
    if not isinstance(today.get("attr"), dict):
        today.pop("attr", None)
    for member in ("nonces", "attr_claim_tokens"):
        if isinstance(today.get(member), dict) and len(today[member]) > MANY_MEMBERS:
            raise errors.MalformedPayload
    # Of the words of a confirmation null is not nothing: a site that lost them must not go on without them.
    return {member: value for member, value in today.items() if value is not None or member in ("message", "title")}
