"""Control keys: on the record by three signatures, off it by two, and nobody signs in with what was signed for that."""

from dataclasses import replace

import httpx
import pytest
from authenticator import Key, b64url, make_nonce
from device import SHOP, Device, Identity, Phone, over_wsgi, uid_of_nobody
from sqlalchemy import select, update

from keychain import errors, mint_port
from keychain.app import create_app
from keychain.repo import control_keys as collection
from keychain.store.phone_tables import control_keys
from keychain.store.repo_tables import identities
from keychain.store.tables import pins
from keychain.validation import sites

OTHER = "https://other.example"
PIN, END = "/repo/control_keys", "/repo/control_keys/end"


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def stranger(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def phone(device) -> Phone:
    return device.connect_phone()


@pytest.fixture
def identity(device) -> Identity:
    return device.mint()


def on_record(session, role: str = "cd") -> dict[bytes, bool]:
    """Each key that ever had the role, and whether it has it still."""
    rows = session.rows(select(pins).where(pins.c.role == role))
    return {row.public_key: row.revoked_at is None for row in rows}


def confirmed(device: Device, phone: Phone, identity: Identity) -> dict:
    """A payload of all three roles, as a confirmation ends."""
    question = {"uid": identity.uid, "origin": identity.origin, "nonce": device.nonce()}
    ours = device.do("/repo/cosign", question)["signed"]
    claims = {"nonce": question["nonce"]}
    control = phone.control[identity.uid]
    nonces = {
        "ad": {"nonce": identity.key.jws(claims), "key": identity.key.text},
        "repo": {"nonce": ours["nonce"], "key": ours["key"]},
        "cd": {"nonce": control.jws(claims), "key": control.text},
    }
    return {"uid": identity.uid, "nonces": nonces}


def test_a_phone_is_told_what_is_wanted_and_puts_it_on_record(device, phone, identity, session, site):
    device.clock.tick(seconds=1)
    other = device.mint(OTHER)
    wanted = phone.wanted()
    assert wanted["unpin"] == []
    assert [(one["uid"], one["origin"], one["ad_key"], one["sealed"]) for one in wanted["pin"]] == [
        (known.uid, known.origin, known.key.text, known.sealed) for known in (identity, other)
    ]
    assert site.code(device.frame(identity).payload()) == "success"
    told = phone.do(PIN, phone.pinning(identity.uid, identity))["control_key"]
    assert told == {"id": phone.control[identity.uid].thumbprint, "pinned": True}
    phone.pin(other)
    assert phone.wanted() == device.wanted() == {"pin": [], "unpin": []}
    assert on_record(session) == {key.raw: True for key in phone.control.values()}
    answer = site.validate(confirmed(device, phone, identity))
    assert answer["valid_signatures"] == ["ad", "repo", "cd"]


def test_an_identity_that_is_not_on_record_is_not_wanted(device, phone, identity, session):
    session.changed(update(identities).values(minted_at=None))
    assert phone.wanted()["pin"] == []
    assert phone.code(PIN, phone.pinning(identity.uid, identity)) == "identity_refused"


def test_a_lost_answer_is_asked_for_again_with_the_same_key(device, phone, identity, session):
    for _ in range(3):
        assert phone.code(PIN, phone.pinning(identity.uid, identity)) == "success"
    session.changed(update(control_keys).values(pinned_at=None))
    assert len(phone.wanted()["pin"]) == 1, "the Keychain has it, but the repo never heard of that"
    phone.pin(identity)
    assert phone.wanted()["pin"] == []
    assert len(on_record(session)) == 1


def test_a_phone_has_one_control_key_for_an_identity(phone, identity, session):
    phone.pin(identity)
    before = on_record(session)
    phone.control[identity.uid] = Key()
    assert phone.code(PIN, phone.pinning(identity.uid, identity)) == "already_taken"
    assert on_record(session) == before


def test_a_control_key_speaks_for_one_identity_and_as_nothing_else(device, phone, identity, session, stranger):
    other, onekey = device.mint(OTHER), device.make_onekey()
    phone.pin(identity)
    frame = device.frame(identity)
    for key in (phone.control[identity.uid], phone.key, device.key, stranger.key, onekey.key, frame.key, other.key):
        phone.control[other.uid] = key
        assert phone.code(PIN, phone.pinning(other.uid, other)) == "already_taken"
    assert len(on_record(session)) == 1
    taken = Device(device.ask, device.clock, key=phone.control[identity.uid])
    assert taken.code("/repo/accounts", taken.members) == "already_taken"
    assert phone.code("/repo/devices/admit", taken.members | {"phone": True}) == "already_taken"


def test_a_browser_pins_nothing_and_is_told_nothing_to_pin(device, phone, identity):
    assert device.wanted() == {"pin": [], "unpin": []}
    wish = phone.pinning(identity.uid, identity)
    assert device.code(PIN, wish) == "phone_required"
    assert device.frame(identity).code(PIN, wish) == "signer_refused"
    assert phone.frame(identity).code(PIN, wish) == "signer_refused", (
        "a site's frame in the phone's browser is no phone"
    )


def test_another_accounts_identity_is_one_that_does_not_exist(phone, identity, stranger, session):
    theirs = stranger.mint()
    for uid, known in ((theirs.uid, theirs), (uid_of_nobody(), identity)):
        assert phone.code(PIN, phone.pinning(uid, known)) == "identity_refused"
    wish = phone.pinning(identity.uid, identity)
    assert phone.code(PIN, wish | {"origin": OTHER}) == "origin_refused"
    assert phone.code(PIN, wish | {"origin": "http://id.localhost:8000"}) == "origin_refused"
    assert on_record(session) == {}


def signed(phone: Phone, identity: Identity, **changed: object) -> dict:
    """A wish whose two signatures are over other claims."""
    key = phone.control.setdefault(identity.uid, Key())
    claims = {"nonce": phone.nonce(), "aud": "record", "pins": {"cd": key.thumbprint}} | changed
    claims = {name: value for name, value in claims.items() if value is not None}
    return phone.pinning(identity.uid, identity, ad=identity.key.jws(claims), cd=key.jws(claims))


STRANGERS = b64url(bytes(32))
CLAIMS = [
    {"aud": None}, {"aud": "repo"}, {"aud": ["record"]}, {"pins": None}, {"pins": {}}, {"more": 1},
    {"pins": {"cd": STRANGERS}}, {"unpins": {"cd": STRANGERS}}, {"pins": {"ad": STRANGERS}},
    {"words_sha256": "x"}, {"pins": "cd"},
]  # fmt: skip


@pytest.mark.parametrize("changed", CLAIMS, ids=repr)
def test_a_change_is_signed_as_exactly_what_it_is(phone, identity, session, changed, site):
    before = site.rows()
    assert phone.code(PIN, signed(phone, identity, **changed)) == "record_change_refused"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 1}


def test_a_signature_that_no_keychain_would_take_leaves_nothing(phone, identity, clock, site):
    good = phone.pinning(identity.uid, identity)
    other = phone.pinning(identity.uid, identity)
    stale = signed(phone, identity, nonce=make_nonce(clock.now))
    claims = {"nonce": phone.nonce(), "aud": "record", "pins": {"cd": phone.control[identity.uid].thumbprint}}
    forged = Key().jws(claims)
    refused = [
        ("malformed_jws", good | {"ad": "x"}),
        ("malformed_jws", good | {"cd": good["cd"][:-2]}),
        ("nonces_differ", good | {"ad": other["ad"]}),
        ("malformed_nonce", signed(phone, identity, nonce="x")),
        ("malformed_nonce", signed(phone, identity, nonce=None)),
        ("bad_signature", phone.pinning(identity.uid, identity, ad=forged, cd=phone.control[identity.uid].jws(claims))),
        ("bad_signature", phone.pinning(identity.uid, identity, ad=identity.key.jws(claims), cd=forged)),
        ("bad_signature", good | {"ad": good["cd"], "cd": good["ad"]}),
    ]
    before = site.rows()
    for code, wish in refused:
        assert phone.code(PIN, wish) == code
    clock.tick(seconds=301)
    assert phone.code(PIN, stale) == "nonce_expired"
    clock.tick(seconds=-500)
    assert phone.code(PIN, stale) == "nonce_from_the_future"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + len(refused) + 2}


def caught(monkeypatch) -> list:
    """Every change on its way through the port, which goes on as ever."""
    real, payloads = mint_port.in_this_process, []

    def catching(policy):
        def mint(payload, session, now):
            payloads.append(payload)
            real(policy)(payload, session, now)

        return mint

    monkeypatch.setattr(mint_port, "in_this_process", catching)
    return payloads


def test_nobody_signs_in_with_a_change_whoever_relays_it(config, store, clock, monkeypatch, make_site, session):
    """The repo sees both devices' signatures of a change. No site takes them, neither before it is spent nor after."""
    payloads = caught(monkeypatch)
    phone = Device(over_wsgi(create_app(config, clock=clock, store=store)), clock).sign_up().connect_phone()
    identity, site = phone.mint(), make_site()

    def asking(*roles: str) -> dict:
        nonces = {
            role: {"nonce": text, "key": key} for role, (text, key) in payloads[-1].nonces.items() if role in roles
        }
        return {"uid": identity.uid, "nonces": nonces}

    real = mint_port.validate
    monkeypatch.setattr(mint_port, "validate", lambda *_, **__: None)  # it is on its way, and not there yet
    phone.pin(identity)
    assert site.code(asking("ad", "repo", "cd")) == "wrong_audience"
    assert site.code(asking("ad", "repo")) == "record_change_refused", "the new key has to sign beside"
    by_repo_alone = phone.frame(identity).payload()["nonces"]["repo"]
    assert site.code(asking("ad") | {"nonces": asking("ad")["nonces"] | {"repo": by_repo_alone}}) == "nonces_differ"
    monkeypatch.setattr(mint_port, "validate", real)
    assert site.code(asking("ad", "repo", "cd")) == "wrong_audience"
    session.changed(update(control_keys).values(pinned_at=None))
    phone.pin(identity)
    monkeypatch.setattr(mint_port, "validate", lambda *_, **__: None)
    element = {"uid": identity.uid, "origin": SHOP, "ad_key": identity.key.text}
    assert phone.take_off(element | {"control_key": phone.control[identity.uid].thumbprint}) == "success"
    assert site.code(asking("ad", "repo")) == "wrong_audience"
    assert site.code(phone.frame(identity).payload()) == "success"
    assert on_record(session) == {phone.control[identity.uid].raw: True}, "no site took it off either"


@pytest.mark.parametrize(("may_pin", "code"), [(True, "success"), (False, "wrong_audience")])
def test_a_repo_of_its_own_changes_records_where_it_may_pin(
    config, store, clock, monkeypatch, make_site, session, may_pin, code
):
    validating = make_site(only="validation")
    sites.allow_pin(session, validating.api_id, True)
    through = httpx.WSGITransport(app=validating.app)
    monkeypatch.setattr(mint_port, "client_for", lambda *credentials: httpx.Client(transport=through, auth=credentials))
    elsewhere = {"only": "repo", "mint_url": "http://keychain.localhost"}
    elsewhere |= {"mint_api_id": validating.api_id, "mint_api_key": validating.api_key}
    phone = Device(over_wsgi(create_app(replace(config, **elsewhere), clock=clock, store=store)), clock)
    phone = phone.sign_up().connect_phone()
    identity = phone.mint()
    sites.allow_pin(session, validating.api_id, may_pin)
    assert phone.code(PIN, phone.pinning(identity.uid, identity)) == code
    assert on_record(session) == ({phone.control[identity.uid].raw: True} if may_pin else {})


def test_who_holds_an_unspent_payload_can_not_add_a_phone(device, phone, identity, site, session):
    """Neither with the payload's own signatures nor by asking the repo to sign for a change with them."""
    payload = device.frame(identity).payload()
    thiefs = Key()
    nonce = {"nonce": make_nonce(device.clock.now)}
    added = payload["nonces"] | {"cd": {"nonce": thiefs.jws(nonce), "key": thiefs.text}}
    assert site.code(payload | {"nonces": added}) == "nonces_differ"
    wish = phone.pinning(identity.uid, identity) | {"ad": payload["nonces"]["ad"]["nonce"]}
    assert phone.code(PIN, wish) == "nonces_differ"
    assert on_record(session) == {}
    assert site.code(payload) == "success"


def test_a_ninth_control_key_finds_no_room(phone, identity, session):
    others = [phone.connect_phone() for _ in range(7)]
    for one in (phone, *others):
        one.pin(identity)
    phone.do("/repo/devices/revoke", {"device": others[0].kid})
    ninth = phone.connect_phone()  # there are eight; the key of the one that went is on record still
    wish = ninth.pinning(identity.uid, identity)
    assert ninth.code(PIN, wish) == "record_change_refused"
    assert len(on_record(session)) == 8
    assert len(ninth.wanted()["pin"]) == 1
    [leftover] = phone.wanted()["unpin"]
    assert phone.take_off(leftover) == "success"
    assert ninth.code(PIN, ninth.pinning(identity.uid, identity)) == "success"


def test_the_keys_of_a_revoked_phone_are_listed_and_taken_off_by_whoever_has_the_ad_key(
    device, phone, identity, session
):
    lost, other = phone.connect_phone(), device.mint(OTHER)
    for one in (phone, lost):
        one.pin_all()
    assert device.wanted()["unpin"] == []
    phone.do("/repo/devices/revoke", {"device": lost.kid})
    listed = device.wanted()["unpin"]
    assert {one["uid"]: one["control_key"] for one in listed} == {
        known.uid: lost.control[known.uid].thumbprint for known in (identity, other)
    }
    assert {one["sealed"] for one in listed} == {identity.sealed, other.sealed}
    assert phone.wanted()["unpin"] == listed
    assert device.take_off(listed[0]) == phone.take_off(listed[1]) == "success"
    assert device.take_off(listed[0]) == "success", "a lost answer"
    assert device.wanted()["unpin"] == []
    gone = {key.raw: False for key in lost.control.values()}
    assert on_record(session) == {key.raw: True for key in phone.control.values()} | gone


def test_a_confirmation_by_a_key_that_was_taken_off_is_refused(device, phone, identity, site):
    lost = phone.connect_phone().pin_all()
    payload = confirmed(device, lost, identity)
    phone.do("/repo/devices/revoke", {"device": lost.kid})
    device.take_off(device.wanted()["unpin"][0])
    assert site.code(payload) == "key_not_on_record"


def test_a_phone_takes_its_own_keys_off_and_no_other_living_ones(device, phone, identity, session, stranger):
    other = phone.connect_phone()
    for one in (phone, other):
        one.pin(identity)

    def element(of: Phone, **changed: str) -> dict:
        element = {"uid": identity.uid, "origin": SHOP, "ad_key": identity.key.text}
        return element | {"control_key": of.control[identity.uid].thumbprint} | changed

    before = on_record(session)
    for asking, named in (
        (phone, element(other)), (device, element(phone)), (phone, element(phone, control_key=Key().thumbprint)),
    ):  # fmt: skip
        assert asking.take_off(named) == "control_key_refused"
    assert stranger.code(END, phone.unpinning(element(phone))) == "identity_refused"
    assert phone.code(END, phone.unpinning(element(phone), origin=OTHER)) == "origin_refused"
    assert phone.code(END, phone.unpinning(element(phone), ad=phone.key.jws({"nonce": phone.nonce()}))) == (
        "record_change_refused"
    )
    assert on_record(session) == before
    assert phone.take_off(element(phone)) == "success"
    assert on_record(session)[phone.control[identity.uid].raw] is False
    assert phone.wanted()["pin"] == [], "it does not come back"
    assert phone.code(PIN, phone.pinning(identity.uid, identity)) == "control_key_refused"


def test_what_a_phone_only_began_to_put_on_record_is_cleared_too(config, store, clock, monkeypatch, session):
    """It was revoked in between: the Keychain may have its key, or not."""
    app = create_app(config, clock=clock, store=store)
    phone = Device(over_wsgi(app), clock).sign_up().connect_phone()
    arrived, away = phone.connect_phone(), phone.connect_phone()
    identity = phone.mint()
    arrived.pin(identity)
    session.changed(update(control_keys).values(pinned_at=None))

    def down(*_, **__):
        raise errors.Unavailable

    monkeypatch.setattr(mint_port, "validate", down)
    assert away.code(PIN, away.pinning(identity.uid, identity)) == "unavailable"
    monkeypatch.undo()
    assert len(away.wanted()["pin"]) == 1
    for one in (arrived, away):
        phone.do("/repo/devices/revoke", {"device": one.kid})
    listed = phone.wanted()["unpin"]
    assert len(listed) == 2
    assert [phone.take_off(one) for one in listed] == ["success"] * 2
    assert phone.wanted()["unpin"] == []
    assert on_record(session) == {arrived.control[identity.uid].raw: False}


def test_a_key_that_is_on_record_and_that_the_keychain_does_not_give_up_stays_listed(
    config, store, clock, monkeypatch, session
):
    phone = Device(over_wsgi(create_app(config, clock=clock, store=store)), clock).sign_up().connect_phone()
    lost, identity = phone.connect_phone(), phone.mint()
    lost.pin(identity)
    phone.do("/repo/devices/revoke", {"device": lost.kid})
    [listed] = phone.wanted()["unpin"]

    def refuse(*_, **__):
        raise errors.RecordChangeRefused

    monkeypatch.setattr(mint_port, "validate", refuse)
    assert phone.take_off(listed) == "record_change_refused"
    assert phone.wanted()["unpin"] == [listed]


def test_a_phone_that_is_revoked_while_its_key_goes_on_record_leaves_it_to_be_taken_off(
    config, store, clock, monkeypatch, session
):
    real = mint_port.validate

    def revoke_first(*arguments, **named):
        monkeypatch.setattr(mint_port, "validate", real)
        phone.do("/repo/devices/revoke", {"device": phone.kid})
        return real(*arguments, **named)

    device = Device(over_wsgi(create_app(config, clock=clock, store=store)), clock).sign_up()
    phone, identity = device.connect_phone(), device.mint()
    monkeypatch.setattr(mint_port, "validate", revoke_first)
    phone.post(PIN, phone.pinning(identity.uid, identity))
    [listed] = device.wanted()["unpin"]
    assert device.take_off(listed) == "success"
    assert on_record(session) == {phone.control[identity.uid].raw: False}


@pytest.mark.parametrize("path", [PIN, END])
def test_one_change_twice_at_one_moment_is_answered_twice(config, store, clock, monkeypatch, path):
    real = mint_port.validate
    phone = Device(over_wsgi(create_app(config, clock=clock, store=store)), clock).sign_up().connect_phone()
    identity = phone.mint()
    body = phone.pinning(identity.uid, identity)
    if path == END:
        phone.do(PIN, body)
        named = {"uid": identity.uid, "origin": SHOP, "ad_key": identity.key.text}
        body = phone.unpinning(named | {"control_key": phone.control[identity.uid].thumbprint})

    def its_twin_first(*arguments, **named):
        monkeypatch.setattr(mint_port, "validate", real)
        phone.do(path, body)
        return real(*arguments, **named)

    monkeypatch.setattr(mint_port, "validate", its_twin_first)
    phone.do(path, body)


@pytest.mark.parametrize("path", [PIN, END])
def test_a_nonce_that_was_spent_elsewhere_changes_nothing(config, store, clock, monkeypatch, session, path):
    phone = Device(over_wsgi(create_app(config, clock=clock, store=store)), clock).sign_up().connect_phone()
    identity = phone.mint()
    named = {"uid": identity.uid, "origin": SHOP, "ad_key": identity.key.text}
    body = phone.pinning(identity.uid, identity)
    if path == END:
        phone.do(PIN, body)
        body = phone.unpinning(named | {"control_key": phone.control[identity.uid].thumbprint})

    def spent(*_, **__):
        raise errors.ReplayedNonce

    before = [(row.pinned_at, row.ended_at) for row in session.rows(select(control_keys))]
    monkeypatch.setattr(mint_port, "validate", spent)
    assert phone.code(path, body) == "replayed_nonce"
    assert before or path == PIN
    after = [(row.pinned_at, row.ended_at) for row in session.rows(select(control_keys))]
    assert after == (before or [(None, None)])


def test_at_most_fifty_are_listed_at_once(device, phone, monkeypatch):
    monkeypatch.setattr(collection, "LISTED", 2)
    known = [device.mint(f"https://shop{number}.example") for number in range(3)]
    lost = phone.connect_phone()
    while lost.wanted()["pin"]:
        lost.pin_all()
    assert len(lost.control) == len(known)
    phone.do("/repo/devices/revoke", {"device": lost.kid})
    taken = 0
    while listed := device.wanted()["unpin"]:
        assert len(listed) <= 2
        taken += sum(device.take_off(one) == "success" for one in listed)
    assert taken == 3


BAD = {
    "uid": [None, 1, "", "A" * 24], "origin": [None, "null", SHOP + "/"], "key": [None, 1, "", "A" * 86],
    "ad": [None, 1, {}], "cd": [None, 1, []], "control_key": [None, 1, "", "A" * 42],
}  # fmt: skip


def test_every_member_has_one_form_and_no_other_is_known(phone, identity, site):
    element = {"uid": identity.uid, "origin": SHOP, "ad_key": identity.key.text, "control_key": Key().thumbprint}
    doors = {PIN: phone.pinning(identity.uid, identity), END: phone.unpinning(element), f"{PIN}/wanted": {}}
    before = site.rows()
    for path, body in doors.items():
        for member in body:
            for bad in BAD[member]:
                assert phone.code(path, body | {member: bad}) == "malformed_member", (path, member, bad)
            without = {name: value for name, value in body.items() if name != member}
            assert phone.code(path, without) == "malformed_member", (path, member)
        assert phone.code(path, body | {"more": 1}) == "malformed_member"
    assert site.rows() == before
