"""Base64 with exactly one accepted spelling per value (RFC 4648).

Python's decoders skip foreign characters and ignore stray bits. Two parsers that disagree about such a text see two
different values, so everything here is decoded and then encoded again: only a text that comes back is accepted.
"""

import base64

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")


def encode(raw: bytes) -> str:
    """Unpadded base64url, as JOSE wants it (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of a canonical unpadded base64url text.

    Raises:
        ValueError: for padding, foreign characters, an impossible length or stray bits.
    """
    raw = _decode(text)
    if encode(raw) != text:
        raise ValueError("not canonical base64url")
    return raw


def decode_standard(text: str) -> bytes:
    """The bytes of a canonical padded base64 text in the standard alphabet.

    Raises:
        ValueError: for anything else.
    """
    raw = _decode(text.rstrip("="))
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not canonical base64")
    return raw


def decode_either(text: str) -> bytes:
    """The bytes of a text in either alphabet, padded or not, but never in both alphabets at once.

    Browsers of the time wrote keys in the standard alphabet, the repo in the URL-safe one (legacy wire, 0.3).

    Raises:
        ValueError: for anything else, stray bits included.
    """
    unpadded = text.removesuffix("=").removesuffix("=")
    raw = _decode(unpadded)
    spelled = encode(raw) if "-" in text or "_" in text else base64.b64encode(raw).rstrip(b"=").decode()
    if unpadded != spelled or text not in (unpadded, unpadded + "=" * (-len(unpadded) % 4)):
        raise ValueError("not canonical base64")
    return raw


def _decode(text: str) -> bytes:
    """The bytes of a text in any alphabet. Whether it is the right one, the caller learns by spelling it again."""
    try:
        standard = text.encode("ascii").translate(_TO_STANDARD)
        return base64.b64decode(standard + b"=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise ValueError("not base64") from error
