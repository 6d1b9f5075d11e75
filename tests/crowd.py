"""Many at once, for tests of races: deeds that start together, and settings with room for them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

LIMITS = (
    "sign_up_limit",
    "recovery_limit",
    "signer_limit",
    "account_limit",
    "repo_limit",
    "pairing_limit",
    "poll_limit",
    "mail_limit",
)
ROOM = dict.fromkeys(LIMITS, "100000/minute") | {"threads": 16}


def at_once(*deeds) -> list:
    """What each deed answered, all of them begun at one moment."""
    barrier = Barrier(len(deeds))

    def go(deed):
        barrier.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(go, deeds))
