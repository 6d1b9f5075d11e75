"""Which pages may make the shop do something, and what the shop's pages may load: checks and headers as data."""

from urllib.parse import urlsplit

from flask import Flask, abort, redirect, request
from werkzeug import Response

from .visit import Shop

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def policy(service: str) -> str:
    """The shop's Content-Security-Policy: its own files, and from the service one script and one frame.

    The popup needs no permission here. Its opener does: see Cross-Origin-Opener-Policy below.
    """
    return (
        "default-src 'none'; img-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self';"
        f" script-src 'self' {service}; frame-src {service};"
        " base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


def install(app: Flask, shop: Shop) -> None:
    """Put the checks before every request, and the headers on every answer."""
    headers = {
        "Content-Security-Policy": policy(shop.service),
        # A severed opener could not hand the sign-in back: with `same-origin` alone there is no popup.
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        # Not `no-referrer`: it would make the Origin of the shop's own forms "null".
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    host = urlsplit(shop.origin).netloc

    @app.before_request
    def under_one_name() -> Response | None:
        """One origin only: under another name of this machine, people would be other uids."""
        if request.host != host and request.method in _SAFE:
            return redirect(shop.origin)
        return None

    @app.before_request
    def from_own_pages() -> None:
        """Nothing happens for another site's page (cross-site request forgery).

        Browsers put both headers on every POST, and no page can forge them. SameSite=Lax alone would let in pages of
        sibling domains.
        """
        own = request.headers.get("Origin") == shop.origin
        if request.method not in _SAFE and not (own and request.headers.get("Sec-Fetch-Site") in {"same-origin", None}):
            abort(403, "This came from a page that is not the shop's.")

    @app.after_request
    def with_headers(response: Response) -> Response:
        response.headers.update(headers)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response
