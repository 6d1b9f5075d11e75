"""The e-mail addresses that this service writes to: a narrow part of what RFC 5321 allows. Pure.

A dot-atom without ``=`` and ``?``, ``@``, and a host name with a dot in it, in ASCII all through. That leaves out
quoted local parts, addresses in brackets and comments, in which two parsers see two mailboxes; encoded words (RFC 2047,
``=?utf-8?q?...?=``), which some programs decode into another address; and every letter beyond ASCII: software that
folds letters makes one of two of them (a dotless i in upper case is ``I``), and an address that somebody proved would
then pass for another's. A name in another script is written as DNS has it (``xn--...``), and so resolved in one way
only. What differs is refused, not repaired: what was proved is exactly the text that was written.
"""

import re

LONGEST = 254  # RFC 5321, 4.5.3.1.3, without the brackets of a path
LONGEST_LOCAL_PART = 64

_ATOM = r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP = r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"  # never a number, as the end of an IP address would be
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@(?:{_LABEL}\.)+{_TOP}", re.ASCII)


def parse(text: str) -> str:
    """The address, as it was written.

    Raises:
        ValueError: for what is none, or none that this service writes to. The text is not in its words.
    """
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or len(found[1]) > LONGEST_LOCAL_PART:
        raise ValueError("an address is a name, @ and a host in ASCII, such as ann@example.org")
    return text


def domain(address: str) -> str:
    """What stands behind the ``@``."""
    return address.rpartition("@")[2]
