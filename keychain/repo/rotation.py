"""Renewing the master key without downtime: a version is added on every node first, and put to use later.

``docs/adr/0017`` says why it takes two steps. Nothing secret is in what this answers.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import func, select

from keychain.repo import masterkeys
from keychain.settings import forms
from keychain.store import files
from keychain.store.engine import Session
from keychain.store.files import UnusableStore
from keychain.store.repo_tables import identities, master_key_marks


@dataclass(frozen=True)
class Known:
    """What the database knows of a version."""

    version: int
    used_since: datetime | None
    identities: int


def known(session: Session) -> list[Known]:
    """All versions that the database knows, in rising order."""
    mine = select(func.count()).where(identities.c.key_version == master_key_marks.c.version).scalar_subquery()
    by = select(master_key_marks.c.version, master_key_marks.c.used_since, mine).order_by(master_key_marks.c.version)
    return [Known(*row) for row in session.rows(by)]


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """One's turn to add to the file at ``path``: two that read the same list would each write without the other's.

    Raises:
        UnusableStore: if there is no file.
    """
    try:
        opened = _held(path)
    except OSError as error:
        raise UnusableStore(f"{path} can not be opened ({error.strerror})") from error
    try:
        yield
    finally:
        os.close(opened)


def _held(path: Path) -> int:
    while True:
        opened = os.open(path, os.O_RDONLY)
        fcntl.flock(opened, fcntl.LOCK_EX)
        found = os.fstat(opened)
        if files.identity(str(path)) == (found.st_dev, found.st_ino):
            return opened
        os.close(opened)  # another file took its place while we waited


def append(path: Path, version: int) -> None:
    """Add a new master key to the file at ``path``: atomically, and on disk when it is done. Owner and mode stay.

    Raises:
        UnusableStore: if there is none, or what is there can not be used.
    """
    kept = masterkeys.load(path)
    if kept is None:
        raise UnusableStore(f"{path} is not there; the first start of `keychain serve` makes it")
    if version <= max(kept.versions):
        raise UnusableStore(f"{path} has master key {max(kept.versions)} already")
    target = path.resolve()  # a link stays one
    before = target.stat()
    line = f"{target.read_text(encoding='ascii').strip()},{fresh(version)}\n"
    with NamedTemporaryFile("w", dir=target.parent, encoding="ascii", delete=False) as renewed:  # made with mode 0600
        try:
            renewed.write(line)
            renewed.flush()
            os.fchmod(renewed.fileno(), stat.S_IMODE(before.st_mode))
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(renewed.fileno(), before.st_uid, before.st_gid)
            os.fsync(renewed.fileno())
            Path(renewed.name).replace(target)
        finally:
            Path(renewed.name).unlink(missing_ok=True)
    files.keep_names(target.parent)


def fresh(version: int) -> str:
    """The text of a new master key. It is the secret itself."""
    return forms.write_master_key(version, secrets.token_bytes(forms.MASTER_KEY_BYTES))


def use(session: Session, version: int) -> bool:
    """Have what is new made with ``version`` from now on, in every process that loads its keys from now on; whether it
    was not so already.

    Raises:
        UnusableStore: if no node has added it, or a newer one is in use already.
    """
    with session.transaction():
        if not session.rows(select(master_key_marks.c.mark).where(master_key_marks.c.version == version)):
            raise UnusableStore(f"no node has master key {version} yet; `keychain master-keys add` makes a new one")
        using = masterkeys.in_use(session)
        if version < using:
            raise UnusableStore(f"master key {using} is in use, and is not taken back for an older one; add a new one")
        masterkeys.mark_used(session, version)
    return version != using
