"""Bodies: read once, capped, strict JSON whatever their content type says (``docs/protocol.md``, Requests)."""

import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from flask import request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_content_length, get_input_stream

from keychain import errors
from keychain.jose import strict_json
from keychain.web.permits import PERMITS, Permits

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PAYLOAD_BYTES = 64 * 1024
BATCH_BYTES = 4 * 1024 * 1024
PART_BYTES = 64 * 1024
DRAINED_BYTES = 8 * 1024 * 1024
LARGE_ONES = 8  # bodies beyond 64 KiB that a worker holds at once: with what a parser makes of them, 100 MB at most

_SEATS = threading.BoundedSemaphore(LARGE_ONES)
_SEAT = "keychain.seat"
_STREAM = "keychain.body"  # where the environment has what is still to be read; None: nothing is


def read(limit: int) -> bytes:
    """The body of Flask's request, as ``take`` reads it, without the permit: whoever sends slowly keeps nobody else."""
    permits: Permits = request.environ[PERMITS]
    with permits.given_back():
        return take(request.environ, limit)


def take(environ: "WSGIEnvironment", limit: int) -> bytes:
    """The body of a request, at most ``limit`` bytes, and all of it.

    One that may become large takes a seat until its request ends (``leave``), because strangers send bodies, too.

    Raises:
        BodyTooLarge, MalformedBody: if it is more, or less than was announced.
        TooManyRequests: if all seats are taken.
    """
    announced = get_content_length(environ)
    if limit > PAYLOAD_BYTES and (announced is None or announced > PAYLOAD_BYTES):
        _sit_down(environ)
    stream = environ[_STREAM] = get_input_stream(environ)
    body = b""
    try:
        while len(body) <= limit and len(body) != announced and (part := stream.read(PART_BYTES)):
            body += part
    except ClientDisconnected as error:
        raise errors.MalformedBody from error
    if len(body) > limit:
        raise errors.BodyTooLarge
    environ[_STREAM] = None
    if announced not in (None, len(body)):  # the caller went away in the middle
        raise errors.MalformedBody
    return body


def drain(environ: "WSGIEnvironment") -> None:
    """Read what a request was answered without, up to 8 MiB of it, and keep none.

    A server that closes on who is still sending resets the connection, and the answer is lost. A proxy takes such a
    node for a dead one: a stranger's large body, refused unread, would keep everybody from it. Who waits to be asked
    for the body (``Expect``, RFC 9110, 10.1.1) is not asked for it.
    """
    if _STREAM not in environ and (not _announces(environ) or "HTTP_EXPECT" in environ):
        return
    stream: IO[bytes] | None = environ[_STREAM] if _STREAM in environ else get_input_stream(environ)
    if stream is None:
        return
    with suppress(ClientDisconnected, OSError):  # its sender has gone
        for _ in range(DRAINED_BYTES // PART_BYTES):
            if not stream.read(PART_BYTES):
                break


def _announces(environ: "WSGIEnvironment") -> bool:
    return environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ


def leave(environ: "WSGIEnvironment") -> None:
    """Give the seat of a request back, if it took one."""
    if environ.pop(_SEAT, None):
        _SEATS.release()


def _sit_down(environ: "WSGIEnvironment") -> None:
    if not _SEATS.acquire(blocking=False):
        raise errors.TooManyRequests
    environ[_SEAT] = True


def parse(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body. UTF-8, and Latin-1 where UTF-8 fails: one surviving client sends that.

    Raises:
        MalformedBody: for anything else.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    try:
        body = strict_json.loads(text)
    except ValueError as error:
        raise errors.MalformedBody from error
    if not isinstance(body, dict):
        raise errors.MalformedBody
    return body
