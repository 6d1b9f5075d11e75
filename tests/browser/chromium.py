"""Debian's Chromium with the flags a person's browser has, started by hand and driven over CDP.

Playwright's own launch switches storage partitioning and popup blocking off, and so shows a browser that nobody has.
"""

import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Playwright

PATIENCE = 20  # seconds; twenty times what the slowest start took
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",
)
# Each window would load two pages for what is typed into its address bar: as much work as the pages that are tested.
ADDRESS_BAR = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")


@dataclass(frozen=True)
class Kind:
    """A way that a person's browser may be set up."""

    name: str
    third_party_cookies: bool
    partitioned: bool = True

    def flags(self) -> list[str]:
        disabled = ADDRESS_BAR if self.partitioned else (*ADDRESS_BAR, "ThirdPartyStoragePartitioning")
        return [f"--disable-features={','.join(disabled)}"]

    def preferences(self) -> dict[str, dict[str, object]]:
        allowed = self.third_party_cookies
        return {"profile": {"cookie_controls_mode": 0 if allowed else 1, "block_third_party_cookies": not allowed}}


BLOCKING = Kind("third-party-cookies-blocked", third_party_cookies=False)
ALLOWING = Kind("third-party-cookies-allowed", third_party_cookies=True)
# Browsers of the past: every frame of an origin shares one storage, whatever page it stands in ...
UNPARTITIONED = Kind("not-partitioned", third_party_cookies=True, partitioned=False)
# ... or, with cookies blocked, has none at all: it throws when touched. So does Firefox when it blocks every cookie.
STORAGELESS = Kind("no-frame-storage", third_party_cookies=False, partitioned=False)


@contextlib.contextmanager
def running(playwright: Playwright, kind: Kind) -> Iterator[Browser]:
    """A Chromium of its own profile until the block ends. Each ``new_context`` of it is a partition of its own."""
    profile = Path(tempfile.mkdtemp(prefix="keychain-chromium-"))
    (profile / "Default").mkdir()
    (profile / "Default" / "Preferences").write_text(json.dumps(kind.preferences()))
    command = [shutil.which("chromium") or "/usr/bin/chromium", *FLAGS, *kind.flags(), f"--user-data-dir={profile}"]
    with (profile / "log").open("w") as log:
        process = subprocess.Popen([*command, "about:blank"], stdout=log, stderr=log)
    try:
        browser = playwright.chromium.connect_over_cdp(address(profile, process))
        yield browser
        browser.close()
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        process.wait()
        shutil.rmtree(profile, ignore_errors=True)


def address(profile: Path, process: subprocess.Popen[bytes]) -> str:
    """Where a started Chromium listens. It writes that into its profile, as two lines."""
    said = profile / "DevToolsActivePort"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        lines = said.read_text().split() if said.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.02)
    raise AssertionError(f"Chromium did not start: {(profile / 'log').read_text()[-2000:]}")
