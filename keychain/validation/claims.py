"""Attribute claims: the repo's word that an attribute was verified for a uid.

A token is a JWS by the claims key over ``{"uid", "attr", "salt", "hash", "exp"}``: ``hash`` is base64url of
SHA-256(salt || address), ``salt`` base64url of at least 16 bytes, ``exp`` seconds since 1970. So the token does not
show the address, and says nothing about any other. The claims key's private half is the repo's; here is the public
one, and as many as the repo has master keys.

``true`` needs the address itself beside the token: a token alone answers ``false``, because a browser can send its own
token beside somebody else's address.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any

from keychain import errors
from keychain.jose import base64url, jws
from keychain.jose.jwk import PublicKey

EMAIL = "email"  # the only attribute that is verified so far
SALT_BYTES = 16


def check(
    tokens: Mapping[str, str] | None, *, uid: str, attr: Mapping[str, Any], keys: Sequence[PublicKey], now: datetime
) -> dict[str, bool]:
    """The ``attr_claims`` of an answer. ``tokens`` is ``None`` where the question had no such member.

    Raises:
        ClaimRefused: for a token that is invalid, expired, another user's or another attribute's.
    """
    if tokens is None:
        return {}
    if not tokens:
        return {EMAIL: False}
    if tokens.keys() != {EMAIL}:
        raise errors.ClaimRefused(attr_claims={EMAIL: False})
    salt, digest = _vouched(tokens[EMAIL], uid, keys, now)
    address = _address(attr)
    return {EMAIL: address is not None and compare_digest(hashlib.sha256(salt + address).digest(), digest)}


def _vouched(token: str, uid: str, keys: Sequence[PublicKey], now: datetime) -> tuple[bytes, bytes]:
    """Salt and hash of a token that holds."""
    try:
        unverified = jws.parse(token)
        verified = next(filter(None, (jws.verify(unverified, key) for key in keys)), None)
        claim = verified.claims if verified else {}
        salt, digest = base64url.decode(claim["salt"]), base64url.decode(claim["hash"])
        current = type(claim["exp"]) is int and now.timestamp() < claim["exp"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.ClaimRefused(attr_claims={EMAIL: False}) from error
    if not current or claim.get("uid") != uid or claim.get("attr") != EMAIL or len(salt) < SALT_BYTES:
        raise errors.ClaimRefused(attr_claims={EMAIL: False})
    return salt, digest


def _address(attr: Mapping[str, Any]) -> bytes | None:
    """The e-mail address of a payload, in the vocabulary of 2014 or of 2013; ``None`` if absent or contradictory."""
    spelled = [card.get("email") for card in (attr.get("email"), attr.get("personal_info")) if isinstance(card, dict)]
    addresses = {address for address in spelled if isinstance(address, str)}
    try:
        return addresses.pop().encode("utf-8") or None if len(addresses) == 1 else None
    except UnicodeEncodeError:
        return None
