"""Vouching for a proved e-mail address: short-lived claims that the Keychain verifies (``docs/protocol.md``, Claims).

A token is a JWS by the claims key, for one uid. It holds the salt and the digest that the account keeps, and so tells
the address to nobody who can not guess it. The repo does not know which address a site is given: whether it is the one
that was proved, whoever opens the release compares before handing the token on, and the Keychain does again.
"""

from datetime import datetime, timedelta

from keychain.jose import base64url, jws
from keychain.repo import verified_addresses
from keychain.repo.masterkeys import MasterKeys
from keychain.store.engine import Session

EMAIL = "email"
GOOD_FOR = timedelta(minutes=10)


def claims(session: Session, keys: MasterKeys, account: str, uid: str, now: datetime) -> dict[str, str]:
    """The tokens for a uid of an account, by attribute; none where nothing was proved."""
    address = verified_addresses.proved(session, account)
    return {EMAIL: claims_token(keys, uid, address.salt, address.digest, now)} if address else {}


def claims_token(keys: MasterKeys, uid: str, salt: bytes, digest: bytes, now: datetime) -> str:
    """The word that the address of this digest was proved by ``uid``."""
    members = {
        "uid": uid,
        "attr": EMAIL,
        "salt": base64url.encode(salt),
        "hash": base64url.encode(digest),
        "exp": int((now + GOOD_FOR).timestamp()),
    }
    return jws.sign(members, keys.claims_key)
