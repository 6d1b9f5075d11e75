"""The pages and files that browsers get: which path answers which file, with which headers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, request

from keychain.settings.table import Half
from keychain.web import bundle, headers
from keychain.web.service import Service

INTEGRITY = "/static/integrity.json"


@dataclass(frozen=True)
class Page:
    """What one path answers."""

    content: bytes
    content_type: str
    headers: Mapping[str, str]
    zipped: bytes | None = None

    @classmethod
    def of(cls, file: bundle.File, headers: Mapping[str, str]) -> "Page":
        """A file with its headers."""
        return cls(file.content, file.content_type, headers, file.zipped)


def pages(served: bundle.Bundle, half: Half = "") -> dict[str, Page]:
    """Every page and file of what is served, by path."""
    files = {served.address(path): Page.of(file, _of(path)) for path, file in served.files.items() if _is_part(path)}
    if half == "validation":
        return {"/": Page.of(served.files["validation.html"], headers.READ), **files}
    popup = Page.of(served.files["popup/index.html"], headers.POPUP)
    shim = served.files[bundle.SHIM]
    return {
        "/": popup if half == "repo" else Page.of(served.files["index.html"], headers.READ),
        "/popup": popup,
        "/remote": Page.of(served.files["remote/index.html"], headers.APP),
        "/remote/worker.js": Page.of(served.files[bundle.WORKER], headers.WORKER),
        "/account": Page.of(served.files["dashboard/index.html"], headers.PAGE),
        "/verify": Page.of(served.files["verify/index.html"], headers.PAGE),
        "/frame": Page.of(served.files["frame/index.html"], headers.FRAME),
        "/oneid.js": Page.of(shim, headers.SHIM),
        "/js/oneid.js": Page.of(shim, headers.SHIM),  # the path of 2013
        **{f"/oneid-{part}.js": Page.of(served.files[f"shim/{part}.js"], headers.SHIM) for part in bundle.SHIM_PARTS},
        served.address(bundle.SHIM): Page.of(shim, headers.SHIM_OF_BUILD),
        INTEGRITY: Page(_integrity(served), "application/json", headers.INTEGRITY),
        **files,
    }


def door(service: Service) -> Blueprint:
    """The doors of all pages and files."""
    blueprint = Blueprint("pages", __name__)
    for path, page in pages(bundle.read(), service.settings.only).items():
        endpoint = path.replace(".", "_")
        blueprint.add_url_rule(path, endpoint, partial(_answer, page), methods=["GET", "HEAD"])
    return blueprint


def _is_part(path: str) -> bool:
    """Whether a file is loaded by pages, under the name of its build; the pages themselves have their own addresses."""
    return path not in (bundle.SHIM, bundle.WORKER) and not path.endswith(".html")


def _of(path: str) -> Mapping[str, str]:
    """The headers of a part. What the shim loads later is loaded by sites, too."""
    return headers.SHIM_OF_BUILD if path.startswith("shim/") else headers.FILE


def _answer(page: Page) -> Response:
    zips = page.zipped is not None and request.accept_encodings["gzip"] > 0
    response = Response(page.zipped if zips else page.content, headers=page.headers, content_type=page.content_type)
    if zips:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.add_etag()
    response.make_conditional(request)
    return response


def _integrity(served: bundle.Bundle) -> bytes:
    files = {path: file.integrity for path, file in served.files.items()}
    return json.dumps({"build": served.build, "files": files}, indent=1).encode() + b"\n"
