"""What the members of requests about cards, releases and a new secret have to be (``docs/repo.md``, Forms)."""

import re
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from marshmallow import Schema, ValidationError, fields

from keychain.jose import base64url
from keychain.origin import parse as parse_origin
from keychain.repo import cards, identities, releases
from keychain.web.repo.confirmation_schemas import OrNull
from keychain.web.repo.pairing_schemas import Whole
from keychain.web.repo.schemas import Parsed, sealed_of, uid_of

ID_BYTES = 16
SEALED_BYTES = 16 * 1024
CARD_BODY = 32 * 1024
# All that an account may have fits into a renewal, with room for what stands around it. Base64 makes four bytes of
# three, and of the names of fields, which count twice, JSON with spaces makes five bytes of two at most.
#   identities   512 KiB sealed: 0.70 MB, and 2000 times 52 bytes around a uid and a seal: 0.10 MB
#   cards       1024 KiB sealed: 1.40 MB, and 200 times 75 bytes: 0.02 MB
#   releases    1024 KiB sealed and named: 1.40 MB, and 1000 times 135 bytes: 0.14 MB
# Together 3.75 MB of 4.19 MB.
RENEWAL_BODY = 4 * 1024 * 1024
MOST_FIELDS = 64
MOST_VERSION = 2**31 - 1

# What a script could take for something else, `__proto__` above all, does not begin with a letter.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}", re.ASCII)


class Several(fields.List[Any]):
    """At most ``most`` of a kind, no two of them the same by ``key``. A longer list is not even looked at, and nothing
    after the first wrong one.
    """

    def __init__(self, kind: fields.Field[Any], most: int, key: Callable[[Any], Hashable] = lambda one: one) -> None:
        super().__init__(kind, required=True)
        self._most, self._key = most, key

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> list[Any]:  # noqa: ANN401 - what was sent
        if not isinstance(value, list) or len(value) > self._most:
            raise ValidationError("not a list of so many")
        several = [self.inner.deserialize(one, *rest, **options) for one in value]
        if len({self._key(one) for one in several}) < len(several):
            raise ValidationError("one of them stands twice")
        return several


def name_of(text: str) -> str:
    """The name of a card or field. These two raise ``ValueError`` for a text of another form."""
    if not _NAME.fullmatch(text):
        raise ValueError("not a name")
    return text


def card_id_of(text: str) -> str:
    """What a device calls a card."""
    if len(base64url.decode(text)) != ID_BYTES:
        raise ValueError("not 16 bytes")
    return text


def _names(most: int = MOST_FIELDS) -> Several:
    return Several(Parsed(name_of), most)


def _version() -> Whole:
    return Whole(MOST_VERSION, least=1)


def _sealed() -> Parsed:
    return Parsed(partial(sealed_of, most=SEALED_BYTES))


class WrittenCard(Schema):
    """A card under its next version; null deletes it."""

    id = Parsed(card_id_of)
    version = _version()
    sealed = OrNull(_sealed())


class ResealedCard(Schema):
    """A card that stays."""

    id = Parsed(card_id_of)
    version = _version()
    sealed = _sealed()


class NewRelease(Schema):
    """What a site may read of a card."""

    uid = Parsed(uid_of)
    card = Parsed(name_of)
    fields = _names()  # type: ignore[assignment] # the members are taken out of the class
    version = _version()
    sealed = _sealed()


class EndedRelease(Schema):
    """What a site may read no more: of one card, or with null of all."""

    uid = Parsed(uid_of)
    card = OrNull(Parsed(name_of))


class WantedReleases(Schema):
    """What a site wants to read."""

    uid = Parsed(uid_of)
    origin = Parsed(parse_origin)
    cards = _names(releases.MOST)


class NamedIdentity(Schema):
    """An identity by its uid."""

    uid = Parsed(uid_of)


class IdentityAtOrigin(Schema):
    """An identity by its uid, and the origin that it is believed to be at."""

    uid = Parsed(uid_of)
    origin = Parsed(parse_origin)


class ResealedIdentity(Schema):
    """An identity's AD key, under a new seal."""

    uid = Parsed(uid_of)
    sealed = Parsed(sealed_of)


class NewSeals(Schema):
    """All of an account, sealed anew."""

    identities = Several(fields.Nested(ResealedIdentity), identities.MOST, lambda one: one["uid"])
    cards = Several(fields.Nested(ResealedCard), cards.MOST, lambda one: one["id"])
    releases = Several(fields.Nested(NewRelease), releases.MOST_OF_ACCOUNT, lambda one: (one["uid"], one["card"]))
