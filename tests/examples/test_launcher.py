"""``make run``: the service and both sites over real sockets, and how all of them end."""

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from authenticator import Person
from running import PATIENCE, free_port

pytestmark = pytest.mark.slow

LAUNCH = (sys.executable, "-m", "examples")


class Launched:
    """A running launcher, and what it printed first."""

    def __init__(self, process: subprocess.Popen[str], ports: dict[str, int]) -> None:
        self.process, self.ports = process, ports
        self.first = process.stdout.readline()

    def origin(self, site: str) -> str:
        return f"http://{site}.localhost:{self.ports[site]}"

    def at(self, site: str) -> httpx.Client:
        """A browser at a site. Python may not know its name, so the address is said beside it."""
        origin = self.origin(site)
        headers = {"Host": origin.removeprefix("http://"), "Origin": origin, "Sec-Fetch-Site": "same-origin"}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.ports[site]}", headers=headers)

    def processes(self) -> set[int]:
        return set(family(self.process.pid))


@contextlib.contextmanager
def launched(data: Path) -> Iterator[Launched]:
    ports = {name: free_port() for name in ("service", "shop", "other")}
    options = [part for name, port in ports.items() for part in (f"--{name}-port", str(port))]
    with (data.parent / "log").open("a") as log:
        process = subprocess.Popen(
            [*LAUNCH, *options],
            env={**os.environ, "KEYCHAIN_DATA_DIR": str(data)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield Launched(process, ports)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()


def family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from family(int(child))


def alive(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    return False


def none_is_left(pids: set[int]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and any(map(alive, pids)):
        time.sleep(0.1)
    return not any(map(alive, pids))


def free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.bind(("127.0.0.1", port)) is None


def sign_in_at_the_shop(browser: httpx.Client, person: Person) -> str:
    """The account page afterwards."""
    nonce = browser.post("/nonce").json()["nonce"]
    # httpx sends no cookie of 127.0.0.1 that it got under another name; a browser does.
    answer = browser.post("/auth", params={"nonce": nonce}, json=person.payload(None, nonce=nonce))
    assert answer.json() == {"error": "success", "errorcode": 0, "url": "/account"}
    return browser.get("/account").text


def test_the_shops_address_is_printed_first_and_then_what_to_paste(tmp_path):
    with launched(tmp_path / "data") as running:
        shop = f"http://shop.localhost:{running.ports['shop']}"
        assert running.first.startswith(f"Open {shop} and sign in")
        service = f"http://id.localhost:{running.ports['service']}"
        assert f"open {service}/remote there" in running.process.stdout.readline()
        printed = ""
        while "print(result" not in printed:
            line = running.process.stdout.readline()
            assert line, "the end came before the words"
            printed += line
        [curl] = re.findall(r"^curl .*$", printed, re.MULTILINE)
        assert f"http://127.0.0.1:{running.ports['service']}/validate" in curl
        done = subprocess.run(curl, shell=True, capture_output=True, text=True, check=True)
        assert '{"errorcode": 0, "error": "success"' in done.stdout


def test_people_sign_in_at_both_sites_and_are_known_after_a_restart(tmp_path):
    person = Person()
    for _ in range(2):
        with launched(tmp_path / "data") as running, running.at("shop") as shop, running.at("other") as other:
            page = sign_in_at_the_shop(shop, person)
            assert "Customer 1" in page
            assert person.uid in page
            stranger = Person()
            nonce = re.search(r'data-nonce="([^"]+)"', other.get("/").text)[1]
            assert other.post("/signin", json=stranger.payload(None, nonce=nonce)).json()["errorcode"] == 0
            assert stranger.uid in other.get("/").text
    kept = sorted(path.name for path in (tmp_path / "data").glob("*api_key.json"))
    assert kept == ["api_key.json", "other_api_key.json", "shop_api_key.json"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "data").iterdir())
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "keychain.db")) as database:
        known = {origin for (origin,) in database.execute("SELECT origin FROM sites")}
    assert {running.origin("shop"), running.origin("other")} <= known


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_leaves_no_process(tmp_path, how):
    with launched(tmp_path / "data") as running:
        pids = running.processes()
        assert len(pids) >= 3
        running.process.send_signal(how)
        assert running.process.wait(PATIENCE) == 0
        assert none_is_left(pids)
        assert all(map(free, running.ports.values()))
        assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_service_that_dies_takes_the_sites_along_and_it_is_said(tmp_path):
    with launched(tmp_path / "data") as running:
        pids = running.processes()
        [service] = [pid for pid in pids if f"{running.process.pid}" == parent(pid) and is_service(pid)]
        os.kill(service, signal.SIGKILL)
        assert running.process.wait(PATIENCE) == 1
        assert none_is_left(pids)
    assert "the service ended (exit code -9), and the sites with it" in (tmp_path / "log").read_text()


def parent(pid: int) -> str:
    return re.search(r"^PPid:\s(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1]


def is_service(pid: int) -> bool:
    return b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.parametrize("option", ["--service-port", "--shop-port", "--other-port"])
def test_a_port_that_is_taken_is_said_in_one_line(tmp_path, option):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {name: free_port() for name in ("--service-port", "--shop-port", "--other-port")}
        ports[option] = taken.getsockname()[1]
        line = [*LAUNCH, *(part for name, port in ports.items() for part in (name, str(port)))]
        environment = {**os.environ, "KEYCHAIN_DATA_DIR": str(tmp_path / "data")}
        done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"can not listen on 127.0.0.1:{ports[option]}" in done.stderr
    assert done.stderr.rstrip().endswith(f"choose another with {option}")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("setting", [{"KEYCHAIN_ONLY": "validation"}, {"KEYCHAIN_PORT": "many"}, {"KEYCHAIN_HOTS": ""}])
def test_settings_that_do_not_fit_are_said_before_anything_starts(tmp_path, setting):
    environment = {**os.environ, "KEYCHAIN_DATA_DIR": str(tmp_path / "data"), **setting}
    done = subprocess.run(LAUNCH, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "data").exists()


def test_the_launcher_says_what_it_takes(tmp_path):
    done = subprocess.run([*LAUNCH, "--help"], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert all(option in done.stdout for option in ("--service-port", "--shop-port", "--other-port"))
