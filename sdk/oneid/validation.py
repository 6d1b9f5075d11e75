"""What ``validate`` hands back: a mapping as in 2013, with attributes beside it, that can not be misread.

The old SDK merged the service's answer over the browser's payload. So does this one, with three walls:

- the answer never replaces a member that says who the user is (``UNTOUCHABLE``);
- the payload never supplies a member that only the service may say (``payload.SERVICE_ONLY``);
- a refusal holds no user at all: a site that forgets to look at it meets a KeyError, not a stranger.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .errors import Refused

__all__ = ["UNTOUCHABLE", "Validation", "success"]

UNTOUCHABLE = frozenset({"uid", "attr", "nonces", "two_factor_token", "attr_claim_tokens"})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Validation(Mapping[str, Any]):
    """The answer about one payload; true only for a success.

    As a mapping, on success: the payload's members (``uid``, ``attr``, ``nonces``, ``two_factor_token`` ...)
    and the answer's (``errorcode`` 0, ``error`` ``"success"``, ``valid_signatures``, ``attr_claims``,
    ``first_use``, ``pin`` ...). On refusal: ``errorcode`` (never 0), ``error``, ``code``, ``attr_claims``,
    ``request_id`` and ``failed``, which is ``"failed"`` as in the old SDK.
    """

    _members: dict[str, Any]
    verified_email: str | None = field(default=None)
    """The address that the service vouches for, which is the one that was sent along; else None.

    Where an address decides anything, read this: all that ``attr`` holds is the user's own word.
    """

    @classmethod
    def succeeded(cls, payload: Mapping[str, Any], answer: Mapping[str, Any], email: str | None) -> "Validation":
        """Merged. ``email``: the one address that was sent along, if the token beside it is about it."""
        said = {name: value for name, value in answer.items() if name not in UNTOUCHABLE}
        verified = email if answer["attr_claims"].get("email") is True else None
        return cls({**payload, **said}, verified)

    @classmethod
    def refused(cls, refusal: Refused) -> "Validation":
        """The same answer as a mapping."""
        return cls(
            {
                "errorcode": refusal.errorcode,
                "error": refusal.error,
                "code": refusal.code,
                "attr_claims": dict(refusal.attr_claims),
                "request_id": refusal.request_id,
                "failed": "failed",
            }
        )

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a payload's member is whatever the browser sent
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __bool__(self) -> bool:
        return success(self)

    def __repr__(self) -> str:
        # Results end up in logs; the user's attributes must not.
        return f"Validation(errorcode={self.errorcode}, code={self.code!r})"

    @property
    def uid(self) -> str | None:
        """The user's identifier at this site, or None: there is no user in a refusal."""
        uid: str | None = self.get("uid")
        return uid

    @property
    def errorcode(self) -> int:
        """0 on success only."""
        errorcode: int = self["errorcode"]
        return errorcode

    @property
    def error(self) -> str:
        """``"success"`` on success only; else a sentence for people."""
        error: str = self["error"]
        return error

    @property
    def code(self) -> str | None:
        """The stable word for the refusal, such as ``nonce_expired``; None on success."""
        return self.get("code") if self.errorcode else None

    @property
    def request_id(self) -> str | None:
        """Names this answer in the service's log, where the service gave it a name."""
        request_id = self.get("request_id")
        return request_id if isinstance(request_id, str) else None

    @property
    def valid_signatures(self) -> tuple[str, ...]:
        """The roles whose signatures were verified: ``ad``, ``repo``, ``cd``. Empty on refusal."""
        return tuple(self.get("valid_signatures", ()))

    @property
    def attr_claims(self) -> Mapping[str, bool]:
        """What the service said about each attribute that came with a token; ``{}`` without tokens."""
        return MappingProxyType(self["attr_claims"])

    @property
    def attr(self) -> Mapping[str, Any]:
        """The cards that the user released, as the browser sent them: clear text that nobody has verified."""
        cards = self.get("attr")
        return MappingProxyType(cards if isinstance(cards, dict) else {})

    @property
    def first_use(self) -> bool:
        """True if this answer put the keys on record: nothing older says that they are this user's."""
        return self.get("first_use") is True

    @property
    def pin(self) -> bool:
        """True if the user typed the PIN of their control device (``OOBPIN``), as the service verified it."""
        return self.get("pin") is True


def success(validation: object, /) -> bool:
    """Whether ``validation``, or any mapping of that form, is a success.

    ``errorcode`` has to be the integer 0 (no ``"0"``, no ``False``) and ``error`` the string ``"success"``;
    everything else, a missing member or something that is no mapping included, is False.
    """
    if not isinstance(validation, Mapping):
        return False
    errorcode = validation.get("errorcode")
    return type(errorcode) is int and errorcode == 0 and validation.get("error") == "success"
