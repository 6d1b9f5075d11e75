"""The words of a confirmation: which may be asked, and what a control device signs of them.

Control and direction characters are let through: they are signed as they are, and phones show them harmless.
"""

import hashlib
import re

from keychain import errors
from keychain.jose import base64url

TITLE_LENGTH = 200
MESSAGE_LENGTH = 10_000

_UNSIGNABLE = re.compile("[\\x00\\ud800-\\udfff]")

CONFIRM, SIGN_IN, SEND_2FA = "confirm", "signin", "send_2fa"


def check(kind: str, title: str, message: str) -> None:
    """Pass words that can be shown and signed; a sign-in has none.

    Raises:
        MalformedWords: for any other. A line feed in the title would make two pairs of words one signed text; half a
            surrogate pair has no UTF-8, so nobody could sign it; NUL has no place in PostgreSQL's texts.
    """
    if kind == SIGN_IN:
        fits = not title and not message
    else:
        fits = len(title) <= TITLE_LENGTH and "\n" not in title and 0 < len(message) <= MESSAGE_LENGTH
    if not fits or _UNSIGNABLE.search(title + message):
        raise errors.MalformedWords


def digest(title: str, message: str) -> str:
    """``words_sha256``: base64url SHA-256 of title, line feed, message in UTF-8."""
    return base64url.encode(hashlib.sha256(f"{title}\n{message}".encode()).digest())
