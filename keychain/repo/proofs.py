"""Proofs: every request of a device or frame session is signed, in the manner of DPoP (RFC 9449).

A proof is a compact ES256 JWS with ``typ`` ``proof+jwt``, so that it never passes for a signed nonce, nor a nonce for
it. It names method, address, time, a unique id, the body's SHA-256 and its signer, and nothing else: it can be used for
this one request, once. There are no cookies, so there is nothing that another site could make a browser send.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import ColumnElement, Delete, delete, select, tuple_

from keychain import errors
from keychain.jose import base64url, jws
from keychain.jose.jwk import PrivateKey, PublicKey
from keychain.store.engine import Session
from keychain.store.repo_tables import seen_proofs

TYP = "proof+jwt"
WINDOW_SECONDS = 60  # either way
# Far more than the two minutes in which a proof is fresh: a node's clock that is wrong by less lets none in again.
KEPT = timedelta(hours=24)

_MEMBERS = {"htm", "htu", "iat", "jti", "bh", "kid"}
_JTI = re.compile(r"[A-Za-z0-9_-]{22,64}", re.ASCII)
_KID = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_NOBODY = PrivateKey().public.raw


@dataclass(frozen=True)
class UnverifiedProof:
    """A fresh proof about this very request, by nobody knows whom."""

    unverified_kid: str
    jti: str
    signature: jws.UnverifiedJWS


def parse(text: str, *, method: str, address: str, body: bytes, now: datetime) -> UnverifiedProof:
    """Read a proof, and hold it against the request that it came with.

    Raises:
        MalformedProof: if it is none, or about another request.
        ProofNotFresh: if it was made more than a minute from ``now``, either way.
    """
    try:
        signature = jws.parse(text, TYP)
    except ValueError as error:
        raise errors.MalformedProof from error
    claims = signature.unverified_claims
    if claims.keys() != _MEMBERS or type(claims["iat"]) is not int:
        raise errors.MalformedProof
    kid, jti = claims["kid"], claims["jti"]
    if not (_is(_KID, kid) and _is(_JTI, jti)):
        raise errors.MalformedProof
    about = (method, address, base64url.encode(hashlib.sha256(body).digest()))
    if (claims["htm"], claims["htu"], claims["bh"]) != about:
        raise errors.MalformedProof
    if abs(int(now.timestamp()) - claims["iat"]) > WINDOW_SECONDS:
        raise errors.ProofNotFresh
    return UnverifiedProof(kid, jti, signature)


def check(proof: UnverifiedProof, key: PublicKey | None) -> None:
    """Pass a proof that its signer signed. ``None`` is a signer that nobody knows: the same work, and the same words.

    Raises:
        SignerRefused: otherwise.
    """
    by = key or PublicKey(_NOBODY)  # a new object each time: like a key just read, it has not loaded its point yet
    verified = jws.verify(proof.signature, by)
    if verified is None or not compare_digest(by.thumbprint, proof.unverified_kid):
        raise errors.SignerRefused


def spend(session: Session, proof: UnverifiedProof, provided: ColumnElement[bool] | None = None) -> None:
    """Use a proof up, if ``provided`` holds at that moment. A unique insert decides between two that arrive together.

    Raises:
        ReplayedProof: if it was seen before, or ``provided`` does not hold (any more).
    """
    row = {"kid": proof.unverified_kid, "jti": proof.jti}
    new = session.add_new(seen_proofs, row) if provided is None else session.add_new_if(provided, seen_proofs, row)
    if not new:
        raise errors.ReplayedProof


def old(now: datetime, limit: int) -> Delete:
    """The statement that forgets at most ``limit`` proofs that were seen more than a day ago."""
    seen = select(seen_proofs.c.kid, seen_proofs.c.jti).where(seen_proofs.c.seen_at < now - KEPT)
    return delete(seen_proofs).where(tuple_(seen_proofs.c.kid, seen_proofs.c.jti).in_(seen.limit(limit)))


def _is(form: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and form.fullmatch(text) is not None
