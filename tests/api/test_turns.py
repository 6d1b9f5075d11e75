"""Two validations whose steps interleave, one turn at a time: what was written first stands."""

import pytest
from authenticator import Key, Person
from sqlalchemy import select

from keychain import errors
from keychain.store.tables import pins, spent_nonces
from keychain.validation import mismatches, record
from keychain.validation.question import Caller, Policy, Question
from keychain.validation.sites import Site
from keychain.validation.validate import parse, prove, settle, validate

CALLER = Caller(Site("52b0422f-0000-4000-8000-000000000000"), "127.0.0.1")


@pytest.fixture
def policy(config):
    return Policy(max_age=config.max_age, pin_unknown=True, claims_keys=(), admit_first_use=lambda _: True)


@pytest.fixture
def proved(session, clock, policy):
    """Takes a payload through steps 1 to 6, and stops before step 7."""

    def up_to_six(payload):
        asked = question(payload)
        on_record = record.read(session, asked.uid)
        return prove(parse(asked, policy, clock.now), on_record, CALLER, policy, clock.now)

    return up_to_six


@pytest.fixture
def last_step(session, clock, policy):
    def take(proof):
        return settle(proof, policy, session, clock.now)

    return take


def question(payload) -> Question:
    return Question(
        uid=payload["uid"], nonces={role: (part["nonce"], part["key"]) for role, part in payload["nonces"].items()}
    )


def test_of_two_first_uses_with_the_same_keys_both_validate_and_one_is_first(clock, proved, last_step, session):
    person = Person()
    one, other = proved(person.payload(clock.now)), proved(person.payload(clock.now))
    assert last_step(one).first_use
    assert not last_step(other).first_use
    assert len(session.rows(select(pins))) == 2


def test_of_two_first_uses_with_other_keys_one_is_refused_and_spends_nothing(clock, proved, last_step, session):
    person = Person()
    rival = Person(uid=person.uid)
    one, other = proved(person.payload(clock.now)), proved(rival.payload(clock.now))
    last_step(one)
    with pytest.raises(errors.KeyNotOnRecord):
        last_step(other)
    assert {row.public_key for row in session.rows(select(pins))} == {key.raw for key in person.keys.values()}
    assert len(session.rows(select(spent_nonces))) == 1


def test_a_wider_first_use_that_comes_second_adds_nothing(clock, proved, last_step, session):
    person = Person("ad", "repo", "cd")
    one, other = proved(person.payload(clock.now, roles=("ad", "repo"))), proved(person.payload(clock.now))
    last_step(one)
    with pytest.raises(errors.KeyNotOnRecord):
        last_step(other)
    assert len(session.rows(select(pins))) == 2


def test_two_changes_of_one_record_both_stand(clock, proved, last_step, session, policy):
    person = Person()
    last_step(proved(person.payload(clock.now)))
    phones = [Key(), Key()]
    changes = []
    for phone in phones:
        person.keys["cd"] = phone
        changes.append(proved(person.payload(clock.now, pins={"cd": phone.thumbprint})))
    for change in changes:
        last_step(change)
    held = record.read(session, person.uid)
    assert held.version == 3
    assert {key.raw for role, key in held.active if role == "cd"} == {phone.raw for phone in phones}


def test_two_changes_can_not_together_take_what_neither_could_alone(clock, proved, last_step, session):
    """ad and cd may each be unpinned while the other is there, but not both."""
    person = Person("ad", "repo", "cd")
    last_step(proved(person.payload(clock.now)))
    without = [proved(person.payload(clock.now, unpins={role: person.keys[role].thumbprint})) for role in ("ad", "cd")]
    last_step(without[0])
    with pytest.raises(errors.KeyNotOnRecord):
        last_step(without[1])
    assert {role for role, _ in record.read(session, person.uid).active} == {"repo", "cd"}


def test_a_key_revoked_between_the_steps_can_not_change_the_record(clock, proved, last_step, session):
    person = Person()
    last_step(proved(person.payload(clock.now)))
    person.keys["cd"] = Key()
    change = proved(person.payload(clock.now, pins={"cd": person.keys["cd"].thumbprint}))
    record.revoke(session, person.uid, person.keys["ad"].thumbprint, clock.now)
    with pytest.raises(errors.KeyNotOnRecord):
        last_step(change)
    assert "cd" not in {role for role, _ in record.read(session, person.uid).active}


def test_a_record_that_moves_faster_than_it_is_read_is_unavailable_and_spends_nothing(
    clock, proved, last_step, session, monkeypatch
):
    person = Person()
    last_step(proved(person.payload(clock.now)))
    person.keys["cd"] = Key()
    change = proved(person.payload(clock.now, pins={"cd": person.keys["cd"].thumbprint}))
    stale = change.on_record
    record.revoke(session, person.uid, "nobody", clock.now)
    monkeypatch.setattr(record, "write", lambda *_: False)
    spent = len(session.rows(select(spent_nonces)))
    with pytest.raises(errors.Unavailable):
        last_step(change)
    assert record.read(session, person.uid) == stale
    assert len(session.rows(select(spent_nonces))) == spent


def test_the_loser_of_a_race_leaves_a_trace_when_good_keys_signed_beside_it(clock, session, policy, proved, last_step):
    person = Person("ad", "repo", "cd")
    last_step(proved(person.payload(clock.now, roles=("ad", "repo"))))
    with pytest.raises(errors.KeyNotOnRecord):
        validate(question(person.payload(clock.now)), CALLER, policy=policy, session=session, now=clock.now)
    assert len(mismatches.of(session, person.uid)) == 1
