"""Proofs: good for one request, once, by one living signer; every other is refused and changes nothing."""

import base64
import hashlib
import json
import sys
from datetime import timedelta

import pytest
from authenticator import Key, b64url
from device import Device, Frame, Prover, over_wsgi
from site_client import SiteClient

from keychain import errors
from keychain.repo import proofs

PATH = "/repo/devices/list"


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def unchanged(app, site):
    """Holds that a block of refusals leaves every table as it was."""
    before: list[dict[str, int]] = []

    def check() -> None:
        now = SiteClient(app, "", "", None).rows()
        before.append(now)
        assert before[0] == now

    check()
    yield check
    check()


DIGEST = b64url(hashlib.sha256(b"{ }").digest())
WRONG = [
    {"htm": "GET"}, {"htm": "post"}, {"htm": None}, {"htm": 1},
    {"htu": "http://id.localhost:8000/repo/unlock"}, {"htu": "https://id.localhost:8000" + PATH}, {"htu": PATH},
    {"htu": "http://id.localhost:8000" + PATH + "/"}, {"htu": "http://evil.example" + PATH}, {"htu": None},
    {"bh": DIGEST}, {"bh": ""}, {"bh": None}, {"bh": 1},
    {"iat": None}, {"iat": "1795246120"}, {"iat": 1.5}, {"iat": True}, {"iat": []},
    {"jti": None}, {"jti": ""}, {"jti": "a" * 21}, {"jti": "a" * 65}, {"jti": "a" * 21 + "="}, {"jti": 1},
    {"jti": "a" * 22 + "\n"}, {"jti": "\u0430" * 30},
    {"kid": None}, {"kid": ""}, {"kid": "a" * 42}, {"kid": "a" * 44}, {"kid": 1}, {"kid": "a" * 42 + "\n"},
    {"aud": "x"}, {"nonce": "x"},
]  # fmt: skip


@pytest.mark.parametrize("changed", WRONG, ids=repr)
def test_a_proof_about_another_request_or_of_another_form_is_refused(device, unchanged, changed):
    unchanged()
    assert device.post(PATH, b"{}", proof=device.proof(PATH, b"{}", **changed))[1]["code"] == "malformed_proof"


HEADERS = [
    {"alg": "ES256"}, {"typ": "JWT", "alg": "ES256"}, {"typ": "dpop+jwt", "alg": "ES256"}, {"typ": "proof+jwt"},
    {"typ": "proof+jwt", "alg": "none"}, {"typ": "proof+jwt", "alg": "HS256"}, {"typ": None, "alg": "ES256"},
    {"typ": "proof+jwt", "alg": "ES256", "crit": []}, {"typ": "PROOF+JWT", "alg": "ES256"},
    {"typ": "proof+jwt", "alg": "ES256", "jwk": {}}, {"typ": "proof+jwt", "alg": "ES256", "kid": "x"}, b"[]",
    b'{"typ":"proof+jwt","alg":"ES256","alg":"ES256"}', b'{"typ":"proof+jwt","alg":"ES256"',
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=repr)
def test_a_proof_with_another_header_is_refused(device, unchanged, header):
    assert device.post(PATH, b"{}", proof=device.proof(PATH, b"{}", header))[1]["code"] == "malformed_proof"


def test_the_members_of_a_header_may_stand_in_any_order(device):
    for header in ({"typ": "proof+jwt", "alg": "ES256"}, {"alg": "ES256", "typ": "proof+jwt"}):
        assert device.post(PATH, b"{}", proof=device.proof(PATH, b"{}", header))[0] == 200


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "....", "\u00e9", "a" * 5000])
def test_what_is_no_proof_is_refused(device, unchanged, text):
    assert device.code(PATH, proof=text) == "malformed_proof"


@pytest.mark.parametrize(
    ("drift", "code"), [(-61, "proof_not_fresh"), (61, "proof_not_fresh"), (-60, "success"), (60, "success")]
)
def test_a_proof_is_fresh_for_a_minute_either_way(device, clock, drift, code):
    made = int((clock.now + timedelta(seconds=drift)).timestamp())
    answered = device.post(PATH, b"{}", proof=device.proof(PATH, b"{}", iat=made))[1]
    assert answered.get("code", "success") == code


@pytest.mark.parametrize("iat", [0, -1, 10**20, 10**300])
def test_a_time_beyond_every_clock_is_not_fresh(device, unchanged, iat):
    assert device.post(PATH, b"{}", proof=device.proof(PATH, b"{}", iat=iat))[1]["code"] == "proof_not_fresh"


def test_a_replayed_proof_is_refused_also_with_another_time_or_body(device, clock, site):
    frame = device.frame()
    raw = json.dumps(frame.question()).encode()
    proof = frame.proof("/repo/cosign", raw)
    assert frame.code("/repo/cosign", raw, proof=proof) == "success"
    before = site.rows()
    assert frame.code("/repo/cosign", raw, proof=proof) == "replayed_proof"
    clock.tick(seconds=59)
    assert frame.code("/repo/cosign", raw, proof=proof) == "replayed_proof"
    jti = "j" * 22
    for body in (b"{}", b"{ }"):
        last = device.post(PATH, body, proof=device.proof(PATH, body, jti=jti))[1]
    assert last["code"] == "replayed_proof"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 1}


def test_one_id_may_be_used_by_two_signers(app, clock, device):
    other = Device(over_wsgi(app), clock).sign_up()
    for signer in (device, other):
        assert signer.post(PATH, b"{}", proof=signer.proof(PATH, b"{}", jti="j" * 22))[0] == 200


def test_unknown_signers_and_bad_signatures_are_refused_in_the_same_words(app, clock, device, unchanged):
    stranger = Prover(over_wsgi(app), clock)
    in_anothers_name = Prover(over_wsgi(app), clock)
    answers = [
        stranger.post(PATH),
        in_anothers_name.post(PATH, b"{}", proof=in_anothers_name.proof(PATH, b"{}", kid=device.kid)),
        device.post(PATH, b"{}", proof=device.proof(PATH, b"{}", kid=stranger.kid)),
    ]
    for status, members in answers:
        assert (status, members["code"], members["error"]) == (403, "signer_refused", answers[0][1]["error"])


def test_a_proof_signed_by_another_key_than_it_names_is_refused(app, clock, device, unchanged):
    """At sign-up the key is in the body, so the signature is good."""
    newcomer = Device(over_wsgi(app), clock)
    raw = json.dumps(newcomer.members).encode()
    for kid in (device.kid, Key().thumbprint):
        proof = newcomer.proof("/repo/accounts", raw, kid=kid)
        assert newcomer.code("/repo/accounts", raw, proof=proof) == "signer_refused"


def test_an_unknown_signer_costs_the_work_of_a_known_one(device, clock):
    """The point of a key is loaded at its first use; nobody's would be loaded already."""
    proof = device.proof(PATH, b"{}")
    loaded = []

    def note(_frame, event, called):
        if event == "c_call" and called.__name__ == "from_public_bytes":
            loaded.append(1)

    parsed = proofs.parse(proof, method="POST", address=device.origin + PATH, body=b"{}", now=clock.now)
    for _ in range(2):
        loaded.clear()
        sys.setprofile(note)
        try:
            with pytest.raises(errors.SignerRefused):
                proofs.check(parsed, None)
        finally:
            sys.setprofile(None)
        assert loaded == [1]


def test_a_broken_signature_is_refused_and_its_proof_not_used_up(device, unchanged):
    proof = device.proof(PATH, b"{}")
    signing_input, _, signature = proof.rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    for place in (0, 31, 32, 63):
        broken = bytes(byte ^ (place == at) for at, byte in enumerate(raw))
        assert device.code(PATH, b"{}", proof=f"{signing_input}.{b64url(broken)}") == "signer_refused"
    unchanged()
    for zero in (bytes(64), bytes(32) + raw[32:], raw[:32] + bytes(32)):
        assert device.code(PATH, b"{}", proof=f"{signing_input}.{b64url(bytes(zero))}") == "signer_refused"


def test_a_broken_signature_does_not_burn_the_proof(device):
    proof = device.proof(PATH, b"{}")
    broken = proof[:-8] + ("A" * 8 if not proof.endswith("A" * 8) else "B" * 7 + "A")
    assert device.code(PATH, b"{}", proof=broken) in {"signer_refused", "malformed_proof"}
    assert device.code(PATH, b"{}", proof=proof) == "success"


def test_a_signed_nonce_is_no_proof_and_a_proof_no_signed_nonce(device, site, clock):
    frame = device.frame()
    question = frame.question()
    assert frame.code("/repo/cosign", question, proof=frame.key.jws({"nonce": question["nonce"]})) == "malformed_proof"
    payload = frame.payload()
    header = {"typ": "proof+jwt", "alg": "ES256"}
    payload["nonces"]["ad"]["nonce"] = frame.identity.key.jws({"nonce": frame.nonce()}, header)
    assert site.code(payload) == "malformed_jws"


def test_a_proof_for_one_service_is_none_for_another(device, unchanged):
    elsewhere = Prover(device.ask, device.clock, "https://id.example.org", device.key)
    assert elsewhere.code(PATH) == "malformed_proof"


def test_who_is_revoked_is_told_so_and_nobody_else_is(device, app, clock):
    device.do("/repo/devices/revoke", {"device": device.kid})
    assert device.code(PATH) == "signer_revoked"
    stranger = Prover(over_wsgi(app), clock)
    in_its_name = stranger.proof(PATH, b"{}", kid=device.kid)
    assert stranger.code(PATH, b"{}", proof=in_its_name) == "signer_refused"


def test_a_frame_may_ask_what_is_for_frames_alone(device, site):
    frame = device.frame()
    before = site.rows()
    for path in (
        PATH, "/repo/devices/revoke", "/repo/unlock", "/repo/identities/find", "/repo/identities", "/repo/sessions",
        "/repo/recovery", "/repo/recovery/confirm", "/repo/devices",
    ):  # fmt: skip
        bodies = {
            "/repo/devices/revoke": {"device": device.kid},
            "/repo/identities/find": {"origin": frame.identity.origin},
            "/repo/identities": frame.identity.wish(frame.nonce()),
            "/repo/sessions": Frame(device, frame.identity).wish,
            "/repo/recovery": {"locator": b64url(bytes(32)), "key": Key().text, "sealed": "AAAA"},
            "/repo/devices": Device(device.ask, device.clock).members,
        }
        refused = "oneid_key_refused" if path == "/repo/devices" else "signer_refused"
        assert frame.code(path, bodies.get(path, {})) == refused, path
    assert site.rows() == before


def test_a_new_device_signs_up_with_its_own_key_alone(app, clock, unchanged):
    one, other = Device(over_wsgi(app), clock), Device(over_wsgi(app), clock)
    assert one.code("/repo/accounts", other.members) == "signer_refused"
    raw = json.dumps(other.members).encode()
    assert one.code("/repo/accounts", raw, proof=one.proof("/repo/accounts", raw, kid=other.kid)) == "signer_refused"
    assert one.code("/repo/accounts", other.members, proof="x") == "malformed_proof"


def test_the_older_aliases_of_a_path_are_proved_by_its_own_name(device):
    raw = b"{}"
    status, _ = device.ask("/keychain//repo/devices/list/", raw, {"Proof": device.proof(PATH, raw)})
    assert status == 200


def test_old_proofs_are_forgotten_and_fresh_ones_are_not(store, device, session):
    from sqlalchemy import func, select, update

    from keychain.repo import pruning
    from keychain.store.repo_tables import seen_proofs

    for _ in range(3):
        device.do(PATH)
    assert not any(pruning.prune(store, 0).values())
    session.changed(update(seen_proofs).values(seen_at=session.now() - timedelta(hours=23)))
    assert not any(pruning.prune(store, 0).values()), "a node's clock may be wrong by hours"
    long_ago = session.now() - proofs.KEPT - timedelta(seconds=2)
    session.changed(update(seen_proofs).where(seen_proofs.c.kid == device.kid).values(seen_at=long_ago))
    device.do(PATH)
    assert pruning.prune(store, 0)["proofs"] == 4
    assert session.rows(select(func.count()).select_from(seen_proofs))[0][0] == 1
