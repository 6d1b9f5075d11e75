"""A new secret: all that is sealed is replaced at once or not at all, and nobody else can act afterwards."""

import json
from dataclasses import replace
from itertools import product

import pytest
from authenticator import b64url
from conftest import building
from crowd import at_once
from device import Device, card, over_wsgi, release, sealed, uid_of_nobody
from marshmallow import Schema
from sqlalchemy import event, select

from keychain import errors
from keychain.app import create_app
from keychain.jose import base64url
from keychain.store.engine import Session
from keychain.store.repo_tables import devices, frame_sessions, identities, recovery_keys
from keychain.store.tables import metadata
from keychain.store.vault_tables import cards, releases
from keychain.web import bodies
from keychain.web.repo import schemas, vault_schemas
from keychain.web.repo.schemas import Parsed

RENEW = "/repo/renew"
MIB = 1024 * 1024
OTHER = "https://other.example"


@pytest.fixture(scope="module")
def built(config, opened):
    """The application, with room for more new secrets than anybody wants."""
    return building(replace(config, recovery_limit="1000/minute"), opened)


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def full(device) -> Device:
    """A device of an account that has something of everything."""
    return fill(device)


def fill(device: Device) -> Device:
    device.keep()
    gone = device.keep()
    device.keep(id=gone["id"], version=2, sealed=None)
    kept = device.keep()
    device.keep(id=kept["id"], version=2)
    for identity in (device.mint(), device.mint(OTHER)):
        device.release(identity)
        device.release(identity, card="name", fields=["first_name", "last_name"])
        device.release(identity, card="phone", fields=[])
        device.do("/repo/releases/end", {"uid": identity.uid, "card": "phone"})
    return device


def contents(session) -> dict[str, set]:
    """Every row of every table but the proofs."""
    tables = [table for table in metadata.sorted_tables if table.name != "seen_proofs"]
    return {table.name: {tuple(row) for row in session.rows(select(table))} for table in tables}


def test_all_that_is_sealed_is_replaced_and_all_versions_move(full, session):
    renewal = full.renewal()
    assert len(renewal["identities"]) == 2
    assert len(renewal["cards"]) == 2
    assert len(renewal["releases"]) == 4
    assert full.code(RENEW, renewal) == "success"
    kept = {row.uid: b64url(row.sealed) for row in session.rows(select(identities))}
    assert kept == {one["uid"]: one["sealed"] for one in renewal["identities"]}
    for one in renewal["cards"]:
        assert full.cards()[one["id"]].items() >= one.items()
    listed = [one for one in full.releases() if one["sealed"]]
    written = [{name: one[name] for name in ("uid", "card", "fields", "version", "sealed")} for one in listed]
    in_order = lambda one: (one["uid"], one["card"])  # noqa: E731
    assert sorted(written, key=in_order) == sorted(renewal["releases"], key=in_order)


def test_what_was_deleted_or_withdrawn_stays_so(full, session):
    before = [row for table in (cards, releases) for row in session.rows(select(table)) if row.sealed is None]
    full.do(RENEW, full.renewal())
    assert [row for table in (cards, releases) for row in session.rows(select(table)) if row.sealed is None] == before


def test_nobody_else_can_act_afterwards(full, session, site):
    onekey = full.make_onekey()
    others = [full.second(onekey), full.second(onekey)]
    identity = next(iter(full.identities.values()))
    frames = [full.frame(identity), others[0].frame(identity), others[1].frame(identity, silent=False)]
    full.do(RENEW, full.renewal())
    for ended in others:
        for path, body in (("/repo/cards/list", {}), ("/repo/cards", card()), ("/repo/unlock", {})):
            assert ended.code(path, body) == "signer_revoked"
        assert ended.code("/repo/releases", release(identity, version=3)) == "signer_revoked"
    for frame in frames:
        assert frame.cosign() == "signer_revoked"
        reading = {"uid": identity.uid, "origin": identity.origin, "cards": ["email"]}
        assert frame.code("/repo/releases/read", reading) == "signer_revoked"
    newcomer = Device(full.ask, full.clock)
    signing = Device(full.ask, full.clock, key=onekey.key)
    assert signing.code("/repo/devices", newcomer.members) == "oneid_key_refused"
    assert session.rows(select(recovery_keys)) == []
    alive = [row.id for row in session.rows(select(devices)) if row.revoked_at is None]
    assert alive == [full.kid]
    assert {row.revoked_at is None for row in session.rows(select(frame_sessions))} == {False}
    assert site.code(full.frame(identity).payload()) == "success", "the person goes on"
    assert full.second(full.make_onekey()).code("/repo/cards/list") == "success"


def test_a_release_that_is_not_named_is_withdrawn(full):
    renewal = full.renewal()
    [first, *left] = renewal["releases"]
    full.do(RENEW, renewal | {"releases": left})
    [gone] = [one for one in full.releases() if (one["uid"], one["card"]) == (first["uid"], first["card"])]
    assert (gone["sealed"], gone["fields"], gone["version"]) == (None, [], first["version"])
    full.do(RENEW, full.renewal(releases=[]))
    assert {one["sealed"] for one in full.releases()} == {None}


def test_a_renewal_is_not_repeatable(full, session):
    renewal = full.renewal()
    full.do(RENEW, renewal)
    after = contents(session)
    for _ in range(2):
        assert full.code(RENEW, renewal) == "version_conflict"
    assert contents(session) == after


def test_a_renewal_that_has_identities_alone_is_not_repeatable_either(device):
    device.mint()
    renewal = device.renewal()
    device.do(RENEW, renewal)
    onekey = device.make_onekey()
    assert device.code(RENEW, renewal) == "version_conflict"
    assert device.second(onekey).code("/repo/cards/list") == "success"


def test_an_account_that_has_nothing_yet_is_renewed(device):
    onekey = device.make_onekey()
    other = device.second(onekey)
    assert device.code(RENEW, device.renewal()) == "success"
    assert other.code("/repo/cards/list") == "signer_revoked"


def stale(renewal: dict) -> list[dict]:
    """Everything that is not exactly the account's, one thing at a time."""
    found = []
    for part in ("identities", "cards"):
        found += [renewal | {part: renewal[part][:n] + renewal[part][n + 1 :]} for n in range(len(renewal[part]))]
        found += [renewal | {part: []}]
    for part, by in product(("cards", "releases"), (-1, 1)):
        for n, one in enumerate(renewal[part]):
            if one["version"] + by > 0:
                moved = one | {"version": one["version"] + by}
                found.append(renewal | {part: [*renewal[part][:n], moved, *renewal[part][n + 1 :]]})
    nobodys = {"uid": uid_of_nobody(), "sealed": sealed(200)}
    found += [
        renewal | {"identities": [*renewal["identities"], nobodys]},
        renewal | {"identities": [nobodys, *renewal["identities"][1:]]},
        renewal | {"cards": [*renewal["cards"], card()]},
        renewal | {"cards": [*renewal["cards"][1:], card()]},
        renewal | {"releases": [*renewal["releases"], renewal["releases"][0] | {"card": "company", "version": 1}]},
        renewal | {"releases": [*renewal["releases"], renewal["releases"][0] | {"card": "phone", "version": 3}]},
        renewal | {"releases": [renewal["releases"][0] | {"uid": uid_of_nobody()}]},
    ]
    return found


def test_what_is_not_exactly_the_accounts_changes_nothing(full, session):
    onekey, identity = full.make_onekey(), next(iter(full.identities.values()))
    frame, other = full.frame(identity), full.second(onekey)
    renewal = full.renewal()
    wrong = stale(renewal)
    [gone] = [one for one in full.cards().values() if one["sealed"] is None]
    wrong.append(renewal | {"cards": [*renewal["cards"], card(id=gone["id"], version=3)]})
    same = {row.uid: b64url(row.sealed) for row in session.rows(select(identities))}
    [first, *left] = renewal["identities"]
    wrong.append(renewal | {"identities": [first | {"sealed": same[first["uid"]]}, *left]})
    before = contents(session)
    for changed in wrong:
        assert full.code(RENEW, changed) == "version_conflict"
    assert contents(session) == before
    assert frame.cosign() == other.code("/repo/cards/list") == "success"
    assert full.code(RENEW, renewal) == "success"


def test_what_was_written_meanwhile_is_not_lost(full, session):
    renewal = full.renewal()
    identity = next(iter(full.identities.values()))
    kept = renewal["cards"][0]
    for change in (
        full.keep,
        lambda: full.keep(id=kept["id"], version=kept["version"]),
        lambda: full.release(identity, version=2),
        lambda: full.do("/repo/releases/end", {"uid": identity.uid, "card": "name"}),
        lambda: full.mint("https://third.example"),
        lambda: full.do("/repo/identities/forget", {"uid": identity.uid, "origin": identity.origin}),
    ):
        renewal = full.renewal()
        change()
        before = contents(session)
        assert full.code(RENEW, renewal) == "version_conflict"
        assert contents(session) == before


def test_another_accounts_things_are_no_part_of_it(full, app, clock, session):
    stranger = fill(Device(over_wsgi(app), clock).sign_up())
    mine, theirs = full.renewal(), stranger.renewal()
    before = contents(session)
    assert full.code(RENEW, theirs) == "version_conflict"
    for part in ("identities", "cards", "releases"):
        assert full.code(RENEW, mine | {part: mine[part] + theirs[part]}) == "version_conflict"
        assert full.code(RENEW, mine | {part: theirs[part]}) == "version_conflict"
    assert contents(session) == before
    full.do(RENEW, mine)
    assert stranger.code(RENEW, theirs) == "success", "it went on as it was"


def test_a_browser_renews_nothing_that_a_phone_guards(full, session, clock):
    phone = full.connect_phone()
    before = contents(session)
    assert full.code(RENEW, full.renewal()) == "phone_required"
    assert contents(session) == before
    other = phone.connect_phone()
    assert phone.code(RENEW, phone.renewal()) == "phone_required"
    phone.do("/repo/devices/revoke", {"device": other.kid})
    assert phone.code(RENEW, phone.renewal()) == "success"
    assert full.code("/repo/cards/list") == "signer_revoked"
    assert phone.pin_all().wanted()["pin"] == []


def test_a_frame_and_a_locked_device_renew_nothing(full, session):
    frame, renewal = full.frame(next(iter(full.identities.values()))), full.renewal()
    assert frame.code(RENEW, renewal) == "signer_refused"
    full.do("/repo/signout")
    before = contents(session)
    assert full.code(RENEW, renewal) == "device_locked"
    assert contents(session) == before


TWICE = ("identities", "cards", "releases")


@pytest.mark.parametrize("part", TWICE)
def test_what_stands_twice_in_a_renewal_is_refused(full, part):
    renewal = full.renewal()
    twin = renewal[part][0] | {"sealed": sealed()}
    assert full.code(RENEW, renewal | {part: [*renewal[part], twin]}) == "malformed_member"


def test_a_renewal_of_another_form_is_refused(full, session):
    renewal = full.renewal()
    [first, *left] = renewal["cards"]
    wrong = [
        {}, renewal | {"more": []}, renewal | {"__proto__": {}},
        renewal | {"cards": {}}, renewal | {"identities": None},
        renewal | {"releases": [[]]}, renewal | {"cards": [None]}, renewal | {"cards": ["x"]},
        renewal | {"cards": [first | {"sealed": None}, *left]}, renewal | {"cards": [first | {"version": 0}, *left]},
        renewal | {"cards": [first | {"more": 1}, *left]},
        renewal | {"identities": [{"uid": one["uid"]} for one in renewal["identities"]]},
        renewal | {"identities": [one | {"sealed": ""} for one in renewal["identities"]]},
        renewal | {"releases": [one | {"fields": ["a", "a"]} for one in renewal["releases"]]},
        renewal | {"releases": [one | {"card": "__proto__"} for one in renewal["releases"]]},
        renewal | {"cards": [card() for _ in range(201)]},
        renewal | {"identities": [{"uid": uid_of_nobody(), "sealed": "AA"} for _ in range(2001)]},
        renewal | {"releases": [{}] * 1001},
    ]  # fmt: skip
    before = contents(session)
    for body in wrong:
        assert full.code(RENEW, body) == "malformed_member"
    too_large = [one | {"sealed": sealed(4097)} for one in renewal["identities"]]
    assert full.code(RENEW, renewal | {"identities": too_large}) == "sealed_too_large"
    assert full.code(RENEW, renewal | {"cards": [one | {"sealed": sealed(16385)} for one in renewal["cards"]]}) == (
        "sealed_too_large"
    )
    assert full.code(RENEW, b'{"identities": [' + b" " * (4 << 20)) == "body_too_large"
    assert contents(session) == before


def overflowing(device: Device, session: Session) -> dict:
    """A renewal of an account that has as much as it may of everything, in the longest form that JSON gives it."""
    now, last = device.clock(), 2**31 - 2
    parts = [MIB // 2 // 2000, MIB // 200, MIB // 1000 - 2 * 103]
    uids = [uid_of_nobody() for _ in range(2000)]
    row = {"account": device.account, "ad_key": bytes(64), "key_version": 1, "created_at": now}
    sites = [
        row | {"uid": uid, "origin": f"https://{n}.example", "sealed": bytes(parts[0])} for n, uid in enumerate(uids)
    ]
    session.add(identities, sites)
    row = {"version": last, "changed_at": now}
    session.add(
        cards, [row | card(sealed=bytes(parts[1]), version=last) | {"account": device.account} for _ in range(200)]
    )
    names = [chr(letter) for letter in (*range(65, 91), *range(97, 123))]
    row |= {"fields": ",".join(names), "sealed": bytes(parts[2])}
    session.add(releases, [row | {"uid": uid, "card": "c" * 32} for uid in uids[:1000]])
    renewal = device.renewal()
    for part, size in zip(("identities", "cards", "releases"), parts, strict=True):
        renewal[part] = [one | {"sealed": sealed(size)} for one in renewal[part]]
    return renewal


def test_an_account_that_has_as_much_as_it_may_is_renewed(device, session):
    renewal = overflowing(device, session)
    assert [len(renewal[part]) for part in ("identities", "cards", "releases")] == [2000, 200, 1000]
    assert device.code(RENEW, renewal) == "success"
    assert {one["version"] for one in device.cards().values()} == {2**31 - 1}
    assert {one["version"] for one in device.releases()} == {2**31 - 1}


@pytest.mark.parametrize("part", ["identities", "cards", "releases"])
def test_a_renewal_to_more_than_an_account_may_have_changes_nothing(device, session, clock, part):
    identity = device.mint()
    row = {"version": 1, "sealed": b"x", "changed_at": clock.now}
    session.add(cards, [row | {"account": device.account, "id": card()["id"]} for _ in range(65)])
    session.add(releases, [row | {"uid": identity.uid, "card": f"c{n}", "fields": ""} for n in range(65)])
    site = {"account": device.account, "ad_key": bytes(64), "key_version": 1, "created_at": clock.now, "sealed": b"x"}
    session.add(identities, [site | {"uid": uid_of_nobody(), "origin": f"https://{n}.example"} for n in range(130)])
    renewal, size = device.renewal(), 4096 if part == "identities" else 16384
    before = contents(session)
    assert device.code(RENEW, renewal | {part: [one | {"sealed": sealed(size)} for one in renewal[part]]}) == (
        "too_many_cards"
    )
    assert contents(session) == before
    assert device.code(RENEW, renewal) == "success"


def test_a_large_body_is_read_for_nobody_who_did_not_sign_it(full, app, clock, monkeypatch):
    renewal, stranger = full.renewal(), Device(over_wsgi(app), clock)
    ended, frame = full.second(full.make_onekey()), full.frame(next(iter(full.identities.values())))
    ended.do("/repo/devices/revoke", {"device": ended.kid})
    raw = json.dumps(renewal).encode()
    old = full.proof(RENEW, raw, iat=int(clock.now.timestamp()) - 61)
    read = []
    monkeypatch.setattr(bodies, "parse", lambda raw: read.append(raw) or pytest.fail("it was read"))
    assert full.code(RENEW, raw, proof="") == full.code(RENEW, raw, proof=full.proof(RENEW, b"{}")) == "malformed_proof"
    assert full.code(RENEW, raw, proof=old) == "proof_not_fresh"
    assert stranger.code(RENEW, raw) == frame.code(RENEW, raw) == "signer_refused"
    assert ended.code(RENEW, raw) == "signer_revoked"
    assert full.ask(RENEW, b"[" * 4_000_000, {})[1]["code"] == "malformed_proof"
    assert read == []


def test_reading_stops_at_the_first_wrong_part():
    looked_at = []

    def wrong(text: str) -> str:
        looked_at.append(text)
        raise ValueError

    schema = Schema.from_dict({"parts": vault_schemas.Several(Parsed(wrong), 1000)})()
    with pytest.raises(errors.MalformedMember):
        schemas.load(schema, {"parts": [str(n) for n in range(1000)]})
    assert looked_at == ["0"]


def test_an_account_has_so_many_new_secrets_also_refused_ones_and_no_more(config, store, clock):
    app = create_app(replace(config, recovery_limit="2/minute"), clock=clock, store=store)
    device, other = (Device(over_wsgi(app), clock).sign_up() for _ in range(2))
    codes = [device.code(RENEW, body) for body in ({}, device.renewal(), device.renewal())]
    assert codes == ["malformed_member", "success", "too_many_requests"]
    assert other.code(RENEW, other.renewal()) == "success"


def test_what_is_refused_was_compared_before_anything_was_written(full, store):
    written = []

    def note(_connection, _cursor, statement, *_):
        written.append(statement)

    wrong = stale(full.renewal())
    event.listen(store.engine, "before_cursor_execute", note)
    try:
        assert {full.code(RENEW, changed) for changed in wrong} == {"version_conflict"}
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
    assert not [one for one in written if one.startswith(("UPDATE", "DELETE"))]
    assert {one.split()[2] for one in written if one.startswith("INSERT")} == {"seen_proofs"}


@pytest.fixture
def crowded(roomy, clock) -> Device:
    return fill(Device(over_wsgi(roomy), clock).sign_up())


@pytest.mark.slow
def test_two_devices_that_renew_at_once_are_one_success_and_the_other_has_ended(crowded):
    onekey = crowded.make_onekey()
    for _ in range(5):
        other = crowded.second(onekey)
        both = (crowded, other)
        renewals = [one.renewal() for one in both]
        asking = zip(both, renewals, strict=True)
        codes = at_once(*[lambda one=one, renewal=renewal: one.code(RENEW, renewal) for one, renewal in asking])
        assert sorted(codes) == ["signer_revoked", "success"]
        crowded = both[codes.index("success")]
        onekey = crowded.make_onekey()


@pytest.mark.slow
def test_writing_beside_a_renewal_is_before_it_or_refused_and_never_between(crowded, session):
    onekey = crowded.make_onekey()
    for _ in range(5):
        other = crowded.second(onekey)
        renewal = crowded.renewal()
        kept, made = renewal["cards"][0], renewal["releases"][0]
        writing = [
            lambda other=other: other.code("/repo/cards", card()),
            lambda other=other, kept=kept: other.code("/repo/cards", kept | {"sealed": sealed()}),
            lambda other=other, made=made: other.code("/repo/releases", made | {"sealed": sealed()}),
        ]
        codes = at_once(lambda renewal=renewal: crowded.code(RENEW, renewal), *writing)
        if codes[0] == "success":
            assert set(codes[1:]) == {"signer_revoked"}, "what came before would have been a conflict"
            sealed_now = {row.id: row.sealed for row in session.rows(select(cards)) if row.sealed is not None}
            assert sealed_now == {one["id"]: base64url.decode(one["sealed"]) for one in renewal["cards"]}
            onekey = crowded.make_onekey()
        else:
            assert codes[0] == "version_conflict"
            assert "success" in codes[1:]
