"""``python -m benchmarks.bare``: what a validation is about, and nothing around it, under the same server.

Two verifications with loaded keys, one row read and one row written durably, by ``sqlite3`` itself: nothing is parsed,
checked or logged. No validation that is written in Python, and answered by this server, can cost less.
"""

import os
import sqlite3
import threading
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.limit import ES256, SIGNED
from keychain.cli import serve
from keychain.settings import read

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ANSWER = b'{"errorcode": 0}\n'
_HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(_ANSWER)))]
_SETUP = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "CREATE TABLE IF NOT EXISTS record (uid TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS spent (nonce TEXT PRIMARY KEY) WITHOUT ROWID",
    "INSERT OR IGNORE INTO record VALUES ('uid', randomblob(64))",
)


def load(path: Path) -> "WSGIApplication":
    """An application that does the same work for whatever is asked."""
    private = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    signed = [(key.public_key(), key.sign(SIGNED, ES256)) for key in private]
    kept = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(kept, "connection"):
            kept.connection = sqlite3.connect(path, isolation_level=None, timeout=20)
            for statement in _SETUP:
                kept.connection.execute(statement)
        opened: sqlite3.Connection = kept.connection
        return opened

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["wsgi.input"].read()
        opened = connection()
        opened.execute("SELECT key FROM record WHERE uid = 'uid'").fetchone()
        for key, signature in signed:
            key.verify(signature, SIGNED, ES256)
        opened.execute("INSERT INTO spent VALUES (?)", (os.urandom(16).hex(),))
        start_response("200 OK", _HEADERS)
        return [_ANSWER]

    return answer


if __name__ == "__main__":
    settings = read()
    server = serve.server_for(settings)
    server.serve(target_loader=partial(load, settings.data_dir / "bare.db"), wrap_loader=False)
