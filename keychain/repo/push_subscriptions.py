"""Push subscriptions: where each phone can be woken, at most one per phone (RFC 8030; RFC 8291)."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select

from keychain.store.engine import Session
from keychain.store.phone_tables import push_subscriptions
from keychain.store.repo_tables import devices

UNCOMPRESSED = b"\x04"  # what stands before X||Y where push services and browsers write a point (SEC 1, 2.3.3)


@dataclass(frozen=True)
class Subscription:
    """An address at a push service, and the keys that only the phone opens what is sent there with."""

    device: str = field(repr=False)
    endpoint: str = field(repr=False)
    p256dh: bytes = field(repr=False)  # an uncompressed point, 65 bytes
    auth: bytes = field(repr=False)
    key_version: int


_COLUMNS = [column for column in push_subscriptions.c if column is not push_subscriptions.c.created_at]


def put(session: Session, subscription: Subscription, now: datetime) -> None:
    """The phone can be woken here from now on, and nowhere else."""
    remove(session, subscription.device)
    row = {column.name: getattr(subscription, column.name) for column in _COLUMNS}
    session.add(push_subscriptions, row | {"created_at": now})


def remove(session: Session, device: str, endpoint: str | None = None) -> None:
    """The phone can not be woken any more; with ``endpoint``, if that is where it could be."""
    gone = delete(push_subscriptions).where(push_subscriptions.c.device == device)
    session.changed(gone if endpoint is None else gone.where(push_subscriptions.c.endpoint == endpoint))


def forget(session: Session, account: str) -> None:
    """No phone of ``account`` can be woken any more."""
    mine = select(devices.c.id).where(devices.c.account == account)
    session.changed(delete(push_subscriptions).where(push_subscriptions.c.device.in_(mine)))


def exists(session: Session, device: str) -> bool:
    """Whether a phone can be woken."""
    return bool(session.rows(select(push_subscriptions.c.device).where(push_subscriptions.c.device == device)))


def of(session: Session, account: str, now: datetime) -> list[Subscription]:
    """Those of the living phones of ``account``."""
    living = (
        devices.c.phone & devices.c.revoked_at.is_(None) & (devices.c.ends_at.is_(None) | (devices.c.ends_at > now))
    )
    mine = select(*_COLUMNS).join(devices, devices.c.id == push_subscriptions.c.device)
    rows = session.rows(mine.where(devices.c.account == account, living).order_by(push_subscriptions.c.device))
    return [Subscription(*row) for row in rows]
