"""The client: prepared requests over keep-alive sockets, as fast as they are answered, each answer looked at.

It is another process than the server, so that nothing it does is counted; and it does little, so that a machine of
two processors is enough.
"""

import json
import re
import socket
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

ANSWER_SECONDS = 30

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


class WrongAnswer(Exception):
    """An answer that is no success: there is nothing to measure."""


def send(port: int, requests: Sequence[bytes], connections: int = 1) -> float:
    """Ask all ``requests``, shared out among ``connections``, and return the seconds that it took.

    Raises:
        WrongAnswer: unless each of them, and each element of a batch, succeeded.
    """
    shares = [requests[start::connections] for start in range(connections)]
    began = time.monotonic()
    with ThreadPoolExecutor(connections) as pool:
        answered = list(pool.map(partial(_converse, port), shares))
    took = time.monotonic() - began
    for bodies in answered:
        _check(bodies)
    return took


def _converse(port: int, requests: Sequence[bytes]) -> list[bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return [ask(connection, request) for request in requests]


def ask(connection: socket.socket, request: bytes) -> bytes:
    """The body of the answer to one request."""
    connection.sendall(request)
    received = b""
    while True:
        if (body := whole_body(received)) is not None:
            return body
        more = connection.recv(1 << 16)
        if not more:
            raise WrongAnswer("the server closed the connection")
        received += more


def whole_body(received: bytes) -> bytes | None:
    """The body of an answer, once all of it is there."""
    head, ended, body = received.partition(_END)
    if ended and (length := _LENGTH.search(head)) and len(body) >= int(length[1]):
        return body
    return None


def _check(bodies: Iterable[bytes]) -> None:
    for body in bodies:
        answer = json.loads(body)
        for one in (answer, *answer.get("answers", ())):
            if one["errorcode"] != 0:
                raise WrongAnswer(json.dumps(one))
