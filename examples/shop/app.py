"""``create_app``: the shop as a Flask application, for any WSGI server."""

import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from oneid import OneID

from . import checkout, confirming, forms, ordering, origins, pages, problems, signing_in
from .database import Database
from .notices import NOTICES, about
from .visit import Shop

# The SDK refuses a payload beyond 64 KiB; as a form field it may be written with three characters a byte.
LARGEST_BODY = 3 * 64 * 1024 + 1024


def create_app(
    keychain: OneID, *, service: str, origin: str, database: Path, clock: Callable[[], float] = time.time
) -> Flask:
    """``keychain``, ``service``, ``origin``, ``clock``: as in ``Shop``. ``database``: the shop's SQLite file."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.jinja_env.globals.update(service=service, notices=NOTICES, about=about)
    shop = Shop(keychain, service, origin, Database(database), clock)
    app.extensions["shop"] = shop
    origins.install(app, shop)
    problems.install(app)
    for opened in (pages, forms, signing_in, ordering, checkout, confirming):
        app.register_blueprint(opened.door(shop))
    return app
