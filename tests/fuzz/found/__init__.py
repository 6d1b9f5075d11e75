"""What was ever found to break a promise: one file for each request, sent again by every run of the tests."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.world import Hostile

FOLDER = Path(__file__).parent


def keep(sent: Hostile) -> Path:
    """Write a request down. Credentials are those of a run and gone with it: another run brings its own."""
    members = {
        "why": sent.why,
        "path": sent.path,
        "method": sent.method,
        "headers": sent.headers,
        "harmless": sent.harmless,
    }
    text = json.dumps(members | {"body": base64.b64encode(sent.body).decode()}, indent=1)
    path = FOLDER / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    path.write_text(text + "\n")
    return path


def kept() -> Iterator[Hostile]:
    """Every one."""
    for path in sorted(FOLDER.glob("*.json")):
        members = json.loads(path.read_text())
        yield Hostile(**members | {"body": base64.b64decode(members["body"])})
