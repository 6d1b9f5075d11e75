"""The database is its owner's alone, and never on a network file system."""

import os
from pathlib import Path

import pytest

from keychain.store import files
from keychain.store.files import UnusableStore, check_local

ROOT = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"


def mount(kind: str, at: str = "/mnt/nas", optional: str = "shared:7 ") -> str:
    """A line of mountinfo, proc(5)."""
    return f"36 22 0:31 / {at} rw,relatime {optional}- {kind} server:/export rw,vers=4.2\n"


def refused(path: str | Path, mounts: str) -> bool:
    try:
        check_local(Path(path), mounts)
    except UnusableStore:
        return True
    return False


def test_a_refusal_says_what_to_do():
    with pytest.raises(UnusableStore, match=r"nfs4.*KEYCHAIN_DATA_DIR.*KEYCHAIN_DATABASE_URL"):
        check_local(Path("/mnt/nas/keychain"), ROOT + mount("nfs4"))


@pytest.mark.parametrize(
    "kind",
    ["nfs", "nfs4", "cifs", "smb3", "9p", "afs", "ceph", "lustre", "glusterfs", "virtiofs", "vboxsf", "ocfs2", "gfs2",
     "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.glusterfs", "fuse.ceph", "fuse.gcsfuse", "davfs"],
)  # fmt: skip
def test_a_network_file_system_is_refused(kind):
    mounts = ROOT + mount(kind)
    assert refused("/mnt/nas", mounts)
    assert refused("/mnt/nas/keychain/data", mounts)
    assert not refused("/mnt", mounts)


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk", "fuse.mergerfs", "f2fs"]
)
def test_a_local_file_system_is_passed(kind):
    assert not refused("/mnt/nas/keychain", ROOT + mount(kind))


def test_the_root_counts_where_nothing_else_is_mounted():
    assert not refused("/srv/keychain", ROOT)
    assert refused("/srv/keychain", ROOT.replace("ext4", "nfs4"))


@pytest.mark.parametrize("optional", ["", "shared:1 ", "shared:1 master:2 ", "propagate_from:3 unbindable "])
def test_optional_fields_are_skipped(optional):
    assert refused("/mnt/nas/keychain", ROOT + mount("nfs4", optional=optional))


def test_a_neighbour_with_the_same_beginning_is_no_parent():
    mounts = ROOT + mount("nfs4")
    assert not refused("/mnt/nas2/keychain", mounts)
    assert not refused("/mnt/na", mounts)


@pytest.mark.parametrize("in_order", [True, False])
def test_the_longest_mount_point_above_decides(in_order):
    lines = [ROOT, mount("nfs4", "/mnt/nas"), mount("xfs", "/mnt/nas/local"), mount("cifs", "/mnt/nas/local/share")]
    mounts = "".join(lines if in_order else reversed(lines))
    assert refused("/mnt/nas/x", mounts)
    assert not refused("/mnt/nas/local/x", mounts)
    assert refused("/mnt/nas/local/share/x", mounts)


def test_the_last_of_two_mounts_at_one_place_decides():
    assert refused("/mnt/nas/x", ROOT + mount("ext4") + mount("nfs4"))
    assert not refused("/mnt/nas/x", ROOT + mount("nfs4") + mount("ext4"))


@pytest.mark.parametrize(
    ("escaped", "path"),
    [
        (r"/mnt/my\040nas", "/mnt/my nas"),
        (r"/mnt/a\011b", "/mnt/a\tb"),
        (r"/mnt/a\012b", "/mnt/a\nb"),
        (r"/mnt/a\134b", "/mnt/a\\b"),
        (r"/mnt/a\134040b", "/mnt/a\\040b"),
        (r"/mnt/x\040-\040y", "/mnt/x - y"),
    ],
)
def test_an_escaped_mount_point_is_read(escaped, path):
    assert refused(f"{path}/keychain", ROOT + mount("nfs4", escaped))


# mountinfo escapes the space, the tab, the line feed and the backslash; every other character stands there as it is.
@pytest.mark.parametrize("name", ["größe", "данные", "資料", "a\u2028b", "a\xa0b", "a\x0bb", "a\x85b"])
def test_a_mount_point_outside_ascii_is_read(name):
    mounts = ROOT + mount("nfs4", f"/mnt/{name}")
    assert not refused("/srv/keychain", mounts)
    assert refused(f"/mnt/{name}/keychain", mounts)


def test_a_mount_point_that_is_no_unicode_is_read():
    name = os.fsdecode(b"/mnt/\xff\xfe")
    assert refused(f"{name}/keychain", ROOT + mount("nfs4", name))


def test_a_link_to_a_network_file_system_is_followed(tmp_path):
    (tmp_path / "data").symlink_to(tmp_path / "nas")
    assert refused(tmp_path / "data", ROOT + mount("nfs4", str((tmp_path / "nas").resolve())))


def test_a_relative_path_is_where_the_process_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refused("data", ROOT + mount("nfs4", str(tmp_path.resolve())))


def test_the_mounts_of_this_machine_are_asked(tmp_path, monkeypatch):
    check_local(tmp_path)
    mounts = tmp_path / "mountinfo"
    mounts.write_bytes(ROOT.replace("ext4", "nfs4").encode() + b"36 22 0:31 / /mnt/\xff rw - ext4 x rw\n")
    monkeypatch.setattr(files, "MOUNTS", mounts)
    with pytest.raises(UnusableStore, match="network file system"):
        check_local(tmp_path)


def test_without_a_list_of_mounts_nothing_is_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOUNTS", tmp_path / "absent")
    check_local(tmp_path)


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_a_directory_is_made_for_its_owner_only(tmp_path):
    made = tmp_path / "state" / "data"
    files.make_private_directory(made)
    assert made.stat().st_mode & 0o777 == 0o700
    assert files.is_private(made)


def test_an_existing_directory_is_left_as_it_is(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o750)
    (tmp_path / "data" / "kept").write_text("x")
    files.make_private_directory(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "data" / "kept").read_text() == "x"


@pytest.mark.usefixtures("umask")
def test_a_file_is_made_for_its_owner_only(tmp_path):
    files.make_private_file(tmp_path / "keychain.db")
    assert (tmp_path / "keychain.db").stat().st_mode & 0o777 == 0o600
    assert files.is_private(tmp_path / "keychain.db")


def test_an_existing_file_keeps_what_is_in_it(tmp_path):
    (tmp_path / "keychain.db").write_text("kept")
    files.make_private_file(tmp_path / "keychain.db")
    assert (tmp_path / "keychain.db").read_text() == "kept"


@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001], ids=oct)
def test_what_anybody_else_may_touch_is_not_private(tmp_path, bit):
    (tmp_path / "keychain.db").touch()
    (tmp_path / "keychain.db").chmod(0o600 | bit)
    assert not files.is_private(tmp_path / "keychain.db")
