"""``python -m examples``: the service and two sites beside it, until one of them ends or somebody says so."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click
from werkzeug.serving import WSGIRequestHandler, make_server

from examples import other, shop
from examples.registration import connect
from keychain.cli import tryout
from keychain.cli.upkeep import opened
from keychain.settings import Settings, SettingsError, is_loopback, read
from keychain.store import files
from keychain.validation import sites
from oneid import OneIDError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Browsers take every name below `localhost` for this machine, and each for another site. Those that try ::1 first go on
# to 127.0.0.1, where the service listens as well.
HOST = "127.0.0.1"
STOP_SECONDS = 15  # a little more than the service gives its requests in flight

_PORT = click.IntRange(1, 65535)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--service-port", type=_PORT, help="Port of the service (KEYCHAIN_PORT, else 8000).")
@click.option("--shop-port", type=_PORT, default=8001, show_default=True, help="Port of the shop.")
@click.option("--other-port", type=_PORT, default=8002, show_default=True, help="Port of the other site.")
def main(service_port: int | None, shop_port: int, other_port: int) -> None:
    """Run the service, and two sites to sign in to: a shop, and another one that knows you by another name.

    Everything is kept in the data directory of the service (KEYCHAIN_DATA_DIR); its other settings hold as well.
    """
    settings = _settings(service_port)
    for stopping in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(stopping, signal.default_int_handler)
    try:
        with ExitStack() as until_the_end:
            at_shop = until_the_end.enter_context(_listening(shop_port, "--shop-port"))
            at_other = until_the_end.enter_context(_listening(other_port, "--other-port"))
            with _listening(settings.port, "--service-port"):
                pass  # the service says so too, but not which option is meant
            service = until_the_end.enter_context(_service(settings))
            for app, listener in zip(_sites(settings, shop_port, other_port), (at_shop, at_other), strict=True):
                until_the_end.enter_context(_serving(app, listener))
            click.echo(
                f"Open http://shop.localhost:{shop_port} and sign in;"
                f" http://other.localhost:{other_port} then knows you by another name."
            )
            click.echo(
                "Buying asks your phone, which a second browser profile can play:"
                f" open {settings.public_origin}/remote there, and connect it at {settings.public_origin}/popup."
            )
            click.echo(
                f"What you keep is at {settings.public_origin}/account; the service's mails are at"
                f" {settings.public_origin}/mailbox."
            )
            for line in service.stdout or ():  # what it prints to try; ends when the service does
                click.echo(line, nl=False)
            raise click.ClickException(f"the service ended (exit code {service.wait()}), and the sites with it")
    except KeyboardInterrupt:
        pass  # that is how it is meant to end


def _settings(port: int | None) -> Settings:
    try:
        settings = read(port=port)
    except SettingsError as error:
        raise click.ClickException("the settings are wrong:\n  " + "\n  ".join(error.mistakes)) from error
    if settings.only or settings.tls_certificate or not is_loopback(settings.host):
        raise click.ClickException(
            "the example sites want a whole service on this machine, without TLS; `keychain serve` serves yours"
        )
    return settings


@contextmanager
def _listening(port: int, option: str) -> Iterator[socket.socket]:
    """A socket that browsers can connect to already, before anything is started that would have to be stopped."""
    try:
        listener = socket.create_server((HOST, port))
    except OSError as error:
        raise click.ClickException(
            f"can not listen on {HOST}:{port} ({error.strerror}); choose another with {option}"
        ) from error
    with listener:
        yield listener


@contextmanager
def _service(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """``keychain serve`` in a process of its own, once it answers."""
    line = [sys.executable, "-m", "keychain", "serve", "--welcome", "--port", str(settings.port)]
    # In a session of its own: Ctrl-C reaches this process alone, which then stops everything in order.
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        while not _answers(settings):
            if process.poll() is not None:
                raise click.ClickException("the service did not start, so neither do the sites")
            time.sleep(0.05)
        yield process
    finally:
        for stopping in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(stopping, signal.SIG_IGN)  # it is stopping
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _answers(settings: Settings) -> bool:
    try:
        with socket.create_connection((settings.host, settings.port), timeout=1):
            return True
    except OSError:
        return False


def _sites(settings: Settings, shop_port: int, other_port: int) -> Iterator["WSGIApplication"]:
    """Both sites, registered. They ask the service at its address, browsers know it by its origin."""
    service, server = settings.public_origin, tryout.address(settings)
    files.make_private_directory(settings.data_dir)
    try:
        of_shop = connect(settings.data_dir / "shop_api_key.json", server)
        of_other = connect(settings.data_dir / "other_api_key.json", server)
    except OneIDError as error:
        raise click.ClickException(f"the sites can not be registered: {error}") from error
    at_shop, at_other = f"http://shop.localhost:{shop_port}", f"http://other.localhost:{other_port}"
    with opened(settings) as store, store.session() as session:
        # As an operator does with `keychain sites origin`: phones then show who asks as proved.
        for site, origin in ((of_shop, at_shop), (of_other, at_other)):
            sites.set_origin(session, site.api_id, origin)
    yield shop.create_app(of_shop, service=service, origin=at_shop, database=settings.data_dir / "shop.db")
    yield other.create_app(of_other, service=service, origin=at_other)


@contextmanager
def _serving(app: "WSGIApplication", listener: socket.socket) -> Iterator[None]:
    """Serve ``app`` from a thread. Werkzeug's server is enough for one person and two examples, and can be stopped
    from the same process; a site of yours runs under a server that is made for strangers (``docs/adr/0006``).
    """
    host, port = listener.getsockname()
    server = make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno())
    thread = threading.Thread(target=server.serve_forever, args=(0.1,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


class _Quiet(WSGIRequestHandler):
    """Without a line for each request: nonces are in the callback's address."""

    def log_request(self, *_: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    main(prog_name="python -m examples")
