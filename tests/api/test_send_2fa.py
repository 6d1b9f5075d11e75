"""A site's server asks a person with no browser present, waits, and validates what it gets."""

import base64
import json
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from authenticator import Key
from confirming import Asked, ask_code
from device import SHOP, Device, over_wsgi
from flask import Flask, Response
from site_client import SiteClient
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from keychain import asker_port, errors
from keychain.app import create_app
from keychain.store.phone_tables import confirmations, control_keys
from keychain.store.repo_tables import accounts, devices, identities
from keychain.validation import sites
from keychain.web import waiting
from keychain.web.waiting import WaitingRoom

MESSAGE = "Open the garage?"


@pytest.fixture
def make_app(config, store, clock):
    def make(patience: float = 20, **changed) -> Flask:
        return create_app(replace(config, **changed), clock=clock, store=store, patience=patience)

    return make


@pytest.fixture
def site(make_app, clock) -> SiteClient:
    return SiteClient.registered(make_app(), clock)


@pytest.fixture
def asked(site, clock) -> Asked:
    return Asked(Device(over_wsgi(site.app), clock).sign_up())


@pytest.fixture
def token(asked) -> str:
    return asked.frame.do("/repo/cosign", asked.frame.question())["signed"]["two_factor_token"]


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as threads:
        yield threads


def send(site: SiteClient, token, path: str = "/repo/send_2fa", **members):
    return site.ask(path, {"two_factor_token": token, "message": MESSAGE} | members)


def shown(phone) -> list:
    """What the phone is asked by a server, once it is."""
    deadline = time.monotonic() + 10
    while not (found := [element for element in phone.pending() if element["kind"] == "send_2fa"]):
        assert time.monotonic() < deadline, "nobody asked"
        time.sleep(0.01)
    return found


def answered(sending: Future) -> dict:
    return sending.result(20).get_json()


def code(sending: Future) -> str:
    return answered(sending).get("code", "success")


def test_an_accepted_answer_plus_the_uid_validates_with_its_words(site, asked, token, pool):
    sending = pool.submit(send, site, token, title="Home")
    [element] = shown(asked.phone)
    assert (element["kind"], element["title"], element["message"]) == ("send_2fa", "Home", MESSAGE)
    assert (element["audience"], element["proved"], element["number_wanted"]) == (site.api_id, False, False)
    asked.phone.approve(element)
    answer = answered(sending)
    assert answer["errorcode"] == 0
    assert answer.keys() == {"errorcode", "error", "attr_claims", "nonces"}
    assert answer["nonces"].keys() == {"repo", "cd"}
    answer["uid"] = asked.frame.identity.uid
    assert site.code(answer | {"message": "Open the safe?", "title": "Home"}) == "words_not_approved"
    other = SiteClient.registered(site.app, site.clock)
    assert other.code(answer | {"message": MESSAGE, "title": "Home"}) == "wrong_audience"
    validated = site.validate(answer | {"message": MESSAGE, "title": "Home"})
    assert validated["valid_signatures"] == ["repo", "cd"]
    assert site.code(answer | {"message": MESSAGE, "title": "Home"}) == "replayed_nonce"


@pytest.mark.parametrize(("how", "told"), [("reject", "confirmation_denied"), ("report", "confirmation_reported")])
def test_a_no_is_told_with_a_code_and_status_200(site, asked, token, pool, how, told):
    sending = pool.submit(send, site, token)
    asked.phone.decide(shown(asked.phone)[0], how)
    assert sending.result(20).status_code == 200
    assert code(sending) == told
    assert "nonces" not in answered(sending)


def test_who_does_not_answer_in_time_can_not_answer_any_more(make_app, clock, asked, token, site):
    hasty = SiteClient(make_app(patience=0.4), site.api_id, site.api_key, clock)
    began = time.monotonic()
    answer = send(hasty, token)
    assert 0.3 < time.monotonic() - began < 5
    assert (answer.status_code, answer.get_json()["code"]) == (200, "confirmation_timed_out")
    assert asked.phone.pending() == []
    with hasty.app.extensions["keychain"].store.session() as session:
        assert session.rows(select(confirmations.c.state)) == [("expired",)]


def test_the_phone_is_told_when_the_question_ends(site, asked, token, pool, clock):
    sending = pool.submit(send, site, token)
    [element] = shown(asked.phone)
    assert element["asked"] == f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"
    clock.tick(seconds=19)
    assert asked.phone.pending() == [element]
    clock.tick(seconds=1)
    assert asked.phone.pending() == []
    assert asked.phone.approve(element)["state"] == "expired"
    assert code(sending) == "confirmation_timed_out"


def test_a_site_that_is_registered_for_the_origin_is_shown_as_proved(site, asked, token, pool, session):
    sites.set_origin(session, site.api_id, SHOP)
    sending = pool.submit(send, site, token)
    [element] = shown(asked.phone)
    assert element["proved"] is True
    asked.phone.report(element)
    assert code(sending) == "confirmation_reported"
    [entry] = asked.phone.do("/repo/phone")["phone"]["silenced"]
    assert entry["id"] == f"api:{site.api_id}"


def test_one_that_is_registered_for_another_origin_is_not(site, asked, token, pool, session):
    sites.set_origin(session, site.api_id, "https://other.example")
    sending = pool.submit(send, site, token)
    [element] = shown(asked.phone)
    assert element["proved"] is False
    asked.phone.reject(element)
    assert code(sending) == "confirmation_denied"


def test_one_question_of_a_token_waits_at_a_time(site, asked, token, pool):
    sending = pool.submit(send, site, token)
    [element] = shown(asked.phone)
    again = send(site, token, message="again")
    assert (again.status_code, again.get_json()["code"]) == (200, "confirmation_pending")
    assert send(SiteClient.registered(site.app, site.clock), token).get_json()["code"] == "confirmation_pending"
    assert ask_code(asked.frame) == "success", "a frame's question is another thing"
    asked.phone.approve(element)
    assert code(sending) == "success"
    sending = pool.submit(send, site, token)
    asked.phone.reject(shown(asked.phone)[0])
    assert code(sending) == "confirmation_denied"


def test_the_same_question_again_asks_again(site, asked, token, pool):
    """What was approved once is not handed out to whoever asks with the same nonce."""
    nonce = asked.frame.nonce()
    sending = pool.submit(send, site, token, nonce=nonce)
    asked.phone.approve(shown(asked.phone)[0])
    assert code(sending) == "success"
    sending = pool.submit(send, site, token, nonce=nonce)
    asked.phone.reject(shown(asked.phone)[0])
    assert code(sending) == "confirmation_denied"


def test_a_report_ends_the_token_and_silences_an_asker_that_is_proved(site, asked, token, pool, session):
    sites.set_origin(session, site.api_id, SHOP)
    sending = pool.submit(send, site, token)
    asked.phone.report(shown(asked.phone)[0])
    assert code(sending) == "confirmation_reported"
    assert send(site, token).get_json()["code"] == "token_refused"
    fresh = asked.frame.do("/repo/cosign", asked.frame.question())["signed"]["two_factor_token"]
    assert fresh != token
    assert send(site, fresh).get_json()["code"] == "asker_silenced"
    [entry] = asked.phone.do("/repo/phone")["phone"]["silenced"]
    assert entry["id"] == f"api:{site.api_id}"
    assert ask_code(asked.frame) == "success", "the person's own browser is not silenced with it"
    asked.phone.do("/repo/phone/unsilence", {"id": entry["id"]})
    sending = pool.submit(send, site, fresh)
    asked.phone.approve(shown(asked.phone)[0])
    assert code(sending) == "success"


def cosigned(asked: Asked, nonce: str | None = None) -> dict:
    question = asked.frame.question() if nonce is None else asked.frame.question(nonce=nonce)
    return asked.frame.do("/repo/cosign", question)["signed"]


def test_a_report_of_one_that_is_not_proved_ends_the_token_and_silences_nobody(site, asked, token, pool):
    """It has nothing to ask with any more, and the honest site may be one that is not proved."""
    sending = pool.submit(send, site, token)
    asked.phone.report(shown(asked.phone)[0])
    assert code(sending) == "confirmation_reported"
    assert send(site, token).get_json()["code"] == "token_refused"
    assert asked.phone.do("/repo/phone")["phone"]["silenced"] == []
    sending = pool.submit(send, site, cosigned(asked)["two_factor_token"])
    asked.phone.approve(shown(asked.phone)[0])
    assert code(sending) == "success"


@pytest.mark.parametrize("proved", [True, False])
def test_who_asked_and_is_gone_can_be_reported_and_its_token_ends_once(
    make_app, clock, asked, token, site, session, proved
):
    if proved:
        sites.set_origin(session, site.api_id, SHOP)
    hasty = SiteClient(make_app(patience=0.5), site.api_id, site.api_key, clock)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send, hasty, token)
        [element] = shown(asked.phone)
        assert code(sending) == "confirmation_timed_out"
    assert asked.phone.report(element) == {"state": "expired", "current": True}
    assert send(site, token).get_json()["code"] == "token_refused"
    silenced = [entry["id"] for entry in asked.phone.do("/repo/phone")["phone"]["silenced"]]
    assert silenced == ([f"api:{site.api_id}"] if proved else [])
    fresh = cosigned(asked)["two_factor_token"]
    assert asked.phone.report(element)["state"] == "expired"
    assert cosigned(asked)["two_factor_token"] == fresh != token


def test_what_a_server_asked_can_not_be_carried_to_another_site_past_the_number(site, asked, token, pool):
    """A thief with the browser and credentials of his own asks by send_2fa, where no number is typed, and puts the
    phone's signature beside a plain co-signature over the same nonce.
    """
    asked.phone.do("/repo/phone/settings", {"demands_phone": False, "numbers": "always"})
    thief = SiteClient.registered(site.app, site.clock)
    nonce = asked.frame.nonce()
    sending = pool.submit(send, thief, token, nonce=nonce)
    asked.phone.approve(shown(asked.phone)[0])
    by_phone = answered(sending)["nonces"]["cd"]
    signed = cosigned(asked, nonce)
    identity = asked.frame.identity
    by_device = {"nonce": identity.key.jws({"nonce": nonce}), "key": identity.key.text}
    by_repo = {name: signed[name] for name in ("nonce", "key")}
    bypass = {"uid": identity.uid, "nonces": {"ad": by_device, "repo": by_repo, "cd": by_phone}, "message": MESSAGE}
    assert site.code(bypass) == "wrong_audience"
    del bypass["message"]
    assert site.code(bypass) == "wrong_audience"
    del bypass["nonces"]["cd"]
    assert site.code(bypass) == "success", "nothing was spent, and there is no phone in it"


@pytest.mark.parametrize("audience", [None, "record", "another"])
def test_a_phone_signs_for_which_site_it_is(site, asked, token, pool, audience):
    sending = pool.submit(send, site, token)
    [element] = shown(asked.phone)
    named = SiteClient.registered(site.app, site.clock).api_id if audience == "another" else audience
    forged = asked.phone.decision(element, "approve") | {"cd": asked.phone.signed(element | {"audience": named})}
    assert asked.phone.code("/repo/confirmations/decide", forged) == "approval_refused"
    asked.phone.approve(element)
    assert code(sending) == "success"


@pytest.mark.parametrize("how", ["the phone", "its control key"])
def test_an_approval_of_what_ended_before_the_answer_is_a_no(
    site, asked, token, pool, make_app, monkeypatch, how, session, clock
):
    other = asked.phone.connect_phone()
    monkeypatch.setattr(waiting, "LOOK_EVERY", 1)
    sending = pool.submit(send, site, token)
    [element] = shown(asked.phone)
    time.sleep(0.2)  # the watch has looked, and sleeps for a while
    asked.phone.ask = other.ask = over_wsgi(make_app())  # and nobody of another process wakes it
    asked.phone.approve(element)
    if how == "the phone":
        other.do("/repo/devices/revoke", {"device": asked.phone.kid})
    else:
        session.changed(update(control_keys).values(ended_at=clock.now))
    assert code(sending) == "confirmation_denied"
    assert "nonces" not in answered(sending)


UNKNOWN = [
    base64.b64encode(b"x" * 16).decode(), "", "x", None, 1, ["x"], base64.b64encode(b"x" * 15).decode(), "\ud800",
    "\u00e9" * 24,
]  # fmt: skip


@pytest.mark.parametrize("token_sent", UNKNOWN)
def test_a_token_that_nobody_has_is_refused(site, asked, token, token_sent):
    before = site.rows()
    answer = send(site, token_sent)
    assert (answer.status_code, answer.get_json()["code"]) == (200, "token_refused")
    assert site.rows() == before
    assert send(site, token_sent).get_json()["error"] == answer.get_json()["error"]


def test_a_token_of_an_account_that_ended_is_refused_in_the_same_words(site, asked, token, session, clock):
    unknown = send(site, UNKNOWN[0]).get_json()
    session.changed(update(accounts).values(closed_at=clock.now))
    session.changed(update(devices).values(revoked_at=clock.now))
    known = send(site, token).get_json()
    assert {**known, "request_id": ""} == {**unknown, "request_id": ""}


def test_a_token_whose_account_ends_while_it_waits_is_refused(site, asked, token, pool, session, clock):
    sending = pool.submit(send, site, token)
    shown(asked.phone)
    session.changed(update(accounts).values(closed_at=clock.now))
    session.changed(update(confirmations).values(state="approved"))
    assert code(sending) == "token_refused"


def test_another_users_token_asks_that_other_user(site, asked, token, pool, clock):
    """And what comes back says so: the answer plus the first one's uid does not validate."""
    other = Asked(Device(over_wsgi(site.app), clock).sign_up())
    theirs = other.frame.do("/repo/cosign", other.frame.question())["signed"]["two_factor_token"]
    assert theirs != token
    sending = pool.submit(send, site, theirs)
    [element] = shown(other.phone)
    assert asked.phone.pending() == []
    other.phone.approve(element)
    answer = answered(sending)
    assert site.code(answer | {"uid": asked.frame.identity.uid, "message": MESSAGE}) == "key_not_on_record"
    assert site.code(answer | {"uid": other.frame.identity.uid, "message": MESSAGE}) == "success"


def test_a_user_without_a_phone_can_not_be_asked(site, clock):
    frame = Device(over_wsgi(site.app), clock).sign_up().frame()
    token = frame.do("/repo/cosign", frame.question())["signed"]["two_factor_token"]
    assert send(site, token).get_json()["code"] == "no_phone"


WORDS = [
    {"message": ""}, {"message": "x" * 10_001}, {"message": None}, {"message": 1}, {"message": "\ud800"},
    {"title": None}, {"title": "a\nb"}, {"title": "x" * 201}, {"title": 1}, {"message": "\0"},
]  # fmt: skip


@pytest.mark.parametrize("words", WORDS)
def test_words_that_can_not_be_asked_are_refused(site, asked, token, words):
    answer = send(site, token, **words)
    assert (answer.status_code, answer.get_json()["code"]) == (200, "malformed_words")
    assert asked.phone.pending() == []


def test_a_request_without_a_message_is_refused(site, token):
    assert site.ask("/repo/send_2fa", {"two_factor_token": token}).get_json()["code"] == "malformed_words"
    assert site.ask("/repo/send_2fa", {}).get_json()["code"] == "malformed_words"


def test_the_nonce_is_one_that_would_be_validated(site, asked, token, pool, clock):
    assert send(site, token, nonce="x").get_json()["code"] == "malformed_nonce"
    assert send(site, token, nonce=None).get_json()["code"] == "malformed_nonce"
    nonce = site.ask("/make_nonce").get_json()["nonce"]
    clock.tick(seconds=301)
    assert send(site, token, nonce=nonce).get_json()["code"] == "nonce_expired"
    nonce = site.ask("/make_nonce").get_json()["nonce"]
    sending = pool.submit(send, site, token, nonce=nonce)
    [element] = shown(asked.phone)
    assert element["nonce"] == nonce
    asked.phone.approve(element)
    assert code(sending) == "success"


BODIES = [b"", b"x", b"[]", b"null", b'{"a": 1, "a": 2}']


@pytest.mark.parametrize("body", BODIES)
def test_bodies_that_are_no_object_are_refused(site, body):
    assert site.ask("/repo/send_2fa", body).get_json()["code"] == "malformed_body"


@pytest.mark.parametrize("auth", [None, ("", ""), ("x", "y")])
def test_credentials_come_first(site, asked, token, auth):
    answer = site.ask("/repo/send_2fa", {"two_factor_token": token, "message": MESSAGE}, auth=auth)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "credentials_refused")
    assert "WWW-Authenticate" in answer.headers
    assert asked.phone.pending() == []


@pytest.mark.parametrize("path", ["/repo//send_2fa", "/keychain/repo/send_2fa/", "/.oneid.com/repo/send_2fa"])
def test_older_paths_and_bodies_are_served(site, asked, token, pool, path):
    body = json.dumps({"two_factor_token": token, "message": "\u00e9", "more": [1]}, ensure_ascii=False).encode(
        "latin-1"
    )
    sending = pool.submit(site.ask, path, body, content_type="text/plain")
    [element] = shown(asked.phone)
    assert element["message"] == "\u00e9"
    asked.phone.approve(element)
    assert code(sending) == "success"


def test_an_asker_may_ask_only_so_often(make_app, clock):
    site = SiteClient.registered(make_app(patience=0.01, confirmation_limit="1/minute"), clock)
    asked = Asked(Device(over_wsgi(site.app), clock).sign_up())
    token = asked.frame.do("/repo/cosign", asked.frame.question())["signed"]["two_factor_token"]
    assert send(site, token).get_json()["code"] == "confirmation_timed_out"
    answer = send(site, token)
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_confirmations")


def test_an_address_may_ask_only_so_often(make_app, clock):
    """Before its credentials are looked at: they may have to be asked of another machine."""
    app = make_app(repo_limit="3/minute")
    nobody = SiteClient(app, "x", "y", clock)
    assert [send(nobody, "").status_code for _ in range(4)] == [401] * 3 + [429]
    assert send(SiteClient.registered(app, clock), "").get_json()["code"] == "too_many_requests"


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
    assert watching()
    asked.phone.approve(element)
    assert code(sending) == "success"
    deadline = time.monotonic() + 5
    while watching():
        assert time.monotonic() < deadline
        time.sleep(0.05)


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


def test_a_token_that_ends_at_this_very_moment_asks_nobody(site, asked, token, store, session):
    """Somebody says "this was not me" between two statements of the request."""
    uid = asked.frame.identity.uid
    taken = []

    def take_away(_connection, _cursor, statement, *_):
        if statement.startswith("BEGIN") and not taken:
            taken.append(statement)
            with store.session() as other:
                other.changed(update(identities).where(identities.c.uid == uid).values(token_digest=bytes(32)))

    event.listen(store.engine, "before_cursor_execute", take_away)
    try:
        assert send(site, token).get_json()["code"] == "token_refused"
    finally:
        event.remove(store.engine, "before_cursor_execute", take_away)
    assert taken
    assert asked.phone.pending() == []


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


def test_a_token_that_was_never_given_away_finds_nobody(site, asked, session):
    assert session.rows(select(identities.c.token_digest))[0][0] is not None
    key = Key().raw[:16]
    assert send(site, base64.b64encode(key).decode()).get_json()["code"] == "token_refused"
