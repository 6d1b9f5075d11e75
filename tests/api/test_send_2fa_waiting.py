"""How a site's server waits for a person: the waiting room, its watch, other processes, a Keychain elsewhere."""

import threading
import time
from collections.abc import Callable

import httpx
import pytest
from confirming import Asked
from device import SHOP, Device, over_wsgi
from flask import Flask, Response
from sending import MESSAGE, answered, code, send, shown
from sending import asked as asked
from sending import make_app as make_app
from sending import pool as pool
from sending import site as site
from sending import token as token
from site_client import SiteClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from keychain import asker_port, errors
from keychain.validation import sites
from keychain.web.waiting import WaitingRoom


def test_who_fills_the_room_does_not_fill_the_log(make_app, clock, asked, token, capfd):
    site = SiteClient.registered(make_app(waiting=0), clock)
    capfd.readouterr()
    assert send(site, token).get_json()["code"] == "waiting_room_full"
    said = "".join(capfd.readouterr())
    assert "waiting_room_full" in said
    assert "Traceback" not in said
    assert "[error" not in said


def test_as_many_wait_as_may_and_the_next_is_told_so(make_app, clock, pool):
    site = SiteClient.registered(make_app(waiting=2), clock)
    people = [Asked(Device(over_wsgi(site.app), clock).sign_up()) for _ in range(3)]
    tokens = [one.frame.do("/repo/cosign", one.frame.question())["signed"]["two_factor_token"] for one in people]
    waiting = [pool.submit(send, site, token) for token in tokens[:2]]
    elements = [shown(one.phone)[0] for one in people[:2]]
    full = send(site, tokens[2])
    assert (full.status_code, full.get_json()["code"]) == (503, "waiting_room_full")
    assert full.headers["Retry-After"]
    assert people[2].phone.pending() == [], "nobody was asked in vain"
    wrong = site.ask("/repo/send_2fa", {"two_factor_token": tokens[2], "message": MESSAGE}, auth=("x", "y"))
    assert wrong.status_code == 401
    people[0].phone.approve(elements[0])
    assert code(waiting[0]) == "success"
    last = pool.submit(send, site, tokens[2])
    people[2].phone.reject(shown(people[2].phone)[0])
    people[1].phone.reject(elements[1])
    assert [code(waiting[1]), code(last)] == ["confirmation_denied"] * 2


def test_more_wait_than_are_worked_on_and_hold_neither_permits_nor_connections(make_app, clock, pool):
    site = SiteClient.registered(make_app(threads=1), clock)
    people = [Asked(Device(over_wsgi(site.app), clock).sign_up()) for _ in range(4)]
    tokens = [one.frame.do("/repo/cosign", one.frame.question())["signed"]["two_factor_token"] for one in people]
    waiting = [pool.submit(send, site, token) for token in tokens]
    elements = [shown(one.phone)[0] for one in people]
    store = site.app.extensions["keychain"].store
    assert store.engine.pool.checkedout() <= 1, "the watcher's, for a moment"
    for one, element in zip(people, elements, strict=True):
        one.phone.approve(element)
    assert [code(each) for each in waiting] == ["success"] * 4


def test_a_decision_in_another_process_is_heard_of(site, asked, token, pool, make_app):
    sending = pool.submit(send, site, token)
    [element] = shown(asked.phone)
    asked.phone.ask = over_wsgi(make_app())  # it has a waiting room of its own
    began = time.monotonic()
    asked.phone.approve(element)
    assert code(sending) == "success"
    assert time.monotonic() - began < 5


def test_the_watch_ends_with_the_last_who_waits(site, asked, token, pool):
    def watching() -> bool:
        return any(thread.name.endswith("(_watch)") for thread in threading.enumerate())

    sending = pool.submit(send, site, token)
    [element] = shown(asked.phone)
    until(watching)  # the question stands there a moment earlier
    asked.phone.approve(element)
    assert code(sending) == "success"
    until(lambda: not watching())


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_database_that_is_away_for_a_moment_lets_the_watch_go_on(site, asked, token, pool, store, make_app):
    failed = []

    def fail_once(_connection, _cursor, statement, *_):
        if "confirmations.id IN" in statement and not failed:
            failed.append(statement)
            raise OperationalError(statement, {}, Exception("away"))

    event.listen(store.engine, "before_cursor_execute", fail_once)
    try:
        sending = pool.submit(send, site, token)
        [element] = shown(asked.phone)
        asked.phone.ask = over_wsgi(make_app())
        asked.phone.approve(element)
        assert code(sending) == "success"
    finally:
        event.remove(store.engine, "before_cursor_execute", fail_once)
    assert failed


def test_a_watch_that_meets_what_nobody_foresaw_goes_on():
    failures = [KeyError("x"), ZeroDivisionError()]

    def look(ids):
        if failures:
            raise failures.pop()
        return ids

    room = WaitingRoom(look, places=1, seconds=10)
    began = time.monotonic()
    room.wait("x", room.until())
    assert not failures
    assert time.monotonic() - began < 5


def test_where_no_watch_can_be_begun_the_next_who_waits_begins_one(monkeypatch):
    class Refusing(threading.Thread):
        def start(self):
            raise RuntimeError("can't start new thread")

    room = WaitingRoom(lambda ids: ids, places=1, seconds=10)
    with monkeypatch.context() as patched:
        patched.setattr(threading, "Thread", Refusing)
        room.wait("x", time.monotonic() + 0.05)
    began = time.monotonic()
    room.wait("y", room.until())
    assert time.monotonic() - began < 5


SHUT = {"only": "repo", "mint_url": "http://keychain.localhost", "mint_api_id": "x", "mint_api_key": "y"}


@pytest.fixture
def through(make_app, monkeypatch):
    """A repo of its own, whose port leads to an application in this process."""

    def build(keychain: Flask) -> Flask:
        monkeypatch.setattr(asker_port, "client_for", lambda: httpx.Client(transport=httpx.WSGITransport(app=keychain)))
        return make_app(**SHUT)

    return build


def test_a_repo_of_its_own_asks_the_keychain_whose_credentials_these_are(site, asked, token, pool, through, session):
    sites.set_origin(session, site.api_id, SHOP)
    repo = SiteClient(through(site.app), site.api_id, site.api_key, site.clock)
    sending = pool.submit(send, repo, token)
    [element] = shown(asked.phone)
    assert (element["audience"], element["proved"]) == (site.api_id, False)
    asked.phone.approve(element)
    answer = answered(sending)
    assert site.code(answer | {"uid": asked.frame.identity.uid, "message": MESSAGE}) == "success"
    bad = SiteClient(repo.app, site.api_id, "x", site.clock)
    assert send(bad, token).status_code == 401


STRANGE = [
    (200, ""), (200, "[]"), (200, '{"errorcode": "0"}'), (200, '{"errorcode": false}'), (302, '{"errorcode": 0}'),
    (401, "{}"), (401, "x"), (200, '{"errorcode": -1}'), (500, '{"errorcode": -51}'), (429, '{"errorcode": -15}'),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body"), STRANGE)
def test_what_is_neither_yes_nor_no_there_is_unavailable_here(token, asked, site, through, status, body):
    strange = Flask("strange")
    strange.add_url_rule("/make_nonce", view_func=lambda: Response(body, status))
    answer = send(SiteClient(through(strange), site.api_id, site.api_key, site.clock), token)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert asked.phone.pending() == []


def test_a_keychain_that_is_away_is_unavailable():
    def away(_request):
        raise httpx.ConnectError("away")

    port = asker_port.over_http(httpx.Client(transport=httpx.MockTransport(away)), "http://keychain.localhost")
    with pytest.raises(errors.Unavailable):
        port.origin_of("x", "y")


def test_a_keychain_that_hangs_holds_up_nobody_at_the_other_doors(site, token, make_app, monkeypatch, pool):
    asked, answers = threading.Semaphore(0), threading.Event()

    def hang(_request):
        asked.release()
        answers.wait(20)
        raise httpx.ReadTimeout("too late")

    client = httpx.Client(transport=httpx.MockTransport(hang))
    monkeypatch.setattr(asker_port, "client_for", lambda: client)
    repo = SiteClient(make_app(**SHUT, threads=1, waiting=3), site.api_id, site.api_key, site.clock)
    sending = [pool.submit(send, repo, token) for _ in range(3)]
    for _ in sending:
        assert asked.acquire(timeout=10)
    about = pool.submit(lambda: repo.app.test_client().get("/repo/about").status_code)
    assert about.result(10) == 200
    assert send(repo, token).get_json()["code"] == "waiting_room_full", "and each of them holds a place"
    answers.set()
    assert {code(each) for each in sending} == {"unavailable"}
    assert send(repo, token).get_json()["code"] == "unavailable", "the places are free again"
