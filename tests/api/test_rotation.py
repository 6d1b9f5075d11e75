"""A new master key without downtime, and the canary: nobody ever signs with another key than before."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import running as processes
import traffic
from device import SHOP, Device
from places import Place, place

from keychain.app import utc_now
from keychain.cli.loading import RETRY_SECONDS
from keychain.repo import masterkeys

ROOM = {f"{name}_limit": "1000000/minute" for name in ("register", "first_use", "sign_up", "signer", "account", "repo")}
# Keys made up for this test: of zeros, and of ones.
FIRST = f"1:{base64.b64encode(bytes(32)).decode()}"
OTHER = f"1:{base64.b64encode(bytes([1] * 32)).decode()}"


@pytest.fixture
def kept(run, tmp_path) -> Path:
    """The file that a first start made."""
    run("claims-key")
    return tmp_path / "data" / masterkeys.FILE


def secrets_of(path: Path) -> list[str]:
    return [part.partition(":")[2] for part in re.split(r"[,\s]+", path.read_text()) if part]


def test_a_master_key_is_added_then_used_and_never_shown(run, kept):
    assert run("master-keys", "list").startswith("1  used since ")
    [claims] = run("claims-key").split()
    printed = run("master-keys", "add") + run("master-keys", "list")
    assert "2  not used yet, 0 identities\n" in printed
    both = run("claims-key").strip().split(",")
    assert both[1] == claims, "the new one can be told to other parties before it is used"
    assert "in use" not in run("master-keys", "use", "2", input="n\n", fails=1)
    assert "2  not used yet" in run("master-keys", "list")
    printed += run("master-keys", "use", "2", input="y\n") + run("master-keys", "use", "2", "--yes")
    printed += run("master-keys", "list")
    assert re.search(r"^1  used since \S+ \S+, 0 identities\n2  used since .*, in use$", printed, re.MULTILINE)
    assert "is not taken back" in run("master-keys", "use", "1", "--yes", fails=1)
    assert "master key 3 is not here" in run("master-keys", "use", "3", "--yes", fails=1)
    assert len(secrets_of(kept)) == 2
    assert not [secret for secret in secrets_of(kept) if secret in printed]


def test_where_keys_come_from_the_settings_a_new_one_goes_to_a_file_of_its_own(run, tmp_path, monkeypatch):
    monkeypatch.setenv("KEYCHAIN_MASTER_KEYS", FIRST)
    assert "say --output FILE" in run("master-keys", "add", fails=2)
    target = tmp_path / "two"
    printed = run("master-keys", "add", "--output", str(target))
    assert target.stat().st_mode & 0o777 == 0o600
    assert secrets_of(target)[0] not in printed
    assert "is there already" in run("master-keys", "add", "--output", str(target), fails=1)
    monkeypatch.setenv("KEYCHAIN_MASTER_KEYS", f"{FIRST},{target.read_text().strip()}")
    run("master-keys", "use", "2", "--yes")
    monkeypatch.setenv("KEYCHAIN_MASTER_KEYS", FIRST)
    assert "master key 2 is in use and not here" in run("master-keys", "list", fails=1)


@pytest.mark.slow
def test_keys_that_are_added_at_once_are_all_kept(kept, tmp_path):
    line = [sys.executable, "-m", "keychain", "master-keys", "add"]
    environment = os.environ | Place(tmp_path).environment
    adding = [subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [each.wait(processes.PATIENCE) for each in adding] == [0] * 4
    assert re.findall(r"(\d+):", kept.read_text()) == ["1", "2", "3", "4", "5"]


def test_master_keys_are_the_repos(run, monkeypatch):
    monkeypatch.setenv("KEYCHAIN_ONLY", "validation")
    for line in (["list"], ["add"], ["use", "1", "--yes"]):
        assert "master keys are the repo's" in run("master-keys", *line, fails=1)


ALONE = {"ONLY": "repo", "MINT_URL": "https://k.example", "MINT_API_ID": "x", "MINT_API_KEY": "y"}


@pytest.mark.parametrize(("options", "named"), [((), {}), (("--workers", "2"), {}), ((), ALONE)])
def test_no_service_starts_with_another_master_key(run, kept, options, named, monkeypatch):
    for name, value in named.items():
        monkeypatch.setenv(f"KEYCHAIN_{name}", value)
    kept.write_text(OTHER)
    refusal = run("serve", "--port", str(processes.free_port()), *options, fails=1)
    assert "master key 1 is not the one that this database was used with" in refusal
    assert refusal.count("\n") == 1
    doctor = run("doctor", fails=1)
    assert "master key 1 is not the one" in doctor
    assert kept.read_text() == OTHER


@pytest.mark.slow
def test_a_worker_that_can_not_be_loaded_serves_nobody_ends_nobody_and_tries_again(tmp_path):
    path = tmp_path / "data" / masterkeys.FILE
    with processes.service(tmp_path / "data", workers="2") as running:
        ask, good = traffic.asking(running.url), path.read_text()
        path.write_text(OTHER)
        killed, sound = processes.workers(running.process)
        os.kill(killed, signal.SIGKILL)
        wait_for(running, "master key 1 is not the one", 0)
        time.sleep(2 * RETRY_SECONDS)
        assert sound in processes.workers(running.process)
        assert running.log.read_text().count("master key 1 is not the one") == 1, "it is said once"
        assert ask("/register", method="GET")[0] == 200
        path.write_text(good)
        os.kill(sound, signal.SIGKILL)
        deadline = time.monotonic() + processes.PATIENCE
        while len(set(processes.workers(running.process)) - {killed, sound}) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert ask("/register", method="GET")[0] == 200


@pytest.fixture
def reloading(tmp_path):
    """A service that was told to reload, whose new worker found the master key damaged; and the pipe that keeps it."""
    path = tmp_path / "data" / masterkeys.FILE
    with processes.service(tmp_path / "data", workers="1") as running:
        good = path.read_text()
        path.unlink()
        os.mkfifo(path, 0o600)  # who reads it waits for what this test says
        running.process.send_signal(signal.SIGHUP)
        path.write_text(good)
        wait_for(running, '"reloading"', 0)
        path.write_text("damaged")
        wait_for(running, "worker not started", 0)
        yield running, path, good


@pytest.mark.slow
def test_an_old_worker_stays_until_the_new_one_is_ready_however_long_that_takes(reloading):
    running, path, good = reloading
    ask, [old, _] = traffic.asking(running.url), processes.workers(running.process)
    for _ in range(2):
        path.write_text("damaged")  # at its next try
        assert old in processes.workers(running.process)
        assert ask("/register", method="GET")[0] == 200
    path.write_text(good)
    wait_for(running, "Stopped old worker-", 0)
    assert old not in processes.workers(running.process)
    assert ask("/register", method="GET")[0] == 200


@pytest.mark.slow
def test_a_service_is_stopped_while_a_new_worker_waits(reloading):
    running, *_ = reloading
    assert running.stop() == 0


@pytest.mark.slow
def test_a_second_reload_takes_the_place_of_one_that_waits(reloading):
    running, path, good = reloading
    [old, waits] = processes.workers(running.process)
    running.process.send_signal(signal.SIGHUP)
    wait_for(running, '"not reloaded"', 0)
    path.write_text(OTHER)
    wait_for(running, '"not reloaded"', 0, 2)
    assert list(processes.workers(running.process)) == [old]
    assert traffic.asking(running.url)("/register", method="GET")[0] == 200
    path.unlink()
    path.write_text(good)
    path.chmod(0o600)
    told(running)
    assert not {old, waits} & set(processes.workers(running.process))


@pytest.mark.slow
def test_what_can_not_be_loaded_stops_no_worker(tmp_path):
    path = tmp_path / "data" / masterkeys.FILE
    with processes.service(tmp_path / "data", workers="1") as running:
        ask, before = traffic.asking(running.url), list(processes.workers(running.process))
        good = path.read_text()
        for wrong in (OTHER, "damaged"):
            path.write_text(wrong)
            log = len(running.log.read_text())
            running.process.send_signal(signal.SIGHUP)
            wait_for(running, '"not reloaded"', log)
            assert list(processes.workers(running.process)) == before
            assert ask("/register", method="GET")[0] == 200
        path.write_text(good)
        told(running)
        assert list(processes.workers(running.process)) != before
        assert ask("/register", method="GET")[0] == 200


def wait_for(running: processes.Running, line: str, after: int, times: int = 1) -> None:
    deadline = time.monotonic() + processes.PATIENCE
    while running.log.read_text()[after:].count(line) < times:
        assert time.monotonic() < deadline, running.log.read_text()[after:]
        time.sleep(0.05)


def told(running: processes.Running, workers: int = 1) -> None:
    """Send SIGHUP, and wait until every worker was replaced."""
    log = len(running.log.read_text())
    running.process.send_signal(signal.SIGHUP)
    wait_for(running, "Stopped old worker-", log, workers)


def keychain(at: Place, *line: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEYCHAIN_")}
    line = (sys.executable, "-m", "keychain", "master-keys", *line)
    done = subprocess.run(line, env=kept | at.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class People:
    """What the threads do: somebody new at a new site, and somebody known at the same one, each held by the site."""

    def __init__(self, url: str) -> None:
        self.ask, self.origin = traffic.asking(url), url.replace("127.0.0.1", "id.localhost")
        fresh = self.ask("/register", method="GET")[1]
        basic = base64.b64encode(f"{fresh['API_ID']}:{fresh['API_KEY']}".encode()).decode()
        self.headers = {"Authorization": f"Basic {basic}"}

    def sign_in(self, frame) -> None:
        status, members = self.ask("/validate", json.dumps(frame.payload()).encode(), self.headers)
        assert (status, members.get("errorcode")) == (200, 0), members

    def deeds(self):
        device = Device(self.ask, utc_now, self.origin).sign_up()
        known = device.frame(device.mint(SHOP))
        count = iter(range(10**6))

        def sign_up_somewhere():
            frame = device.frame(device.mint(f"https://shop-{next(count)}.example"))
            self.sign_in(frame)
            return frame

        def come_again():
            self.sign_in(known)
            return known

        return [("new", sign_up_somewhere), ("known", come_again)]


# With one worker nobody else answers meanwhile; of two, one has been told and the other has not.
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "workers"), [("sqlite", 2), ("postgresql", 1)])
def test_no_request_is_lost_while_the_master_key_is_renewed(request, tmp_path, kind, workers):
    cluster = request.getfixturevalue("postgresql") if kind == "postgresql" else ""
    with place(kind, tmp_path, cluster) as at:
        if at.url:
            migrate = [sys.executable, "-m", "keychain", "migrate"]
            subprocess.run(migrate, env=os.environ | at.environment, check=True, capture_output=True)
        with processes.service(at.data, workers=str(workers), **ROOM, **at.named) as running:
            people = People(running.url)
            with traffic.running(people.deeds, threads=3) as seen:
                keychain(at, "add")
                told(running, workers)
                added = time.monotonic()
                keychain(at, "use", "2", "--yes")
                told(running, workers)
                renewed = time.monotonic()
                time.sleep(0.5)
            assert seen.failed == []
            # Done, and said to be when sent again: only an answer is lost, where its worker ended meanwhile.
            assert len(seen.unanswered) <= max(2 * workers, len(seen.answered) / 100), seen.unanswered
            frames = seen.of("new", added), [each.what for each in seen.answered if each.at > renewed]
            for frame in (*frames[0][-5:], *frames[1][-5:]):
                people.sign_in(frame)
        listed = keychain(at, "list")
    counted = {int(version): int(many) for version, many in re.findall(r"(?m)^(\d)  .*, (\d+) ident", listed)}
    assert counted[1] >= len(frames[0]) > 0, "until it is used, a key that was added is not"
    assert counted[2] > 0
    assert "2  used since" in listed
