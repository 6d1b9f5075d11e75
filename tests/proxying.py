"""deploy/nginx.conf on this machine: its own text, with other addresses and files where a container has them."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

CONFIGURATION = Path(__file__).parents[1] / "deploy" / "nginx.conf"
PATIENCE = 20  # seconds


def written(folder: Path, certificate: Path, port: int, health: int, nodes: tuple[int, int]) -> Path:
    """The configuration, to be run in ``folder``. Whatever is replaced has to be there."""
    text = CONFIGURATION.read_text()
    places = {
        "172.30.77.11:8000": f"127.0.0.1:{nodes[0]}",
        "172.30.77.12:8000": f"127.0.0.1:{nodes[1]}",
        "listen 127.0.0.1:8081": f"listen 127.0.0.1:{health}",
        "listen 8443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/run/secrets/tls_certificate": str(certificate),
        "/run/secrets/tls_key": str(certificate),
        "/tmp/nginx": f"{folder}/nginx",
        "/dev/stdout": f"{folder}/access.log",
        "/dev/stderr": f"{folder}/error.log",
    }
    for there, here in places.items():
        assert there in text, there
        text = text.replace(there, here)
    if os.geteuid() == 0:  # its workers would be another's, who may not write here
        text = "user root;\n" + text
    path = folder / "nginx.conf"
    path.write_text(text)
    return path


def tested(path: Path) -> subprocess.CompletedProcess[str]:
    """What nginx says of a configuration."""
    line = ["nginx", "-t", "-q", "-c", str(path), "-g", "daemon off;"]
    return subprocess.run(line, capture_output=True, text=True, check=False)


@contextlib.contextmanager
def running(path: Path, health: int) -> Iterator[None]:
    """nginx, until the block ends."""
    process = subprocess.Popen(["nginx", "-c", str(path), "-g", "daemon off;"], stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{health}/")
                break
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stderr.close()
