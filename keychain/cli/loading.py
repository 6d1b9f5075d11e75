"""What a worker process of ``serve`` does: it makes the application, however often it has to try, and goes on with the
upkeep beside it.
"""

import ctypes
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import structlog

from keychain import errors, logs
from keychain.app import create_app
from keychain.cli import audit
from keychain.cli.reloading import Current
from keychain.repo import pruning
from keychain.settings import SettingsError, forget_environment
from keychain.store.engine import Store
from keychain.store.files import UnusableStore
from keychain.validation import replay
from keychain.web import stalled

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PRUNE_EVERY_SECONDS = 600
RETRY_SECONDS = 3  # between two tries of a worker that can not be loaded
STOP_SECONDS = 10  # how long a request in flight may take to end

_M_ARENA_MAX = -8  # of malloc.h

_Made = TypeVar("_Made")
_log = structlog.get_logger("keychain")


def load(current: Current, server: int, sink: socket.socket | None) -> "WSGIApplication":
    """The application, in a worker process of its own. ``server`` is the process that started it; at
    the ``sink``'s other end is the exporter, if there is one.
    """
    _share_arenas()
    logs.configure(current.settings.log_level)
    app = _as_soon_as_it_can(partial(create_app, current.settings), server)
    forget_environment()
    gc.collect()
    gc.freeze()  # what the application is made of stays: walking it in each full collection would take 70 ms
    _in_background(stalled.cut_forever, current.settings.port)
    _in_background(_prune_forever, app.extensions["keychain"].store)
    _in_background(audit.seal_forever, app.extensions["keychain"].store)
    _in_background(_end_with, server)
    if sink and (meters := app.extensions["keychain.meters"]):
        meters.start(sink)
    return app


def _share_arenas() -> None:
    """Have all threads allocate from two heaps. glibc makes up to eight for each processor, and each keeps what some
    batch once needed: 4 MB more of a worker, for nothing, as Python's threads allocate one at a time (mallopt(3)).
    """
    with suppress(OSError, AttributeError):  # another C library, which has no such thing
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _as_soon_as_it_can(make: Callable[[], _Made], server: int) -> _Made:
    """What is made. A worker that left because it can not be would end all others: the server takes two that end within
    seconds for a reason to stop.
    """
    for ends in (signal.SIGTERM, signal.SIGINT):  # the server's own handlers came along with the fork
        signal.signal(ends, signal.SIG_DFL)
    said = ""
    while True:
        cause: Exception | None = None
        try:
            return make()
        except errors.Unavailable as error:
            why, cause = "the database does not answer", error
        except (UnusableStore, SettingsError, OSError) as error:  # long after the start, files may be others
            why = str(error)
        if why != said:
            _log.error("worker not started, and tries again", why=why, exc_info=cause)
            said = why
        time.sleep(RETRY_SECONDS)
        if os.getppid() != server:
            sys.exit(1)


def _end_with(parent: int) -> None:
    """Workers that outlive a killed server would keep its port and answer for it."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)  # a caller who stalls would hold this worker longer, and nobody is left to end it
    os._exit(1)


def _prune_forever(store: Store) -> None:
    while True:
        time.sleep(PRUNE_EVERY_SECONDS)
        try:
            _log.info("pruned", nonces=replay.prune(store), **pruning.prune(store))
        except errors.Unavailable as error:
            _log.warning("not pruned", exc_info=error)


def _in_background(work: object, *arguments: object) -> None:
    threading.Thread(target=work, args=arguments, daemon=True).start()  # type: ignore[arg-type]
