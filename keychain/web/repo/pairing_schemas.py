"""What the members of requests about pairings, phones' keys and new devices have to be (``docs/repo.md``, Forms)."""

from typing import Any

from marshmallow import Schema, ValidationError, fields

from keychain.origin import parse as parse_origin
from keychain.repo.pairings import parse_code
from keychain.repo.relaying import MOST_MESSAGES
from keychain.web.repo.schemas import DeviceMembers, Flag, Parsed, digest_of, id_of, key_of, sealed_of, uid_of

KINDS = ("phone", "browser")
CODE_LENGTH = 32  # of what is typed, spaces and all


class Whole(fields.Field[int]):
    """A whole number from ``least`` to ``most``."""

    def __init__(self, most: int, *, least: int = 0) -> None:
        super().__init__(required=True)
        self._least, self._most = least, most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:  # noqa: ANN401 - what was sent
        if type(value) is not int or not self._least <= value <= self._most:
            raise ValidationError("not a whole number of its range")
        return value


def _kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError("not a kind of pairing")
    return text


def _code(text: str) -> str:
    if len(text) > CODE_LENGTH:
        raise ValueError("longer than anybody types a code")
    return parse_code(text)


class NewPairing(Schema):
    """A pairing, and what commits its maker to a key."""

    kind = Parsed(_kind)
    commitment = Parsed(digest_of)


class Code(Schema):
    """A pairing by its code."""

    code = Parsed(_code)


class Opening(Schema):
    """A code to use up, and the first message of who does."""

    code = Parsed(_code)
    message = Parsed(sealed_of)


class Message(Schema):
    """The message of this number."""

    number = Whole(MOST_MESSAGES - 1)
    message = Parsed(sealed_of)


class After(Schema):
    """How many messages of the other side are known."""

    after = Whole(MOST_MESSAGES)


class AdmittedDevice(Schema):
    """A device to let in."""

    device = fields.Nested(DeviceMembers, required=True)
    phone = Flag(required=True)


class NewControlKey(Schema):
    """A control key, and the two signatures that put it on record."""

    uid = Parsed(uid_of)
    origin = Parsed(parse_origin)
    key = Parsed(key_of)
    ad = Parsed(str)
    cd = Parsed(str)


class EndedControlKey(Schema):
    """A control key, and the signature that takes it off the record."""

    uid = Parsed(uid_of)
    origin = Parsed(parse_origin)
    control_key = Parsed(id_of)
    ad = Parsed(str)
