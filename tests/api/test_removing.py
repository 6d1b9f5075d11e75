"""Phones and who may end them: at once by a phone, in a day by anything else, and not at all if the phone objects."""

from dataclasses import replace
from datetime import timedelta

import pytest
from authenticator import Key
from device import SHOP, Device, OneIDKey, Phone, Prover, over_wsgi, with_ticket
from sqlalchemy import select, update

from keychain.app import create_app
from keychain.repo import pruning
from keychain.store.repo_tables import accounts, devices, frame_sessions

ADMIT, REVOKE, KEEP = "/repo/devices/admit", "/repo/devices/revoke", "/repo/devices/keep"


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def stranger(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def phone(device) -> Phone:
    return device.connect_phone()


def text(moment) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def listed(asking: Device, named: Device) -> dict:
    [found] = [one for one in asking.do("/repo/devices/list")["devices"] if one["id"] == named.kid]
    return {member: found[member] for member in ("phone", "ends", "revoked")}


def changes(session, account: str) -> int:
    return session.rows(select(accounts.c.changes).where(accounts.c.id == account))[0][0]


def test_a_browser_lets_the_first_phone_in_and_only_a_phone_lets_in_others(device, session, site):
    newcomer = Phone(device.ask, device.clock)
    told = device.do(ADMIT, newcomer.members | {"phone": True})["account"]
    assert told == {"id": device.account, "device": newcomer.kid, "created": True}
    before = site.rows()
    for phone in (True, False):
        assert device.code(ADMIT, Device(device.ask, device.clock).members | {"phone": phone}) == "phone_required"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 2}
    second, browser = newcomer.connect_phone(), newcomer.connect_browser()
    assert listed(device, second) == {"phone": True, "ends": None, "revoked": None}
    assert listed(device, browser) == {"phone": False, "ends": None, "revoked": None}
    assert browser.frame().cosign() == second.frame(browser.mint("https://other.example")).cosign() == "success"


def test_a_browser_lets_no_browser_in(device):
    assert device.code(ADMIT, Device(device.ask, device.clock).members | {"phone": False}) == "phone_required"


def test_a_lost_answer_is_asked_for_again(device, phone):
    browser = phone.connect_browser()
    for asking, named, kind in ((device, phone, True), (phone, phone, True), (phone, browser, False)):
        told = asking.do(ADMIT, named.members | {"phone": kind})["account"]
        assert told == {"id": device.account, "device": named.kid, "created": False}
    assert phone.code(ADMIT, browser.members | {"phone": True}) == "already_taken"
    assert device.code(ADMIT, phone.members | {"phone": False}) == "already_taken"


def test_a_key_that_is_anothers_or_ended_is_not_let_in(device, phone, stranger, site):
    onekey, frame = device.make_onekey(), device.frame()
    ended = phone.connect_phone()
    phone.do(REVOKE, {"device": ended.kid})
    before = site.rows()["devices"]
    for key in (stranger.key, stranger.frame().key, frame.key, onekey.key):
        assert phone.code(ADMIT, {"device": {"key": key.text, "name": "x"}, "phone": True}) == "already_taken"
    assert phone.code(ADMIT, ended.members | {"phone": True}) == "signer_revoked"
    assert site.rows()["devices"] == before


def test_an_account_that_a_phone_joined_can_not_be_taken_back(device, phone):
    assert device.code("/repo/optout") == "optout_refused"


def test_a_frame_lets_nobody_in_and_objects_to_nothing(device, phone):
    for frame in (device.frame(), phone.frame(phone.mint("https://other.example"))):
        assert frame.code(ADMIT, Phone(device.ask, device.clock).members | {"phone": True}) == "signer_refused"
        assert frame.code(KEEP) == "signer_refused"


def test_a_phone_ends_anything_at_once(device, phone, clock):
    second, browser = phone.connect_phone(), phone.connect_browser()
    for named in (second, browser, device):
        assert phone.do(REVOKE, {"device": named.kid})["device"] == {"id": named.kid, "ends": None}
        assert listed(phone, named)["revoked"] == text(clock.now)
        assert named.code("/repo/devices/list") == "signer_revoked"
    for _ in range(2):
        assert phone.do(REVOKE, {"device": phone.kid})["device"] == {"id": phone.kid, "ends": None}
    assert phone.code("/repo/devices/list") == "signer_revoked"


def test_a_browser_is_ended_at_once_by_any_device(device, phone, clock):
    browser = phone.connect_browser()
    assert device.do(REVOKE, {"device": browser.kid})["device"] == {"id": browser.kid, "ends": None}
    assert browser.code("/repo/devices/list") == "signer_revoked"


def test_a_phone_that_anything_else_ends_goes_on_for_a_day(device, phone, clock, session):
    frame = phone.frame()
    ends = clock.now + timedelta(hours=24)
    asked = {"device": {"id": phone.kid, "ends": text(ends)}}
    assert device.do(REVOKE, {"device": phone.kid})["device"] == asked["device"]
    assert listed(phone, phone) == {"phone": True, "ends": text(ends), "revoked": None}
    clock.tick(hours=3)
    assert device.do(REVOKE, {"device": phone.kid})["device"] == asked["device"], "asked again, it ends when it was to"
    found = device.do("/repo/identities/find", {"origin": SHOP})["phones"]
    assert found == [{"id": phone.kid, "name": "Ann's phone", "ends": text(ends)}]
    clock.now = ends - timedelta(seconds=1)
    assert phone.code("/repo/devices/list") == frame.cosign() == "success"
    clock.tick(seconds=1)
    assert phone.code("/repo/devices/list") == phone.code(KEEP) == frame.cosign() == "signer_revoked"
    assert listed(device, phone) == {"phone": True, "ends": None, "revoked": text(ends)}
    assert device.do("/repo/identities/find", {"origin": SHOP})["phones"] == []
    before = session.rows(select(devices))
    assert device.do(REVOKE, {"device": phone.kid})["device"] == {"id": phone.kid, "ends": None}
    assert session.rows(select(devices)) == before, "it has ended, and when it did stays"
    assert phone.code("/repo/accounts", phone.members) == "signer_revoked"
    assert device.connect_phone().account == device.account, "the first phone again"


def test_a_phone_objects_to_its_removal(device, phone, clock):
    device.do(REVOKE, {"device": phone.kid})
    clock.tick(hours=23)
    for _ in range(2):
        assert phone.code(KEEP) == "success"
    clock.tick(hours=23)
    assert listed(phone, phone) == {"phone": True, "ends": None, "revoked": None}
    ends = clock.now + timedelta(hours=24)
    assert device.do(REVOKE, {"device": phone.kid})["device"]["ends"] == text(ends), "a day from the new question"
    assert device.code(KEEP) == "phone_required"


def test_no_phone_objects_for_another(device, phone):
    second = phone.connect_phone()
    device.do(REVOKE, {"device": phone.kid})
    second.do(KEEP)
    assert listed(device, phone)["ends"]


def test_a_lost_phone_is_removed_with_the_onekey_after_a_day(device, phone, clock):
    onekey = device.make_onekey()
    phone.do(REVOKE, {"device": device.kid})
    rescue = device.second(onekey)
    assert rescue.do(REVOKE, {"device": phone.kid})["device"]["ends"]
    assert rescue.code(ADMIT, Phone(device.ask, clock).members | {"phone": True}) == "phone_required"
    clock.tick(hours=24)
    assert rescue.connect_phone().wanted()["pin"] == []


def test_a_phone_that_is_to_go_may_end_the_thief(device, phone):
    device.do(REVOKE, {"device": phone.kid})
    assert phone.do(REVOKE, {"device": device.kid})["device"]["ends"] is None
    assert phone.code(KEEP) == "success"


def test_another_accounts_phone_is_no_device_of_this_one(device, phone, stranger):
    theirs = stranger.connect_phone()
    for asking in (device, phone):
        for kid in (theirs.kid, Key().thumbprint):
            assert asking.code(REVOKE, {"device": kid}) == "device_refused"
    assert listed(stranger, theirs) == {"phone": True, "ends": None, "revoked": None}


def test_every_device_is_told_of_every_change_of_the_devices(device, session, clock):
    ticket = device.do("/repo/ticket")["ticket"]["ticket"]

    def told() -> int:
        return with_ticket(device.ask, "/repo/poll", ticket)[1]["change"]

    assert told() == 0
    onekey, phone = device.make_onekey(), device.connect_phone()
    assert told() == 1, "a phone"
    device.do(ADMIT, phone.members | {"phone": True})
    assert told() == 1, "no news"
    device.second(onekey)
    assert told() == 2, "a browser, by the OneID Key"
    browser = phone.connect_browser()
    assert told() == 3
    for _ in range(2):
        device.do(REVOKE, {"device": phone.kid})
        assert told() == 4, "asked to go"
    for _ in range(2):
        phone.do(KEEP)
        assert told() == 5, "kept"
    for _ in range(2):
        phone.do(REVOKE, {"device": browser.kid})
        assert told() == 6
    assert changes(session, device.account) == 6


def test_a_locked_phone_is_a_phone_that_does_nothing(device, phone):
    phone.do("/repo/signout")
    newcomer = Phone(device.ask, device.clock)
    assert device.code(ADMIT, newcomer.members | {"phone": True}) == "phone_required"
    for path, body in ((ADMIT, newcomer.members | {"phone": True}), (KEEP, {}), ("/repo/control_keys/wanted", {})):
        assert phone.code(path, body) == "device_locked"
    assert phone.code(REVOKE, {"device": device.kid}) == "success"


@pytest.mark.parametrize("by_frame", [True, False])
def test_an_account_that_demands_its_phone_signs_in_by_no_browser_alone(device, session, clock, by_frame):
    frame = device.frame()
    asking = frame if by_frame else device
    session.changed(update(accounts).values(demands_phone=True))
    assert asking.code("/repo/cosign", frame.question()) == "success", "there is no phone"
    phone = device.connect_phone()
    assert asking.code("/repo/cosign", frame.question()) == "phone_required"
    device.do(REVOKE, {"device": phone.kid})
    assert asking.code("/repo/cosign", frame.question()) == "phone_required"
    clock.tick(hours=24)
    assert asking.code("/repo/cosign", frame.question()) == "success"


def test_sessions_of_a_phone_that_ended_by_itself_are_forgotten_too(device, phone, store, session):
    frame, kept = phone.frame(), device.frame(device.mint("https://other.example"))
    long = session.now() - timedelta(days=31)
    session.changed(update(devices).where(devices.c.id == phone.kid).values(ends_at=long))
    assert pruning.prune(store, 0)["frame_sessions"] == 1
    assert [row.id for row in session.rows(select(frame_sessions))] == [kept.kid] != [frame.kid]


BAD = {"phone": [None, 1, 0, "true", [], ""], "device": [None, 1, [], "", {}, {"key": "A" * 86, "name": "x"}]}


def test_every_member_has_one_form_and_no_other_is_known(device, phone, site):
    body = Phone(device.ask, device.clock).members | {"phone": True}
    before = site.rows()
    for member, others in BAD.items():
        for bad in others:
            assert phone.code(ADMIT, body | {member: bad}) == "malformed_member", (member, bad)
        assert phone.code(ADMIT, {name: body[name] for name in body if name != member}) == "malformed_member"
    for path in (ADMIT, KEEP):
        assert phone.code(path, (body if path == ADMIT else {}) | {"more": 1}) == "malformed_member"
    assert site.rows() == before


def test_a_stolen_browser_can_not_use_up_what_objects(config, store, clock):
    app = create_app(replace(config, account_limit="4/minute"), clock=clock, store=store)
    stolen = Device(over_wsgi(app), clock).sign_up()
    phone = stolen.connect_phone()
    stolen.do(REVOKE, {"device": phone.kid})
    while stolen.code("/repo/unlock") == "success":
        pass
    assert phone.code("/repo/unlock") == "too_many_requests"
    assert phone.code(KEEP) == "success"
    assert phone.code(REVOKE, {"device": stolen.kid}) == "success"


def test_the_onekey_is_made_and_used_as_before(device, phone):
    onekey: OneIDKey = phone.make_onekey()
    joined = Prover(device.ask, device.clock, key=onekey.key).do("/repo/devices", device.members)["account"]
    assert joined == {"id": device.account, "device": device.kid, "created": False}


PHONES = (
    "/repo/confirmations/pending",
    "/repo/phone",
    "/repo/phone/push/end",
    "/repo/control_keys/wanted",
    "/repo/ticket",
)


@pytest.mark.parametrize("how", ["revoked", "its day is over", "signed out", "account closed"])
def test_a_phone_that_ended_fails_at_every_door_at_once(device, phone, clock, session, how):
    identity = device.mint()
    phone.pin_all()
    element = {"id": "A" * 22, "uid": identity.uid, "origin": SHOP, "title": "", "message": "x", "level": "OOB"}
    decision = phone.decision(element | {"nonce": phone.nonce()}, "approve")
    doors = {
        **{path: {} for path in PHONES},
        "/repo/confirmations/decide": decision,
        "/repo/control_keys": phone.pinning(identity.uid, identity),
        ADMIT: Phone(device.ask, clock).members | {"phone": True},
        KEEP: {},
    }
    frame = phone.frame(identity)
    assert {phone.code(path) for path in PHONES} == {"success"}
    match how:
        case "revoked":
            phone.connect_phone().do(REVOKE, {"device": phone.kid})
        case "its day is over":
            device.do(REVOKE, {"device": phone.kid})
            clock.tick(hours=24)
        case "signed out":
            phone.do("/repo/signout")
        case "account closed":
            session.changed(update(accounts).values(closed_at=clock.now))
    refusal = "device_locked" if how == "signed out" else "signer_revoked"
    assert {path: phone.code(path, body) for path, body in doors.items()} == dict.fromkeys(doors, refusal)
    assert frame.cosign() == "signer_revoked"
