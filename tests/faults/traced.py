"""What a service asked the kernel to do with its database files, as strace(1) saw it, and what a power cut leaves.

A write is in the kernel's memory until an ``fdatasync`` that began after it has ended; until then a power cut may keep
it, drop it, or keep some of its sectors, whatever came before or after it. A new file's name is on disk once its
directory was synced. ``Disk`` follows a trace and says at each point what is surely there, and what might be.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
CALLS = "openat,pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg,ftruncate,fallocate,unlink,fsync,fdatasync"

_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>(.*)|(\w+)\((.*))")
_FILE = re.compile(r"\d+<([^>]*)>")
_OPENED = re.compile(r'[^,]*, "([^"]*)", ([A-Z_|]+)')
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_ENDED = re.compile(r"\) += (-?\d+)")
_SYNCS = {"fsync", "fdatasync"}


def tracer(trace: Path) -> tuple[str, ...]:
    """The command in front of a service that writes ``trace``: all of its processes, every byte in full."""
    return ("strace", "-f", "-y", "-xx", "-s", "70000", "-e", f"trace={CALLS}", "-o", str(trace))


@dataclass(frozen=True)
class Write:
    """Bytes for a file, on their way; ``offset`` from its start."""

    name: str
    offset: int
    content: bytes


@dataclass(frozen=True)
class Cut:
    """A file ends here from now on."""

    name: str
    size: int


@dataclass(frozen=True)
class Made:
    """A file that may be new."""

    name: str


@dataclass(frozen=True)
class Removed:
    """A file is gone."""

    name: str


@dataclass(frozen=True)
class SyncBegins:
    """Of the file, or with an empty name of the directory; ``by`` is the thread."""

    name: str
    by: str


@dataclass(frozen=True)
class SyncEnds:
    """What was written before it began is on disk."""

    name: str
    by: str


@dataclass(frozen=True)
class Answered:
    """An answer is on its way to who asked."""

    content: bytes


Event = Write | Cut | Made | Removed | SyncBegins | SyncEnds | Answered


def read(trace: Path, directory: Path, names: set[str]) -> Iterator[Event]:
    """The events of these files of ``directory`` in order, and of the answers.

    Raises:
        AssertionError: for a way to write to one of them that is not understood here.
    """
    unfinished: dict[str, tuple[str, str]] = {}
    known = {str(directory / name): name for name in names} | {str(directory): ""}
    for line in trace.read_text().splitlines():
        found = _LINE.match(line)
        if found is None:
            continue  # a signal, or an end
        by, resumed, rest, call, arguments = found.groups()
        if resumed:
            call, arguments = unfinished.pop(by)
            assert call == resumed, line
            yield from _after(by, call, arguments, rest, known)
            continue
        yield from _before(by, call, arguments, known)
        if arguments.endswith("<unfinished ...>"):
            unfinished[by] = call, arguments
        else:
            yield from _after(by, call, arguments, arguments, known)


def _before(by: str, call: str, arguments: str, known: dict[str, str]) -> Iterator[Event]:
    """What a call has begun to do."""
    name = known.get(_path(arguments))
    if call in _SYNCS and name is not None:
        yield SyncBegins(name, by)
    elif call in {"pwrite64", "ftruncate"} and name:
        text, *numbers = arguments.split(", ")[1:] if call == "pwrite64" else ("", arguments.split(", ")[1])
        if call == "pwrite64":
            content = _bytes(text)
            assert len(content) == int(numbers[0]), arguments[:200]
            yield Write(name, int(re.match(r"\d+", numbers[1])[0]), content)
        else:
            yield Cut(name, int(re.match(r"\d+", numbers[0])[0]))
    elif call in {"write", "writev", "sendto", "sendmsg", "pwritev", "pwritev2", "fallocate"}:
        assert not name, f"a {call} to {name} is not understood"
        sent = b"".join(_bytes(text[0]) for text in _TEXT.finditer(arguments)) if "socket:" in arguments else b""
        if not sent and call in {"writev", "sendto", "write", "sendmsg"}:
            sent = _to_socket(arguments)
        if sent.startswith(b"HTTP/1.1 "):
            yield Answered(sent)


def _after(by: str, call: str, arguments: str, rest: str, known: dict[str, str]) -> Iterator[Event]:
    """What a call has done."""
    ended = _ENDED.search(rest)
    if ended is None or int(ended[1]) < 0:
        return
    if call in _SYNCS and (name := known.get(_path(arguments))) is not None:
        yield SyncEnds(name, by)
    elif call == "openat" and (opened := _OPENED.match(arguments)) and "O_CREAT" in opened[2]:
        if name := known.get(_text(opened[1])):
            yield Made(name)
    elif call == "unlink" and (name := known.get(_bytes(arguments).decode())):
        yield Removed(name)


def _path(arguments: str) -> str:
    """The path of the descriptor that stands first."""
    found = _FILE.match(arguments)
    return _text(found[1]) if found else ""


def _to_socket(arguments: str) -> bytes:
    found = _FILE.match(arguments)
    if found is None or not _text(found[1]).startswith(("socket:", "TCP:")):
        return b""
    return b"".join(_bytes(text[0]) for text in _TEXT.finditer(arguments))


def _text(escaped: str) -> str:
    return bytes.fromhex(escaped.replace("\\x", "")).decode() if escaped.startswith("\\x") else escaped


def _bytes(quoted: str) -> bytes:
    found = _TEXT.search(quoted)
    assert found is not None, quoted[:200]
    assert not found[2], "strace cut a text short"
    return bytes.fromhex(found[1].replace("\\x", ""))


@dataclass
class Disk:
    """The files at one point of a trace: what surely outlives a power cut, and what is on its way."""

    durable: dict[str, bytes]
    named: set[str] = field(default_factory=set)  # whose names are on disk
    pending: dict[str, list[Write | Cut]] = field(default_factory=dict)
    _syncing: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.named = set(self.durable)

    def follow(self, event: Event) -> None:
        """What comes of an event."""
        match event:
            case Made(name) if name not in self.durable:
                self.durable[name] = b""
            case Removed(name):
                # Names come and go in order; SQLite removes what it needs no more.
                self.durable.pop(name, None)
                self.pending.pop(name, None)
                self.named.discard(name)
            case Write(name) | Cut(name):
                self.pending.setdefault(name, []).append(event)
            case SyncBegins(name, by):
                self._syncing[name, by] = len(self.pending.get(name, ()))
            case SyncEnds("", _):
                self.named |= set(self.durable)
            case SyncEnds(name, by):
                self._settle(name, self._syncing.pop((name, by)))

    def _settle(self, name: str, count: int) -> None:
        waiting = self.pending.get(name, [])
        for change in waiting[:count]:
            self.durable[name] = _changed(self.durable.get(name, b""), change)
        del waiting[:count]
        for key, other in self._syncing.items():  # who syncs the same file meanwhile
            if key[0] == name:
                self._syncing[key] = max(0, other - count)

    def surely(self) -> dict[str, bytes]:
        """The least that a power cut leaves."""
        return {name: content for name, content in self.durable.items() if name in self.named}

    def whole(self) -> dict[str, bytes]:
        """What there is without a power cut."""
        left = dict(self.durable)
        for name, changes in self.pending.items():
            for change in changes:
                left[name] = _changed(left.get(name, b""), change)
        return left

    def perhaps(self, chance: random.Random) -> dict[str, bytes]:
        """Something that it may leave: of what is on its way, some, in part."""
        left = {}
        for name, content in self.durable.items():
            if name not in self.named and chance.random() < 0.5:
                continue
            for change in self.pending.get(name, ()):
                content = _changed(content, _torn(change, chance))  # noqa: PLW2901 - it grows
            left[name] = content
        return left


def _torn(change: Write | Cut, chance: random.Random) -> Write | Cut | None:
    """A change of which a power cut leaves all, nothing, or some of its sectors."""
    fate = chance.random()
    if fate < 0.4:
        return None
    if fate < 0.7 or isinstance(change, Cut):
        return change
    first = -change.offset % SECTOR  # where the next sector begins
    ends = [end for end in range(first, len(change.content), SECTOR) if end]
    return Write(change.name, change.offset, change.content[: chance.choice(ends)]) if ends else None


def _changed(content: bytes, change: Write | Cut | None) -> bytes:
    match change:
        case Cut(_, size):
            return content[:size].ljust(size, b"\0")
        case Write(_, offset, fresh):
            return content[:offset].ljust(offset, b"\0") + fresh + content[offset + len(fresh) :]
    return content
