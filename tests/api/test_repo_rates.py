"""How often the repo may be asked, and by whose pages: what is counted where, and what nobody can use up."""

import json
from dataclasses import replace

import pytest
from device import Device, Frame, OneIDKey, Prover, over_wsgi

from keychain.app import create_app
from keychain.web.rates import Rates


@pytest.fixture
def make_device(config, store, clock):
    """A signed-up browser of an application with other settings, on the same database."""

    def make(**changed) -> Device:
        app = create_app(replace(config, **changed), clock=clock, store=store)
        return Device(over_wsgi(app), clock).sign_up()

    return make


def test_a_onekey_that_somebody_has_is_guessed_no_oftener_by_replacing_ones_own(make_device):
    theirs = make_device().make_onekey()
    guesser = make_device(recovery_limit="3/minute")
    guesses = [OneIDKey().members for _ in range(2)]
    codes = [guesser.code("/repo/recovery", guess) for guess in guesses]
    codes.append(
        guesser.ask("/repo/recovery/open", json.dumps({"locator": OneIDKey().locator}).encode(), {})[1]["code"]
    )
    codes.append(guesser.code("/repo/recovery", OneIDKey().members | {"locator": theirs.locator}))
    assert codes == ["success", "success", "oneid_key_refused", "too_many_requests"]


def test_a_stolen_device_can_not_use_up_what_stops_it(make_device):
    owner = make_device(account_limit="6/minute")
    onekey = owner.make_onekey()
    stolen, locked = owner.second(onekey), owner.second(onekey)
    frame = locked.frame()
    while stolen.code("/repo/unlock") == "success":
        pass
    assert owner.code("/repo/unlock") == frame.cosign() == "too_many_requests"
    assert len(owner.do("/repo/devices/list")["devices"]) == 3
    assert owner.second(onekey).account == owner.account
    assert frame.code("/repo/signout") == "success"
    assert owner.code("/repo/devices/revoke", {"device": stolen.kid}) == "success"
    assert stolen.code("/repo/unlock") == "signer_revoked"


def test_what_frames_ask_keeps_nobody_from_withdrawing(make_device):
    owner = make_device(account_limit="10/minute")
    frame = owner.frame()
    uid = frame.identity.uid
    owner.release(frame.identity)
    while frame.cosign() == "success":
        pass
    assert owner.code("/repo/cards/list") == "too_many_requests"
    assert owner.code("/repo/releases/end", {"uid": uid, "card": None}) == "success"
    assert owner.code("/repo/sessions/end", {"uid": uid}) == "success"
    assert frame.cosign() == "signer_revoked"


def test_what_a_minutes_limit_refuses_does_not_use_up_the_days():
    rates = Rates("memory://")
    allowed = [rates.admit("2/minute;100/day", "x") for _ in range(200)]
    assert sum(allowed) == 2
    assert rates.admit("100/day", "x"), "the same counter, of which two are used"
    assert sum(rates.admit("100/day", "x") for _ in range(200)) == 97


def test_a_replayed_proof_uses_up_nothing(make_device):
    device = make_device(signer_limit="3/minute")
    proof = device.proof("/repo/unlock", b"{}")
    codes = [device.code("/repo/unlock", b"{}", proof=proof) for _ in range(5)]
    assert codes == ["success", *["replayed_proof"] * 4]
    assert [device.code("/repo/unlock") for _ in range(3)] == ["success", "success", "too_many_requests"]


def test_who_has_ended_is_told_so_and_uses_nothing_up(make_device, site):
    device = make_device(signer_limit="3/minute")
    device.do("/repo/devices/revoke", {"device": device.kid})
    before = site.rows()
    assert {device.code("/repo/unlock") for _ in range(5)} == {"signer_revoked"}
    assert site.rows() == before, "not even its proof is used up"


def test_about_is_limited_like_every_other_door(config, store, clock):
    asking = create_app(replace(config, repo_limit="2/minute"), clock=clock, store=store).test_client()
    codes = [asking.get("/repo/about").get_json().get("code") for _ in range(3)]
    assert codes == [None, None, "too_many_requests"]


@pytest.mark.parametrize("site_of_the_page", ["cross-site", "same-site", "", "none, cross-site"])
def test_another_sites_page_asks_nothing_and_uses_up_nothing(config, store, clock, site_of_the_page):
    app = create_app(replace(config, repo_limit="3/minute", recovery_limit="3/minute"), clock=clock, store=store)
    asking = app.test_client()
    headers = {"Sec-Fetch-Site": site_of_the_page, "Content-Type": "text/plain"}
    body = json.dumps({"locator": OneIDKey().locator})
    for rule in [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/repo/")]:
        method = "GET" if rule in {"/repo/about", "/repo/poll"} else "POST"
        answer = asking.open(rule, method=method, headers=headers, data=body)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "origin_refused"), rule
    for ours in ({}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
        assert asking.post("/repo/recovery/open", data=body, headers=ours).get_json()["code"] == "oneid_key_refused"


def test_a_frame_is_limited_by_itself_and_with_its_account(make_device):
    device = make_device(signer_limit="4/minute")
    frame = device.frame()
    assert isinstance(frame, Frame)
    assert [frame.cosign() for _ in range(5)] == ["success"] * 4 + ["too_many_requests"]
    by_onekey = Prover(device.ask, device.clock, key=device.make_onekey().key)
    joining = [by_onekey.code("/repo/devices", Device(device.ask, device.clock).members) for _ in range(5)]
    assert joining == ["success"] * 4 + ["too_many_requests"]
