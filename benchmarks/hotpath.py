"""Where the time of a validation goes: the WSGI callable in this process, under ``cProfile``.

A profiler taxes calls and not the work inside C, so these figures show proportions; the table shows the cost.
"""

import cProfile
import io
import os
import pstats
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from flask import Flask

from benchmarks import databases, identities, server
from keychain import logs
from keychain.app import create_app, utc_now
from keychain.settings import read
from keychain.store import schema
from keychain.store.engine import open_store
from keychain.validation import sites

VALIDATIONS = 5000
SHOWN = 45


def profile(path: Path, validations: int = VALIDATIONS) -> str:
    """Profile as many validations on SQLite into ``path``; the most expensive functions, as text."""
    with databases.fresh("sqlite") as database, Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        settings = read(server.variables(database))
        logs.configure(settings.log_level)
        store = open_store(settings)
        schema.upgrade(store)
        app = create_app(settings, store=store)
        people = identities.make(validations)
        with store.session() as session:
            site = sites.register(session, utc_now(), "profile")
            identities.put_on_record(session, people, utc_now())
        environs = [_environ(request) for request in identities.requests(people, site)]
        profiler = cProfile.Profile()
        profiler.enable()
        for environ in environs:
            _ask(app, environ)
        profiler.disable()
        store.close()
    profiler.dump_stats(path)
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).sort_stats("tottime").print_stats(SHOWN)
    return text.getvalue()


def _ask(app: Flask, environ: dict[str, Any]) -> None:
    answer = app(environ, lambda _status, _headers, _trouble=None: lambda _written: None)
    body = b"".join(answer)
    if b'"errorcode": 0' not in body:
        raise AssertionError(body)


def _environ(request: bytes) -> dict[str, Any]:
    """What the server makes of a request (PEP 3333)."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    method, path, protocol = line.split()
    headers = dict(field.split(": ", 1) for field in fields)
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_PROTOCOL": protocol,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": headers["Content-Type"],
        "CONTENT_LENGTH": headers["Content-Length"],
        "HTTP_HOST": headers["Host"],
        "HTTP_AUTHORIZATION": headers["Authorization"],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
