"""Logging as the service does it, in a test's own process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from keychain import logs


@contextmanager
def logged(level: str) -> Iterator[None]:
    """Log at ``level`` and above, by us and by the libraries; everything is put back at the end."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.configure(level)
    structlog.configure(cache_logger_on_first_use=False)  # or whoever logs meanwhile does so for good
    try:
        yield
    finally:
        root.handlers[:], former = before
        root.setLevel(former)
        structlog.reset_defaults()
