"""Connections that stall: a body of which the half came and then nothing, an answer that is never read.

The server has a time limit for a request's head and none for what follows, and a thread that reads a body waits as long
as the connection lives. Nothing in a WSGI environment says which connection that is, and nothing ends such a read but
the connection's own end. So this looks at the connections themselves, as the kernel sees them (``tcp(7)``, TCP_INFO):
whoever was sent nothing for longer than any honest exchange takes is cut off. The read then ends too early, which is
an answer's business (``bodies.read``). Nothing of this is on the way of a request.

It refuses to touch what is not a caller's: a socket whose own port is another than the service's, so a connection to a
database or a mail server, may be silent for ever. Only Linux tells what is needed; elsewhere nothing is cut.
"""

import socket
import struct
import sys
import time
from pathlib import Path

import structlog

from keychain.web import waiting

IDLE_SECONDS = 30  # after which the server itself closes a connection that nobody asks on
SLACK_SECONDS = 12
# What an honest caller may be kept waiting at most: he asks after the longest pause, and a person takes all his time.
SECONDS = IDLE_SECONDS + waiting.SECONDS + SLACK_SECONDS
LOOK_EVERY_SECONDS = 5

# struct tcp_info of linux/tcp.h: eight bytes, nine numbers of 32 bits, then the milliseconds since data were last sent.
_SINCE_SENT = struct.Struct("=44xI")

_log = structlog.get_logger("keychain")


def cut_forever(port: int) -> None:
    """Cut off what stalls, in this process, as long as it lives. ``port`` is the one that the service listens on."""
    while sys.platform == "linux":
        time.sleep(LOOK_EVERY_SECONDS)
        try:
            gone = cut(port, SECONDS)
        except OSError as error:  # no descriptor is left to look with, which is when it matters to look again
            _log.warning("stalled connections not looked for", exc_info=error)
            continue
        if gone:
            _log.info("stalled connections cut", connections=gone)


def cut(port: int, seconds: float) -> int:
    """Cut off each connection to ``port`` on which nothing was sent for ``seconds``; how many it were."""
    return sum(_cut_one(int(path.name), port, seconds) for path in Path("/proc/self/fd").iterdir())


def _cut_one(descriptor: int, port: int, seconds: float) -> bool:
    """Cut off what is behind a descriptor, if it is such a connection.

    No descriptor is copied, and none is closed: to close any copy of a database file's takes the locks of this whole
    process off it (fcntl(2)), and SQLite would lose what it commits from then on.
    """
    try:
        connection = socket.socket(fileno=descriptor)
    except OSError:  # no socket, or closed meanwhile
        return False
    try:
        stalls = _is_of_a_caller(connection, port) and _silent_for(connection) >= seconds
        if stalls:
            connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # its caller has just gone
        return False
    else:
        return stalls
    finally:
        connection.detach()


def _is_of_a_caller(connection: socket.socket, port: int) -> bool:
    internet = connection.family in (socket.AF_INET, socket.AF_INET6) and connection.type == socket.SOCK_STREAM
    return internet and connection.getsockname()[1] == port and bool(connection.getpeername())


def _silent_for(connection: socket.socket) -> float:
    """How many seconds ago something was sent on it for the last time, or else since it was made."""
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SINCE_SENT.size)
    [milliseconds] = _SINCE_SENT.unpack(told)
    return float(milliseconds) / 1000
