"""``python -m benchmarks.empty``: Flask views that do nothing, under the settings that ``serve`` serves with.

What it costs is the price of the WSGI server and the framework, which no code of ours can go below.
"""

import json

from flask import Flask, Response

from keychain.cli import serve
from keychain.settings import read

# A frame that does what the service's does at a returning sign-in, but for the cryptography: one post, of as many bytes
# as a proof and its body have, and the answer handed to the page.
FRAME = "/frame"
_FRAME = """<!doctype html><script>
onmessage = ({ ports: [port] }) => {
  port.onmessage = async () => {
    const headers = {"Content-Type": "application/json", "Proof": "x".repeat(460)};
    const answer = await fetch("/repo/cosign", {method: "POST", headers, body: "x".repeat(120)});
    port.postMessage(JSON.parse(await answer.text()));
  };
};
</script>"""


def load() -> Flask:
    """An application with constant answers at the doors that are measured."""
    app = Flask("empty", static_folder=None)

    @app.get(FRAME)
    def frame() -> Response:
        return Response(_FRAME, content_type="text/html")

    @app.post("/repo/cosign")
    def cosign() -> Response:
        return Response(json.dumps({"errorcode": 0, "signed": "x" * 320}) + "\n", content_type="application/json")

    @app.post("/validate")
    def one() -> Response:
        return Response('{"errorcode": 0}\n', content_type="application/json")

    return app


if __name__ == "__main__":
    # The service's own constructor, so that the two can not drift apart.
    server = serve.server_for(read())
    server.serve(target_loader=load, wrap_loader=False)
