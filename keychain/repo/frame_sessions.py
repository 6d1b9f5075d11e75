"""Frame sessions: the key that one site's frame in one browser signs in with, and for how long.

A ``silent`` one lasts until it has not been used for 30 days. The other kind co-signs for five minutes; then the person
has to be asked again. Whether one is alive also depends on its device and account: ``signers`` looks at all three.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Delete, delete, or_, select, update

from keychain.jose.jwk import PublicKey
from keychain.store.engine import Session
from keychain.store.repo_tables import devices, frame_sessions

IDLE = timedelta(days=30)
ONE_TIME = timedelta(minutes=5)
KEPT = timedelta(days=30)  # after its end


@dataclass(frozen=True)
class FrameSession:
    """A frame session, dead or alive."""

    id: str
    device: str
    uid: str
    silent: bool
    created_at: datetime
    last_used: datetime
    revoked_at: datetime | None

    @property
    def expires(self) -> datetime:
        """Until when it co-signs, if it is not used again."""
        return self.last_used + IDLE if self.silent else self.created_at + ONE_TIME


def add(session: Session, device: str, uid: str, key: PublicKey, silent: bool, now: datetime) -> bool:
    """Let ``key`` co-sign for ``uid``; ``False``, and nothing changed, if it is a session already."""
    row = {"id": key.thumbprint, "device": device, "uid": uid, "public_key": key.raw, "silent": silent}
    return bool(session.add_new(frame_sessions, row | {"created_at": now, "last_used": now}))


def find(session: Session, id_: str) -> FrameSession | None:
    """The session of this id, dead or alive."""
    columns = [column for column in frame_sessions.c if column is not frame_sessions.c.public_key]
    found = session.rows(select(*columns).where(frame_sessions.c.id == id_))
    return FrameSession(**found[0]._mapping) if found else None  # noqa: SLF001 - a row's documented mapping


def revoke_of(session: Session, device: str, now: datetime) -> None:
    """End every session that ``device`` made."""
    living = (frame_sessions.c.device == device) & frame_sessions.c.revoked_at.is_(None)
    session.changed(update(frame_sessions).where(living).values(revoked_at=now))


def revoke_at(session: Session, uid: str, now: datetime) -> None:
    """End every session of ``uid``."""
    living = (frame_sessions.c.uid == uid) & frame_sessions.c.revoked_at.is_(None)
    session.changed(update(frame_sessions).where(living).values(revoked_at=now))


def revoke_all(session: Session, account: str, now: datetime) -> None:
    """End every session of ``account``."""
    mine = frame_sessions.c.device.in_(select(devices.c.id).where(devices.c.account == account))
    session.changed(update(frame_sessions).where(mine, frame_sessions.c.revoked_at.is_(None)).values(revoked_at=now))


def silent_at(session: Session, account: str, device_alive: ColumnElement[bool], now: datetime) -> set[str]:
    """The uids of ``account`` that some frame signs in as without asking."""
    made = select(frame_sessions.c.uid).join(devices, devices.c.id == frame_sessions.c.device).distinct()
    living = frame_sessions.c.revoked_at.is_(None) & (frame_sessions.c.last_used >= now - IDLE)
    mine = made.where(devices.c.account == account, device_alive, frame_sessions.c.silent.is_(True), living)
    return {uid for (uid,) in session.rows(mine)}


def forget_at(session: Session, uid: str) -> None:
    """Delete every session of ``uid``."""
    session.changed(delete(frame_sessions).where(frame_sessions.c.uid == uid))


def touch(session: Session, id_: str, now: datetime) -> None:
    """Note that a session was used."""
    session.changed(update(frame_sessions).where(frame_sessions.c.id == id_).values(last_used=now))


def dead(now: datetime, limit: int) -> Delete:
    """The statement that forgets at most ``limit`` sessions that ended more than 30 days ago, however they ended."""
    gone = now - KEPT
    of_dead_devices = select(devices.c.id).where(or_(devices.c.revoked_at < gone, devices.c.ends_at < gone))
    ended = or_(
        frame_sessions.c.revoked_at < gone,
        frame_sessions.c.last_used < gone - IDLE,
        frame_sessions.c.silent.is_(False) & (frame_sessions.c.created_at < gone),
        frame_sessions.c.device.in_(of_dead_devices),
    )
    return delete(frame_sessions).where(frame_sessions.c.id.in_(select(frame_sessions.c.id).where(ended).limit(limit)))
