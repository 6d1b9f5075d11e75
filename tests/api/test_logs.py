"""The log: one JSON object a line, and nothing in it that anyone would want to steal."""

import base64
import json

import pytest
from authenticator import Key, Person, words_sha256
from logged import logged
from site_client import SiteClient

from keychain.app import create_app
from keychain.settings import Settings
from keychain.store import engine, schema


@pytest.fixture
def log(capfd):
    """The lines logged at DEBUG, by us and by the libraries."""
    with logged("DEBUG"):
        yield lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_credential_payload_attribute_or_key_is_ever_logged(log, request, tmp_path, clock, database):
    url = request.getfixturevalue("postgresql") if database == "postgresql" else ""
    settings = Settings(data_dir=tmp_path / "data", database_url=url)
    store = engine.open_store(settings)
    schema.upgrade(store)
    site = SiteClient.registered(create_app(settings, clock=clock, store=store), clock)
    person = Person("ad", "repo", "cd")
    attributes = {"email": {"email": "ann@example.org"}, "payment": {"cc_number": "4111111111111111"}}
    secrets = {site.api_key, base64.b64encode(f"{site.api_id}:{site.api_key}".encode()).decode(), person.uid}
    secrets |= {"ann@example.org", "4111111111111111", "Transfer everything", "sesame", "hunter2"}

    def ask(payload, path="/validate", **options):
        for part in payload.get("nonces", {}).values():
            secrets.update(part.values())
            secrets.update(part["nonce"].split(".")[1:])
        site.ask(path, payload, **options)

    worded = person.payload(clock.now, words_sha256=words_sha256("Transfer everything"))
    ask(worded | {"attr": attributes, "message": "Transfer everything", "request": "sesame"})
    ask(worded | {"attr_claim_tokens": {"email": Key().jws({})}})
    ask(person.payload(clock.now) | {"attr": attributes, "attr_claim_tokens": {"email": "sesame"}})
    person.keys["cd"] = Key()
    ask(person.payload(clock.now))
    ask(person.payload(clock.now, pins={"cd": person.keys["cd"].thumbprint}))
    ask({"payloads": [person.payload(clock.now)]}, "/validate_batch")
    ask(person.payload(clock.now), auth=(site.api_id, "hunter2"))
    ask({}, "/make_nonce", query_string="key=hunter2")
    ask({}, f"/validate/{site.api_key}", query_string={"key": site.api_key})
    ask({}, "/register", headers={"Cookie": "session=hunter2", "X-Forwarded-For": "hunter2", "User-Agent": "hunter2"})
    ask({}, method="hunter2")
    store.close()
    schema.downgrade(store, "base")  # the next request meets a database that fails, and logs why
    ask(person.payload(clock.now) | {"attr": attributes})
    schema.upgrade(store)
    store.close()

    text = "\n".join(map(json.dumps, log()))
    assert '"door": "/validate"' in text
    assert '"level": "error"' in text
    for secret in secrets - {""}:
        assert secret not in text, secret


def test_a_line_tells_door_method_status_code_and_time(log, app):
    app.test_client().get("/keychain//make_nonce")
    line = log()[-1]
    assert (line["event"], line["door"], line["method"]) == ("request", "/make_nonce", "GET")
    assert (line["status"], line["code"]) == ("401", "credentials_refused")
    assert len(line["request_id"]) == 16
    assert line["milliseconds"] >= 0
    assert line["timestamp"].endswith("Z")


def test_only_faults_are_errors(log, site):
    site.ask("/nothing")
    site.ask("/validate", b"")
    assert {line["level"] for line in log()} <= {"info", "debug"}


def test_a_log_that_can_not_be_written_does_not_take_the_answer_with_it(log, site, clock, monkeypatch):
    class Full:
        def write(self, _):
            raise OSError(28, "No space left on device")

        def flush(self):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("sys.stderr", Full())
    assert site.code(Person().payload(clock.now)) == "success"
