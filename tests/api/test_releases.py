"""Releases: a site's frame reads what was released to that very site, as long as it is, and nothing beside it."""

import pytest
from authenticator import b64url
from crowd import at_once
from device import SHOP, Device, Frame, Identity, over_wsgi, release, sealed, uid_of_nobody
from sqlalchemy import select, update

from keychain.repo import releases as collection
from keychain.store.repo_tables import identities
from keychain.store.vault_tables import releases, verified_addresses

WRITE, LIST, END, READ = "/repo/releases", "/repo/releases/list", "/repo/releases/end", "/repo/releases/read"
OTHER = "https://other.example"


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def stranger(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def identity(device) -> Identity:
    return device.mint()


def reading(identity: Identity, *cards: str, **changed) -> dict:
    return {"uid": identity.uid, "origin": identity.origin, "cards": list(cards)} | changed


def without_uid(made: dict) -> dict:
    return {name: made[name] for name in ("card", "fields", "version", "sealed")}


def test_a_site_reads_what_was_released_to_it_of_the_cards_that_it_asks_for(device, identity):
    email = device.release(identity)
    name = device.release(identity, card="name", fields=["first_name", "last_name"])
    device.release(identity, card="phone", fields=[])
    for reader in (device.frame(identity), device):
        answer = reader.read(identity, "name", "email", "company")
        assert answer["releases"] == [without_uid(email), without_uid(name)]
        assert answer["claims"] == {}
        assert reader.read(identity)["releases"] == []
        assert reader.read(identity, "phone")["releases"][0]["fields"] == [], "a card that the person did not give"


def test_an_answer_to_a_release_names_it(device, identity):
    made = device.do(WRITE, release(identity))["release"]
    assert made == {"uid": identity.uid, "card": "email", "version": 1}


def test_every_device_of_the_account_sees_what_all_sites_may_read(device, identity, clock):
    other = device.mint(OTHER)
    made = [device.release(identity), device.release(other, card="name", fields=[])]
    listed = device.second(device.make_onekey()).releases()
    shown = [one | {"origin": at.origin, "changed": f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"} for one, at in
             zip(made, (identity, other), strict=True)]  # fmt: skip
    assert sorted(listed, key=lambda one: one["origin"]) == sorted(shown, key=lambda one: one["origin"])


def test_a_release_is_written_under_the_next_version_alone(device, identity):
    assert device.code(WRITE, release(identity, version=2)) == "version_conflict"
    device.release(identity)
    for version in (1, 3, 2**31 - 1):
        assert device.code(WRITE, release(identity, version=version)) == "version_conflict"
    second = device.release(identity, version=2, fields=[])
    assert device.read(identity, "email")["releases"] == [without_uid(second)]


def test_a_release_is_written_again_after_a_lost_answer(device, identity):
    first = device.release(identity)
    assert device.code(WRITE, first) == "success"
    assert device.code(WRITE, first | {"fields": []}) == "version_conflict"
    assert device.code(WRITE, first | {"sealed": sealed()}) == "version_conflict"
    assert device.read(identity, "email")["releases"] == [without_uid(first)]


def test_a_withdrawn_release_is_absent_at_once_and_keeps_its_version(device, identity, session):
    frame, first = device.frame(identity), device.release(identity)
    device.release(identity, card="name")
    for _ in range(3):
        assert device.code(END, {"uid": identity.uid, "card": "email"}) == "success", "asked again, it is a success"
    assert [one["card"] for one in frame.read(identity, "email", "name")["releases"]] == ["name"]
    [gone] = [one for one in device.releases() if one["card"] == "email"]
    assert (gone["version"], gone["sealed"], gone["fields"]) == (2, None, [])
    assert first["sealed"] not in {b64url(row.sealed or b"") for row in session.rows(select(releases))}
    for version in (1, 2):
        assert device.code(WRITE, first | {"version": version}) == "version_conflict", "nobody brings it back unnoticed"
    assert device.code(WRITE, first | {"version": 3}) == "success"


def test_all_releases_of_a_site_are_withdrawn_together_and_those_of_others_stay(device, identity):
    other = device.mint(OTHER)
    for at in (identity, other):
        device.release(at)
        device.release(at, card="name")
    for _ in range(2):
        device.do(END, {"uid": identity.uid, "card": None})
    assert device.read(identity, "email", "name")["releases"] == []
    assert len(device.read(other, "email", "name")["releases"]) == 2
    assert {one["version"] for one in device.releases() if one["uid"] == identity.uid} == {2}


def test_what_was_never_released_is_withdrawn_with_success(device, identity, site):
    before = site.rows()
    assert device.code(END, {"uid": identity.uid, "card": "payment"}) == "success"
    assert device.code(END, {"uid": identity.uid, "card": None}) == "success"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 2}


def test_another_accounts_identity_is_one_that_does_not_exist(device, identity, stranger, site):
    theirs = stranger.mint(OTHER)
    mine = stranger.release(theirs)
    frame = stranger.frame(theirs)
    nobody = Identity()
    nobody.uid = uid_of_nobody()
    before, asked = site.rows(), 0
    for known in (theirs, nobody):
        for path, body in (
            (WRITE, release(known)),
            (WRITE, release(known, version=2)),
            (END, {"uid": known.uid, "card": None}),
            (END, {"uid": known.uid, "card": "email"}),
            (READ, reading(known, "email")),
        ):
            assert device.code(path, body) == "identity_refused"
            asked += 1
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + asked}
    assert frame.read(theirs, "email")["releases"] == [without_uid(mine)]
    assert device.releases() == []


def test_a_frame_reads_its_own_site_alone(device, identity):
    other = device.mint(OTHER)
    for at in (identity, other):
        device.release(at)
    frame = device.frame(identity)
    assert frame.code(READ, reading(other, "email")) == "identity_refused"
    assert frame.code(READ, reading(other, "email", origin=SHOP)) == "identity_refused"
    for asking in (frame, device):
        assert asking.code(READ, reading(identity, "email", origin=OTHER)) == "origin_refused"
        assert asking.code(READ, reading(identity, "email", origin="http://id.localhost:8000")) == "origin_refused"


def test_a_frame_writes_lists_and_withdraws_nothing(device, identity):
    frame = device.frame(identity)
    device.release(identity)
    for path, body in ((WRITE, release(identity, version=2)), (LIST, {}), (END, {"uid": identity.uid, "card": None})):
        assert frame.code(path, body) == "signer_refused"
    assert len(device.read(identity, "email")["releases"]) == 1


def test_an_identity_that_is_not_on_record_has_no_releases(device, identity, session):
    frame = device.frame(identity)
    session.changed(update(identities).values(minted_at=None))
    assert device.code(WRITE, release(identity)) == "identity_refused"
    assert device.code(READ, reading(identity, "email")) == "identity_refused"
    assert frame.code(READ, reading(identity, "email")) == "identity_refused"


def test_a_session_for_once_reads_for_five_minutes(device, identity, clock):
    device.release(identity)
    frame = device.frame(identity, silent=False)
    clock.tick(minutes=5)
    assert len(frame.read(identity, "email")["releases"]) == 1
    clock.tick(seconds=1)
    assert frame.code(READ, reading(identity, "email")) == "interaction_required"
    assert device.frame(identity).code(READ, reading(identity, "email")) == "success"


def test_who_has_ended_reads_nothing(device, identity, clock):
    device.release(identity)
    other = device.second(device.make_onekey())
    frames = [other.frame(identity), other.frame(identity, silent=False)]
    device.do("/repo/devices/revoke", {"device": other.kid})
    for ended in (other, *frames):
        assert ended.code(READ, reading(identity, "email")) == "signer_revoked"
    mine = device.frame(identity)
    device.do("/repo/signout")
    assert device.code(READ, reading(identity, "email")) == "device_locked"
    assert mine.code(READ, reading(identity, "email")) == "signer_revoked"
    device.do("/repo/unlock")
    idle = device.frame(identity)
    clock.tick(days=31)
    assert idle.code(READ, reading(identity, "email")) == "signer_revoked"


def test_a_release_goes_on_when_a_device_is_revoked(device, identity):
    other = device.second(device.make_onekey())
    made = other.release(identity)
    device.do("/repo/devices/revoke", {"device": other.kid})
    assert device.frame(identity).read(identity, "email")["releases"] == [without_uid(made)]


NAMES = [
    "", "_x", "__proto__", "1st", "e-mail", "email[email]", "a.b", "é", "x" * 33, "a b", "a,b", "email\n", "\x00",
    None, 1, {}, [], True,
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_a_name_of_another_form_is_refused_wherever_it_stands(device, identity, name):
    assert device.code(WRITE, release(identity, card=name)) == "malformed_member"
    assert device.code(WRITE, release(identity, fields=["email", name])) == "malformed_member"
    assert device.code(READ, reading(identity, "email", name)) == "malformed_member"
    ended = "malformed_member" if name is not None else "success"
    assert device.code(END, {"uid": identity.uid, "card": name}) == ended
    assert device.releases() == []


@pytest.mark.parametrize("name", ["x", "X" * 32, "constructor", "toString", "a_1", "email"])
def test_any_other_name_is_a_sites_own_to_choose(device, identity, name):
    made = device.release(identity, card=name, fields=[name])
    assert device.read(identity, name)["releases"] == [without_uid(made)]


MALFORMED = [
    {"fields": None}, {"fields": "email"}, {"fields": {"email": "x"}}, {"fields": {}}, {"fields": ["a", "a"]},
    {"fields": [["a"]]}, {"fields": [f"f{n}" for n in range(65)]}, {"version": 0}, {"version": True},
    {"version": 2**31}, {"sealed": ""}, {"sealed": None}, {"sealed": "="}, {"uid": "x"}, {"uid": None},
    {"__proto__": {}}, {"origin": SHOP}, {"more": 1},
]  # fmt: skip


@pytest.mark.parametrize("changed", MALFORMED, ids=lambda changed: repr(changed)[:60])
def test_a_release_of_another_form_is_refused(device, identity, changed):
    assert device.code(WRITE, release(identity, **changed)) == "malformed_member"
    assert device.releases() == []


def test_a_release_has_sixty_four_fields_and_sixteen_kibibytes(device, identity):
    fields = [f"f{n}" + "x" * 29 for n in range(10, 74)]
    made = device.release(identity, fields=fields, sealed=sealed(16384))
    assert device.read(identity, "email")["releases"] == [without_uid(made)]
    assert device.code(WRITE, release(identity, card="name", sealed=sealed(16385))) == "sealed_too_large"
    thousands = [f"f{n}" for n in range(10_000)]
    assert device.code(WRITE, release(identity, card="name", fields=thousands)) == "body_too_large"
    assert device.code(WRITE, release(identity, card="name", fields=thousands[:3000])) == "malformed_member"
    assert device.code(READ, reading(identity, *thousands[:65])) == "malformed_member"
    assert device.code(READ, reading(identity, *thousands[:64])) == "success"
    assert device.code(READ, reading(identity, "email", "email")) == "malformed_member"


def test_a_site_reads_sixty_four_cards_at_most(device, identity, session, clock):
    row = {"uid": identity.uid, "fields": "", "version": 1, "changed_at": clock.now}
    session.add(releases, [row | {"card": f"c{n}", "sealed": b"x" if n else None} for n in range(collection.MOST)])
    assert device.code(WRITE, release(identity)) == "too_many_cards"
    assert device.code(WRITE, release(identity, card="c0", version=2)) == "success"
    assert device.code(WRITE, release(device.mint(OTHER))) == "success", "each site has room of its own"


def sites(session, device, count: int) -> list[dict]:
    """So many identities more."""
    site = {"account": device.account, "ad_key": bytes(64), "key_version": 1, "created_at": device.clock()}
    rows = [site | {"uid": uid_of_nobody(), "origin": f"https://{n}.example", "sealed": b"x"} for n in range(count)]
    session.add(identities, rows)
    return rows


def test_an_account_releases_a_thousand_cards_at_most_to_all_its_sites(device, identity, session, clock):
    row = {"fields": "", "version": 1, "changed_at": clock.now}
    others = [row | {"uid": site["uid"], "card": f"c{n}"} for site in sites(session, device, 16) for n in range(64)]
    session.add(releases, [one | {"sealed": b"x" if n % 2 else None} for n, one in enumerate(others[:999])])
    assert device.code(WRITE, release(identity)) == "success"
    assert device.code(WRITE, release(identity, card="name")) == "too_many_cards"
    assert device.code(WRITE, release(identity, version=2)) == "success"
    assert device.code(END, {"uid": identity.uid, "card": None}) == "success"
    assert len(device.releases()) == 1000


def test_an_account_releases_a_mebibyte_at_most_and_names_count_twice(device, identity, session, clock):
    row = {"fields": "", "version": 1, "changed_at": clock.now, "sealed": bytes(16384)}
    others = [row | {"uid": site["uid"], "card": "email"} for site in sites(session, device, 63)]
    session.add(releases, others)
    assert device.code(WRITE, release(identity, fields=["email"], sealed=sealed(16384 - 9))) == "too_many_cards"
    assert device.code(WRITE, release(identity, fields=["email"], sealed=sealed(16384 - 10))) == "success"
    assert device.code(WRITE, release(identity, card="name", fields=[])) == "too_many_cards"
    assert device.code(END, {"uid": identity.uid, "card": "email"}) == "success"
    assert device.code(WRITE, release(identity, card="name", fields=[])) == "success"


@pytest.fixture
def crowded(roomy, clock) -> Device:
    return Device(over_wsgi(roomy), clock).sign_up()


@pytest.mark.slow
def test_fifty_releases_under_one_version_at_once_are_one_success(crowded, session):
    identity = crowded.mint()
    for version in (1, 2):
        writings = [release(identity, version=version) for _ in range(50)]
        codes = at_once(*[lambda one=one: crowded.code(WRITE, one) for one in writings])
        assert set(codes) <= {"success", "version_conflict", "unavailable"}
        assert codes.count("success") == 1
        [kept] = session.rows(select(releases))
        assert (kept.version, b64url(kept.sealed)) == (version, writings[codes.index("success")]["sealed"])


@pytest.mark.slow
def test_a_withdrawal_beside_writings_under_the_former_version_leaves_what_came_last(crowded):
    identity = crowded.mint()
    for n in range(10):
        made = crowded.release(identity, card=f"c{n}")
        ending = lambda made=made: crowded.code(END, {"uid": identity.uid, "card": made["card"]})  # noqa: E731
        again = made | {"version": 2, "sealed": sealed()}
        ended, written = at_once(ending, lambda again=again: crowded.code(WRITE, again))
        assert ended == "success"
        assert written in {"success", "version_conflict"}
        [kept] = [one for one in crowded.releases() if one["card"] == made["card"]]
        assert kept["sealed"] is None, "whichever came first, it is withdrawn"
        assert kept["version"] == (3 if written == "success" else 2)


@pytest.mark.slow
def test_reading_beside_a_revocation_ends_with_it(crowded):
    identity, onekey = crowded.mint(), crowded.make_onekey()
    crowded.release(identity)
    for _ in range(5):
        other = crowded.second(onekey)
        frame = Frame(other, identity)
        frame.admit()
        asking = [lambda frame=frame: frame.code(READ, reading(identity, "email"))] * 8
        codes = at_once(lambda other=other: crowded.code("/repo/devices/revoke", {"device": other.kid}), *asking)
        assert codes[0] == "success"
        assert set(codes[1:]) <= {"success", "signer_revoked"}
        assert frame.code(READ, reading(identity, "email")) == "signer_revoked"


def test_a_reading_takes_three_statements(device, identity, statements):
    device.release(identity, card="name")
    frame = device.frame(identity)
    body = reading(identity, "name")
    statements.clear()
    frame.do(READ, body)
    assert len(statements) == 3, statements


def test_a_proved_address_is_vouched_for_where_the_e_mail_is_released_and_asked_for_and_nowhere_else(
    device, identity, session, clock
):
    row = {"account": device.account, "salt": bytes(32), "digest": bytes(32), "verified_at": clock.now}
    session.add(verified_addresses, row | {"link_digest": bytes(32), "mailbox": bytes(32)})
    other = device.mint(OTHER)
    for made in (
        release(identity),
        release(identity, card="name", fields=["email"]),
        release(other, fields=[]),
        release(other, card="name", fields=["first_name"]),
    ):
        device.do(WRITE, made)
    for reader in (device.frame(identity), device):
        assert reader.read(identity, "name", "email")["claims"].keys() == {"email"}
        assert reader.read(identity, "name")["claims"] == {}
    for reader in (device.frame(other), device):
        assert reader.read(other, "name", "email")["claims"] == {}
    device.do(END, {"uid": identity.uid, "card": "email"})
    assert device.frame(identity).read(identity, "email")["claims"] == {}
