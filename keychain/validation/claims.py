"""Attribute claims: the repo's word that an attribute was verified for a uid.

A token is a JWS by the claims key over ``{"uid", "attr", "salt", "hash", "exp"}``: ``hash`` is base64url of
SHA-256(salt || address), ``salt`` base64url of at least 16 bytes, ``exp`` seconds since 1970. So the token does not
show the address, and says nothing about any other. The claims key's private half is the repo's; here is the public one.

``true`` needs the address itself beside the token: a token alone answers ``false``, because a browser can send its own
token beside somebody else's address.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest
from typing import Any

from keychain import errors
from keychain.jose import base64url, jws
from keychain.jose.jwk import PublicKey

EMAIL = "email"  # the only attribute that is verified so far
SALT_BYTES = 16


def check(
    tokens: Mapping[str, str] | None, *, uid: str, attr: Mapping[str, Any], key: PublicKey | None, now: datetime
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
    claim = _claim(tokens[EMAIL], key)
    expires = claim.get("exp")
    if claim.get("uid") != uid or claim.get("attr") != EMAIL or type(expires) is not int or now.timestamp() >= expires:
        raise errors.ClaimRefused(attr_claims={EMAIL: False})
    return {EMAIL: _matches(claim, _address(attr))}


def _claim(token: str, key: PublicKey | None) -> Mapping[str, Any]:
    try:
        verified = jws.verify(jws.parse(token), key) if key else None
    except ValueError:
        verified = None
    if verified is None:
        raise errors.ClaimRefused(attr_claims={EMAIL: False})
    return verified.claims


def _address(attr: Mapping[str, Any]) -> str | None:
    """The e-mail address of a payload, in the vocabulary of 2014 or of 2013; ``None`` if absent or contradictory."""
    spelled = [card.get("email") for card in (attr.get("email"), attr.get("personal_info")) if isinstance(card, dict)]
    addresses = {address for address in spelled if isinstance(address, str)}
    return addresses.pop() if len(addresses) == 1 else None


def _matches(claim: Mapping[str, Any], address: str | None) -> bool:
    if not address:
        return False
    try:
        salt, digest = base64url.decode(claim["salt"]), base64url.decode(claim["hash"])
        spoken = address.encode("utf-8")
    except (KeyError, TypeError, AttributeError, ValueError):
        return False
    return len(salt) >= SALT_BYTES and compare_digest(hashlib.sha256(salt + spoken).digest(), digest)
