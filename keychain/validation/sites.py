"""Sites (relying parties) and their credentials.

A pair of API ID and API key names a site; it owns no user: any valid pair may validate any uid, because surviving
clients register afresh for every call (legacy wire, 0.2). Only the key's SHA-256 digest is stored.
"""

import base64
import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import String, bindparam, func, select, update

from keychain import errors
from keychain.origin import parse as parse_origin
from keychain.store.engine import Session
from keychain.store.prepared import Prepared
from keychain.store.tables import sites
from keychain.validation import roles

KEY_BYTES = 16
NAME_LENGTH = 200

_API_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_NOBODY = str(uuid.UUID(int=0))
_NO_DIGEST = bytes(32)

_BY_ID = Prepared(
    select(sites.c.key_digest, sites.c.required_roles, sites.c.may_pin, sites.c.revoked_at).where(
        sites.c.api_id == bindparam("api_id", type_=String)
    )
)


class UnknownSite(LookupError):
    """No site has this API ID. For operators; callers of the API get ``CredentialsRefused``."""


@dataclass(frozen=True)
class Site:
    """An authenticated caller, with what it demands of every payload.

    One that ``may_pin`` is a repo: it puts uids on record also where nobody else may, and without a limit.
    """

    api_id: str
    required_roles: tuple[str, ...] = ()
    may_pin: bool = False


@dataclass(frozen=True)
class Registration:
    """Fresh credentials. The key is shown this once and can not be had again."""

    api_id: str
    api_key: str = field(repr=False)


@dataclass(frozen=True)
class Listing:
    """What an operator sees of a site."""

    api_id: str
    name: str
    origin: str
    required_roles: tuple[str, ...]
    may_pin: bool
    created_at: datetime
    revoked_at: datetime | None


def register(session: Session, now: datetime, name: str = "") -> Registration:
    """Make and keep a new pair. ``api_id`` is a UUID version 4, ``api_key`` the base64 of 16 random bytes."""
    _check_name(name)
    fresh = Registration(str(uuid.uuid4()), base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    digest = _digest(fresh.api_key)
    session.add(sites, {"api_id": fresh.api_id, "key_digest": digest, "name": name, "created_at": now})
    return fresh


def authenticate(session: Session, api_id: str, api_key: str) -> Site:
    """The site that these credentials name.

    An unknown API ID, a wrong key and a revoked site take the same look-up, the same digest and the same comparison,
    and end in the same words.

    Raises:
        CredentialsRefused: if they name none.
    """
    found = session.ask(_BY_ID, {"api_id": api_id if _API_ID.fullmatch(api_id) else _NOBODY})
    digest, required, may_pin, revoked_at = found[0] if found else (_NO_DIGEST, "", False, None)
    if not (compare_digest(_digest(api_key), digest) and revoked_at is None):
        raise errors.CredentialsRefused
    return Site(api_id, tuple(required.split()), may_pin)


def origin_of(session: Session, site: Site) -> str:
    """The origin that an operator registered a site for; an empty text for none."""
    [(origin,)] = session.rows(select(sites.c.origin).where(sites.c.api_id == site.api_id))
    return str(origin)


def listing(session: Session) -> list[Listing]:
    """All sites, oldest first."""
    shown = select(*(column for column in sites.c if column is not sites.c.key_digest))
    return [
        Listing(
            row.api_id,
            row.name,
            row.origin,
            tuple(row.required_roles.split()),
            row.may_pin,
            row.created_at,
            row.revoked_at,
        )
        for row in session.rows(shown.order_by(sites.c.created_at, sites.c.api_id))
    ]


def set_name(session: Session, api_id: str, name: str) -> None:
    """Name a site, for listings only; at most 200 characters."""
    _check_name(name)
    _change(session, api_id, name=name)


def set_origin(session: Session, api_id: str, origin: str) -> None:
    """Set the web origin of a site (``https://shop.example``), or take it away with an empty text."""
    _change(session, api_id, origin=parse_origin(origin).text if origin else "")


def require(session: Session, api_id: str, required: tuple[str, ...]) -> None:
    """Demand these roles in every payload that the site validates; none: the two that always have to be there."""
    _change(session, api_id, required_roles=" ".join(roles.in_order(required)))


def allow_pin(session: Session, api_id: str, allowed: bool) -> None:
    """Let this site put uids on record where first use is refused (it is a repo of its own), or no longer."""
    _change(session, api_id, may_pin=allowed)


def revoke(session: Session, api_id: str, now: datetime) -> None:
    """Refuse these credentials from now on, for good. Done twice, the first time stays the time."""
    _change(session, api_id, revoked_at=func.coalesce(sites.c.revoked_at, now))


def _change(session: Session, api_id: str, **values: object) -> None:
    if session.changed(update(sites).where(sites.c.api_id == api_id).values(**values)) == 0:
        raise UnknownSite(api_id)


def _digest(api_key: str) -> bytes:
    return hashlib.sha256(api_key.encode("utf-8", "surrogatepass")).digest()


def _check_name(name: str) -> None:
    if len(name) > NAME_LENGTH or not name.isprintable():
        raise ValueError(f"a name has at most {NAME_LENGTH} characters, all of them printable")
