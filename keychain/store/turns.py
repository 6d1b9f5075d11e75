"""Whose turn it is to write to SQLite: a queue in front of its lock, for all threads and processes of one database.

SQLite lets one connection write at a time, and has those that wait sleep for whole milliseconds, where a write takes a
fifth of one: two workers then do hardly more than one. Here they look again after a tenth of a millisecond. The queue
decides nothing: who does not come to his turn in time goes on, and SQLite's own lock says what happens.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SUFFIX = "-queue"
PAUSE_SECONDS = 0.0001
LONGEST_SECONDS = 1


def join(database: Path) -> int | None:
    """A descriptor of the queue of ``database``, for one connection: a lock belongs to whoever opened the file.

    ``None`` where there can be none, as when another user made the file: then there is SQLite's lock alone.
    """
    with suppress(OSError):
        owner = database.stat()
        descriptor = os.open(f"{database}{SUFFIX}", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:  # an operator's command, perhaps, where the service is somebody else
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor
    return None


def leave(descriptor: int | None) -> None:
    """Give a descriptor back."""
    if descriptor is not None:
        os.close(descriptor)


@contextmanager
def turn(descriptor: int) -> Iterator[None]:
    """One's turn, or the end of one's patience."""
    give_up = time.monotonic() + LONGEST_SECONDS
    while not _taken(descriptor) and time.monotonic() < give_up:
        time.sleep(PAUSE_SECONDS)
    try:
        yield
    finally:
        with suppress(OSError):  # the connection was cut off meanwhile, and its place given back
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
