"""Where it was measured, in general terms, and with which versions: what a reader needs to compare figures."""

import os
import platform
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from cryptography.hazmat.backends.openssl import backend

from benchmarks import databases

_PACKAGES = ("cryptography", "flask", "granian", "sqlalchemy", "psycopg")


def described() -> str:
    """One line."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return (
        f"{os.cpu_count()} processors ({platform.machine()}, {_processor()}), {pages / 2**30:.0f} GiB of memory,"
        f" {platform.system()} {'.'.join(platform.release().split('.')[:2])}"
    )


def versions() -> dict[str, str]:
    """Of everything that a validation passes through, and of the client."""
    found = {"Python": platform.python_version()}
    found |= {name: metadata.version(name) for name in _PACKAGES}
    found["OpenSSL"] = backend.openssl_version_text().split()[1]
    found["SQLite"] = sqlite3.sqlite_version
    found["PostgreSQL"] = _number([str(databases.binaries() / "postgres"), "--version"])
    found["wrk"] = _number(["wrk", "-v"])
    return found


def _processor() -> str:
    """The maker's name for the family, without the model."""
    names = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return " ".join(names[0].split()[:2]) if names else "unknown"


def _number(command: Sequence[str]) -> str:
    if shutil.which(command[0]) is None:
        return "none"
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    numbers = re.search(r"\d+(\.\d+)+", told.stdout + told.stderr)
    return numbers[0] if numbers else "unknown"
