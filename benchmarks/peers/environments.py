"""The peers' packages: each in an environment of its own under ``build/peers``, which ``make clean`` removes.

They are made anew only when what is pinned has changed. Nothing of them reaches the project's own environment.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BUILD_SECONDS = 420  # better-sqlite3 compiles itself where its prebuilt binary can not be fetched
THREADS = 4  # as many as a worker of ours has

_HERE = Path(__file__).parent
_ROOT = Path(__file__).parents[2] / "build" / "peers"


@dataclass(frozen=True)
class Peer:
    """A service that is built: how it is started in its folder, and the versions of what it is made of.

    ``{port}`` in a word of the command stands for the port.
    """

    name: str
    folder: Path
    command: tuple[str, ...]
    environ: Mapping[str, str]
    versions: Mapping[str, str]


def flask() -> Peer:
    """Flask and py_webauthn under gunicorn: one worker with as many threads as ours, connections kept."""
    source, built = _HERE / "flask", _ROOT / "flask"
    python = built / "venv" / "bin" / "python"
    pins = source / "requirements.txt"
    if not _is_built(built, pins):
        _run([sys.executable, "-m", "venv", str(built / "venv")])
        _run([str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(pins)])
        _mark(built, pins)
    script = "import importlib.metadata as m; print(*(m.version(n) for n in ('flask', 'webauthn', 'gunicorn')))"
    versions = zip(("Flask", "py_webauthn", "gunicorn"), _said([str(python), "-c", script]).split(), strict=True)
    options = ("--bind", "127.0.0.1:{port}", "--worker-class", "gthread", "--threads", str(THREADS))
    command = (str(python), "-m", "gunicorn", *options, "app:app")
    return Peer("Flask + py_webauthn + gunicorn", source, command, {"PYTHONDONTWRITEBYTECODE": "1"}, dict(versions))


def express() -> Peer:
    """Express and SimpleWebAuthn in one Node process, on better-sqlite3."""
    source, built = _HERE / "express", _ROOT / "express"
    pins = source / "package-lock.json"
    if not _is_built(built, pins):
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, built / name)
        _run(["npm", "ci", "--prefix", str(built), "--no-audit", "--no-fund", "--loglevel=error"])
        _mark(built, pins)
    shutil.copy(source / "app.js", built / "app.js")
    names = ("express", "@simplewebauthn/server", "better-sqlite3")
    script = (
        "console.log(process.argv.slice(1).map((n) => JSON.parse(require('fs').readFileSync(n)).version).join(' '))"
    )
    files = [str(built / "node_modules" / name / "package.json") for name in names]
    versions = dict(zip(names, _said(["node", "-e", script, *files]).split(), strict=True))
    versions["Node.js"] = _said(["node", "--version"]).strip().removeprefix("v")
    return Peer("Express + SimpleWebAuthn", built, ("node", "app.js"), {"NODE_ENV": "production"}, versions)


def _is_built(built: Path, pins: Path) -> bool:
    mark = built / "built-from"
    if mark.exists() and mark.read_text() == _digest(pins):
        return True
    shutil.rmtree(built, ignore_errors=True)
    built.mkdir(parents=True)
    return False


def _mark(built: Path, pins: Path) -> None:
    (built / "built-from").write_text(_digest(pins))


def _digest(pins: Path) -> str:
    return hashlib.sha256(pins.read_bytes()).hexdigest()


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr, timeout=BUILD_SECONDS, cwd=_HERE, env=_environ())


def _said(command: list[str]) -> str:
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, env=_environ())
    return told.stdout


def _environ() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
