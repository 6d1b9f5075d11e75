"""What the doors share, put together once by ``create_app``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from keychain.settings import Settings
from keychain.store.engine import Session, Store
from keychain.validation.question import Caller, Policy
from keychain.web import addresses, auth
from keychain.web.permits import Permits
from keychain.web.rates import Rates

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Service:
    """The open service: settings, database and limits, the clock, which only doors read, and the permits to work."""

    settings: Settings
    store: Store
    rates: Rates
    policy: Policy
    clock: Clock
    permits: Permits
    batches: Permits  # of their own: one takes as long as hundreds of the others, who would all have to wait for it

    def caller(self, session: Session, environ: "WSGIEnvironment") -> Caller:
        """Who sends a request.

        Raises:
            CredentialsRefused: if nobody that we know.
        """
        return Caller(auth.site(session, environ), self.address(environ))

    def address(self, environ: "WSGIEnvironment") -> str:
        """Where a request comes from."""
        connected: str = environ.get("REMOTE_ADDR", "")
        if not self.settings.trusted_proxies:
            return connected
        return addresses.caller(connected, environ.get("HTTP_X_FORWARDED_FOR", ""), self.settings.trusted_proxies)
