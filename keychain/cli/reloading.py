"""SIGHUP: ``keychain serve`` reads its settings and master keys anew, and replaces its workers one after the other.

A new worker answers before the old one stops, and the old one ends what it has begun. What new workers could not load
is refused before any of them starts: the old ones go on, and the log says why. And where one can not be loaded all the
same, its old one stays until it can be, however long that takes: a worker that waits ends nobody.
"""

import multiprocessing
import socket
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Event
from typing import Any

import structlog
from granian.net import SocketSpec  # type: ignore[attr-defined] # it names no exports
from granian.server.mp import MPServer

from keychain import errors
from keychain.app import master_keys, mistakes
from keychain.cli.upkeep import NotMigrated, opened
from keychain.settings import Settings, SettingsError
from keychain.store.files import UnusableStore

LOOK_SECONDS = 0.2  # between two looks at what else may have come up
SLACK_SECONDS = 1.5  # from its being loaded to its listening, with much to spare

_log = structlog.get_logger("keychain")


class Current:
    """The settings that workers load: those of the start, or of the last SIGHUP."""

    def __init__(self, settings: Settings, again: Callable[[], Settings]) -> None:
        self.settings = settings
        self._again = again

    def renew(self) -> bool:
        """Read the settings again; whether workers can be replaced. The old ones stay in force where not."""
        try:
            fresh = self._again()
            self._check(fresh)
        except errors.Unavailable as error:
            _log.error("not reloaded", why="the database does not answer", exc_info=error)
            return False
        except (SettingsError, UnusableStore, NotMigrated, OSError) as error:
            _log.error("not reloaded", why=str(error))
            return False
        self.settings = fresh
        _log.info("reloading")
        return True

    def _check(self, fresh: Settings) -> None:
        found = mistakes(fresh)
        if fresh.database_url != self.settings.database_url:
            found.append("KEYCHAIN_DATABASE_URL is another one now; stop the service and start it anew for that")
        if found:
            raise SettingsError(found)
        with opened(fresh) as store:  # closed again before any worker is forked
            if fresh.serves_repo:
                master_keys(fresh, store)


class ReloadingServer(MPServer):
    """The WSGI server; it replaces its workers on SIGHUP if ``may_reload`` says so, each once the next one is ready.

    All workers take from one listening socket, which lives as long as the server. With one of each, as this server
    does by itself on Linux, the connections that wait in a worker's own are reset when it ends.
    """

    def __init__(self, *named: Any, may_reload: Callable[[], bool], **options: Any) -> None:  # noqa: ANN401 - granian's
        super().__init__(*named, **options)
        self._may_reload = may_reload

    def _init_shared_socket(self) -> None:
        shared: Any = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._shd, self._sfd = shared, shared.get_fd()
        self._sso = socket.socket(fileno=self._sfd)
        self._sso.set_inheritable(True)

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:  # type: ignore[override] # noqa: ANN401
        ready = multiprocessing.Event()
        worker: Any = super()._spawn_worker(idx, target, partial(_loaded, callback_loader, ready))
        worker.ready = ready
        return worker

    def _reload(self, spawn_target: Any, target_loader: Any) -> None:  # noqa: ANN401 - granian's
        self.reload_signal = False
        if self._may_reload():
            self.respawned_wrks.clear()
            for idx in range(self.workers):
                if not self._replace(idx, self._spawn_worker(idx, spawn_target, target_loader)):
                    break
        self.main_loop_interrupt.clear()
        if self.interrupt_signal or self.reload_signal or self.interrupt_children:  # what came meanwhile
            self.main_loop_interrupt.set()

    def _replace(self, idx: int, fresh: Any) -> bool:  # noqa: ANN401 - a worker
        """Whether ``fresh`` took the place of the worker at ``idx``; it is ended if it did not."""
        fresh.start()
        while not fresh.ready.wait(LOOK_SECONDS):
            # Another SIGHUP means that what this one loads is not meant any more.
            if self.interrupt_signal or self.reload_signal or not fresh.is_alive():
                _log.error("not reloaded", why=f"the new worker-{idx + 1} was not ready")
                self._end(fresh, idx)
                return False
        time.sleep(SLACK_SECONDS)
        old, self.wrks[idx] = self.wrks[idx], fresh
        self._end(old, idx)
        _log.info(f"Stopped old worker-{idx + 1}")
        return True

    def _end(self, worker: Any, idx: int) -> None:  # noqa: ANN401 - a worker
        worker.terminate()
        worker.join(self.workers_kill_timeout)
        if worker.is_alive():
            worker.kill()
            worker.join()
        # Had it ended by itself, whoever has its place now would be replaced for that.
        self.interrupt_children[:] = [other for other in self.interrupt_children if other != idx]


def _loaded(load: Callable[[], Any], ready: Event) -> Any:  # noqa: ANN401 - a WSGI application
    app = load()
    ready.set()
    return app
