"""Who signed a request, and whether they are alive: devices, phones among them, and frame sessions, looked up together.

Aliveness is a JOIN over everything that a signer hangs on. A frame session is dead as soon as its device is, and both
are as soon as their account is: nothing has to be remembered when one of them ends, so nothing can be forgotten.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, String, bindparam, null, select, union_all

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.repo.accounts import Account, hold
from keychain.repo.devices import alive
from keychain.repo.devices import touch as touch_device
from keychain.repo.frame_sessions import IDLE, ONE_TIME
from keychain.repo.frame_sessions import touch as touch_frame
from keychain.store.engine import Session, given
from keychain.store.phone_tables import control_keys
from keychain.store.repo_tables import accounts, devices, frame_sessions, identities, recovery_keys, seen_proofs
from keychain.store.tables import UTCDateTime

TOUCHED_EVERY = timedelta(days=1)

_KID = bindparam("kid", type_=String(43))
_NOW = bindparam("now", type_=UTCDateTime())
_PHONES = devices.alias()
_HAS_PHONE = (
    select(_PHONES.c.id)
    .where(_PHONES.c.account == accounts.c.id, _PHONES.c.phone.is_(True), alive(_NOW, _PHONES))
    .correlate(accounts)
    .exists()
)
_OF_THE_DEVICE = (
    accounts.c.id,
    accounts.c.closed_at,
    accounts.c.demands_phone,
    _HAS_PHONE.label("has_phone"),
    devices.c.id,
    devices.c.phone,
    devices.c.locked_at,
    devices.c.revoked_at,
    devices.c.ends_at,
)
_OF_THE_FRAME = (
    identities.c.uid,
    identities.c.origin,
    identities.c.key_version,
    identities.c.minted_at,
    identities.c.token_generation,
    identities.c.token_digest,
    frame_sessions.c.silent,
    frame_sessions.c.created_at,
    frame_sessions.c.revoked_at,
)
# The frames' half stands first: a UNION takes the types of its columns from there.
_BY_KID = union_all(
    select(frame_sessions.c.public_key, frame_sessions.c.last_used, *_OF_THE_DEVICE, *_OF_THE_FRAME)
    .join(devices, devices.c.id == frame_sessions.c.device)
    .join(accounts, accounts.c.id == devices.c.account)
    .join(identities, identities.c.uid == frame_sessions.c.uid)
    .where(frame_sessions.c.id == _KID),
    select(devices.c.public_key, devices.c.last_used, *_OF_THE_DEVICE, *(null() for _ in _OF_THE_FRAME))
    .join(accounts, accounts.c.id == devices.c.account)
    .where(devices.c.id == _KID),
)
_TAKEN = union_all(
    select(devices.c.id).where(devices.c.id == _KID),
    select(frame_sessions.c.id).where(frame_sessions.c.id == _KID),
    select(recovery_keys.c.thumbprint).where(recovery_keys.c.thumbprint == _KID),
    select(control_keys.c.id).where(control_keys.c.id == _KID),
)


@dataclass(frozen=True)
class Frame:
    """What a signer may do that is a frame session: sign in as one identity."""

    uid: str = field(repr=False)
    origin: str = field(repr=False)
    key_version: int
    minted: bool
    token_generation: int
    has_token: bool
    silent: bool
    created_at: datetime
    revoked: bool


@dataclass(frozen=True)
class Signer:
    """A device, or with ``frame`` one of its frame sessions, dead or alive. ``has_phone`` is about its account."""

    kid: str = field(repr=False)
    key: PublicKey = field(repr=False)
    last_used: datetime
    account: str = field(repr=False)
    account_closed: bool
    demands_phone: bool
    has_phone: bool
    device: str = field(repr=False)
    device_is_phone: bool
    device_locked: bool
    device_revoked: bool
    device_ends: datetime | None
    frame: Frame | None

    @property
    def phone(self) -> bool:
        """Whether this is a phone itself, and not a frame session in its browser."""
        return self.device_is_phone and self.frame is None

    def is_dead(self, now: datetime) -> bool:
        """Whether it, its device or its account has ended."""
        idle = self.frame is not None and now - self.last_used > IDLE
        ended = self.frame is not None and self.frame.revoked
        due = self.device_ends is not None and self.device_ends <= now
        return self.account_closed or self.device_revoked or due or ended or idle

    @property
    def is_signed_out(self) -> bool:
        """Whether signing out is what ended this frame session, and nothing else did."""
        ended = self.frame is not None and self.frame.revoked
        return ended and self.device_locked and not self.device_revoked and not self.account_closed


def find(session: Session, kid: str, now: datetime) -> Signer | None:
    """The device or frame session whose key has this thumbprint, in one statement."""
    found = session.rows(_BY_KID, {"kid": kid, "now": now})
    if not found:
        return None
    key, last_used, account, closed, demands, has_phone, device, phone, locked, revoked, ends, *of_the_frame = found[0]
    return Signer(
        kid,
        PublicKey(key),
        last_used,
        account,
        closed is not None,
        demands,
        bool(has_phone),
        device,
        phone,
        locked is not None,
        revoked is not None,
        ends,
        _frame(*of_the_frame) if device != kid else None,
    )


def _frame(
    uid: str,
    origin: str,
    key_version: int,
    minted_at: datetime | None,
    generation: int,
    digest: bytes | None,
    silent: bool,
    created_at: datetime,
    ended_at: datetime | None,
) -> Frame:
    minted, has_token = minted_at is not None, digest is not None
    return Frame(uid, origin, key_version, minted, generation, has_token, silent, created_at, ended_at is not None)


def check_alive(signer: Signer, now: datetime, *, while_locked: bool = False) -> None:
    """Pass a signer that is alive, and, unless ``while_locked``, whose device is not signed out.

    Raises:
        SignerRevoked, DeviceLocked: otherwise.
    """
    if signer.is_dead(now):
        raise errors.SignerRevoked
    if signer.device_locked and not while_locked:
        raise errors.DeviceLocked


def check_frame(signer: Signer, now: datetime) -> None:
    """Pass a device, and a frame session that was not made for once, or whose five minutes are not over.

    Raises:
        InteractionRequired: for any other.
    """
    if signer.frame and not signer.frame.silent and now - signer.frame.created_at > ONE_TIME:
        raise errors.InteractionRequired


@cache
def standing(*, frame: bool, while_locked: bool) -> ColumnElement[bool]:
    """That whose proof is being spent is alive: the condition of that very statement, so that nobody who has ended by
    then gets past it. (Idleness and a phone's end are not asked again: they do not come in between.)
    """
    found = select(devices.c.id).join(accounts, accounts.c.id == devices.c.account)
    found = found.where(devices.c.revoked_at.is_(None), accounts.c.closed_at.is_(None))
    if frame:
        found = found.join(frame_sessions, frame_sessions.c.device == devices.c.id)
        found = found.where(frame_sessions.c.revoked_at.is_(None))
    if not while_locked:
        found = found.where(devices.c.locked_at.is_(None))
    kid = frame_sessions.c.id if frame else devices.c.id
    return found.where(kid == given(seen_proofs.c.kid)).exists()


def touch(session: Session, signer: Signer, now: datetime) -> None:
    """Note that a signer that is alive was used; a frame's use is its device's too.

    At most once a day: what the owner is told is a day, and a write costs more than a signature.
    """
    if now - signer.last_used < TOUCHED_EVERY or signer.is_dead(now):
        return
    if signer.frame:
        touch_frame(session, signer.kid, now)
    touch_device(session, signer.device, now)


def nobody(_signer: Signer) -> bool:
    """Excuses nobody."""
    return False


@contextmanager
def acting(
    session: Session,
    signer: Signer,
    now: datetime,
    *,
    while_locked: bool = False,
    excuse: Callable[[Signer], bool] = nobody,
) -> Iterator[Account]:
    """One write transaction in which ``signer`` is alive and nobody else changes anything of the same account.

    Who was revoked since the proof was looked at does not get to act any more; but for who is excused, because what
    ended it was this very request, asked twice.

    Raises:
        SignerRevoked, DeviceLocked: as ``check_alive``, and nothing is written.
    """
    with session.transaction():
        account = hold(session, signer.account)
        current = find(session, signer.kid, now)
        if account is None or current is None:
            raise errors.SignerRevoked
        if not excuse(current):
            check_alive(current, now, while_locked=while_locked)
        yield account


def is_taken(session: Session, thumbprint: str) -> bool:
    """Whether this key speaks as a device, a frame session or a OneID Key already."""
    return bool(session.rows(_TAKEN, {"kid": thumbprint}))
