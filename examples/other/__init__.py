"""A guest book: the smallest site that people can sign in to. The same person has another uid here than in the shop.

Its sessions are signed cookies, which nobody can end; a site with more to protect keeps them itself, as the shop does.
A page that was open for longer than its nonce lives has to be asked twice; the shop keeps its nonces fresh.
"""

import secrets
from collections import deque

from flask import Flask, abort, redirect, render_template, request, session
from werkzeug import Response

from oneid import CouldNotAsk, OneID, Refused


def create_app(keychain: OneID, *, service: str, origin: str) -> Flask:
    """``service``, ``origin``: as browsers write them. Sessions and entries last until the process ends."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY=secrets.token_bytes(32), SESSION_COOKIE_SAMESITE="Lax", MAX_CONTENT_LENGTH=65_536)
    policy = f"default-src 'self'; script-src 'self' {service}; frame-src {service}; frame-ancestors 'none'"
    entries: deque[tuple[str, str]] = deque(maxlen=50)

    @app.before_request
    def from_own_pages() -> None:
        if request.method == "POST" and request.headers.get("Origin") != origin:
            abort(403)

    @app.get("/")
    def index() -> str:
        session["nonce"] = None if "uid" in session else keychain.make_nonce()
        return render_template("book.html", service=service, entries=entries)

    @app.post("/signin")
    def signin() -> dict[str, object]:
        session["uid"] = keychain.verify(request.get_data(), nonce=session.pop("nonce", None)).uid
        return {"error": "success", "errorcode": 0}

    @app.post("/write")
    def write() -> Response:
        if uid := session.get("uid"):
            entries.appendleft((uid, request.form["words"][:200]))
        return redirect("/", 303)

    @app.post("/signout")
    def signout() -> Response:
        session.clear()
        return redirect("/", 303)

    @app.errorhandler(Refused)
    @app.errorhandler(CouldNotAsk)
    def no(trouble: Refused | CouldNotAsk) -> tuple[dict[str, object], int]:
        app.logger.warning("nobody signed in: %s", trouble)
        return {"error": "That did not work.", "errorcode": -1}, 403 if isinstance(trouble, Refused) else 503

    @app.after_request
    def with_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        return response

    return app
