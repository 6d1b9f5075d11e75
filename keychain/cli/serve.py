"""``serve``: a production WSGI server in this process (``docs/adr/0006``), and what surrounds it."""

import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import Process
from pathlib import Path

import click
from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
from granian.log import LogLevels

from keychain import logs
from keychain.app import master_keys, mistakes, utc_now
from keychain.cli import payload, tryout
from keychain.cli.exporter import exporting
from keychain.cli.loading import STOP_SECONDS, load
from keychain.cli.reloading import Current, ReloadingServer
from keychain.cli.upkeep import in_use, opened
from keychain.repo import masterkeys
from keychain.settings import Settings, SettingsError, is_loopback, read
from keychain.store.engine import Store

START_SECONDS = 30
CONNECTIONS = 1024  # of one worker at once
OTHER_FILES = 256  # that it may have open beside them


@click.command()
@click.option("--host", help="Address to listen on (KEYCHAIN_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (KEYCHAIN_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes (KEYCHAIN_WORKERS).")
@click.option("--threads", type=click.IntRange(1, 64), help="Threads of each worker (KEYCHAIN_THREADS).")
@click.option("--only", type=click.Choice(["validation", "repo"]), help="Serve one half alone (KEYCHAIN_ONLY).")
@click.option("--welcome", is_flag=True, help="Print a request to paste, with fresh credentials; on loopback only.")
def serve(welcome: bool, **line: object) -> None:
    """Serve the Keychain, the repo, or both."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there are workers to replace, it would end this process
    settings = read(None, **line)
    if welcome and not is_loopback(settings.host):
        raise click.UsageError("--welcome prints an API key; it is for loopback only")
    if welcome and not settings.serves_validation:
        raise click.UsageError("--welcome prints a request to the Keychain; --only repo does not serve it")
    if found := mistakes(settings):
        raise SettingsError(found)
    logs.configure(settings.log_level)
    # For as long as it serves. The exporter is a process of its own for the reason below.
    with _claim(settings), in_use(settings), exporting(settings) as sink:
        with opened(settings) as store:  # refuses what would not work, and leaves no connection open across the fork
            _check_port(settings)
            if settings.serves_repo:
                _check_master_keys(settings, store)
        if welcome:
            # A process of its own: workers are forked, and a lock that a thread holds then is held in them for ever.
            Process(target=_welcome, args=(settings,), daemon=True).start()
        current = Current(settings, partial(read, None, **line))
        server_for(settings, current.renew).serve(
            target_loader=partial(load, current, os.getpid(), sink), wrap_loader=False
        )


def _check_master_keys(settings: Settings, store: Store) -> None:
    """Make the repo's master key at the very first start, and never serve with others than before."""
    path = settings.data_dir / masterkeys.FILE
    made = not settings.master_keys and not path.exists()
    master_keys(settings, store)
    if made:
        click.echo(f"made the repo's master key: {path}; keep a backup, it can not be made again", err=True)


def server_for(settings: Settings, may_reload: Callable[[], bool] = lambda: True) -> ReloadingServer:
    """The WSGI server, set up and not started. ``may_reload`` says whether SIGHUP may replace its workers."""
    return ReloadingServer(
        "keychain",
        may_reload=may_reload,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        backpressure=_connections(),
        # One for each connection: who sends half a body holds one until he is cut off (``web.stalled``). How many of
        # them work at once the permits say. They are made when they are needed.
        blocking_threads=max(CONNECTIONS, settings.threads_used + (settings.waiting if settings.serves_repo else 0)),
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels(settings.log_level.lower()),
        log_dictconfig=logs.for_libraries(settings.log_level),
        ssl_cert=settings.tls_certificate,
        ssl_key=settings.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )


def _connections() -> int:
    """How many connections of a worker the system has descriptors for. Its usual limit is too low for as many as we
    want, and much too low for whoever has to cut off those that stall.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OTHER_FILES
    limit = max(soft, wanted if hard == resource.RLIM_INFINITY else min(wanted, hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return min(CONNECTIONS, max(1, limit - OTHER_FILES))


def _claim(settings: Settings) -> socket.socket:
    """Hold address and port against a second server that starts at the same moment.

    The WSGI servers would share the port, each with a database of its own that spends every nonce once. An abstract
    socket is gone with its process, however that ends.
    """
    claim = socket.socket(socket.AF_UNIX)
    if sys.platform != "linux":  # only Linux has sockets without a file
        return claim
    try:
        claim.bind(f"\0keychain {settings.host} {settings.port}")
    except OSError as error:
        claim.close()
        raise _port_taken(settings, error) from error
    return claim


def _port_taken(settings: Settings, error: OSError) -> click.ClickException:
    return click.ClickException(
        f"can not listen on {settings.host}:{settings.port} ({error.strerror}); choose another with --port"
    )


def _check_port(settings: Settings) -> None:
    """Say in one line that the port is taken; the server would say it once a worker, after a fork."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise _port_taken(settings, error) from error


def _welcome(settings: Settings) -> None:
    """Once the service answers, print what to try. It goes to standard output, the log to standard error."""
    with opened(settings) as store, store.session() as session:
        credentials = tryout.credentials(session, settings, utc_now())
    deadline = time.monotonic() + START_SECONDS
    while not _answers(settings):
        if time.monotonic() > deadline:
            return  # the server has said why
        time.sleep(0.02)
    now = utc_now()
    address = tryout.address(settings)
    first, second = (payload.mint(now, ("ad", "repo")) for _ in range(2))
    command = Path(".venv/bin/keychain")
    click.echo(
        _WELCOME.format(
            address=address,
            curl=payload.curl_command(address, credentials.api_id, credentials.api_key, first),
            expiry=payload.expiry(now, settings.max_age),
            keychain=command if command.exists() else "keychain",
            api_id=credentials.api_id,
            api_key=credentials.api_key,
            payload=second,
        )
    )


def _answers(settings: Settings) -> bool:
    try:
        with socket.create_connection((settings.host, settings.port), timeout=1):
            return True
    except OSError:
        return False


_WELCOME = """
The Keychain answers at {address}. Paste this into another terminal: a payload, co-signed just now, that
expires at {expiry}.

{curl}

It says "errorcode": 0. Paste it again and it is refused: a nonce is spent once. This mints another request:

{keychain} payload --curl --server {address}

The same in Python, with another payload:

from oneid import OneID
oneid = OneID("{api_id}", "{api_key}", server="{address}")
result = oneid.validate({payload})
print(result["errorcode"], result["error"], result.uid)
"""
