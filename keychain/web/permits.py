"""Permits: how many requests are worked on at once.

The server has a thread for each request that waits for a person, and more would be worked on at once than the database
has connections if each of them were let through. So each request takes one of as many permits as there are threads to
answer with, and gives it back while it only waits.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Permits:
    """``count`` of them. Taking one that is there costs a microsecond or two."""

    def __init__(self, count: int) -> None:
        self._left = threading.Semaphore(count)

    def __enter__(self) -> None:
        """Take one, as soon as there is one."""
        self._left.acquire()

    def __exit__(self, *_: object) -> None:
        self._left.release()

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Let others have the one that this thread holds, and take one again at the end."""
        self._left.release()
        try:
            yield
        finally:
            self._left.acquire()
