"""The static files as one bundle: read once, named after what is in them (``docs/adr/0011``).

Every file below ``static/`` is served at ``/static/<build>/<path>``, where the build is the version and twelve digits
of a SHA-256 over the whole bundle. So an address never changes its content and can be kept for ever, modules find each
other by relative addresses, and no page ever mixes two builds. Pages, and the other files that are reached at addresses
of their own, name the build they belong to: ``{{build}}`` in them is replaced here, at the start. So is ``{{integrity
<path>}}``, the hash of a file that names nothing itself: whoever pins the shim has pinned what it loads later.
"""

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
SHIM = "oneid.js"
# What the shim loads when it is needed: `shim/<name>.js`, and `/oneid-<name>.js` for pages that pinned no build.
SHIM_PARTS = ("attributes", "buttons", "dialogs")
WORKER = "remote/worker.js"

_BUILD = b"{{build}}"
_INTEGRITY = re.compile(rb"\{\{integrity ([\w./-]+)\}\}")
_DIGITS = 12
# In a wheel the files lie inside the package, in a checkout beside it (setup.cfg maps the one to the other).
_PACKAGE = Path(__file__).parents[1]
_FOLDER = next(folder for folder in (_PACKAGE / "static", _PACKAGE.parent / "static") if folder.is_dir())


@dataclass(frozen=True)
class File:
    """One file, as it is sent."""

    path: str
    content: bytes

    @property
    def content_type(self) -> str:
        """What it says it is."""
        return CONTENT_TYPES[Path(self.path).suffix]

    @cached_property
    def zipped(self) -> bytes:
        """The content for those who take gzip; the same bytes at every start."""
        return gzip.compress(self.content, mtime=0)

    @property
    def integrity(self) -> str:
        """The content's hash, as ``integrity`` of a script element wants it (Subresource Integrity, 3.1)."""
        return _integrity(self.content)


@dataclass(frozen=True)
class Bundle:
    """All files by their path below ``static/``, and the name of this build."""

    build: str
    files: dict[str, File]

    def address(self, path: str) -> str:
        """Where a file of this very build is served."""
        return f"/static/{self.build}/{path}"


@cache
def read(folder: Path = _FOLDER) -> Bundle:
    """The bundle of this installation."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in CONTENT_TYPES
    }
    digest = hashlib.sha256()
    for name, content in found.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    build = f"{version('oneid-keychain')}-{digest.hexdigest()[:_DIGITS]}"
    return Bundle(build, {name: File(name, _of(build, name, found)) for name in found})


def _of(build: str, name: str, found: dict[str, bytes]) -> bytes:
    if name not in (SHIM, WORKER) and not name.endswith(".html"):
        return found[name]
    named = found[name].replace(_BUILD, build.encode())
    return _INTEGRITY.sub(lambda of: _integrity(found[of[1].decode()]).encode(), named)


def _integrity(content: bytes) -> str:
    return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"
