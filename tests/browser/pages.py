"""A server of small pages under any name below ``localhost``: sites that are plain, strict, strange or hostile.

A browser takes every ``*.localhost`` for this machine and each for a site of its own; Python asks 127.0.0.1.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Headers = dict[str, str]


@dataclass
class Answer:
    body: str = ""
    headers: Headers = field(default_factory=dict)
    status: int = 200


@dataclass
class Asked:
    """A request that a page's server got."""

    method: str
    path: str
    headers: Headers
    body: str

    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.body)
        return payload


class Pages:
    """What is put at a path is answered there, whatever the host; what was asked is kept."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[Asked], Answer]] = {}
        self.asked: list[Asked] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.port: int = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def forget(self) -> None:
        self.answers.clear()
        self.asked.clear()

    def origin(self, name: str = "shop") -> str:
        return f"http://{name}.localhost:{self.port}"

    def put(self, path: str, body: str = "", status: int = 200, **headers: str) -> str:
        """``headers``: with underscores for hyphens. Returns the path."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = Answer(body, {"Content-Type": "text/html; charset=utf-8", **named}, status)
        return path

    def callbacks(self, path: str = "/callback") -> list[dict[str, Any]]:
        """The payloads that arrived at a callback, oldest first."""
        return [asked.payload() for asked in self.asked if asked.path == path and asked.method == "POST"]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        pages = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                asked = Asked(self.command, self.path, dict(self.headers), body)
                path = self.path.split("?")[0]
                found = pages.answers.get(path) or Answer("", {}, 204 if path == "/favicon.ico" else 404)
                if path != "/favicon.ico":
                    pages.asked.append(asked)
                given = found(asked) if callable(found) else found
                raw = given.body.encode()
                self.send_response(given.status)
                for name, value in given.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = answer  # noqa: N815 - the names that http.server calls

        return Handler
