"""Base64 with exactly one accepted spelling per value (RFC 4648).

Python's decoders skip foreign characters and ignore stray bits. Two parsers that disagree about such a text see two
different values, so everything here is decoded and then encoded again: only a text that comes back is accepted.
"""

from binascii import a2b_base64, b2a_base64

_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")  # and what does not belong to what is in no alphabet
_URL_SAFE_PADDED = bytes.maketrans(b"-_+/", b"+/!!")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_PADDING = (b"", b"!", b"==", b"=")  # by the length modulo 4, of which 1 is no base64


def encode(raw: bytes) -> str:
    """Unpadded base64url, as JOSE wants it (RFC 7515, 2)."""
    return b2a_base64(raw, newline=False).translate(_TO_URL_SAFE).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of a canonical unpadded base64url text.

    Raises:
        ValueError: for padding, foreign characters, an impossible length or stray bits.
    """
    try:
        return _decode(text.encode("ascii").translate(_TO_STANDARD) + _PADDING[len(text) % 4])
    except ValueError as error:
        raise ValueError("not canonical base64url") from error


def decode_standard(text: str) -> bytes:
    """The bytes of a canonical padded base64 text in the standard alphabet.

    Raises:
        ValueError: for anything else.
    """
    try:
        return _decode(text.encode("ascii"))
    except ValueError as error:
        raise ValueError("not canonical base64") from error


def decode_either(text: str) -> bytes:
    """The bytes of a text in either alphabet, padded or not, but never in both alphabets at once.

    Browsers of the time wrote keys in the standard alphabet, the repo in the URL-safe one (legacy wire, 0.3).

    Raises:
        ValueError: for anything else, stray bits included.
    """
    try:
        spelled = text.encode("ascii")
        if not spelled.endswith(b"="):
            spelled += _PADDING[len(spelled) % 4]
        # Of a text in both alphabets, what is of the standard one becomes foreign.
        return _decode(spelled.translate(_URL_SAFE_PADDED) if b"-" in spelled or b"_" in spelled else spelled)
    except ValueError as error:
        raise ValueError("not canonical base64") from error


def _decode(standard: bytes) -> bytes:
    """The bytes of a padded text in the standard alphabet. Only the one that they are written as again is theirs."""
    raw = a2b_base64(standard)
    if b2a_base64(raw, newline=False) != standard:
        raise ValueError("not canonical")
    return raw
