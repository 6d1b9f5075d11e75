"""The exporter: a small process of its own that adds up what the workers count, and shows it to Prometheus.

Not in the server's process, which forks workers: a lock that a thread holds then is held in them for ever. Not at the
public port: what is counted there is nobody's business but the operator's. Workers report through a socket that is made
before they are; whatever becomes of this process, they go on.
"""

import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess, SpawnProcess

import click

from keychain.settings import Settings, forget_environment

LOOK_EVERY = 1.0  # seconds
START_SECONDS = 20
LARGEST_REPORT = 65_536


@contextmanager
def exporting(settings: Settings) -> Iterator[socket.socket | None]:
    """Metrics can be read while the block runs; what workers report to. ``None`` where none are asked for.

    Raises:
        ClickException: if nobody can listen where the settings say.
    """
    if settings.metrics_port is None:
        yield None
        return
    reports, sink = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    told, tell = multiprocessing.Pipe(duplex=False)
    process = _child()(target=run, args=(settings, settings.metrics_port, reports, tell, os.getpid()), daemon=True)
    process.start()
    reports.close()
    tell.close()
    try:
        if trouble := _trouble(told):
            raise click.ClickException(
                f"can not listen on {settings.metrics_host}:{settings.metrics_port} ({trouble}); choose another"
                " KEYCHAIN_METRICS_PORT"
            )
        yield sink
    finally:
        process.terminate()
        process.join()
        sink.close()


def _child() -> type[ForkProcess] | type[SpawnProcess]:
    """As the workers are started, by this very process: the child of a fork server would not see it end."""
    if multiprocessing.get_start_method() == "fork":
        return multiprocessing.get_context("fork").Process
    return multiprocessing.get_context("spawn").Process


def _trouble(told: Connection) -> str:
    """What the exporter says of its start; nothing if all is well."""
    with told:
        try:
            return str(told.recv()) if told.poll(START_SECONDS) else "it does not start"
        except EOFError:
            return "it ended"


def run(settings: Settings, port: int, reports: socket.socket, tell: Connection, server: int) -> None:
    """The exporter's process, from its beginning to the end of ``server``, the process that started it."""
    from keychain.cli import totals  # the library is this process's alone

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the server ends this process
    forget_environment()
    kept = totals.Totals(settings)
    with tell:
        try:
            totals.serve(kept, settings.metrics_host, port)
        except OSError as error:
            tell.send(error.strerror)
            return
        tell.send("")
    reports.settimeout(LOOK_EVERY)
    while os.getppid() == server:
        with suppress(TimeoutError):
            kept.take(reports.recv(LARGEST_REPORT), time.monotonic())
        kept.forget(time.monotonic())
