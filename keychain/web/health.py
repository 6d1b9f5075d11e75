"""``/healthz`` and ``/readyz``: for whoever starts this service, and whoever sends requests to it.

Both are open to all, tell nothing but yes or no, and are cheap. ``/healthz`` says that the process answers: a database
that is away is no reason to start it anew. ``/readyz`` says that it can do its work: the database answers, its tables
are not older than this code, and it knows this process's master keys. Why it can not stands in the log, once.
"""

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import structlog

from keychain import errors
from keychain.repo import readiness
from keychain.repo.masterkeys import MasterKeys
from keychain.store import schema
from keychain.store.engine import Store
from keychain.store.files import UnusableStore
from keychain.web import answers
from keychain.web.express import Way
from keychain.web.service import Service

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

GOOD_FOR = 1.0  # seconds; so often may strangers make this process look
# A look at a database that hangs takes seconds. Others are told what was found before, unless that is older than this.
TOO_OLD = 10.0

_log = structlog.get_logger("keychain")


class _Finding(NamedTuple):
    ready: bool
    at: float  # by the monotonic clock


class Readiness:
    """The newest finding, which all askers of a second share. ``marks``: of master keys, if any are used here."""

    def __init__(self, store: Store, marks: Mapping[int, bytes]) -> None:
        self._store = store
        self._marks = marks
        self._looking = threading.Lock()
        self._found = _Finding(ready=True, at=float("-inf"))

    def check(self) -> None:
        """Pass if this process can do its work. At most one thread looks; no more of them hang where the database does.

        Raises:
            NotReady: if it can not.
        """
        found = self._found
        age = time.monotonic() - found.at
        if age >= GOOD_FOR and self._looking.acquire(blocking=age >= TOO_OLD):
            try:
                if self._found is found:  # nobody else looked while this thread waited
                    self._found = self._look()
                found = self._found
            finally:
                self._looking.release()
        if not found.ready:
            raise errors.NotReady

    def _look(self) -> _Finding:
        trouble: Exception | None = None
        try:
            self._hold()
        except (errors.Unavailable, UnusableStore) as error:
            trouble = error
        if trouble and self._found.ready:
            _log.warning("not ready", exc_info=trouble)
        elif not trouble and not self._found.ready:
            _log.info("ready again")
        return _Finding(trouble is None, time.monotonic())

    def _hold(self) -> None:
        """Hold the database against what this process needs: two statements."""
        with self._store.session() as session:
            at, wanted = schema.revision(session), schema.head()
            # A later version's tables are what the other nodes of an upgrade run on: who serves already goes on.
            if at != wanted and not schema.is_newer(at):
                raise UnusableStore(f"the tables are at {at or 'nothing'}, not at {wanted}")
            if self._marks:
                readiness.look(session, self._marks)


def ways(service: Service, keys: MasterKeys | None) -> dict[tuple[str, str], Way]:
    """The two doors, without a permit: requests that hang where the database does hold them all, and these have to
    answer then. ``keys``: of the repo, where that is served.
    """
    ready = Readiness(service.store, readiness.marks(keys) if keys else {})

    def alive(_environ: "WSGIEnvironment") -> dict[str, object]:
        """Whether this process answers at all; nobody else is asked."""
        return answers.success()

    def able(_environ: "WSGIEnvironment") -> dict[str, object]:
        """Whether requests should be sent here."""
        ready.check()
        return answers.success()

    return {("GET", "/healthz"): alive, ("GET", "/readyz"): able}
