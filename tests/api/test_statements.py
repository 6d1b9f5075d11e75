"""How many statements a success costs, BEGIN and COMMIT not counted: three, or five where the record is written."""

import pytest
from authenticator import Key, Person


@pytest.mark.parametrize("roles", [("ad", "repo"), ("ad", "repo", "cd")])
def test_a_success_against_a_record_takes_three_statements(site, clock, statements, roles):
    person = Person(*roles)
    assert site.code(person.payload(clock.now)) == "success"
    payload = person.payload(clock.now)
    statements.clear()
    assert site.code(payload) == "success"
    assert len(statements) == 3, statements


def test_a_first_use_and_a_change_take_five(site, clock, statements):
    person = Person()
    payload = person.payload(clock.now)
    statements.clear()
    assert site.code(payload) == "success"
    assert len(statements) == 5, statements

    person.keys["cd"] = Key()
    for wish in ("pins", "unpins"):
        roles = ("ad", "repo", "cd") if wish == "pins" else ("ad", "repo")
        payload = person.payload(clock.now, roles=roles, **{wish: {"cd": person.keys["cd"].thumbprint}})
        statements.clear()
        assert site.code(payload) == "success"
        assert len(statements) == 5, statements


def test_a_payload_that_is_malformed_costs_the_look_at_the_credentials(site, statements):
    statements.clear()
    assert site.code({"uid": "x"}) == "malformed_uid"
    assert len(statements) <= 1
