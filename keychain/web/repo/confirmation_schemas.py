"""What the members of requests about phones and confirmations have to be (``docs/repo.md``, Forms)."""

import re
from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields

from keychain.jose import base64url
from keychain.jose.jwk import PublicKey
from keychain.origin import parse as parse_origin
from keychain.repo.asking import LEVELS
from keychain.repo.confirmations import ID_BYTES
from keychain.repo.deciding import STATES
from keychain.repo.phone_settings import NUMBERS
from keychain.repo.push_subscriptions import UNCOMPRESSED
from keychain.repo.words import CONFIRM, SIGN_IN
from keychain.web.repo.schemas import Flag, Parsed, digest_of, uid_of

AUTH_BYTES = 16
ENDPOINT_LENGTH = 1024

_NUMBER = re.compile(r"[1-9][0-9]", re.ASCII)
_ASKER = re.compile(r"(site|api):[!-~]{1,55}", re.ASCII)
_ENDPOINT = re.compile(rf"[!-~]{{1,{ENDPOINT_LENGTH}}}", re.ASCII)


class OrNull(fields.Field[Any]):
    """A member that has to be there, and may be null."""

    def __init__(self, parsed: fields.Field[Any]) -> None:
        super().__init__(required=True, allow_none=True)
        self._parsed = parsed

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:  # noqa: ANN401 - what was sent
        return self._parsed.deserialize(value, attr, data)


def _one_of(*choices: str) -> Parsed:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError("not one of these")
        return text

    return Parsed(parse)


def _like(form: re.Pattern[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError("not of this form")
        return text

    return parse


def _id(text: str) -> str:
    if len(base64url.decode(text)) != ID_BYTES:
        raise ValueError("not 16 bytes")
    return text


def _auth(text: str) -> bytes:
    raw = base64url.decode(text)
    if len(raw) != AUTH_BYTES:
        raise ValueError("not 16 bytes")
    return raw


def _point(text: str) -> bytes:
    raw = base64url.decode(text)
    if raw[:1] != UNCOMPRESSED:
        raise ValueError("not an uncompressed point")
    PublicKey.parse(base64url.encode(raw[1:]))
    return raw


class NewConfirmation(Schema):
    """What the person is to be asked. Which words can be, ``words`` says."""

    uid = Parsed(uid_of)
    origin = Parsed(parse_origin)
    nonce = Parsed(str)
    kind = _one_of(CONFIRM, SIGN_IN)
    level = _one_of(*LEVELS)
    title = Parsed(str)
    message = Parsed(str)
    shows_number = Flag(required=True)


class NamedConfirmation(Schema):
    """A confirmation by its id."""

    confirmation = Parsed(_id)


class Decision(Schema):
    """What a phone answers."""

    confirmation = Parsed(_id)
    decision = _one_of(*STATES)
    cd = OrNull(Parsed(str))
    number = OrNull(Parsed(_like(_NUMBER)))
    pin = OrNull(Parsed(digest_of))


class NewPhoneSettings(Schema):
    """What the account wants of its phones."""

    demands_phone = Flag(required=True)
    numbers = _one_of(*NUMBERS)


class NewPin(Schema):
    """A PIN in the place of a former one."""

    proof = Parsed(digest_of)
    former = OrNull(Parsed(digest_of))


class NewPushSubscription(Schema):
    """Where a phone can be woken, and the keys that only it opens what is sent there with."""

    endpoint = Parsed(_like(_ENDPOINT))
    p256dh = Parsed(_point)
    auth = Parsed(_auth)


class NamedAsker(Schema):
    """An asker that was silenced."""

    id = Parsed(_like(_ASKER))
