"""A connection to PostgreSQL that gives up on a server that hangs: a stopped one, a stalled disk, a host that is gone.

The server's own timeouts do not run then, and psycopg waits for ever.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event

from keychain.store.drivers import LOCK_WAIT

SILENCE = LOCK_WAIT + 1  # seconds: later than the server's own timeouts, so only one that says nothing at all meets it


class Impatient(psycopg.Connection[Any]):
    """``silence`` is how many seconds the server may say nothing; ``None``: for ever, as a migration may take."""

    silence: float | None = SILENCE

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ANN401 - psycopg's
        """What psycopg waits with for every answer."""
        try:
            return super().wait(gen, interval, self.silence if timeout is None else timeout)
        except psycopg.errors.ReadOnlySqlTransaction:  # a standby: the next connection may find a primary
            self.close()
            raise
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 - the only name that it has
            self.close()  # the answer could still come, to the next one who asks
            raise psycopg.OperationalError("the server does not answer") from error


def install(engine: Engine) -> None:
    """Have an engine make its connections so."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: Sequence[Any], named: Mapping[str, Any]) -> Impatient:
        return Impatient.connect(*arguments, **named)


def wait(connection: Connection, silence: float | None) -> None:
    """How many seconds a connection to PostgreSQL waits from now on; ``None``: as long as it takes."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, Impatient)  # noqa: S101 - ``install`` sees to it
    driver.silence = silence
