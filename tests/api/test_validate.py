"""The heart, through HTTP, on both databases: what validates, what does not, and what a refusal leaves behind."""

import json

import pytest
from authenticator import Key, Person, make_nonce, new_uid, words_sha256
from site_client import SiteClient


def test_a_co_signed_payload_validates_once(site, clock):
    payload = Person().payload(clock.now)
    assert site.validate(payload) == {
        "errorcode": 0,
        "error": "success",
        "attr_claims": {},
        "valid_signatures": ["ad", "repo"],
        "first_use": True,
    }
    assert site.code(payload) == "replayed_nonce"


def test_only_the_first_use_is_called_one(site, clock):
    person = Person()
    assert "first_use" in site.validate(person.payload(clock.now))
    assert "first_use" not in site.validate(person.payload(clock.now))


@pytest.mark.parametrize("roles", [("ad", "repo"), ("repo", "cd"), ("ad", "repo", "cd")])
def test_two_roles_with_the_repo_suffice(site, clock, roles):
    person = Person("ad", "repo", "cd")
    assert site.code(person.payload(clock.now)) == "success"
    assert site.validate(person.payload(clock.now, roles=roles))["valid_signatures"] == list(roles)


@pytest.mark.parametrize("roles", [("ad",), ("repo",), ("cd",), ("ad", "cd")])
def test_one_role_or_no_repo_never_validates(site, clock, roles):
    person = Person("ad", "repo", "cd")
    before = site.rows()
    assert site.code(person.payload(clock.now, roles=roles)) == "missing_signatures"
    assert site.rows() == before


def test_a_bad_signature_does_not_burn_the_nonce(site, clock):
    person = Person()
    payload = person.payload(clock.now)
    spoilt = json.loads(json.dumps(payload))
    spoilt["nonces"]["ad"]["nonce"] = Key().jws({"nonce": make_nonce(clock.now)})
    signing_input, _, signature = payload["nonces"]["ad"]["nonce"].rpartition(".")
    spoilt["nonces"]["ad"]["nonce"] = f"{signing_input}.{signature[::-1].replace(signature[0], 'A', 1)[:85]}A"
    before = site.rows()
    assert site.code(spoilt) == "bad_signature"
    assert site.rows() == before
    assert site.code(payload) == "success"


def test_a_bad_signature_beside_two_good_ones_spoils_the_answer(site, clock):
    person = Person("ad", "repo", "cd")
    payload = person.payload(clock.now)
    payload["nonces"]["cd"]["nonce"] = Key().jws({"nonce": make_nonce(clock.now)}).rsplit(".", 1)[0]
    payload["nonces"]["cd"]["nonce"] = (
        payload["nonces"]["ad"]["nonce"].rsplit(".", 1)[0] + "." + payload["nonces"]["repo"]["nonce"].rsplit(".", 1)[1]
    )
    before = site.rows()
    assert site.code(payload) == "bad_signature"
    assert site.rows() == before


def test_the_roles_have_to_sign_the_same_nonce(site, clock):
    person = Person()
    one, other = person.payload(clock.now), person.payload(clock.now)
    one["nonces"]["ad"] = other["nonces"]["ad"]
    assert site.code(one) == "nonces_differ"


def test_freshness_ends_are_inside_the_window(site, clock):
    born = clock.now
    person = Person()
    payloads = [person.payload(born) for _ in range(4)]
    clock.tick(seconds=300)
    assert site.code(payloads[0]) == "success"
    clock.tick(microseconds=1)
    assert site.code(payloads[1]) == "nonce_expired"
    clock.tick(seconds=-420)
    clock.tick(microseconds=-1)
    assert site.code(payloads[2]) == "success"
    clock.tick(microseconds=-1)
    assert site.code(payloads[3]) == "nonce_from_the_future"


def test_a_shorter_window_can_be_set(make_site, clock):
    site = make_site(nonce_max_age=10)
    payload = Person().payload(clock.now)
    clock.tick(seconds=11)
    assert site.code(payload) == "nonce_expired"


def test_a_nonce_is_spent_for_all_sites_and_after_a_restart(site, make_site, clock):
    payload = Person().payload(clock.now)
    assert site.code(payload) == "success"
    assert make_site().code(payload) == "replayed_nonce"


def test_another_user_may_sign_the_same_nonce(site, clock):
    nonce = make_nonce(clock.now)
    assert site.code(Person().payload(clock.now, nonce=nonce)) == "success"
    assert site.code(Person().payload(clock.now, nonce=nonce)) == "success"


def test_a_network_retry_and_a_replay_are_told_apart(site, clock):
    payload = Person().payload(clock.now)
    assert site.code(payload | {"request": "a" * 32}) == "success"
    assert site.code(payload | {"request": "a" * 32}) == "repeated_request"
    assert site.code(payload | {"request": "b" * 32}) == "replayed_nonce"
    assert site.code(payload) == "replayed_nonce"


def test_a_replay_without_a_request_id_is_no_repeated_request(site, clock):
    payload = Person().payload(clock.now)
    assert site.code(payload) == "success"
    assert site.code(payload | {"request": ""}) in {"malformed_payload", "replayed_nonce"}


def test_older_spellings_are_read_and_unknown_members_ignored(site, clock):
    payload = Person().payload(clock.now)
    older = {"UID": payload["uid"], "NONCES": payload["nonces"], "ATTR": {"email": "a@b.c"}, "errorcode": 0}
    assert site.code(older) == "success"


def test_any_registered_site_may_validate_any_user(site, make_site, clock):
    person = Person()
    assert site.code(person.payload(clock.now)) == "success"
    assert make_site().code(person.payload(clock.now)) == "success"


def test_a_site_that_requires_the_control_device_gets_it(site, clock):
    person = Person("ad", "repo", "cd")
    assert site.code(person.payload(clock.now)) == "success"
    require(site, "cd")
    before = site.rows()
    refused = person.payload(clock.now, roles=("ad", "repo"))
    assert site.code(refused) == "roles_required"
    assert site.rows() == before
    assert site.code(person.payload(clock.now)) == "success"
    assert site.code(person.payload(clock.now, roles=("repo", "cd"))) == "success"


def test_a_payload_for_one_site_can_not_sign_in_at_another(site, make_site, clock):
    person, other = Person(), make_site()
    meant = person.payload(clock.now, aud=site.api_id)
    before = site.rows()
    assert other.code(meant) == "wrong_audience"
    assert site.rows() == before
    assert site.code(meant) == "success"


@pytest.mark.parametrize("audience", [None, 7, [], "", "52b0422f"])
def test_an_audience_that_is_not_the_caller_is_refused_whatever_it_is(site, clock, audience):
    assert site.code(Person().payload(clock.now, aud=audience)) == "wrong_audience"


def test_one_role_with_another_audience_spoils_the_answer(site, clock):
    person, nonce = Person(), make_nonce(clock.now)
    payload = person.payload(clock.now, nonce=nonce)
    payload["nonces"]["repo"] = person.payload(clock.now, nonce=nonce, aud="other")["nonces"]["repo"]
    assert site.code(payload) == "wrong_audience"


def approved(person: Person, clock, message: str, title: str = "") -> dict:
    nonce = make_nonce(clock.now)
    payload = person.payload(clock.now, nonce=nonce)
    words = person.payload(
        clock.now, nonce=nonce, words_sha256=words_sha256(message, title), origin="https://a.example"
    )
    payload["nonces"]["cd"] = words["nonces"]["cd"]
    return payload


def test_words_are_approved_exactly_or_not_at_all(site, clock):
    person = Person("ad", "repo", "cd")
    payload = approved(person, clock, "Pay $40 to Ann?", "Shop")
    before = site.rows()
    for wrong in (
        {"message": "Pay $41 to Ann?", "title": "Shop"},
        {"message": "Pay $40 to Ann?"},
        {"message": "Pay $40 to Ann?", "title": "shop"},
        {"message": ""},
    ):
        assert site.code(payload | wrong) == "words_not_approved"
    assert site.rows() == before
    assert site.code(payload | {"message": "Pay $40 to Ann?", "title": "Shop"}) == "success"


def test_words_without_a_control_device_that_signed_them_are_refused(site, clock):
    person = Person("ad", "repo", "cd")
    assert site.code(person.payload(clock.now) | {"message": "Pay?"}) == "words_not_approved"
    assert site.code(person.payload(clock.now, roles=("ad", "repo")) | {"message": "Pay?"}) == "words_not_approved"
    by_others = person.payload(clock.now, roles=("ad", "repo"), words_sha256=words_sha256("Pay?"))
    assert site.code(by_others | {"message": "Pay?"}) == "words_not_approved"


def test_a_site_that_does_not_ask_about_words_is_not_bothered(site, clock):
    assert site.code(approved(Person("ad", "repo", "cd"), clock, "Pay?")) == "success"


def test_a_title_can_not_move_words_into_the_message(site, clock):
    payload = approved(Person("ad", "repo", "cd"), clock, "b\nc", "a")
    assert site.code(payload | {"title": "a\nb", "message": "c"}) == "malformed_payload"
    assert site.code(payload | {"title": "a"}) == "malformed_payload"
    assert site.code(payload | {"title": "a", "message": "b\nc"}) == "success"


def test_an_unknown_user_is_refused_where_first_use_is_off_in_the_words_of_a_wrong_key(make_site, clock):
    pinning, refusing = make_site(), make_site(unknown_uid="refuse")
    person = Person()
    before = refusing.rows()
    unknown = refusing.validate(person.payload(clock.now))
    assert refusing.rows() == before
    assert pinning.code(person.payload(clock.now)) == "success"
    wrong = refusing.validate(Person(uid=person.uid).payload(clock.now))
    assert unknown["code"] == "key_not_on_record"
    for answer in (unknown, wrong):
        del answer["request_id"]
    assert unknown == wrong
    assert refusing.code(person.payload(clock.now)) == "success"


def test_first_uses_are_limited_per_site_and_address_and_the_refused_can_come_again(make_site, clock):
    site = make_site(first_use_limit="2/hour")
    assert [site.code(Person().payload(clock.now)) for _ in range(2)] == ["success"] * 2
    late = Person().payload(clock.now)
    before = site.rows()
    answer = site.ask("/validate", late)
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_first_uses")
    assert site.rows() == before
    assert SiteClient.registered(site.app, clock).code(late) == "success"


def test_uids_have_one_encoding(site, clock):
    for uid in (
        "",
        "AAAA",
        new_uid()[:-2],
        new_uid().rstrip("=") + "%3D%3D",
        new_uid()[:-3] + "B==",
        "é" * 24,
        "/" * 24,
    ):
        payload = Person().payload(clock.now) | {"uid": uid}
        assert site.code(payload) == "malformed_uid"


def require(site: SiteClient, *roles: str) -> None:
    from keychain.validation import sites

    with site.app.extensions["keychain"].store.session() as session:
        sites.require(session, site.api_id, roles)


@pytest.mark.parametrize("approval", ["\ud800", "é", 7, None, [], ""])
def test_an_approval_that_is_no_digest_approves_nothing_and_harms_nobody_else(site, clock, approval):
    person = Person("ad", "repo", "cd")
    odd = person.payload(clock.now, words_sha256=approval) | {"message": "Pay?"}
    assert site.code(odd) == "words_not_approved"
    answers = site.batch([Person().payload(clock.now), odd])
    assert [answer.get("code", "success") for answer in answers] == ["success", "words_not_approved"]


def test_a_control_device_that_is_only_being_pinned_approves_no_words(site, clock):
    person = Person("ad", "repo", "cd")
    assert site.code(person.payload(clock.now, roles=("ad", "repo"))) == "success"
    wish = {"cd": person.keys["cd"].thumbprint}
    pairing = person.payload(clock.now, pins=wish, words_sha256=words_sha256("Pay?"))
    assert site.code(pairing | {"message": "Pay?"}) == "words_not_approved"
    assert site.code(pairing) == "success"


def test_a_site_is_told_that_the_pin_was_typed(site, clock):
    person = Person("ad", "repo", "cd")
    assert "pin" not in site.validate(person.payload(clock.now))
    assert site.validate(person.payload(clock.now, pin=True))["pin"] is True
    told = site.batch([person.payload(clock.now), person.payload(clock.now, pin=True), Person().payload(clock.now)])
    assert [answer.get("pin") for answer in told] == [None, True, None]


@pytest.mark.parametrize("said", [False, 1, "true", None, [True]])
def test_only_true_says_that_the_pin_was_typed(site, clock, said):
    answer = site.validate(Person("ad", "repo", "cd").payload(clock.now, pin=said))
    assert answer["errorcode"] == 0
    assert "pin" not in answer


def test_nobody_but_a_control_device_on_record_says_that_the_pin_was_typed(site, clock):
    person = Person("ad", "repo", "cd")
    assert site.code(person.payload(clock.now, roles=("ad", "repo"))) == "success"
    by_others = site.validate(person.payload(clock.now, roles=("ad", "repo"), pin=True) | {"pin": True})
    pairing = person.payload(clock.now, pins={"cd": person.keys["cd"].thumbprint}, pin=True)
    answers = [by_others, site.validate(pairing)]
    assert [(answer["errorcode"], "pin" in answer) for answer in answers] == [(0, False)] * 2
    nonce = make_nonce(clock.now)
    mixed = person.payload(clock.now, nonce=nonce, pin=True)
    mixed["nonces"]["cd"] = person.payload(clock.now, nonce=nonce)["nonces"]["cd"]
    assert "pin" not in site.validate(mixed)


@pytest.mark.parametrize("roles", [("ad", "repo"), ("repo", "cd"), ("ad", "repo", "cd")])
def test_one_key_in_two_roles_is_one_signer(site, clock, roles):
    person = Person(*roles)
    for role in roles:
        person.keys[role] = person.keys["repo"]
    before = site.rows()
    assert site.code(person.payload(clock.now)) == "missing_signatures"
    assert site.rows() == before


@pytest.mark.parametrize("member", ["nonces", "attr_claim_tokens", "attr"])
def test_a_payload_of_many_members_is_quickly_done_with(site, clock, member):
    payload = Person().payload(clock.now)
    many = {f"{number}": {"nonce": "a", "key": "b"} for number in range(1500)}
    assert site.code(payload | {member: many}) == {"attr": "success"}.get(member, "malformed_payload")
