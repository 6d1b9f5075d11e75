"""Permits: how many requests are worked on at once.

The server has a thread for each request that waits for a person, and more would be worked on at once than the database
has connections if each of them were let through. So each request takes one of as many permits as there are threads to
answer with, and gives it back while it only waits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

PERMITS = "keychain.permits"  # where a request's environment has them


class Permits:
    """``count`` of them. Taking one that is there costs a tenth of a microsecond."""

    def __init__(self, count: int) -> None:
        self._left: SimpleQueue[None] = SimpleQueue()
        for _ in range(count):
            self._left.put(None)

    def __enter__(self) -> None:
        """Take one, as soon as there is one."""
        self._left.get()

    def __exit__(self, *_: object) -> None:
        self._left.put(None)

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Let others have the one that this thread holds, and take one again at the end."""
        self._left.put(None)
        try:
            yield
        finally:
            self._left.get()
