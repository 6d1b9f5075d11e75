"""Logging as the service does it, in a test's own process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import structlog

from keychain import logs


@contextmanager
def put_back() -> Iterator[None]:
    """Whatever is configured meanwhile is undone at the end, and no logger keeps it: who logs under a configuration
    that caches does so for good, out of sight of every later ``capture_logs``."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.for_libraries("INFO")["loggers"]}
    configure = structlog.configure
    with patch.object(structlog, "configure", lambda **to: configure(**to | {"cache_logger_on_first_use": False})):
        try:
            yield
        finally:
            root.handlers[:], former = before
            root.setLevel(former)
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
            structlog.reset_defaults()


@contextmanager
def logged(level: str) -> Iterator[None]:
    """Log at ``level`` and above, by us and by the libraries; everything is put back at the end."""
    with put_back():
        logs.configure(level)
        yield
