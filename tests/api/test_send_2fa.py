"""A site's server asks a person with no browser present, waits, and validates what it gets."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from confirming import Asked, ask_code
from device import SHOP, Device, over_wsgi
from sending import MESSAGE, answered, code, cosigned, send, shown
from sending import asked as asked
from sending import make_app as make_app
from sending import pool as pool
from sending import site as site
from sending import token as token
from site_client import SiteClient
from sqlalchemy import select

from keychain.store.phone_tables import confirmations
from keychain.validation import sites


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
    hasty = SiteClient(make_app(patience=3), site.api_id, site.api_key, clock)
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
