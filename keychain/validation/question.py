"""What is asked, by whom, under which policy, and what the answer is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from keychain.jose.jwk import PublicKey
from keychain.validation.sites import Site


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a site asks: a payload as it came, its members of the right type and nothing more."""

    uid: str = field(repr=False)
    nonces: Mapping[str, tuple[str, str]] = field(repr=False)  # role to (JWS, key)
    attr_claim_tokens: Mapping[str, str] | None = field(default=None, repr=False)
    attr: Mapping[str, Any] = field(default_factory=dict, repr=False)
    message: str | None = field(default=None, repr=False)
    title: str = field(default="", repr=False)
    request: str = field(default="", repr=False)


class Caller(NamedTuple):
    """Who asks: an authenticated site, and the address that it asks from."""

    site: Site
    address: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What this Keychain was set to. ``claims_keys`` are those whose word it takes for attributes; ``admit_first_use``
    counts a first use and says whether it is within its limit.
    """

    max_age: timedelta
    pin_unknown: bool
    claims_keys: Sequence[PublicKey]
    admit_first_use: Callable[[Caller], bool]


class Validation(NamedTuple):
    """Yes. ``valid_signatures`` are the roles that signed; ``first_use`` says that this put the uid on record, ``pin``
    that the person typed the control device's PIN.
    """

    valid_signatures: tuple[str, ...]
    attr_claims: Mapping[str, bool]
    first_use: bool
    pin: bool
