"""Where the embedded database may stand, and who may read it.

SQLite's write-ahead log needs shared memory and locks that a network file system does not give (SQLite: "WAL does not
work over a network filesystem"). There a nonce could be spent twice, so such a place is refused.
"""

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

# White space and backslashes of a mount point, as the kernel writes them.
_ESCAPED = re.compile(r"\\([0-3][0-7]{2})")

_NETWORK = {
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "glusterfs", "gfs2", "gpfs", "lustre", "ncpfs", "nfs",
    "nfs4", "ocfs2", "orangefs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs",
}  # fmt: skip
_NETWORK_FUSE = {"ceph", "curlftpfs", "davfs2", "gcsfuse", "glusterfs", "mfs", "rclone", "s3fs", "seaweedfs", "sshfs"}


class UnusableStore(Exception):
    """The database can not be used where or as it is; the message says what to do."""


def make_private_directory(path: Path) -> None:
    """Make ``path`` for its owner only (0700), or leave an existing one as it is."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Make ``path`` for its owner only (0600); SQLite gives its log files the same mode."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def keep_names(directory: Path) -> None:
    """Have on disk which files ``directory`` holds: a new file's name is lost in a power cut until this is done."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def held(directory: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold a data directory together with others who use its database, or ``alone``, to put another in its place.

    The kernel keeps it for this process and those that are forked meanwhile, and lets it go with the last of them,
    however that ends.

    Raises:
        UnusableStore: if somebody holds it otherwise.
    """
    try:
        make_private_directory(directory)
        opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise UnusableStore(f"{directory} can not be opened ({error.strerror})") from error
    try:
        _hold(opened, directory, alone)
        yield
    finally:
        os.close(opened)


def _hold(opened: int, directory: Path, alone: bool) -> None:
    try:
        fcntl.flock(opened, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UnusableStore(
            f"somebody uses the database in {directory}; stop `keychain serve` on this machine first"
            if alone
            else f"the database in {directory} is being restored; start again when that is done"
        ) from error


def identity(path: str) -> tuple[int, int] | None:
    """Which file stands at ``path``: its device and inode."""
    try:
        found = os.stat(path)  # noqa: PTH116 - at each request, and a Path takes longer than the kernel
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def is_private(path: Path) -> bool:
    """Whether only the owner can read or write ``path``."""
    return not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def is_credential(path: Path, directory: Path) -> bool:
    """Whether ``path`` is one that systemd lent to this process: root's, and let be read by an entry for one user.

    Such an entry (acl(5)) shows as bits of the group, which is root's as well. Others have none, at the file or above.
    """
    path, directory = path.resolve(), directory.resolve()
    if not path.is_relative_to(directory):
        return False
    for each in (path, directory):
        found = each.stat()
        if found.st_uid not in {0, os.geteuid()} or found.st_gid not in {0, os.getegid()}:
            return False
        if found.st_mode & (stat.S_IWGRP | stat.S_IRWXO):
            return False
    return True


def check_local(path: Path, mounts: str | None = None) -> None:
    """Pass a path on a file system of this machine; ``mounts`` is the text of ``/proc/self/mountinfo``.

    Raises:
        UnusableStore: on a network file system.
    """
    if mounts is None:
        if not MOUNTS.exists():  # not Linux: nothing to ask
            return
        mounts = os.fsdecode(MOUNTS.read_bytes())
    kind = _file_system(path.resolve(), mounts)
    if kind in _NETWORK or kind.removeprefix("fuse.") in _NETWORK_FUSE:
        raise UnusableStore(
            f"{path} is on a network file system ({kind}), where SQLite can not promise that a nonce is spent once;"
            " set KEYCHAIN_DATA_DIR to a local disk, or KEYCHAIN_DATABASE_URL to a PostgreSQL database"
        )


def _file_system(path: Path, mounts: str) -> str:
    """The type of the file system that holds ``path``: that of the longest mount point above it (proc(5))."""
    best, kind = -1, ""
    for line in filter(None, mounts.split("\n")):
        before, _, after = line.partition(" - ")
        mount_point = Path(_ESCAPED.sub(lambda found: chr(int(found[1], 8)), before.split(" ")[4]))
        if path.is_relative_to(mount_point) and len(mount_point.parts) >= best:
            best, kind = len(mount_point.parts), after.split(" ")[0]
    return kind
