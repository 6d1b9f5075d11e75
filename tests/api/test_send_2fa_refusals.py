"""What a site's server is refused: tokens, words and bodies that are no good, too many questions, forged answers."""

import base64
import time
from threading import Event
from types import SimpleNamespace

import pytest
from authenticator import Key
from confirming import Asked
from device import Device, over_wsgi
from sending import MESSAGE, answered, code, cosigned, send, shown
from sending import asked as asked
from sending import make_app as make_app
from sending import pool as pool
from sending import site as site
from sending import token as token
from site_client import SiteClient
from sqlalchemy import event, select, update

from keychain.store.phone_tables import confirmations, control_keys
from keychain.store.repo_tables import accounts, devices, identities
from keychain.web import waiting


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
    looked, ended = Event(), Event()

    def between_two_looks(seconds):
        looked.set()
        assert ended.wait(30)
        time.sleep(seconds)

    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=time.monotonic, sleep=between_two_looks))
    sending = pool.submit(send, site, token)
    [element] = shown(asked.phone)
    assert looked.wait(30)
    asked.phone.ask = other.ask = over_wsgi(make_app())  # and nobody of another process wakes it
    asked.phone.approve(element)
    if how == "the phone":
        other.do("/repo/devices/revoke", {"device": asked.phone.kid})
    else:
        session.changed(update(control_keys).values(ended_at=clock.now))
    ended.set()
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


def test_a_token_that_was_never_given_away_finds_nobody(site, asked, session):
    assert session.rows(select(identities.c.token_digest))[0][0] is not None
    key = Key().raw[:16]
    assert send(site, base64.b64encode(key).decode()).get_json()["code"] == "token_refused"


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
