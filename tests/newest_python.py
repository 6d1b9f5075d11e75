"""Prints the newest Python of this machine, 3.11 or later, that can make a virtual environment."""

import os
import re
import subprocess
import sys
from pathlib import Path

# Besides the search path, where version managers keep what is not on it.
MANAGED = (Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions", Path("/usr/local/python"))
FACTS = "import sys, ensurepip, ssl, sqlite3; print(*sys.version_info[:3], sys.version_info.releaselevel)"


def candidates() -> set[Path]:
    """Every file that is called like a Python of the right age."""
    folders = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    folders += [version / "bin" for managed in MANAGED if managed.is_dir() for version in managed.iterdir()]
    named = [path for folder in folders if folder.is_dir() for path in folder.glob("python3.*")]
    return {path for path in named if re.fullmatch(r"python3\.(1[1-9]|[2-9]\d)", path.name)}


def version(python: Path) -> tuple[int, ...]:
    """The version, or nothing where it does not start, lacks a module, or is no release."""
    asked = subprocess.run([python, "-c", FACTS], capture_output=True, text=True, check=False)
    *numbers, level = asked.stdout.split() or ["none"]
    return tuple(map(int, numbers)) if level == "final" else ()


if __name__ == "__main__":
    print(max([*candidates(), Path(sys.executable)], key=version))
