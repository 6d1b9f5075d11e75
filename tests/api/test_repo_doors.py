"""Every door of the repo: what it answers, and that a lost answer can be asked for again."""

from datetime import timedelta

import pytest
from authenticator import Key, make_nonce
from device import SHOP, Device, Frame, Identity, OneIDKey, Prover, over_wsgi
from site_client import SiteClient
from sqlalchemy import select

from keychain.store.repo_tables import accounts, devices, frame_sessions, identities, recovery_keys

OTHER = "https://other.example"


@pytest.fixture
def stranger(app, clock) -> Device:
    """A browser that nobody knows yet."""
    return Device(over_wsgi(app), clock)


@pytest.fixture
def device(stranger) -> Device:
    return stranger.sign_up()


def rows(session, table) -> list:
    return session.rows(select(table))


def test_about_tells_origin_clock_and_window(app, clock):
    about = app.test_client().get("/repo/about").get_json()["about"]
    assert about == {
        "origin": "http://id.localhost:8000",
        "time": int(clock.now.timestamp()),
        "optout_window": 600,
        "confirm_seconds": 120,
    }


def test_signing_up_makes_an_account_once(stranger, session):
    first = stranger.do("/repo/accounts", stranger.members)["account"]
    assert first == {"id": first["id"], "device": stranger.kid, "created": True}
    assert len(first["id"]) == 22
    assert stranger.do("/repo/accounts", stranger.members)["account"] == first | {"created": False}
    assert len(rows(session, accounts)) == len(rows(session, devices)) == 1


def test_a_sign_in_validates_once(device, site):
    frame = device.frame()
    payload = frame.payload()
    answer = site.validate(payload)
    assert answer["valid_signatures"] == ["ad", "repo"]
    assert "first_use" not in answer, "the repo put it on record before any site knew the uid"
    assert site.code(payload) == "replayed_nonce"
    assert site.code(frame.payload()) == "success"


def test_a_device_cosigns_by_itself_where_a_frame_has_no_storage(device, site):
    frame = Frame(device, device.mint())
    frame.key = device.key
    assert site.code(frame.payload()) == "success"


def test_two_sites_get_two_uids_and_two_keys(device, site):
    shop, other = device.frame(device.mint(SHOP)).payload(), device.frame(device.mint(OTHER)).payload()
    assert shop["uid"] != other["uid"]
    assert shop["nonces"]["repo"]["key"] != other["nonces"]["repo"]["key"]
    assert site.code(shop) == site.code(other) == "success"


def test_an_identity_is_found_by_its_origin(device):
    assert device.do("/repo/identities/find", {"origin": SHOP})["identity"] is None
    identity = device.mint()
    found = device.do("/repo/identities/find", {"origin": SHOP})["identity"]
    expected = {"uid": identity.uid, "ad_key": identity.key.text, "sealed": identity.sealed, "minted": True}
    assert found == expected
    assert device.do("/repo/identities", identity.wish(device.nonce()))["identity"] == expected


def test_the_first_ad_key_for_an_origin_stays(device, session):
    identity = device.mint()
    other = Identity()
    made = device.do("/repo/identities", other.wish(device.nonce()))["identity"]
    assert (made["uid"], made["ad_key"], made["minted"]) == (identity.uid, identity.key.text, True)
    assert len(rows(session, identities)) == 1


def test_a_session_is_made_once_and_says_how_long_it_lasts(device, clock, session):
    frame = Frame(device, device.mint())
    made = frame.admit()
    ends = clock.now.replace(tzinfo=None)
    assert made["id"] == frame.kid
    assert made["expires"] > f"{ends:%Y-%m-%dT%H:%M:%SZ}"
    clock.tick(hours=1)
    assert frame.admit() == made
    assert len(rows(session, frame_sessions)) == 1


def test_the_onekey_opens_the_account_on_another_browser(device, stranger, app, clock):
    onekey = device.make_onekey()
    asked = stranger.ask("/repo/recovery/open", b'{"locator": "%b"}' % onekey.locator.encode(), {})
    assert asked[1]["recovery"] == {"account": device.account, "sealed": onekey.sealed}
    other = device.second(onekey)
    assert other.account == device.account
    again = Prover(device.ask, clock, key=onekey.key).do("/repo/devices", other.members)["account"]
    assert again == {"id": device.account, "device": other.kid, "created": False}
    identity = device.mint()
    assert other.do("/repo/identities/find", {"origin": SHOP})["identity"]["uid"] == identity.uid
    assert other.frame(identity).cosign() == "success"


def test_a_new_onekey_kills_the_former_one_at_once(device, stranger):
    former, newer = device.make_onekey(), device.make_onekey()
    device.do("/repo/recovery", newer.members)
    open_with = [b'{"locator": "%b"}' % onekey.locator.encode() for onekey in (former, newer)]
    codes = [stranger.ask("/repo/recovery/open", body, {})[1].get("code") for body in open_with]
    assert codes == ["oneid_key_refused", None]
    joining = Prover(device.ask, device.clock, key=former.key)
    assert joining.code("/repo/devices", Device(device.ask, device.clock).members) == "oneid_key_refused"


def test_devices_are_listed_and_revoked(device, clock):
    clock.tick(seconds=1)
    other = device.second(device.make_onekey())
    clock.tick(days=3)
    frame = other.frame()
    first, second = other.do("/repo/devices/list")["devices"]
    assert [first["id"], second["id"]] == [device.kid, other.kid]
    assert (first["current"], second["current"], first["name"]) == (False, True, "Firefox on Linux")
    assert first["created"] == first["last_used"] < second["created"] < second["last_used"], (
        "a frame's use is its device's"
    )
    assert second["revoked"] is None
    for _ in range(2):
        device.do("/repo/devices/revoke", {"device": other.kid})
    assert device.do("/repo/devices/list")["devices"][1]["revoked"] == f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"
    assert frame.cosign() == "signer_revoked"


def test_what_a_frame_did_counts_as_its_devices_use_also_when_it_is_forgotten(device, clock, session):
    other = device.second(device.make_onekey())
    frame = other.frame()
    clock.tick(days=3)
    assert frame.cosign() == "success"
    session.changed(frame_sessions.delete())
    [listed] = [one for one in device.do("/repo/devices/list")["devices"] if one["id"] == other.kid]
    assert listed["last_used"] == f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("path", ["/repo/devices/list", "/repo/unlock", "/repo/recovery/confirm"])
def test_every_signed_request_is_a_use(device, clock, path, session):
    device.make_onekey()
    clock.tick(days=2)
    device.do(path)
    assert [row.last_used for row in rows(session, devices)] == [clock.now]


def test_a_signed_out_device_that_joins_again_is_told_its_account(device, clock):
    onekey = device.make_onekey()
    device.do("/repo/signout")
    again = Prover(device.ask, clock, key=onekey.key).do("/repo/devices", device.members)["account"]
    assert again == {"id": device.account, "device": device.kid, "created": False}


def test_a_device_that_revokes_itself_may_ask_again(device):
    for _ in range(2):
        device.do("/repo/devices/revoke", {"device": device.kid})
    assert device.code("/repo/devices/list") == "signer_revoked"
    assert device.code("/repo/devices/revoke", {"device": Key().thumbprint}) == "signer_revoked"
    assert device.code("/repo/accounts", device.members) == "signer_revoked"


@pytest.mark.parametrize("by_frame", [True, False])
def test_signing_out_locks_the_browser_until_it_is_unlocked(device, by_frame):
    identity = device.mint()
    frame, beside = device.frame(identity), device.frame(identity)
    for _ in range(2):
        (frame if by_frame else device).do("/repo/signout")
    assert frame.cosign() == beside.cosign() == "signer_revoked"
    refused = {
        "/repo/accounts": device.members,
        "/repo/recovery": OneIDKey().members,
        "/repo/recovery/confirm": {},
        "/repo/identities/find": {"origin": SHOP},
        "/repo/identities": Identity(OTHER).wish(device.nonce()),
        "/repo/sessions": Frame(device, identity).wish,
        "/repo/cosign": frame.question(),
        "/repo/optout": {},
    }
    assert {device.code(path, body) for path, body in refused.items()} == {"device_locked"}
    assert device.code("/repo/devices/list") == "success"
    for _ in range(2):
        device.do("/repo/unlock")
    assert frame.cosign() == "signer_revoked"
    assert device.frame(identity).cosign() == "success"


def test_a_new_account_can_be_taken_back(device, session, stranger):
    onekey, frame = device.make_onekey(), device.frame()
    frame.do("/repo/optout")
    assert device.code("/repo/optout") == frame.code("/repo/optout") == "signer_revoked"
    assert {device.code("/repo/devices/list"), device.code("/repo/unlock"), frame.cosign()} == {"signer_revoked"}
    assert device.code("/repo/devices/revoke", {"device": device.kid}) == "signer_revoked"
    assert frame.code("/repo/signout") == device.code("/repo/accounts", device.members) == "signer_revoked"
    body = b'{"locator": "%b"}' % onekey.locator.encode()
    assert stranger.ask("/repo/recovery/open", body, {})[1]["code"] == "oneid_key_refused"
    assert [row.sealed for row in rows(session, identities)] == [b""]
    assert rows(session, recovery_keys) == []
    assert all(row.revoked_at for row in rows(session, devices))


@pytest.mark.parametrize("how", ["confirmed", "second device", "second identity", "old"])
def test_an_account_that_is_old_or_opened_can_not_be_taken_back(device, clock, how, site):
    onekey = device.make_onekey()
    frame = device.frame()
    match how:
        case "confirmed":
            for _ in range(2):
                device.do("/repo/recovery/confirm")
        case "second device":
            device.second(onekey)
        case "second identity":
            device.mint(OTHER)
        case "old":
            clock.tick(seconds=601)
    before = site.rows()
    assert frame.code("/repo/optout") == "optout_refused"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 1}
    assert frame.cosign() == "success"


def test_confirming_without_a_onekey_opens_nothing(device):
    assert device.code("/repo/recovery/confirm") == "oneid_key_refused"
    device.do("/repo/optout")


def test_a_one_time_session_cosigns_for_five_minutes(device, clock):
    frame = device.frame(silent=False)
    ends = clock.now + timedelta(minutes=5)
    assert frame.admit()["expires"] == f"{ends:%Y-%m-%dT%H:%M:%SZ}"
    clock.tick(minutes=5)
    assert frame.cosign() == "success"
    clock.tick(seconds=1)
    assert frame.cosign() == "interaction_required"
    assert device.code("/repo/sessions", frame.wish) == "signer_revoked", "nobody is told of an end that is past"
    assert device.frame(frame.identity, silent=False).cosign() == "success"
    assert frame.code("/repo/signout") == "success"


def test_a_silent_session_ends_after_thirty_idle_days(device, clock):
    frame, idle = device.frame(), None
    idle = device.frame(frame.identity)
    for _ in range(3):
        clock.tick(days=29)
        assert frame.cosign() == "success"
    assert idle.cosign() == "signer_revoked"
    assert device.code("/repo/sessions", idle.wish) == "signer_revoked"
    clock.tick(days=30)
    assert frame.cosign() == "success"
    clock.tick(days=30, seconds=1)
    assert frame.cosign() == "signer_revoked"


@pytest.mark.parametrize(("age", "code"), [(301, "nonce_expired"), (-121, "nonce_from_the_future"), (300, "success")])
def test_a_nonce_is_fresh_here_as_it_is_at_the_keychain(device, clock, age, code):
    frame = device.frame()
    made = clock.now
    clock.tick(seconds=age)
    stale = make_nonce(made)
    assert frame.cosign(nonce=stale) == code
    assert frame.cosign(nonce="001nonsense") == "malformed_nonce"


def test_one_account_at_two_browsers_is_one_user(device, site: SiteClient):
    other = device.second(device.make_onekey())
    identity = device.mint()
    assert site.code(device.frame(identity).payload()) == "success"
    assert site.code(other.frame(identity).payload()) == "success"
