"""Which origins people can sign in to: those that only their owner can speak as, and never the service's own.

A site on the service's own origin could use every key that the service's pages keep there.
"""

from keychain import errors
from keychain.origin import Origin


def check(origin: Origin, own: str) -> str:
    """The text of an origin that can be signed in to. ``own`` is the service's.

    Raises:
        OriginRefused: for any other.
    """
    if not origin.is_secure or origin.text == own:
        raise errors.OriginRefused
    return origin.text
