"""The exporter of a real ``keychain serve``: one page for all workers, on a port of its own, that nobody depends on."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from authenticator import Person
from running import PATIENCE, free_port, service, workers

from keychain.app import utc_now

pytestmark = pytest.mark.slow


def of(page: str, name: str) -> float:
    """The sum of what the page has under this beginning of a line."""
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(name))


def eventually(look, wanted) -> None:
    """Until it is so; a worker reports once a second."""
    deadline = time.monotonic() + PATIENCE
    while (found := look()) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def exporter_of(process) -> int:
    """The exporter is the server's first child; workers are forked after it, and listed in that order."""
    return next(workers(process))


def lives(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    return False


@pytest.fixture(scope="module")
def port() -> str:
    return str(free_port())


@pytest.fixture(scope="module")
def running(tmp_path_factory, port):
    with service(tmp_path_factory.mktemp("exporting") / "data", workers="2", metrics_port=port) as started:
        yield started


@pytest.fixture
def page(port):
    return lambda: httpx.get(f"http://127.0.0.1:{port}/metrics").text


def test_the_page_sums_all_workers_and_outlives_one_that_is_killed(running, page):
    fresh = httpx.get(f"{running.url}/register").json()
    auth = (fresh["API_ID"], fresh["API_KEY"])
    for _ in range(40):  # a connection each, so that both workers get some
        payload = Person().payload(utc_now())
        assert httpx.post(f"{running.url}/validate", json=payload, auth=auth).json()["errorcode"] == 0
    accepted = 'keychain_validations_total{asked="alone",code="success"}'
    eventually(lambda: (of(page(), accepted), of(page(), "keychain_workers")), (40, 2))
    memory = "keychain_process_resident_memory_bytes"
    assert all(of(page(), f'{memory}{{worker="{number}"}}') > 1e7 for number in (1, 2))

    _, _, killed = before = [*workers(running.process)]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: killed not in (now := [*workers(running.process)]) and len(now) == len(before), True)
    # Of one that has ended no memory is told: these are the other and its successor.
    eventually(lambda: (page().count(f"\n{memory}{{"), of(page(), "keychain_workers")), (2, 2))
    assert 'worker="3"' not in page()
    assert of(page(), accepted) == 40
    payload = Person().payload(utc_now())
    assert httpx.post(f"{running.url}/validate", json=payload, auth=auth).json()["errorcode"] == 0
    eventually(lambda: of(page(), accepted), 41)


def test_a_metrics_port_that_is_taken_is_said_in_one_line(running, port, tmp_path):
    line = [sys.executable, "-m", "keychain", "serve", "--port", str(free_port())]
    setting = {"KEYCHAIN_DATA_DIR": str(tmp_path / "other"), "KEYCHAIN_METRICS_PORT": port}
    done = subprocess.run(
        line, env={**os.environ, **setting}, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert f"can not listen on 127.0.0.1:{port}" in done.stderr
    assert "KEYCHAIN_METRICS_PORT" in done.stderr


def test_the_public_port_shows_no_metrics(running):
    assert httpx.get(f"{running.url}/metrics").json()["code"] == "not_found"


def test_the_service_goes_on_without_its_exporter(running, port):
    os.kill(exporter_of(running.process), signal.SIGKILL)
    eventually(lambda: exporter_is_gone(port), True)
    for _ in range(3):
        assert httpx.get(f"{running.url}/healthz").json()["errorcode"] == 0
        time.sleep(0.7)
    assert running.stop() == 0


def exporter_is_gone(port: str) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/metrics")
    except httpx.TransportError:
        return True
    return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_the_exporter_ends_with_the_server_however_that_ends(tmp_path, how):
    with service(tmp_path / "data", metrics_port=str(free_port())) as started:
        exporter = exporter_of(started.process)
        started.stop(how)
        eventually(lambda: lives(exporter), False)
