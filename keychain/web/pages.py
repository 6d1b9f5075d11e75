"""The pages that people see, and the headers they travel with."""

from functools import partial
from pathlib import Path

from flask import Blueprint, Response, request

from keychain.web.service import Service

# Files of the package `keychain.static`, by path: name and content type.
PAGES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/static/site.css": ("site.css", "text/css; charset=utf-8"),
}

HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# In a wheel the files lie inside the package, in a checkout beside it (setup.cfg maps the one to the other).
_PACKAGE = Path(__file__).parents[1]
_FILES = next(folder for folder in (_PACKAGE / "static", _PACKAGE.parent / "static") if folder.is_dir())


def door(_service: Service) -> Blueprint:
    """The doors of all pages, each read once from its file."""
    blueprint = Blueprint("pages", __name__)
    for path, (name, content_type) in PAGES.items():
        view = partial(_page, (_FILES / name).read_bytes(), content_type)
        blueprint.add_url_rule(path, endpoint=name.replace(".", "_"), view_func=view, methods=["GET", "HEAD"])
    return blueprint


def _page(content: bytes, content_type: str) -> Response:
    response = Response(content, headers=HEADERS, content_type=content_type)
    response.add_etag()
    response.make_conditional(request)
    return response
