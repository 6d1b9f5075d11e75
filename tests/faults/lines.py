"""Connections to a node that stay open, and answers that are held against the shape of the wire.

An answer comes whole or not at all: what breaks off is a ``Cut``, and it says when its connection was made, so that
nobody can blame a kill for what happened to a connection that was made after it.
"""

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any

from device import Ask

Json = dict[str, Any]
PATIENCE = 30


class Cut(Exception):
    """No whole answer. ``made``: when the connection was; ``noticed``: when it was seen to be gone."""

    def __init__(self, made: float, noticed: float, why: str) -> None:
        super().__init__(why)
        self.made, self.noticed = made, noticed


@dataclass(frozen=True)
class Request:
    """A request whose bytes can be sent again."""

    path: str
    body: bytes = b""
    headers: Json = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True)
class Answer:
    """A whole answer, well-formed."""

    status: int
    members: Json

    @property
    def code(self) -> str:
        """``success``, or the code of the refusal."""
        return self.members.get("code", "success")


class Line:
    """A keep-alive connection, made when it is needed and made again after a cut."""

    def __init__(self, port: int) -> None:
        self.port, self._connection, self._made = port, None, 0.0

    def ask(self, request: Request) -> Answer:
        """
        Raises:
            Cut: if there is no whole answer.
        """
        self.send(request)
        return self.read()

    def connect(self) -> None:
        """See to it that there is a connection.

        Raises:
            Cut: if nobody listens; nothing was sent then.
        """
        if self._connection is not None:
            return
        self._made = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.connect()
        except OSError as error:
            raise Cut(self._made, time.monotonic(), repr(error)) from error
        self._connection = connection

    def send(self, request: Request) -> None:
        """The first half of ``ask``."""
        self.connect()
        try:
            self._connection.request(request.method, request.path, request.body or None, request.headers)
        except (OSError, http.client.HTTPException) as error:
            raise self._cut(error) from error

    def read(self) -> Answer:
        """The second half of ``ask``."""
        try:
            got = self._connection.getresponse()
            body = got.read()
        except (OSError, http.client.HTTPException) as error:
            raise self._cut(error) from error
        return well_formed(got, body)

    def _cut(self, error: Exception) -> Cut:
        self.close()
        return Cut(self._made, time.monotonic(), repr(error))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def well_formed(got: http.client.HTTPResponse, body: bytes) -> Answer:
    """Hold an answer against the promises that every answer makes (docs/protocol.md, Every answer)."""
    text = body.decode()
    assert got.headers["Content-Type"] == "application/json", text
    assert text.endswith("\n"), text
    assert text.count("\n") == 1, text
    members = json.loads(text)
    assert type(members["errorcode"]) is int, text
    assert isinstance(members["attr_claims"], dict), text
    if members["errorcode"] == 0:
        assert (got.status, members["error"]) == (200, "success"), text
        assert "code" not in members, text
    else:
        assert isinstance(members["error"], str), text
        assert members["error"] != "success", text
        assert members["code"].replace("_", "").islower(), text
        assert members["request_id"] == got.headers["X-Request-Id"], text
    return Answer(got.status, members)


def asking(line: Line) -> Ask:
    """The way for a ``Device`` of the tests to ask over this line."""

    def ask(path: str, body: bytes, headers: Json, method: str = "POST") -> tuple[int, Json]:
        answer = line.ask(Request(path, body, dict(headers), method))
        return answer.status, answer.members

    return ask
