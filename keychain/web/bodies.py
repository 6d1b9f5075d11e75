"""Bodies: read once, capped, strict JSON whatever their content type says (``docs/protocol.md``, Requests)."""

from typing import TYPE_CHECKING, Any

from flask import request
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


def read(limit: int) -> bytes:
    """The body of Flask's request, as ``take`` reads it, without the permit: whoever sends slowly keeps nobody else."""
    permits: Permits = request.environ[PERMITS]
    with permits.given_back():
        return take(request.environ, limit)


def take(environ: "WSGIEnvironment", limit: int) -> bytes:
    """The body of a request, at most ``limit`` bytes, and all of it.

    Some of what is too much is read as well: a client that is still sending does not read the answer.

    Raises:
        BodyTooLarge, MalformedBody: if it is more, or less than was announced.
    """
    announced = get_content_length(environ)
    stream = get_input_stream(environ)
    body = b""
    while len(body) <= limit and len(body) != announced and (part := stream.read(PART_BYTES)):
        body += part
    if len(body) > limit:
        for _ in range(DRAINED_BYTES // PART_BYTES):
            if not stream.read(PART_BYTES):
                break
        raise errors.BodyTooLarge
    if announced not in (None, len(body)):  # the caller went away in the middle
        raise errors.MalformedBody
    return body


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
