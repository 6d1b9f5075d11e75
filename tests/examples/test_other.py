"""The guest book."""

import re

import pytest
from authenticator import Person

from tests.examples.conftest import OTHER, SHOP


def nonce_of(book) -> str:
    return re.search(r'data-nonce="([^"]+)"', book.text("/"))[1]


def test_a_person_signs_in_writes_and_signs_out(book):
    person = Person()
    answer = book.post("/signin", json=person.payload(None, nonce=nonce_of(book)))
    assert answer.json == {"error": "success", "errorcode": 0}
    assert person.uid in book.text("/")
    book.post("/write", data={"words": "<b>Hello</b>"})
    assert "<p>&lt;b&gt;Hello&lt;/b&gt;</p>" in book.text("/")
    book.post("/signout")
    assert "Sign in to write" in book.text("/")


def test_a_payload_of_another_session_is_refused_and_so_is_a_second_try(book, keychain):
    strange = Person().payload(None, nonce=keychain.make_nonce())
    nonce = nonce_of(book)
    answer = book.post("/signin", json=strange)
    assert (answer.status_code, answer.json["errorcode"]) == (403, -1)
    assert book.post("/signin", json=Person().payload(None, nonce=nonce)).status_code == 403
    assert "Sign in to write" in book.text("/")


def test_who_is_not_signed_in_writes_nothing(book):
    book.post("/write", data={"words": "Hello"})
    assert "Hello" not in book.text("/")


@pytest.mark.parametrize("headers", [{}, {"Origin": SHOP}, {"Origin": "null"}])
@pytest.mark.parametrize("path", ["/signin", "/write", "/signout"])
def test_nothing_happens_for_another_sites_page(book, path, headers):
    person = Person()
    book.post("/signin", json=person.payload(None, nonce=nonce_of(book)))
    assert book.post(path, headers=headers, data={"words": "Hello"}).status_code == 403
    assert person.uid in book.text("/")
    assert "Hello" not in book.text("/")


def test_its_pages_load_scripts_from_here_and_the_service_alone(book):
    policy = book.get("/").headers["Content-Security-Policy"]
    assert "; script-src 'self' http://id.localhost:8000; frame-src http://id.localhost:8000;" in policy
    assert "unsafe" not in policy
    assert OTHER not in policy
