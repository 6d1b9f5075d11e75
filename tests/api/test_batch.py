"""Many payloads at once: each succeeds or fails alone, exactly as it would have alone."""

from authenticator import Key, Person, make_nonce


def codes(answers) -> list[str]:
    return [answer.get("code", "success") for answer in answers]


def test_each_payload_succeeds_or_fails_alone_and_in_its_place(site, clock):
    known, stranger = Person(), Person()
    assert site.code(known.payload(clock.now)) == "success"
    used = known.payload(clock.now)
    assert site.code(used) == "success"
    expired = known.payload(clock.now.replace(year=2013))
    wrong = Person(uid=known.uid).payload(clock.now)
    answers = site.batch(
        [
            known.payload(clock.now),
            used,
            3,
            None,
            {},
            expired,
            stranger.payload(clock.now),
            wrong,
            known.payload(clock.now, roles=("ad",)),
            {"uid": known.uid, "UID": known.uid},
            known.payload(clock.now),
        ]
    )
    assert codes(answers) == [
        "success",
        "replayed_nonce",
        "malformed_payload",
        "malformed_payload",
        "malformed_uid",
        "nonce_expired",
        "success",
        "key_not_on_record",
        "missing_signatures",
        "malformed_body",
        "success",
    ]
    assert all(type(answer["errorcode"]) is int and "attr_claims" in answer for answer in answers)
    assert answers[6]["first_use"] is True


def test_of_two_that_are_the_same_the_earlier_one_wins(site, clock):
    known = Person()
    assert site.code(known.payload(clock.now)) == "success"
    payload = known.payload(clock.now)
    assert codes(site.batch([payload, payload, payload])) == ["success", "replayed_nonce", "replayed_nonce"]
    labelled = known.payload(clock.now) | {"request": "abc"}
    assert codes(site.batch([labelled, labelled])) == ["success", "repeated_request"]
    assert codes(site.batch([labelled | {"request": "x"}, labelled])) == ["replayed_nonce", "repeated_request"]


def test_two_first_uses_of_one_user_meet_one_record(site, clock):
    person = Person()
    rival = Person(uid=person.uid)
    answers = site.batch([person.payload(clock.now), rival.payload(clock.now), person.payload(clock.now)])
    assert codes(answers) == ["success", "key_not_on_record", "success"]
    assert site.code(rival.payload(clock.now)) == "key_not_on_record"


def test_a_first_use_that_fails_takes_back_nothing_but_itself(site, clock):
    person, nonce = Person(), make_nonce(clock.now)
    payload = person.payload(clock.now, nonce=nonce)
    answers = site.batch([payload, payload, Person().payload(clock.now)])
    assert codes(answers) == ["success", "replayed_nonce", "success"]


def test_a_signed_change_works_in_a_batch(site, clock):
    person = Person()
    assert site.code(person.payload(clock.now)) == "success"
    person.keys["cd"] = Key()
    wish = {"cd": person.keys["cd"].thumbprint}
    assert codes(site.batch([person.payload(clock.now, pins=wish)])) == ["success"]
    assert site.code(person.payload(clock.now, roles=("repo", "cd"))) == "success"


def test_first_uses_are_limited_in_a_batch_as_well(make_site, clock):
    site = make_site(first_use_limit="2/hour")
    answers = site.batch([Person().payload(clock.now) for _ in range(3)])
    assert codes(answers) == ["success", "success", "too_many_first_uses"]


def test_a_batch_has_its_own_form_and_limits(site):
    before = site.rows()
    for body, status, code in [
        ([], 400, "malformed_body"),
        ({}, 400, "malformed_body"),
        ({"payloads": {}}, 400, "malformed_body"),
        ({"payloads": None}, 400, "malformed_body"),
        ({"payloads": [{}] * 1001}, 413, "batch_too_large"),
        (b'{"payloads": [' + b" " * (4 * 1024 * 1024) + b"]}", 413, "body_too_large"),
    ]:
        answer = site.ask("/validate_batch", body)
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert codes(site.batch([{}] * 1000)) == ["malformed_uid"] * 1000
    assert site.batch([]) == []
    assert site.rows() == before


def test_an_array_at_validate_is_refused(site, clock):
    assert site.code([Person().payload(clock.now)]) == "malformed_body"


def test_a_batch_of_a_hundred_users_takes_few_statements(site, clock, statements):
    people = [Person() for _ in range(20)]
    assert codes(site.batch([person.payload(clock.now) for person in people])) == ["success"] * 20
    payloads = [person.payload(clock.now) for person in people]
    statements.clear()
    assert codes(site.batch(payloads)) == ["success"] * 20
    assert len(statements) == 3


def test_replays_whose_reason_can_not_be_read_do_not_take_the_others_answers(site, clock, monkeypatch):
    from keychain import errors
    from keychain.validation import replay

    known = Person()
    old = known.payload(clock.now)
    assert site.code(old) == "success"

    def away(*_):
        raise errors.Unavailable

    monkeypatch.setattr(replay, "refusals", away)
    assert codes(site.batch([known.payload(clock.now), old])) == ["success", "unavailable"]


def test_a_batch_of_replays_takes_few_statements(site, clock, statements):
    payloads = [Person().payload(clock.now) for _ in range(20)]
    assert codes(site.batch(payloads)) == ["success"] * 20
    statements.clear()
    assert codes(site.batch(payloads)) == ["replayed_nonce"] * 20
    assert len(statements) == 4


def test_a_stranger_does_not_get_a_batch_parsed(site):
    answer = site.ask("/validate_batch", b"[" * 100, auth=None)
    assert answer.get_json()["code"] == "credentials_refused"
