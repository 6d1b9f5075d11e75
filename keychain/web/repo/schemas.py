"""What the members of the repo's requests have to be (``docs/repo.md``, Forms).

Unknown members are refused: these doors have one client, which is served with them. So an AD signature that somebody
sends to co-signing by mistake is not even read.
"""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields

from keychain import errors
from keychain.jose import base64url
from keychain.jose.jwk import PublicKey
from keychain.origin import parse as parse_origin
from keychain.repo.devices import check_name

SEALED_BYTES = 4096
DIGEST_BYTES = 32
UID_BYTES = 16


class Parsed(fields.Field[Any]):
    """A string of one form. It is required, like every member here."""

    def __init__(self, parse: Callable[[str], Any]) -> None:
        super().__init__(required=True)
        self._parse = parse

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - what was sent
        if not isinstance(value, str):
            raise ValidationError("not a string")
        try:
            return self._parse(value)
        except ValueError as error:
            raise ValidationError("not of its form") from error


class Flag(fields.Field[bool]):
    """``true`` or ``false``, and nothing that could be taken for one of them."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:  # noqa: ANN401 - what was sent
        if not isinstance(value, bool):
            raise ValidationError("not a boolean")
        return value


def key_of(text: str) -> PublicKey:
    """A key. These six raise ``ValueError`` for a text of another form."""
    base64url.decode(text)  # one alphabet, and no padding
    return PublicKey.parse(text)


def digest_of(text: str) -> bytes:
    """32 bytes."""
    raw = base64url.decode(text)
    if len(raw) != DIGEST_BYTES:
        raise ValueError("not 32 bytes")
    return raw


def id_of(text: str) -> str:
    """A thumbprint, as the text that it is."""
    digest_of(text)
    return text


def uid_of(text: str) -> str:
    """A uid, as the text that it is."""
    if len(base64url.decode_standard(text)) != UID_BYTES:
        raise ValueError("not 16 bytes")
    return text


def sealed_of(text: str, most: int = SEALED_BYTES) -> bytes:
    """1 to ``most`` bytes; more is SealedTooLarge."""
    raw = base64url.decode(text)
    if len(raw) > most:
        raise errors.SealedTooLarge
    if not raw:
        raise ValueError("nothing is sealed")
    return raw


def name_of(text: str) -> str:
    """A device's name."""
    check_name(text)
    return text


class DeviceMembers(Schema):
    """A device's key, and the name that its owner sees."""

    key = Parsed(key_of)
    name = Parsed(name_of)


class Nothing(Schema):
    """``{}``."""


class NewDevice(Schema):
    """A device that wants to be one."""

    device = fields.Nested(DeviceMembers, required=True)


class NamedDevice(Schema):
    """A device by its id."""

    device = Parsed(id_of)


class NewRecoveryKey(Schema):
    """The server side of a OneID Key."""

    locator = Parsed(digest_of)
    key = Parsed(key_of)
    sealed = Parsed(sealed_of)


class Locator(Schema):
    """What a OneID Key finds its sealed half with."""

    locator = Parsed(digest_of)


class AtOrigin(Schema):
    """An identity by its origin."""

    origin = Parsed(parse_origin)


class NewIdentity(Schema):
    """An identity, and the AD key's signature that puts it on record."""

    origin = Parsed(parse_origin)
    ad_key = Parsed(key_of)
    sealed = Parsed(sealed_of)
    ad = Parsed(str)


class NewFrameSession(Schema):
    """A frame session."""

    uid = Parsed(uid_of)
    origin = Parsed(parse_origin)
    key = Parsed(key_of)
    silent = Flag(required=True)


class NonceToSign(Schema):
    """A nonce to co-sign."""

    uid = Parsed(uid_of)
    origin = Parsed(parse_origin)
    nonce = Parsed(str)


def load(schema: Schema, body: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a body, each in the form that verbs take.

    Raises:
        MalformedMember: if one is absent, of another form, or not known.
        SealedTooLarge: if what is sealed is larger than the repo keeps.
    """
    try:
        members: dict[str, Any] = schema.load(body)
    except ValidationError as error:
        raise errors.MalformedMember from error
    return members
