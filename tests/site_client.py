"""A site, for tests: asks the application over WSGI, as a server of its own would over HTTP."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from keychain.store.tables import metadata


class SiteClient:
    """Credentials and an application to ask with them. Every answer is held against the shape of the wire."""

    def __init__(self, app: Flask, api_id: str, api_key: str, clock: Callable[[], datetime]) -> None:
        self.app, self.api_id, self.api_key, self.clock = app, api_id, api_key, clock

    @classmethod
    def registered(cls, app: Flask, clock: Callable[[], datetime]) -> "SiteClient":
        fresh = app.test_client().get("/register").get_json()
        return cls(app, fresh["API_ID"], fresh["API_KEY"], clock)

    def ask(self, path: str, body: Any = b"", method: str = "POST", **options: Any) -> TestResponse:
        """The answer to a body, sent as it is where it is bytes."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        options.setdefault("auth", (self.api_id, self.api_key))
        # The path goes in as a server would put it there: the client would take // for the beginning of a host.
        options["environ_overrides"] = {"PATH_INFO": path, **options.get("environ_overrides", {})}
        answer = self.app.test_client().open("/", method=method, data=raw, **options)
        if method != "HEAD":
            well_formed(answer)
        return answer

    def validate(self, body: Any, **options: Any) -> dict[str, Any]:
        answered: dict[str, Any] = self.ask("/validate", body, **options).get_json()
        return answered

    def code(self, body: Any, **options: Any) -> str:
        """``success``, or the code of the refusal."""
        return self.validate(body, **options).get("code", "success")

    def batch(self, payloads: list[Any]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = self.ask("/validate_batch", {"payloads": payloads}).get_json()["answers"]
        return answers

    def rows(self) -> dict[str, int]:
        """How many rows each table has: what a refusal must not change."""
        with self.app.extensions["keychain"].store.session() as session:
            return {
                name: session.rows(select(func.count()).select_from(table))[0][0]
                for name, table in metadata.tables.items()
            }


def well_formed(answer: TestResponse) -> None:
    """Hold an answer against the promises that every answer makes (docs/protocol.md, Every answer)."""
    text = answer.get_data(as_text=True)
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Location" not in answer.headers
    assert text.endswith("\n")
    assert text.count("\n") == 1
    members = json.loads(text)
    assert type(members["errorcode"]) is int
    assert isinstance(members["attr_claims"], dict)
    if members["errorcode"] == 0:
        assert members["error"] == "success"
        assert answer.status_code == 200
        assert "code" not in members
    else:
        assert isinstance(members["error"], str)
        assert members["error"] != "success"
        assert members["code"].replace("_", "").islower()
        assert members["request_id"] == answer.headers["X-Request-Id"]
