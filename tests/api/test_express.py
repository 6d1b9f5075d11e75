"""The doors before Flask answer as the others do: refusals, methods, failures; and nobody holds a permit for long."""

import io
import json
import threading
from dataclasses import replace

import pytest
from authenticator import Person
from structlog.testing import capture_logs
from werkzeug.test import EnvironBuilder

from keychain.app import create_app
from keychain.web import bodies, validate


@pytest.mark.parametrize("path", ["/validate", "/validate_batch", "/keychain//validate/"])
def test_another_method_is_refused_with_those_that_are_allowed(app, path):
    answer = app.test_client().put(path)
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


def test_a_failure_that_nobody_thought_of_is_one_line_of_json_and_tells_nothing(app, site, clock, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("sesame")

    monkeypatch.setattr(validate, "validate", break_down)
    with capture_logs() as log:
        answer = site.ask("/validate", Person().payload(clock.now))
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_fault")
    assert "sesame" not in answer.get_data(as_text=True)
    assert [line["log_level"] for line in log if line["event"] == "internal_fault"] == ["error"]


class Halted(io.RawIOBase):
    """A body of which the second half comes when somebody says so."""

    def __init__(self, body: bytes) -> None:
        self.parts = [body[: len(body) // 2], body[len(body) // 2 :], b""]
        self.reached, self.go_on = threading.Event(), threading.Event()

    def read(self, _size: int = -1) -> bytes:
        if len(self.parts) == 2:
            self.reached.set()
            assert self.go_on.wait(30)
        return self.parts.pop(0)


@pytest.mark.parametrize("path", ["/validate", "/repo/send_2fa"])
def test_whoever_sends_half_a_body_holds_no_permit(config, store, site, clock, path):
    """One permit, one slow caller, and another one who is answered meanwhile."""
    app = create_app(replace(config, threads=1), clock=clock, store=store)
    body = json.dumps(Person().payload(clock.now)).encode()
    slow = Halted(body)
    environ = EnvironBuilder(path, method="POST", data=body, auth=(site.api_id, site.api_key)).get_environ()
    environ |= {"wsgi.input": slow, "wsgi.input_terminated": True}
    answered: list[bytes] = []
    sending = threading.Thread(target=lambda: answered.extend(app.wsgi_app(environ, lambda *_: None)))
    sending.start()
    assert slow.reached.wait(30)
    quick = app.test_client().post("/validate", json=Person().payload(clock.now), auth=(site.api_id, site.api_key))
    assert quick.get_json()["errorcode"] == 0
    slow.go_on.set()
    sending.join(30)
    assert b'"errorcode"' in answered[0]


def test_a_batch_of_nothing_but_commas_is_not_even_parsed(site, monkeypatch):
    monkeypatch.setattr(validate.bodies, "parse", lambda _: pytest.fail("it was parsed"))
    answer = site.ask("/validate_batch", b'{"payloads": [' + b"[]," * (validate.MANY_COMMAS + 1) + b"[]]}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_body")


def test_credentials_that_are_not_ascii_name_nobody(site, clock):
    answer = site.ask("/validate", Person().payload(clock.now), auth=None, headers={"Authorization": "Basic \xff\xfe"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "credentials_refused")


def large(site, path="/validate_batch", auth=None):
    """Sends what may become a large body, and half of it; what is done once the other half comes."""
    body = json.dumps({"payloads": [], "more": "x" * bodies.PAYLOAD_BYTES}).encode()
    slow = Halted(body)
    credentials = auth or (site.api_id, site.api_key)
    environ = EnvironBuilder(path, method="POST", data=body, auth=credentials).get_environ()
    environ |= {"wsgi.input": slow, "wsgi.input_terminated": True}
    answered: list[bytes] = []
    thread = threading.Thread(target=lambda: answered.extend(site.app.wsgi_app(environ, lambda *_: None)))
    thread.start()
    return slow, thread, answered


def test_so_many_large_bodies_are_held_and_no_more(site, clock):
    held = [large(site) for _ in range(bodies.LARGE_ONES)]
    assert all(slow.reached.wait(30) for slow, _, _ in held)
    body = b'{"payloads": [], "more": "' + b"x" * bodies.PAYLOAD_BYTES + b'"}'
    refused = site.ask("/validate_batch", body)
    assert (refused.status_code, refused.get_json()["code"]) == (429, "too_many_requests")
    assert site.batch([Person().payload(clock.now)])[0]["errorcode"] == 0, "a small one needs no seat"
    for slow, thread, answered in held:
        slow.go_on.set()
        thread.join(30)
        assert b'"errorcode": 0' in answered[0]
    assert site.ask("/validate_batch", body).get_json()["errorcode"] == 0, "they were given back"


def test_large_bodies_of_nobody_take_no_seat(site):
    """They are refused before they are read, and what is read then, so that they see why, is not kept."""
    held = [large(site, auth=("nobody", "sesame")) for _ in range(bodies.LARGE_ONES)]
    assert all(slow.reached.wait(30) for slow, _, _ in held)
    body = b'{"payloads": [], "more": "' + b"x" * bodies.PAYLOAD_BYTES + b'"}'
    assert site.ask("/validate_batch", body).get_json()["errorcode"] == 0
    for slow, thread, answered in held:
        slow.go_on.set()
        thread.join(30)
        assert b"credentials_refused" in answered[0]


def test_of_a_body_without_an_end_so_much_is_read_and_no_more(site):
    endless = io.BytesIO(b" " * 4 * bodies.DRAINED_BYTES)
    environ = EnvironBuilder("/nothing", method="POST").get_environ()
    environ |= {"wsgi.input": endless, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    [answer] = site.app.wsgi_app(environ, lambda *_: None)
    assert b"not_found" in answer
    assert endless.tell() == bodies.DRAINED_BYTES


def test_a_body_that_ends_early_is_refused_whatever_the_server(site):
    environ = EnvironBuilder("/validate", method="POST", data=b"{}", auth=(site.api_id, site.api_key)).get_environ()
    [answer] = site.app.wsgi_app(environ | {"CONTENT_LENGTH": "100"}, lambda *_: None)
    assert b"malformed_body" in answer
