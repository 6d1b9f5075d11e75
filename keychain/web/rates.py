"""Rate limits, counted by the ``limits`` library: of what, and per address, site, signer or account."""

from functools import cache

from limits import parse_many
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from keychain import errors
from keychain.web import addresses

_parse = cache(parse_many)  # of settings alone, so there are few


class Rates:
    """Counters in one storage. Where that can not be reached, nothing that is limited is allowed."""

    def __init__(self, storage: str) -> None:
        self._limiter = FixedWindowRateLimiter(storage_from_string(storage))
        self._trouble = self._limiter.storage.base_exceptions

    def admit(self, rate: str, *of: str, address: str | None = None) -> bool:
        """Count one more ``of`` this, by ``address`` if one is named, and say whether it is within ``rate`` (such as
        ``120/minute``).

        Raises:
            Unavailable: if the storage does not answer.
        """
        counted = of if address is None else (*of, addresses.bucket(address))
        try:
            # In order, up to the first refusal: what a minute's limit refuses does not use up the day's.
            return all(self._limiter.hit(limit, *counted) for limit in _parse(rate))
        except self._trouble as error:
            raise errors.Unavailable from error
