"""The record of a uid: who may add a key to it, and who may not."""

import pytest
from authenticator import Key, Person, make_nonce
from sqlalchemy import select

from keychain import errors
from keychain.store.tables import key_mismatches
from keychain.validation import mismatches, record


@pytest.fixture
def person(site, clock):
    """A user on record with ad and repo."""
    known = Person()
    assert site.code(known.payload(clock.now)) == "success"
    return known


def on_record(site, person) -> set[tuple[str, str]]:
    with site.app.extensions["keychain"].store.session() as session:
        keys = record.history(session, person.uid)
    return {(role, key.thumbprint) for role, key, _, until in keys if until is None}


def change(person: Person, clock, roles=(), **wish) -> dict:
    return person.payload(clock.now, roles=roles, **wish)


def pin_phone(site, person, clock, phone=None) -> Key:
    """Put a phone on record as pairing does: ad and repo sign the wish, and so does the phone."""
    phone = person.keys["cd"] = phone or Key()
    assert site.code(change(person, clock, pins={"cd": phone.thumbprint})) == "success"
    return phone


def test_who_holds_an_unspent_payload_can_not_add_a_phone_to_it(site, person, clock):
    nonce = make_nonce(clock.now)
    unspent = person.payload(clock.now, nonce=nonce)
    thief = Person("ad", "repo", "cd", uid=person.uid).payload(clock.now, nonce=nonce, roles=("cd",))
    before = on_record(site, person)
    unspent["nonces"]["cd"] = thief["nonces"]["cd"]
    assert site.code(unspent) == "key_not_on_record"
    assert on_record(site, person) == before
    del unspent["nonces"]["cd"]
    assert site.code(unspent) == "success"


@pytest.mark.parametrize("role", ["ad", "repo"])
def test_a_new_key_for_a_known_user_is_refused(site, person, clock, role):
    before = on_record(site, person)
    known, person.keys[role] = person.keys[role], Key()
    assert site.code(person.payload(clock.now)) == "key_not_on_record"
    assert on_record(site, person) == before
    person.keys[role] = known
    assert site.code(person.payload(clock.now)) == "success"


def test_a_signed_change_adds_a_phone(site, person, clock):
    phone = pin_phone(site, person, clock)
    assert ("cd", phone.thumbprint) in on_record(site, person)
    assert site.code(person.payload(clock.now, roles=("repo", "cd"))) == "success"


def test_a_signed_change_takes_a_phone_away_for_good(site, person, clock):
    phone = pin_phone(site, person, clock)
    wish = {"cd": phone.thumbprint}
    assert site.code(change(person, clock, roles=("ad", "repo"), unpins=wish)) == "success"
    assert site.code(person.payload(clock.now)) == "key_not_on_record"
    assert site.code(change(person, clock, pins=wish)) == "record_change_refused"
    # A lost answer may be asked for again.
    assert site.code(change(person, clock, roles=("ad", "repo"), unpins=wish)) == "success"


def test_a_change_may_be_repeated_when_its_answer_was_lost(site, person, clock):
    phone = pin_phone(site, person, clock)
    before = on_record(site, person)
    assert site.code(change(person, clock, pins={"cd": phone.thumbprint})) == "success"
    assert on_record(site, person) == before


def test_phone_and_repo_may_replace_the_browser(site, person, clock):
    pin_phone(site, person, clock)
    lost = person.keys["ad"]
    person.keys["ad"] = Key()
    assert site.code(change(person, clock, pins={"ad": person.keys["ad"].thumbprint})) == "success"
    assert site.code(change(person, clock, roles=("repo", "cd"), unpins={"ad": lost.thumbprint})) == "success"
    assert site.code(person.payload(clock.now)) == "success"
    person.keys["ad"] = lost
    assert site.code(person.payload(clock.now)) == "key_not_on_record"


@pytest.mark.parametrize("lone", ["ad", "repo"])
def test_one_role_on_record_can_not_change_it(site, person, clock, lone):
    other = "repo" if lone == "ad" else "ad"
    person.keys[other] = Key()
    before = on_record(site, person)
    refused = site.code(change(person, clock, pins={other: person.keys[other].thumbprint}))
    assert refused == "record_change_refused"
    assert on_record(site, person) == before


def test_a_pin_needs_the_new_keys_own_signature(site, person, clock):
    before = site.rows()
    wish = {"cd": Key().thumbprint}
    assert site.code(change(person, clock, pins=wish)) == "record_change_refused"
    person.keys["cd"] = Key()
    assert site.code(change(person, clock, pins=wish)) == "key_not_on_record"
    assert site.rows()["pins"] == before["pins"]


def test_every_role_has_to_sign_the_same_wish(site, person, clock):
    person.keys["cd"] = Key()
    nonce = make_nonce(clock.now)
    wished = person.payload(clock.now, nonce=nonce, pins={"cd": person.keys["cd"].thumbprint})
    plain = person.payload(clock.now, nonce=nonce)
    for role in ("ad", "repo", "cd"):
        mixed = {"uid": person.uid, "nonces": wished["nonces"] | {role: plain["nonces"][role]}}
        assert site.code(mixed) == "record_change_refused"
    assert site.code(wished) == "success"


@pytest.mark.parametrize(
    "wish",
    [
        {"pins": {}},
        {"unpins": {}},
        {"pins": None},
        {"pins": "cd"},
        {"pins": {"xx": "a" * 43}},
        {"pins": {"cd": 7}},
        {"pins": {"cd": ["a"]}},
        {"pins": {"cd": "a"}, "unpins": {"ad": "a"}},
        {"unpins": {"ad": "a" * 43}},
        {"unpins": {"cd": "a" * 43}},
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_changes_nothing(site, person, clock, wish):
    before = site.rows()
    assert site.code(change(person, clock, **wish)) == "record_change_refused"
    assert site.rows() == before


@pytest.mark.parametrize("role", ["ad", "repo"])
def test_a_record_never_loses_what_it_needs_to_answer(site, person, clock, role):
    wish = {role: person.keys[role].thumbprint}
    assert site.code(change(person, clock, unpins=wish)) == "record_change_refused"


def test_a_change_of_a_record_that_does_not_exist_is_refused(site, clock):
    stranger = Person("ad", "repo", "cd")
    before = site.rows()
    wish = {"cd": stranger.keys["cd"].thumbprint}
    assert site.code(change(stranger, clock, pins=wish)) == "record_change_refused"
    assert site.rows() == before


def test_a_role_holds_eight_keys_and_not_nine(site, person, clock):
    for _ in range(8):
        pin_phone(site, person, clock)
    person.keys["cd"] = Key()
    wish = {"cd": person.keys["cd"].thumbprint}
    before = on_record(site, person)
    assert len(before) == 10
    assert site.code(change(person, clock, pins=wish)) == "record_change_refused"
    assert on_record(site, person) == before


def test_a_new_phone_does_not_count_for_a_site_that_requires_one(site, person, clock, session):
    from keychain.validation import sites

    sites.require(session, site.api_id, ("cd",))
    person.keys["cd"] = Key()
    wish = {"cd": person.keys["cd"].thumbprint}
    assert site.code(change(person, clock, pins=wish)) == "roles_required"
    assert on_record(site, person).isdisjoint({("cd", wish["cd"])})


def test_a_revoked_key_is_refused_and_the_uid_never_becomes_unknown_again(site, person, clock, session):
    assert record.revoke(session, person.uid, None, clock.now) == 2
    assert site.code(person.payload(clock.now)) == "key_not_on_record"
    assert site.code(Person(uid=person.uid).payload(clock.now)) == "key_not_on_record"
    assert record.revoke(session, person.uid, None, clock.now) == 0


def test_a_key_refused_beside_good_ones_is_remembered_once_a_day(site, person, clock, session):
    person.keys["cd"] = Key()
    for _ in range(3):
        assert site.code(person.payload(clock.now)) == "key_not_on_record"
    [event] = session.rows(select(key_mismatches))
    assert (event.uid, event.role, event.thumbprint) == (person.uid, "cd", person.keys["cd"].thumbprint)
    assert event.api_id == site.api_id
    clock.tick(days=1)
    assert site.batch([person.payload(clock.now)])[0]["code"] == "key_not_on_record"
    assert len(mismatches.of(session, person.uid)) == 2


def test_strangers_alone_leave_no_trace(site, person, clock, session):
    assert site.code(Person(uid=person.uid).payload(clock.now)) == "key_not_on_record"
    person.keys["cd"] = Key()
    spoilt = person.payload(clock.now)
    spoilt["nonces"]["cd"]["nonce"] = spoilt["nonces"]["ad"]["nonce"]
    assert site.code(spoilt) == "bad_signature"
    assert session.rows(select(key_mismatches)) == []


def test_made_up_keys_can_not_fill_the_table(site, person, clock, session):
    for _ in range(mismatches.PER_DAY + 3):
        person.keys["cd"] = Key()
        assert site.code(person.payload(clock.now)) == "key_not_on_record"
    assert len(session.rows(select(key_mismatches))) == mismatches.PER_DAY


def test_a_key_of_one_role_can_not_be_pinned_for_another(site, person, clock):
    """Otherwise one device could be two signers; a repo that calls its own key a phone's could sign in alone."""
    first, second = pin_phone(site, person, clock), pin_phone(site, person, clock)
    browser = person.keys["ad"]
    person.keys |= {"ad": first, "cd": second}
    wish = {"ad": first.thumbprint}
    assert site.code(change(person, clock, pins=wish)) == "record_change_refused"
    person.keys["ad"] = browser
    assert site.code(change(person, clock, roles=("ad", "repo"), unpins={"cd": first.thumbprint})) == "success"
    person.keys["ad"] = first
    assert site.code(change(person, clock, pins=wish)) == "record_change_refused"


def test_a_trace_that_can_not_be_kept_does_not_soften_the_refusal(site, person, clock, monkeypatch):
    def away(*_):
        raise errors.Unavailable

    monkeypatch.setattr(mismatches, "note", away)
    person.keys["cd"] = Key()
    assert site.code(person.payload(clock.now)) == "key_not_on_record"
