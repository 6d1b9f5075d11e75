"""What a process and all its descendants have used, as the kernel counts it (proc(5)); Linux only."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def end_in_order() -> None:
    """Let a signal to end this process go through every ``finally``, as an interrupt does: servers are stopped."""
    signal.signal(signal.SIGTERM, _end)


def cpu_seconds(root: int) -> float:
    """User and system seconds of ``root`` and its descendants, those that ended and were waited for included."""
    used = 0
    for pid in tree(root):
        if fields := _stat(pid):
            used += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return used / _TICKS


def stolen_seconds() -> float:
    """Seconds in which a processor of this machine had work and its host gave it to others, so far, of all together."""
    [every, *_] = (_PROC / "stat").read_text().splitlines()
    return int(every.split()[8]) / _TICKS


def peak_memory(root: int) -> list[int]:
    """The largest resident set, in bytes, of ``root`` and of each of its descendants, in the order of their ids."""
    peaks = []
    for pid in tree(root):
        status = (_PROC / str(pid) / "status").read_text()
        peaks += [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")]
    return peaks


def tree(root: int) -> list[int]:
    """``root`` and every process below it."""
    parents = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents[int(entry.name)] = int(fields[1])
    found = [root]
    for pid in found:  # grows while it is read
        found += sorted(child for child, parent in parents.items() if parent == pid)
    return found


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold anything; none for a process that has gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(143)
