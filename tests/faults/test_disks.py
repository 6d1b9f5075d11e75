"""Disks that are full, and files that can not be written, below both databases and the service's own log.

While it lasts every answer is our JSON and no sign-in is accepted; once there is room again the service goes on without
a restart; and nothing is accepted twice. The small file systems are mounted for these tests, which only root may do.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from tests.faults.clusters import PATIENCE, Cluster, cluster, two_nodes
from tests.faults.ledger import Ledger
from tests.faults.lines import Json
from tests.faults.loads import (
    RECOVERY_SECONDS,
    SUCCESS,
    UNAVAILABLE,
    Load,
    lines_to,
    registered,
    send_again,
    sign_in,
    until,
)
from tests.faults.nodes import Node, running
from tests.faults.people import FastPerson

ENOUGH = 20_000  # sign-ins, many more than fit into what is left of a page, or of a file that was made longer before

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system"),
]


class Disk:
    """A small file system of one test."""

    def __init__(self, place: Path, device: str) -> None:
        self.place, self.device = place, device

    def fill(self) -> None:
        """Take all the room that is left, to the last byte."""
        taken = os.open(self.place / "ballast", os.O_CREAT | os.O_WRONLY)
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while os.write(taken, bytes(size)):
                    pass
        os.close(taken)
        assert shutil.disk_usage(self.place).free == 0

    def empty(self) -> None:
        """Give that room back."""
        (self.place / "ballast").unlink()

    def fail(self) -> None:
        """What ext4 does by itself where it finds an error: from now on nothing is written."""
        Path("/sys/fs/ext4", Path(self.device).name, "trigger_fs_error").write_text("a test")


@contextlib.contextmanager
def mounted(*line: str) -> Iterator[Disk]:
    """The file system that ``mount`` makes of ``line``, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="keychain-disk-"))
    folder.chmod(0o711)  # the database's own user has to find it
    place = folder / "disk"
    place.mkdir()
    try:
        done = subprocess.run(["mount", *line, str(place)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
        try:
            listed = [entry.split() for entry in Path("/proc/self/mounts").read_text().splitlines()]
            yield Disk(place, next(device for device, where, *_ in listed if where == str(place)))
        finally:
            subprocess.run(["umount", str(place)], check=True, timeout=30)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def ext4(tmp_path):
    """What to mount for a file system on a disk, which goes read-only by itself where it finds an error."""
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(32 << 20)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    return "-o", "loop,errors=remount-ro", str(image)


def in_memory(megabytes: int) -> contextlib.AbstractContextManager[Disk]:
    return mounted("-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "none")


@contextlib.contextmanager
def under_load(nodes: Sequence[Node], site: Json) -> Iterator[Load]:
    """The load around a trouble; afterwards the promises."""
    with Load(nodes, site).running() as load:
        yield load
        load.wait_for(SUCCESS, RECOVERY_SECONDS)
    load.check()
    send_again(load.ledger, nodes)


def sign_in_until_refused(load: Load, node: Node, site: Json) -> None:
    """A few more are taken while there is room in what was made longer before, and each of them is spent."""
    person = FastPerson()
    with lines_to(node) as [line]:
        for _ in range(ENOUGH):
            answer = load.ledger.ask(line, sign_in(person, site))
            if answer.code != SUCCESS:
                break
    assert (answer.status, answer.code) == (503, UNAVAILABLE)


@pytest.mark.parametrize("log_too", [False, True], ids=["its tables", "its write-ahead log too"])
def test_a_full_disk_of_postgresql_is_an_outage_until_there_is_room(tmp_path, log_too):
    with in_memory(128) as disk, tempfile.TemporaryDirectory(prefix="keychain-wal-") as elsewhere:
        if not log_too:
            shutil.chown(elsewhere, "postgres")
        made_with = ["--wal-segsize=1"] if log_too else ["-X", elsewhere]
        folder = disk.place / "cluster"
        folder.mkdir()
        with cluster(folder, *made_with) as on, two_nodes(on, tmp_path, workers=1) as nodes:
            site = registered(nodes[0])
            with under_load(nodes, site) as load:
                disk.fill()
                for node in nodes:
                    sign_in_until_refused(load, node, site)
                if log_too:
                    with pytest.raises(psycopg.OperationalError):  # it gives up where it can not begin a new file
                        on.change(*["SELECT pg_switch_wal(); SELECT txid_current()"] * 100)
                load.wait_for(UNAVAILABLE)
                disk.empty()
                until(lambda: is_back(on), PATIENCE, lambda: (on.folder / "log").read_text()[-2000:])


def is_back(on: Cluster) -> bool:
    """Whether it answers. A recovery that met the full disk may have ended it, or be about to: then it is started."""
    if not on.is_running():
        on.start()
    with contextlib.suppress(psycopg.OperationalError):
        return bool(on.rows("SELECT 1"))
    return False


def test_a_full_disk_of_sqlite_is_an_outage_until_there_is_room():
    """Its log is on the same disk: what can not be written down is no reason to answer otherwise."""
    with in_memory(16) as disk, running(disk.place / "node", workers=2) as node:
        site = registered(node)
        with under_load([node], site) as load:
            disk.fill()
            sign_in_until_refused(load, node, site)
            load.wait_for(UNAVAILABLE)
            disk.empty()


def test_a_file_of_sqlite_that_can_not_be_written_is_an_outage_until_it_can(ext4):
    with mounted(*ext4) as disk, running(disk.place / "node", workers=2) as node:
        site = registered(node)
        written = str(node.data / "keychain.db-wal")
        with under_load([node], site) as load:
            subprocess.run(["chattr", "+i", written], check=True)
            load.wait_for(UNAVAILABLE)
            subprocess.run(["chattr", "-i", written], check=True)


def test_a_disk_that_fails_below_sqlite_takes_no_spent_nonce_with_it(ext4):
    """Nothing is written any more, not even what the system had in memory, and only mounting it again changes that."""
    ledger, person = Ledger(seed=0), FastPerson()
    with mounted(*ext4) as disk, running(disk.place / "node", workers=1) as node, lines_to(node) as [line]:
        site = registered(node)
        accepted = [ledger.ask(line, sign_in(person, site)).code for _ in range(100)]
        disk.fail()
        refused = [ledger.ask(line, sign_in(person, site)).code for _ in range(20)]
    assert {*accepted} == {SUCCESS}
    assert {*refused} == {UNAVAILABLE}
    with mounted(*ext4) as disk, running(disk.place / "node", workers=1) as node:
        send_again(ledger, [node])
