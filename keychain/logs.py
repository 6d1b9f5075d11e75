"""Logs: one JSON object a line on standard error, with a request id where there is a request.

What is logged is chosen, never dumped: no body, header, path or query of a request, no uid, key or attribute. A test
drives every door at DEBUG and searches. Libraries that log by themselves go through the same renderer.
"""

import logging
import logging.config
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor


class _Lossy:
    """Standard error, except that a full disk or a closed pipe costs the line and not the answer it is about."""

    def write(self, text: str) -> None:
        """Write, if that is possible."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush, if that is possible."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def _first_lines(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Of an error's words the first line: a database puts the values of the failing row into the next ones."""
    for error in event.get("exception", ()):
        error["exc_value"] = error["exc_value"].partition("\n")[0]
    return event


_SHARED: list[Processor] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    # Without the frames' variables: those are the credentials and payloads.
    structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
    _first_lines,
]


def configure(level: str) -> None:
    """Log at ``level`` and above, here and in the libraries."""
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Lossy())),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(for_libraries(level))


def for_libraries(level: str) -> dict[str, Any]:
    """The ``logging`` configuration that renders the libraries' own lines like ours (also for the WSGI server)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(),
                ],
                "foreign_pre_chain": _SHARED,
            }
        },
        # The server is named, so that its own handlers are not put there instead; Alembic reports steps nobody asked
        # about; and what a repo of its own asks a Keychain with would log addresses and headers.
        "loggers": {
            "_granian": {"propagate": True},
            "alembic": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": level, "handlers": ["stderr"]},
    }
