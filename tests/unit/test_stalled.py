"""Who stalls is cut off by what the kernel says of his connection, and nobody else is touched."""

import fcntl
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keychain.web import stalled

LIMIT = 0.4


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def connect(listener):
    here = socket.create_connection(listener.getsockname(), timeout=5)
    there, _ = listener.accept()
    there.settimeout(5)
    return here, there


def cut(listener):
    return stalled.cut(listener.getsockname()[1], LIMIT)


def test_who_was_sent_nothing_for_too_long_is_cut_off_however_much_he_sends(listener):
    here, there = connect(listener)
    with here, there:
        time.sleep(LIMIT + 0.1)
        here.sendall(b"drip")
        assert cut(listener) == 1
        assert there.recv(9) == b"drip"
        assert there.recv(9) == b""  # a read that waited would have ended here
        assert here.recv(9) == b""


def test_who_was_answered_lately_is_left_alone(listener):
    here, there = connect(listener)
    with here, there:
        time.sleep(LIMIT + 0.1)
        there.sendall(b"answer")
        assert cut(listener) == 0
        here.sendall(b"next")
        assert (here.recv(9), there.recv(9)) == (b"answer", b"next")


def test_connections_that_this_process_made_itself_are_left_alone(listener):
    """Such as those to a database: silent for hours, and its own."""
    with socket.create_server(("127.0.0.1", 0)) as database:
        ours, theirs = connect(database)
        with ours, theirs:
            time.sleep(LIMIT + 0.1)
            assert cut(listener) == 0
            ours.sendall(b"SELECT")
            assert theirs.recv(9) == b"SELECT"


def test_it_leaves_no_descriptor_open(listener):
    here, there = connect(listener)
    with here, there:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(50):
            cut(listener)
        assert len(list(Path("/proc/self/fd").iterdir())) < before + 50


LOCK = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"


def test_it_takes_no_lock_off_a_database_file(listener, tmp_path):
    """A process loses its locks on a file when it closes any descriptor of it; SQLite stands on them."""
    path = tmp_path / "keychain.db"
    path.touch()
    with path.open("r+") as database:
        fcntl.lockf(database, fcntl.LOCK_EX)
        cut(listener)
        taken = subprocess.run([sys.executable, "-c", LOCK, str(path)], capture_output=True, check=False)
    assert b"BlockingIOError" in taken.stderr
