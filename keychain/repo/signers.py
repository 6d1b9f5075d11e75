"""Who signed a request, and whether they are alive: devices and frame sessions, looked up together.

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
from keychain.repo.devices import touch as touch_device
from keychain.repo.frame_sessions import IDLE
from keychain.repo.frame_sessions import touch as touch_frame
from keychain.store.engine import Session, given
from keychain.store.repo_tables import accounts, devices, frame_sessions, identities, recovery_keys, seen_proofs

TOUCHED_EVERY = timedelta(days=1)

_KID = bindparam("kid", type_=String(43))
_OF_THE_DEVICE = (accounts.c.id, accounts.c.closed_at, devices.c.id, devices.c.locked_at, devices.c.revoked_at)
_OF_THE_FRAME = (
    identities.c.uid,
    identities.c.origin,
    identities.c.key_version,
    identities.c.minted_at,
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
)


@dataclass(frozen=True)
class Frame:
    """What a signer may do that is a frame session: sign in as one identity."""

    uid: str = field(repr=False)
    origin: str = field(repr=False)
    key_version: int
    minted: bool
    silent: bool
    created_at: datetime
    revoked: bool


@dataclass(frozen=True)
class Signer:
    """A device, or with ``frame`` one of its frame sessions, dead or alive."""

    kid: str = field(repr=False)
    key: PublicKey = field(repr=False)
    last_used: datetime
    account: str = field(repr=False)
    account_closed: bool
    device: str = field(repr=False)
    device_locked: bool
    device_revoked: bool
    frame: Frame | None

    def is_dead(self, now: datetime) -> bool:
        """Whether it, its device or its account has ended."""
        idle = self.frame is not None and now - self.last_used > IDLE
        ended = self.frame is not None and self.frame.revoked
        return self.account_closed or self.device_revoked or ended or idle

    @property
    def is_signed_out(self) -> bool:
        """Whether signing out is what ended this frame session, and nothing else did."""
        ended = self.frame is not None and self.frame.revoked
        return ended and self.device_locked and not self.device_revoked and not self.account_closed


def find(session: Session, kid: str) -> Signer | None:
    """The device or frame session whose key has this thumbprint, in one statement."""
    found = session.rows(_BY_KID, {"kid": kid})
    if not found:
        return None
    key, last_used, account, closed_at, device, locked_at, revoked_at, *of_the_frame = found[0]
    frame = None
    if device != kid:
        uid, origin, key_version, minted_at, silent, created_at, ended_at = of_the_frame
        frame = Frame(uid, origin, key_version, minted_at is not None, silent, created_at, ended_at is not None)
    closed, locked, revoked = (moment is not None for moment in (closed_at, locked_at, revoked_at))
    return Signer(kid, PublicKey(key), last_used, account, closed, device, locked, revoked, frame)


def check_alive(signer: Signer, now: datetime, *, while_locked: bool = False) -> None:
    """Pass a signer that is alive, and, unless ``while_locked``, whose device is not signed out.

    Raises:
        SignerRevoked, DeviceLocked: otherwise.
    """
    if signer.is_dead(now):
        raise errors.SignerRevoked
    if signer.device_locked and not while_locked:
        raise errors.DeviceLocked


@cache
def standing(*, frame: bool, while_locked: bool) -> ColumnElement[bool]:
    """That whose proof is being spent is alive: the condition of that very statement, so that nobody who has ended by
    then gets past it. (Idleness is not asked again: it does not come in between.)
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
        current = find(session, signer.kid)
        if account is None or current is None:
            raise errors.SignerRevoked
        if not excuse(current):
            check_alive(current, now, while_locked=while_locked)
        yield account


def is_taken(session: Session, thumbprint: str) -> bool:
    """Whether this key speaks as a device, a frame session or a OneID Key already."""
    return bool(session.rows(_TAKEN, {"kid": thumbprint}))
