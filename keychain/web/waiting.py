"""The waiting room: requests of sites' servers that wait for a person's answer, and cost next to nothing meanwhile.

Each has a thread that sleeps; one more asks the database for all of them, every quarter of a second, while there is
somebody to ask for. A decision that this very process hears of wakes its waiter at once. Nobody here holds a database
connection, nor a permit. What a WSGI application can not see is that a caller has gone: then the question expires.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import structlog

from keychain import errors

LOOK_EVERY = 0.25  # seconds
# From a request's arrival to its answer at the latest; callers of the time give up after a minute.
SECONDS = 48.0

_log = structlog.get_logger("keychain")


class WaitingRoom:
    """``places`` for requests, each of which waits until ``seconds`` after it came. ``look`` finds out which of some
    ids have been answered.
    """

    def __init__(self, look: Callable[[Collection[str]], Collection[str]], places: int, seconds: float) -> None:
        self.seconds = seconds
        self._look = look
        self._all = self._places = places
        self._lock = threading.Lock()
        self._waiting: dict[str, threading.Event] = {}
        self._watching = False

    def taken(self) -> int:
        """How many places are taken."""
        return self._all - self._places

    def until(self) -> float:
        """Until when a request that comes now may wait, by the monotonic clock."""
        return time.monotonic() + self.seconds

    @contextmanager
    def place(self) -> Iterator[None]:
        """One of the places.

        Raises:
            WaitingRoomFull: if none is left.
        """
        with self._lock:
            if not self._places:
                raise errors.WaitingRoomFull
            self._places -= 1
        try:
            yield
        finally:
            with self._lock:
                self._places += 1

    def wait(self, id_: str, until: float) -> None:
        """Sleep until this is answered, or it is too late."""
        answered = threading.Event()
        with self._lock:
            self._waiting[id_] = answered
        try:
            self._see_to_a_watch()
            answered.wait(max(0.0, until - time.monotonic()))
        finally:
            with self._lock:
                del self._waiting[id_]

    def call(self, id_: str) -> None:
        """This was answered: whoever waits for it, if it is here, need not any longer."""
        with self._lock:
            answered = self._waiting.get(id_)
        if answered:
            answered.set()

    def _see_to_a_watch(self) -> None:
        with self._lock:
            if self._watching:
                return
            self._watching = True
        try:
            threading.Thread(target=self._watch, daemon=True).start()
        except RuntimeError as trouble:  # no more threads: who comes next tries again
            with self._lock:
                self._watching = False
            _log.warning("waiting room without a watch", exc_info=trouble)

    def _watch(self) -> None:
        while ids := self._present():
            try:
                for id_ in self._look(ids):
                    self.call(id_)
            except Exception as trouble:  # noqa: BLE001 - whatever it is, everybody here depends on the next look
                _log.warning("waiting room not looked after", why=type(trouble).__name__)
            time.sleep(LOOK_EVERY)

    def _present(self) -> list[str]:
        """Who waits. If nobody does, the watch ends here, and whoever comes next begins another."""
        with self._lock:
            ids = list(self._waiting)
            self._watching = bool(ids)
        return ids
