"""``python -m benchmarks.empty``: a Flask view that does nothing, under the settings that ``serve`` serves with.

What it costs is the price of the WSGI server and the framework, which no code of ours can go below.
"""

from flask import Flask, Response

from keychain.cli import serve
from keychain.settings import read


def load() -> Flask:
    """An application with one constant answer, at both doors that are measured."""
    app = Flask("empty", static_folder=None)

    @app.post("/validate")
    def one() -> Response:
        return Response('{"errorcode": 0}\n', content_type="application/json")

    return app


if __name__ == "__main__":
    # The service's own constructor, so that the two can not drift apart.
    server = serve.server_for(read())
    server.serve(target_loader=load, wrap_loader=False)
