"""The browser's payload: read strictly, and only the necessary sent on.

The payload comes through the user's browser, so all of it is unverified. This module refuses every text that
two readers could understand in two ways: duplicate members, both spellings of one member (``uid`` and
``UID``, of which the clients of 2012 wrote the second), and two different addresses beside a token that
vouches for one. A token is read here as well: an address counts as verified only where the service says that
it is, and the token that it is about this address and this user. What leaves for the service is the user's
identifier and signatures; the user's attributes stay here, but for the address that a token speaks of.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import strict_json
from .errors import Refused

__all__ = ["LARGEST_PAYLOAD", "SERVICE_ONLY", "Payload", "UnverifiedPayload", "malformed", "parse"]

Payload = Mapping[str, Any] | str | bytes | bytearray

LARGEST_PAYLOAD = 64 * 1024
"""Bytes; what the service reads at most, and so what is worth reading from a browser."""

SERVICE_ONLY = frozenset(
    {"errorcode", "error", "code", "failed", "valid_signatures", "attr_claims", "first_use", "pin", "request_id"}
)
"""Members that only the service may say. A browser that sends one must not find it again in the outcome."""

# The service's own number for malformed_payload: the same refusal, said earlier.
_MALFORMED_PAYLOAD = -20
# The spellings of 2012. Which one was used is forgotten here.
_UPPER_CASE = {name.upper(): name for name in ("uid", "nonces", "attr", "attr_claim_tokens", "two_factor_token")}


def malformed(why: str) -> Refused:
    """The refusal of a payload that is not worth asking about."""
    return Refused("malformed_payload", _MALFORMED_PAYLOAD, why)


@dataclass(frozen=True, slots=True)
class UnverifiedPayload:
    """``members``: for the site, lower-case names. ``nonces``: ``{role: {"nonce": JWS, "key": base64}}``,
    never empty. ``address``: the card and the address that a token is to be held against, or None.
    """

    members: dict[str, Any]
    uid: str
    nonces: dict[str, dict[str, str]]
    address: tuple[str, str] | None

    @property
    def roles(self) -> frozenset[str]:
        """Who claims to have signed."""
        return frozenset(self.nonces)

    @property
    def email(self) -> str | None:
        """The address that is sent along, if the token beside it is about that, and about this user."""
        address = self.address[1] if self.address else None
        tokens = self.members.get("attr_claim_tokens")
        token = tokens.get("email") if isinstance(tokens, dict) else None
        return address if address and isinstance(token, str) and _is_about(token, self.uid, address) else None

    def signed_nonces(self) -> list[str]:
        """The nonce inside each JWS, read without verifying anything. Raises Refused."""
        return [_unverified_nonce(signature["nonce"]) for signature in self.nonces.values()]

    def question(self, *, message: str | None = None, title: str | None = None) -> str:
        """The JSON to send: one line, of ASCII where there is no message. Raises Refused if it is larger than the
        service reads.

        ``request`` is new for each question. The service answers a second arrival of the same one with
        ``repeated_request``, so that a retry can be told from a replay.
        """
        asked: dict[str, Any] = {"uid": self.uid, "nonces": self.nonces, "request": secrets.token_hex(16)}
        if "attr_claim_tokens" in self.members:
            asked["attr_claim_tokens"] = self.members["attr_claim_tokens"]
        if self.address:
            card, address = self.address
            asked["attr"] = {card: {"email": address}}
        if message is not None:
            asked["message"] = message
        if title is not None:
            asked["title"] = title
        text = strict_json.write(asked) if message is None else strict_json.write_words(asked)
        if len(text.encode()) > LARGEST_PAYLOAD:
            raise malformed("the payload is larger than the service reads")
        return text


def parse(payload: Payload) -> UnverifiedPayload:
    """Read a dict, JSON text, or JSON bytes (UTF-8, or Latin-1 where UTF-8 fails). Raises Refused."""
    members = _lower_case(_one_object(payload))
    uid = members.get("uid")
    if not isinstance(uid, str):
        raise malformed("uid is not a string")
    return UnverifiedPayload(members, uid, _nonces(members.get("nonces")), _address(members))


def _one_object(payload: Payload) -> dict[str, Any]:
    try:
        text = _text(payload)
        if len(text.encode("utf-8", "surrogatepass")) > LARGEST_PAYLOAD:
            raise malformed("the payload is larger than the service reads")
        members = strict_json.parse(text)
    except ValueError:
        # Not chained: the parser's error carries the whole text, which is the user's.
        raise malformed("the payload is not JSON without duplicate members") from None
    if not isinstance(members, dict):
        raise malformed("the payload is not an object")
    return members


def _text(payload: Payload) -> str:
    if isinstance(payload, str):
        return payload
    if isinstance(payload, bytes | bytearray):
        try:
            return payload.decode("utf-8")
        except UnicodeDecodeError:
            return payload.decode("latin-1")
    if isinstance(payload, Mapping):
        # Through text: there is one way in, and nobody can change it while the service is being asked.
        return strict_json.write(dict(payload), only_ascii=False)
    raise malformed("the payload is not an object")


def _lower_case(members: dict[str, Any]) -> dict[str, Any]:
    if len({name.casefold() for name in members}) != len(members):
        raise malformed("a member is there in two spellings")
    named = {_UPPER_CASE.get(name, name): value for name, value in members.items()}
    return {name: value for name, value in named.items() if name.casefold() not in SERVICE_ONLY}


def _nonces(nonces: object) -> dict[str, dict[str, str]]:
    if not isinstance(nonces, dict) or not nonces:
        raise malformed("nonces holds no signature")
    return {role: _signature(signature) for role, signature in nonces.items()}


def _signature(signature: object) -> dict[str, str]:
    match signature:
        case {"nonce": str(jws), "key": str(key)}:
            return {"nonce": jws, "key": key}
    raise malformed("a signature is not a nonce and a key")


def _address(members: dict[str, Any]) -> tuple[str, str] | None:
    """The address beside the claim tokens, and the card it is on: that of 2013 or that of 2012."""
    cards = members.get("attr")
    if not members.get("attr_claim_tokens") or not isinstance(cards, dict):
        return None
    addresses = [
        (card, fields["email"])
        for card in ("email", "personal_info")
        if isinstance(fields := cards.get(card), dict) and isinstance(fields.get("email"), str)
    ]
    if len({address for _, address in addresses}) > 1:
        # The service would vouch for one of them, and the site might read the other.
        raise malformed("there are two different addresses")
    return addresses[0] if addresses else None


def _unverified_nonce(jws: str) -> str:
    try:
        claims = _unverified_claims(jws)
    except ValueError:
        raise malformed("a nonce is not a JWS") from None
    match claims:
        case {"nonce": str(nonce)}:
            return nonce
    raise malformed("a JWS holds no nonce")


def _is_about(token: str, uid: str, address: str) -> bool:
    """Whether a claim token, which nobody verifies here, speaks of this user's e-mail address being this one."""
    try:
        match _unverified_claims(token):
            case {"uid": str(whose), "attr": "email", "salt": str(salt), "hash": str(digest)}:
                hashed = hashlib.sha256(_decode(salt) + address.encode("utf-8")).digest()
                return whose == uid and _decode(digest) == hashed
    except ValueError:  # a UnicodeError is one, too
        pass
    return False


def _unverified_claims(jws: str) -> Any:  # noqa: ANN401 - whatever JSON says
    _, body, _ = jws.split(".")
    return strict_json.parse(_decode(body).decode("utf-8"))


def _decode(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
