"""What the repo refuses: malformed members, what is another's, what is too large or too often. Nothing changes."""

import json
import secrets
from dataclasses import replace

import pytest
from authenticator import Key, b64url, make_nonce
from device import SHOP, Device, Frame, Identity, OneIDKey, Prover, over_wsgi, uid_of_nobody
from site_client import SiteClient
from sqlalchemy import update

from keychain import errors
from keychain.app import create_app
from keychain.jose.jwk import PublicKey
from keychain.repo import joining, rotation, signers
from keychain.repo.masterkeys import MasterKeys
from keychain.repo.recovery import RecoveryKey
from keychain.store.repo_tables import accounts

OTHER = "https://other.example"
THIRD = "https://third.example"


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def stranger(app, clock) -> Device:
    """A browser of somebody else's account."""
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def make_device(config, store, clock):
    """A signed-up browser of an application with other settings, on the same database."""

    def make(**changed) -> Device:
        app = create_app(replace(config, **changed), clock=clock, store=store)
        return Device(over_wsgi(app), clock).sign_up()

    return make


def bodies(device: Device) -> dict[str, dict]:
    """A body of the right form for every door that reads one."""
    identity = Identity()
    return {
        "/repo/accounts": device.members,
        "/repo/recovery": OneIDKey().members,
        "/repo/recovery/confirm": {},
        "/repo/recovery/open": {"locator": b64url(bytes(32))},
        "/repo/devices": device.members,
        "/repo/devices/list": {},
        "/repo/devices/revoke": {"device": device.kid},
        "/repo/identities/find": {"origin": SHOP},
        "/repo/identities": identity.wish(device.nonce()),
        "/repo/sessions": {"uid": uid_of_nobody(), "origin": SHOP, "key": Key().text, "silent": True},
        "/repo/cosign": {"uid": uid_of_nobody(), "origin": SHOP, "nonce": device.nonce()},
        "/repo/signout": {},
        "/repo/unlock": {},
        "/repo/optout": {},
        "/repo/devices/admit": Device(device.ask, device.clock).members | {"phone": True},
        "/repo/devices/keep": {},
        "/repo/control_keys/wanted": {},
        "/repo/ticket": {},
        "/repo/pairings": {"kind": "phone", "commitment": b64url(bytes(32))},
        "/repo/pairings/find": {"code": "0000-0000"},
        "/repo/pairings/open": {"code": "0000-0000", "message": "AAAA"},
        "/repo/pairings/send": {"number": 0, "message": "AAAA"},
        "/repo/pairings/read": {"after": 0},
        "/repo/pairings/end": {},
        "/repo/cards/list": {},
        "/repo/releases/list": {},
        "/repo/releases/read": {"uid": uid_of_nobody(), "origin": SHOP, "cards": ["email"]},
        "/repo/identities/list": {},
        "/repo/identities/forget": {"uid": uid_of_nobody(), "origin": SHOP},
        "/repo/sessions/end": {"uid": uid_of_nobody()},
        "/repo/activity": {},
        "/repo/accounts/close": {},
        "/repo/emails": {"address": "ann@example.org", "language": "en"},
        "/repo/emails/confirm": {"id": "A" * 22, "code": "000000"},
        "/repo/emails/link": {"token": b64url(bytes(32))},
        "/repo/emails/refuse": {"token": b64url(bytes(32))},
        "/repo/emails/state": {},
    }


NAMES = {
         "name": ["", " ", "a" * 65, "a\x00", "a\n", "\u202egnp.exe", "\u2066x", "\ud800", "\u2028", "\x7f", "\u200f",
                  "\u200b", "\u2060", "\u3164", "\ufeff", "\u00ad", "\U000e0041", "\u0301", "\u3000 \u115f", "\u0378"],
}  # fmt: skip
TEXTS = [None, 1, True, [], {}, "", "x"]
BAD = {
    "locator": [*TEXTS, "A" * 42, "A" * 44, "A" * 43 + "=", "+" + "A" * 42, "A" * 42 + "B"],
    "key": [*TEXTS, "A" * 86, "A" * 85, Key().text + "==", "/" + Key().text[1:], "\u0430" * 86],
    "ad_key": [*TEXTS, "A" * 86],
    "sealed": [*TEXTS[:-1], "A", "AA==", "A+A/", "AB"],
    "device": [*TEXTS, "A" * 42],
    "origin": [*TEXTS, SHOP + "/", "shop.example", "https://SHOP.example", "https://shop.example:443", "null",
               "https://" + "a" * 248, "https://a b", "https://shop.example\n"],
    "uid": [*TEXTS, "A" * 22, "A" * 22 + "==\n", "A" * 21 + "B==", "A" * 24],
    "silent": [None, 1, 0, "true", "", []],
    "nonce": [None, 1, [], {}],
    "ad": [None, 1, [], {}],
    "phone": [None, 1, 0, "true", "", []],
    "kind": [*TEXTS, "Phone"],
    "commitment": [*TEXTS, "A" * 42, "A" * 44],
    "code": [*TEXTS, "0000-000", "0000-000U"],
    "message": [*TEXTS[:-1], "A", "AA=="],
    "address": TEXTS[:-2],  # a text that is none is malformed_address
    "language": [*TEXTS, "EN", "fr"],
    "token": [*TEXTS, "A" * 42, "A" * 44, "A" * 43 + "="],
    "id": [*TEXTS, "A" * 21, "A" * 23],
    "number": [None, "0", -1, 16, 1.0, True],
    "after": [None, "0", -1, 17, 1.0, True],
    "cards": [None, 1, "email", {}, {"email": 1}, [1], [None], [[]], ["email", "email"], ["__proto__"], [""]],
}  # fmt: skip


def test_every_member_has_one_form(device, site):
    before = site.rows()
    for path, body in bodies(device).items():
        for member in body:
            for bad in BAD[member]:
                if path in {"/repo/accounts", "/repo/devices", "/repo/devices/admit"} and isinstance(bad, dict):
                    continue
                assert device.code(path, body | {member: bad}) == "malformed_member", (path, member, bad)
            without = {name: value for name, value in body.items() if name != member}
            assert device.code(path, without) == "malformed_member", (path, member)
    for member, others in {"key": BAD["key"], **NAMES}.items():
        for bad in others:
            members = {"device": device.members["device"] | {member: bad}}
            for path in ("/repo/accounts", "/repo/devices"):
                assert device.code(path, members) == "malformed_member", (member, bad)
    assert site.rows() == before


def test_names_may_be_in_any_script(app, clock):
    for name in ("a", "Ann\u2019s \u202f\u96fb\u8133", "\U0001f468\u200d\U0001f4bb", "x" * 64):
        newcomer = Device(over_wsgi(app), clock)
        newcomer.do("/repo/accounts", {"device": {"key": newcomer.key.text, "name": name}})
        assert newcomer.do("/repo/devices/list")["devices"][0]["name"] == name


def test_a_member_that_is_not_known_is_refused_the_ad_signature_above_all(device, site):
    frame = device.frame()
    signed = frame.identity.key.jws({"nonce": frame.nonce()})
    before = site.rows()
    assert frame.cosign(ad=signed) == "malformed_member"
    for path, body in bodies(device).items():
        assert device.code(path, body | {"more": 1}) == "malformed_member", path
    assert site.rows() == before


def test_a_body_is_one_strict_json_object_of_at_most_16_kib(device, site):
    before = site.rows()
    for path in bodies(device):
        for raw in (b"", b"[]", b"null", b'{"a":1,"a":2}', b"{", b"{}{}"):
            assert device.code(path, raw) == "malformed_body", path
        assert device.post(path, b" " * (16 * 1024 + 1))[0] == 413
    assert site.rows() == before


def test_what_is_sealed_has_a_limit(device, site):
    before = site.rows()
    for path in ("/repo/recovery", "/repo/identities"):
        body = bodies(device)[path]
        status, members = device.post(path, body | {"sealed": b64url(secrets.token_bytes(4097))})
        assert (status, members["code"]) == (413, "sealed_too_large")
    assert site.rows() == before
    for path in ("/repo/recovery", "/repo/identities"):
        device.do(path, bodies(device)[path] | {"sealed": b64url(secrets.token_bytes(4096))})


def test_doors_answer_their_own_method_alone(app, device):
    for path in ("/repo/about", "/repo/poll"):
        assert app.test_client().post(path).get_json()["code"] == "method_not_allowed"
    for path in bodies(device):
        for method in ("get", "options", "put"):
            assert getattr(app.test_client(), method)(path).get_json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("origin", ["http://id.localhost:8000", "http://shop.example", "http://localhost.example"])
def test_an_origin_that_nobody_can_be_sure_of_or_the_services_own_is_refused(device, site, origin):
    frame = device.frame()
    before = site.rows()
    asked = {
        "/repo/identities/find": {"origin": origin},
        "/repo/identities": Identity(origin).wish(device.nonce()),
        "/repo/sessions": Frame(device, frame.identity).wish | {"origin": origin},
        "/repo/cosign": frame.question(origin=origin),
    }
    assert {device.code(path, body) for path, body in asked.items()} == {"origin_refused"}
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + len(asked)}


@pytest.mark.parametrize("origin", ["http://shop.localhost:8001", "http://127.0.0.1:5000", "https://id.localhost:8000"])
def test_sites_on_this_machine_need_no_tls(device, origin):
    assert device.frame(device.mint(origin)).cosign() == "success"


def test_the_uid_of_another_account_is_one_that_does_not_exist(device, stranger, site):
    theirs, frame = stranger.mint(), device.frame()
    before = site.rows()
    answers = []
    for uid in (theirs.uid, uid_of_nobody()):
        answers += [
            frame.post("/repo/cosign", frame.question(uid=uid)),
            device.post("/repo/cosign", frame.question(uid=uid)),
            device.post("/repo/sessions", Frame(device, theirs).wish | {"uid": uid}),
        ]
    assert {(status, members["code"], members["error"]) for status, members in answers} == {
        (403, "identity_refused", "this signer has no such identity")
    }
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + len(answers)}


def test_a_frame_signs_in_as_its_own_identity_and_origin_alone(device, site):
    frame, other = device.frame(), device.mint(OTHER)
    before = site.rows()
    assert frame.cosign(uid=other.uid, origin=OTHER) == "identity_refused"
    assert frame.cosign(origin=OTHER) == "origin_refused"
    assert device.code("/repo/cosign", frame.question(origin=OTHER)) == "origin_refused"
    assert device.code("/repo/sessions", Frame(device, other).wish | {"origin": SHOP}) == "origin_refused"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 4}


def test_another_accounts_device_is_one_that_does_not_exist(device, stranger, site):
    before = site.rows()
    for kid in (stranger.kid, Key().thumbprint, stranger.frame().kid):
        status, members = device.post("/repo/devices/revoke", {"device": kid})
        assert (status, members["code"]) == (403, "device_refused")
    assert site.rows()["devices"] == before["devices"]
    assert stranger.do("/repo/devices/list")["devices"][0]["revoked"] is None


def test_a_key_speaks_for_one_account_and_as_one_thing(device, stranger, site):
    frame, onekey = device.frame(), device.make_onekey()
    their_frame, their_onekey = stranger.frame(), stranger.make_onekey()
    before = site.rows()

    def named(key: Key) -> dict:
        return {"device": {"key": key.text, "name": "x"}}

    for key in (frame.key, onekey.key, their_frame.key):
        assert Prover(device.ask, device.clock, key=key).code("/repo/accounts", named(key)) == "already_taken"
    by_onekey = Prover(device.ask, device.clock, key=onekey.key)
    for key in (frame.key, onekey.key, stranger.key, their_frame.key, their_onekey.key):
        assert by_onekey.code("/repo/devices", named(key)) == "already_taken"
    for key in (device.key, onekey.key, stranger.key, their_frame.key, their_onekey.key):
        assert device.code("/repo/sessions", frame.wish | {"key": key.text}) == "already_taken"
    assert device.code("/repo/sessions", frame.wish | {"silent": False}) == "already_taken"
    for changed in (
        *({"key": key.text} for key in (device.key, stranger.key, frame.key, their_onekey.key)),
        {"locator": their_onekey.locator},
    ):
        status, members = device.post("/repo/recovery", OneIDKey().members | changed)
        assert (status, members["code"]) == (409, "already_taken")
    assert {**site.rows(), "seen_proofs": 0} == {**before, "seen_proofs": 0}
    assert by_onekey.code("/repo/devices", Device(device.ask, device.clock).members) == "success", "it still opens"


def test_wrong_and_unknown_onekeys_are_refused_in_the_same_words(device, stranger, site):
    onekey = device.make_onekey()
    wrong = Prover(device.ask, device.clock)
    newcomer = Device(device.ask, device.clock)
    raw = json.dumps(newcomer.members).encode()
    before = site.rows()
    answers = [
        device.ask("/repo/recovery/open", json.dumps({"locator": b64url(secrets.token_bytes(32))}).encode(), {}),
        wrong.post("/repo/devices", newcomer.members),
        wrong.post("/repo/devices", raw, proof=wrong.proof("/repo/devices", raw, kid=onekey.key.thumbprint)),
        device.post("/repo/devices", newcomer.members),
    ]
    assert {(status, members["code"], members["error"]) for status, members in answers} == {
        (403, "oneid_key_refused", "this is no OneID Key of an account")
    }
    assert site.rows() == before


def test_a_revoked_device_does_not_come_back_by_the_onekey(device):
    onekey = device.make_onekey()
    other = device.second(onekey)
    device.do("/repo/devices/revoke", {"device": other.kid})
    by_onekey = Prover(device.ask, device.clock, key=onekey.key)
    assert by_onekey.code("/repo/devices", other.members) == "signer_revoked"


def test_guesses_at_a_onekey_are_limited_per_address(make_device):
    onekey = make_device().make_onekey()
    device = make_device(recovery_limit="10/minute")
    wrong = json.dumps({"locator": b64url(secrets.token_bytes(32))}).encode()
    codes = [device.ask("/repo/recovery/open", wrong, {})[1]["code"] for _ in range(12)]
    assert codes == ["oneid_key_refused"] * 10 + ["too_many_requests"] * 2
    right = json.dumps({"locator": onekey.locator}).encode()
    assert device.ask("/repo/recovery/open", right, {})[1]["code"] == "too_many_requests"


def test_new_accounts_are_limited_per_address_and_old_ones_are_not(make_device, site):
    device = make_device(sign_up_limit="1/minute")
    before = site.rows()
    assert Device(device.ask, device.clock).code("/repo/accounts", device.members) == "signer_refused"
    newcomer = Device(device.ask, device.clock)
    assert newcomer.code("/repo/accounts", newcomer.members) == "too_many_requests"
    assert site.rows() == before
    assert device.code("/repo/accounts", device.members) == "success"


def test_requests_are_limited_per_address_signer_and_account(make_device):
    device = make_device(signer_limit="3/minute")
    assert [device.code("/repo/unlock") for _ in range(4)] == ["success"] * 3 + ["too_many_requests"]
    device = make_device(account_limit="5/minute")
    other = device.second(device.make_onekey())
    codes = [asking.code("/repo/unlock") for asking in (device, other, device, other, device)]
    assert codes == ["success"] * 4 + ["too_many_requests"]
    device = make_device(repo_limit="4/minute")
    codes = [device.code("/repo/unlock", proof=proof) for proof in (None, "x", "x", "x", None)]
    assert codes == ["success", *["malformed_proof"] * 2, *["too_many_requests"] * 2]


def test_nobody_uses_up_what_another_signer_may(make_device):
    device = make_device(signer_limit="2/minute")
    stranger = Prover(device.ask, device.clock)
    for _ in range(4):
        assert stranger.code("/repo/unlock", b"{}", proof=stranger.proof("/repo/unlock", b"{}", kid=device.kid)) == (
            "signer_refused"
        )
    assert device.code("/repo/unlock") == "success"


WISHES = {
    "malformed_jws": lambda identity, nonce: "x",
    "bad_signature": lambda identity, nonce: Key().jws({"nonce": nonce}),
    "malformed_nonce": lambda identity, nonce: identity.key.jws({"nonce": "x"}),
}


@pytest.mark.parametrize("code", WISHES)
def test_a_wish_that_no_keychain_would_take_leaves_nothing(device, site, code):
    identity = Identity()
    before = site.rows()
    wish = identity.wish(device.nonce()) | {"ad": WISHES[code](identity, device.nonce())}
    assert device.code("/repo/identities", wish) == code
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 1}


def test_a_wish_signs_a_nonce_and_nothing_else(device, site, clock):
    identity = Identity()
    before = site.rows()
    for claims in ({"nonce": device.nonce(), "pins": {}}, {}, {"nonce": device.nonce(), "aud": "x"}):
        wish = identity.wish(device.nonce()) | {"ad": identity.key.jws(claims)}
        assert device.code("/repo/identities", wish) == "malformed_jws"
    stale = make_nonce(clock.now)
    clock.tick(seconds=301)
    assert device.code("/repo/identities", identity.wish(stale)) == "nonce_expired"
    clock.tick(seconds=-500)
    assert device.code("/repo/identities", identity.wish(stale)) == "nonce_from_the_future"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 5}


OLD, NEW = (2, bytes(32)), (3, bytes(range(32)))


def with_keys(config, store, clock, *keys):
    return create_app(replace(config, master_keys=keys), clock=clock, store=store)


def test_without_its_master_key_an_identity_waits(config, store, session, clock):
    """In a process that was not told when the key came that this identity was minted with."""
    other = with_keys(config, store, clock, OLD)
    with_keys(config, store, clock, OLD, NEW)
    rotation.use(session, 3)
    app = with_keys(config, store, clock, OLD, NEW)
    frame, site = Device(over_wsgi(app), clock).sign_up().frame(), SiteClient.registered(app, clock)
    before = site.rows()
    away = Prover(over_wsgi(other), clock, key=frame.key)
    status, members = away.post("/repo/cosign", frame.question())
    assert (status, members["code"]) == (500, "internal_fault")
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 1}
    assert site.code(frame.payload()) == "success"


def test_an_identity_keeps_the_master_key_it_was_minted_with(config, store, session, clock):
    old = with_keys(config, store, clock, OLD)
    device, site = Device(over_wsgi(old), clock).sign_up(), SiteClient.registered(old, clock)
    frame = device.frame()
    for version, key, origin in ((2, OLD, OTHER), (3, NEW, THIRD)):
        device.ask = over_wsgi(with_keys(config, store, clock, OLD, NEW))
        frame.ask = device.ask
        assert site.code(frame.payload()) == "success"
        later = device.frame(device.mint(origin)).payload()
        assert site.code(later) == "success"
        assert later["nonces"]["repo"]["key"] == b64url(MasterKeys([key]).signing_key(later["uid"], version).public.raw)
        rotation.use(session, 3)


def test_refused_first_use_does_not_stop_the_repo(make_device, make_site):
    device = make_device(unknown_uid="refuse", first_use_limit="1/day")
    site = make_site(unknown_uid="refuse")
    for origin in (SHOP, OTHER):
        assert site.code(device.frame(device.mint(origin)).payload()) == "success"


def test_who_ended_after_the_proof_was_looked_at_does_not_get_to_act(device, session, clock):
    """What a race would be: the signer as it was found, and what became of it since."""
    onekey = device.make_onekey()
    revoked, locked = device.second(onekey), device.second(onekey)
    found = {asking: signers.find(session, asking.kid, clock.now) for asking in (device, revoked, locked)}
    device.do("/repo/devices/revoke", {"device": revoked.kid})
    locked.do("/repo/signout")
    session.changed(update(accounts).values(opened_at=None))
    for asking, refusal in ((revoked, errors.SignerRevoked), (locked, errors.DeviceLocked)):
        with pytest.raises(refusal), signers.acting(session, found[asking], clock.now):
            pytest.fail("it acted")
    device.do("/repo/optout")
    with pytest.raises(errors.SignerRevoked), signers.acting(session, found[device], clock.now, while_locked=True):
        pytest.fail("it acted")
    opened = RecoveryKey(device.account, PublicKey(onekey.key.raw), b"")
    with pytest.raises(errors.OneIDKeyRefused):
        joining.join(session, opened, PublicKey(Key().raw), "x", clock.now)
