"""Whose account a uid opens."""

import pytest
from authenticator import Person


def test_a_uid_that_nobody_has_makes_an_account_and_opens_it_from_then_on(visitor):
    person = Person()
    first, later, stranger = visitor(), visitor(), visitor()
    for browser in (first, later):
        browser.sign_in(person)
        assert "Customer 1" in browser.text("/account")
        assert person.uid in browser.text("/account")
    stranger.sign_in(Person())
    assert "Customer 2" in stranger.text("/account")


def test_a_signed_in_guest_links_a_oneid_and_comes_back_with_it(visitor):
    person = Person()
    guest = visitor()
    guest.be_guest("Ada")
    assert "No OneID is linked" in guest.text("/account")
    guest.sign_in(person)
    assert "Ada" in guest.text("/account")
    assert person.uid in guest.text("/account")
    later = visitor()
    later.sign_in(person)
    assert "Ada" in later.text("/account")


def test_a_uid_moves_away_from_its_former_account(visitor):
    person = Person()
    former, guest = visitor(), visitor()
    former.sign_in(person)
    guest.be_guest("Ada")
    guest.sign_in(person)
    assert person.uid in guest.text("/account")
    assert person.uid not in former.text("/account")
    assert "No OneID is linked" in former.text("/account")
    later = visitor()
    later.sign_in(person)
    assert "Ada" in later.text("/account")


def test_another_oneid_takes_the_place_of_the_one_that_was_linked(visitor):
    before, after = Person(), Person()
    browser = visitor()
    browser.be_guest("Ada")
    browser.sign_in(before)
    browser.sign_in(after)
    assert after.uid in browser.text("/account")
    assert before.uid not in browser.text("/account")
    later = visitor()
    later.sign_in(before)
    assert "Ada" not in later.text("/account")


def test_signing_in_again_keeps_the_date_of_linking(browser, clock):
    person = Person()
    browser.sign_in(person)
    since = f"{clock():%Y-%m-%dT%H:%M:%SZ}"
    clock.tick(hours=2)
    browser.sign_in(person)
    assert since in browser.text("/account")


def test_no_address_that_nobody_verified_opens_an_account(visitor):
    card = {"attr": {"email": {"email": "ada@example.org"}}, "attr_claim_tokens": {}}
    titles = []
    for _ in range(2):
        browser, nonce = visitor(), None
        nonce = browser.nonce()
        assert browser.bring(Person().payload(None, nonce=nonce) | card, nonce).json["error"] == "success"
        titles.append("Customer 1" in browser.text("/account"))
    assert titles == [True, False]


def test_unlinking_wants_it_said_that_there_is_no_way_back(visitor):
    person = Person()
    browser = visitor()
    browser.sign_in(person)
    refused = browser.post("/unlink")
    assert refused.status_code == 400
    assert "no way back into this account" in refused.text
    assert person.uid in browser.text("/account")
    assert browser.post("/unlink", data={"understood": "yes"}).location == "/account"
    assert person.uid not in browser.text("/account")
    assert "Customer 1" in browser.text("/account")
    later = visitor()
    later.sign_in(person)
    assert "Customer 2" in later.text("/account")


def test_a_stranger_unlinks_nothing(visitor):
    person = Person()
    owner = visitor()
    owner.sign_in(person)
    assert visitor().post("/unlink", data={"understood": "yes"}).location == "/account"
    assert person.uid in owner.text("/account")


def test_a_guest_has_a_session_of_their_own_and_no_other_way_in(visitor):
    guest, namesake = visitor(), visitor()
    guest.be_guest("Ada")
    namesake.be_guest("Ada")
    guest.sign_in(person := Person())
    assert person.uid not in namesake.text("/account")
    assert namesake.post("/signout").location == "/"
    assert namesake.get("/account").location == "/"


def test_who_is_signed_in_is_not_made_a_guest(browser):
    person = Person()
    browser.sign_in(person)
    browser.be_guest("Ada")
    assert person.uid in browser.text("/account")


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "A\u202eda", "A\nda", "\x00"])
def test_a_guest_has_a_name_that_can_be_seen(browser, name):
    assert browser.post("/guest", data={"name": name}).status_code == 400
    assert browser.cookie is None
