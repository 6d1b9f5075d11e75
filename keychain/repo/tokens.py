"""The two_factor_token: what a site keeps of a user, to ask for a confirmation with no browser present.

It is derived from a master key, and random to everybody else. The repo keeps its digest to find the identity by, so a
copy of the database asks nobody. Legacy wire: standard base64 of 16 bytes.
"""

import base64
import hashlib

from keychain.jose import base64url

BYTES = 16


def text(token: bytes) -> str:
    """A token as sites see it."""
    return base64.b64encode(token).decode()


def parse(sent: str) -> bytes:
    """The token that a site sends.

    Raises:
        ValueError: unless it is canonical standard base64 of 16 bytes.
    """
    token = base64url.decode_standard(sent)
    if len(token) != BYTES:
        raise ValueError("a token is 16 bytes")
    return token


def digest(token: bytes) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token).digest()
