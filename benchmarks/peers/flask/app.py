"""Flask, py_webauthn and gunicorn, as their documentation shows them: one sign-in by a passkey, over HTTP.

The database comes filled: sites with the digests of their keys, credentials, and one challenge that each was given.
"""

import hashlib
import hmac
import os
import sqlite3
import threading
from typing import Any

from flask import Flask, request
from webauthn import verify_authentication_response  # type: ignore[import-not-found,unused-ignore]
from webauthn.helpers import base64url_to_bytes  # type: ignore[import-not-found,unused-ignore]
from webauthn.helpers.exceptions import WebAuthnException  # type: ignore[import-not-found,unused-ignore]

RP_ID = "shop.example"
ORIGIN = "https://shop.example"

app = Flask(__name__, static_folder=None)
_of_this_thread = threading.local()


def _database() -> sqlite3.Connection:
    if not hasattr(_of_this_thread, "database"):
        _of_this_thread.database = sqlite3.connect(os.environ["PEER_DATABASE"], isolation_level=None, timeout=4)
        _of_this_thread.database.execute("PRAGMA synchronous=FULL")
    return _of_this_thread.database  # type: ignore[no-any-return]


@app.post("/verify")
def verify() -> tuple[dict[str, Any], int]:
    """Who calls, whether the passkey signed the challenge that it was given, and whether that was not spent before."""
    database = _database()
    if not _authenticated(database):
        return {"errorcode": 1, "error": "unknown site or wrong key"}, 401
    credential = request.get_json()
    row = database.execute(
        "SELECT public_key, sign_count, challenge FROM credentials JOIN challenges USING (id) WHERE id = ?",
        (credential["id"],),
    ).fetchone()
    if row is None:
        return {"errorcode": 1, "error": "unknown credential, or no challenge"}, 400
    public_key, sign_count, challenge = row
    try:
        verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except WebAuthnException:
        return {"errorcode": 1, "error": "not verified"}, 400
    if database.execute("DELETE FROM challenges WHERE challenge = ?", (challenge,)).rowcount != 1:
        return {"errorcode": 1, "error": "spent before"}, 400
    return {"errorcode": 0}, 200


def _authenticated(database: sqlite3.Connection) -> bool:
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    row = database.execute("SELECT key_digest FROM sites WHERE api_id = ?", (given.username,)).fetchone()
    digest = hashlib.sha256((given.password or "").encode()).digest()
    return hmac.compare_digest(row[0] if row else bytes(32), digest) and row is not None
