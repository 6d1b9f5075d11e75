"""What the doors share, put together once by ``create_app``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import request

from keychain.settings import Settings
from keychain.store.engine import Session, Store
from keychain.validation.question import Caller, Policy
from keychain.web import addresses, auth
from keychain.web.permits import Permits
from keychain.web.rates import Rates

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

    def caller(self, session: Session) -> Caller:
        """Who sends this request.

        Raises:
            CredentialsRefused: if nobody that we know.
        """
        return Caller(auth.site(session), self.address())

    def address(self) -> str:
        """Where this request comes from."""
        connected = request.remote_addr or ""
        if not self.settings.trusted_proxies:
            return connected
        return addresses.caller(connected, request.headers.get("X-Forwarded-For", ""), self.settings.trusted_proxies)
