"""The board: what open pages ask for is looked up for all of them together, where there are many.

A thousand pages that ask every 900 ms want one counter each. One statement for all of them, eight times a second,
costs less than half of one for each. So what the board tells may be ``LOOK_EVERY`` old, and the counter of a device
that ended is told for that long; it is a number, and opens nothing. Where few ask, each is looked up for itself.
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping

FEW = 16  # devices: so few cost nothing, and learn at once
LOOK_EVERY = 0.125  # seconds
# Who has not asked for so long is not looked up any more; and what was seen so long ago, in a database that hangs, is
# told to nobody.
OLD = 2.0


class Board:
    """The counters of the devices that ask. ``look`` finds those of some of them; who has none is left out."""

    def __init__(
        self, look: Callable[[Collection[str]], Mapping[str, int]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[str, float] = {}
        self._seen: Mapping[str, int] = {}
        self._seen_at = -OLD

    def change(self, device: str) -> int | None:
        """A device's counter; ``None`` if it has to be looked up alone.

        Raises:
            Unavailable: if it was this one's turn to look for all, and the database can not.
        """
        now = self._clock()
        self._asked[device] = now
        # Whoever comes while another looks is told what was seen before: nobody waits for anybody here.
        if now - self._seen_at >= LOOK_EVERY and self._lock.acquire(blocking=False):
            try:
                self._see(now)
            finally:
                self._lock.release()
        return self._seen.get(device) if now - self._seen_at < OLD else None

    def _see(self, now: float) -> None:
        asked = {device: at for device, at in self._asked.copy().items() if now - at < OLD}
        self._asked = asked
        self._seen = self._look(asked) if len(asked) > FEW else {}
        self._seen_at = now
