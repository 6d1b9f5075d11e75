"""What bad input gets: one line of JSON with a code, never a success, never a 5xx, and nothing written."""

import base64
import copy
import json

import pytest
from authenticator import Key, Person, b64url, make_nonce
from ecdsa import NIST256p
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ORDER = NIST256p.order

BODIES = {
    "empty": (b"", "malformed_body"),
    "not JSON": (b"uid=1&nonces=2", "malformed_body"),
    "HTML": (b"<html></html>", "malformed_body"),
    "an array": (b"[]", "malformed_body"),
    "an array of payloads": (b'[{"uid": "x"}]', "malformed_body"),
    "a string": (b'"uid"', "malformed_body"),
    "a number": (b"1", "malformed_body"),
    "null": (b"null", "malformed_body"),
    "NaN": (b'{"uid": NaN}', "malformed_body"),
    "Infinity": (b'{"uid": -Infinity}', "malformed_body"),
    "two objects": (b"{}{}", "malformed_body"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "malformed_body"),
    "UTF-16": ('{"uid": "a"}'.encode("utf-16"), "malformed_body"),
    "a NUL behind": (b"{}\0", "malformed_body"),
    "arrays 10,000 deep": (b"[" * 10_000, "malformed_body"),
    "objects 10,000 deep": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "malformed_body"),
    "10,000 deep in a member": (b'{"attr":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "malformed_body"),
    "64 KiB and one byte": (b'{"uid": "' + b"a" * 65_537 + b'"}', "body_too_large"),
    "exactly 64 KiB": (b'{"uid": "' + b"a" * (65_536 - 11) + b'"}', "malformed_uid"),
    "a number of 5,000 digits": (b'{"uid": ' + b"9" * 5_000 + b"}", "malformed_body"),
    "a member twice": (b'{"uid": "a", "uid": "b", "nonces": {}}', "malformed_body"),
    "a member twice, once escaped": (b'{"uid": "a", "\\u0075id": "b"}', "malformed_body"),
    "a member twice, deep inside": (b'{"nonces": {"ad": {"key": "a", "key": "b"}}}', "malformed_body"),
    "both spellings of uid": (b'{"uid": "a", "UID": "a"}', "malformed_body"),
    "both spellings of nonces": (b'{"nonces": {}, "NONCES": {}}', "malformed_body"),
    "nothing": (b"{}", "malformed_uid"),
}


@pytest.mark.parametrize("body", BODIES)
def test_a_bad_body_is_refused_and_changes_nothing(site, body):
    before = site.rows()
    raw, code = BODIES[body]
    answer = site.ask("/validate", raw)
    assert answer.get_json()["code"] == code
    assert answer.status_code == {"malformed_body": 400, "body_too_large": 413}.get(code, 200)
    assert site.rows() == before


MEMBERS = {
    "uid absent": (["uid"], ..., "malformed_uid"),
    "uid null": (["uid"], None, "malformed_uid"),
    "uid a number": (["uid"], 7, "malformed_uid"),
    "uid an object": (["uid"], {}, "malformed_uid"),
    "uid with a NUL": (["uid"], "A" * 21 + "\0==", "malformed_uid"),
    "uid with a lone surrogate": (["uid"], "A" * 21 + "\ud800==", "malformed_uid"),
    "uid outside ASCII": (["uid"], "Á" * 22 + "==", "malformed_uid"),
    "uid url-safe": (["uid"], "-" * 21 + "A==", "malformed_uid"),
    "nonces absent": (["nonces"], ..., "missing_signatures"),
    "nonces null": (["nonces"], None, "missing_signatures"),
    "nonces {}": (["nonces"], {}, "missing_signatures"),
    "nonces []": (["nonces"], [], "missing_signatures"),
    "nonces a string": (["nonces"], "ad", "malformed_payload"),
    "nonces a filled array": (["nonces"], [1], "malformed_payload"),
    "a role null": (["nonces", "ad"], None, "malformed_payload"),
    "a role a string": (["nonces", "ad"], "x", "malformed_payload"),
    "an unknown role": (["nonces", "xx"], {"nonce": "a", "key": "b"}, "unknown_role"),
    "an upper-case role": (["nonces", "AD"], {"nonce": "a", "key": "b"}, "unknown_role"),
    "no key": (["nonces", "ad", "key"], ..., "malformed_payload"),
    "a key that is a number": (["nonces", "ad", "key"], 1, "malformed_payload"),
    "no JWS": (["nonces", "ad", "nonce"], ..., "malformed_payload"),
    "a JWS that is an array": (["nonces", "ad", "nonce"], ["a"], "malformed_payload"),
    "a JWS outside ASCII": (["nonces", "ad", "nonce"], "é.é.é", "malformed_jws"),
    "a JWS with a NUL": (["nonces", "ad", "nonce"], "a\0.b.c", "malformed_jws"),
    "a JWS with a lone surrogate": (["nonces", "ad", "nonce"], "\udfff.b.c", "malformed_jws"),
    "a key with a lone surrogate": (["nonces", "ad", "key"], "\udfff", "malformed_key"),
    "an empty JWS": (["nonces", "ad", "nonce"], "", "malformed_jws"),
    "tokens a string": (["attr_claim_tokens"], "email", "malformed_payload"),
    "a token a number": (["attr_claim_tokens"], {"email": 1}, "malformed_payload"),
    "a message that is a number": (["message"], 40, "malformed_payload"),
    "a message with a lone surrogate": (["message"], "\ud83d", "malformed_payload"),
    "a title without a message": (["title"], "Pay", "malformed_payload"),
    "a request that is a number": (["request"], 1, "malformed_payload"),
    "a request with a NUL": (["request"], "a\0", "malformed_payload"),
    "a request that is empty": (["request"], "", "malformed_payload"),
    "a request of 65 characters": (["request"], "a" * 65, "malformed_payload"),
}


@pytest.mark.parametrize("member", MEMBERS)
def test_a_bad_member_is_refused_and_changes_nothing(site, clock, member):
    path, value, code = MEMBERS[member]
    payload = Person().payload(clock.now)
    *way, last = path
    inside = payload
    for step in way:
        inside = inside[step]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    before = site.rows()
    answer = site.ask("/validate", payload)
    assert (answer.status_code, answer.get_json()["code"]) == (200, code)
    assert site.rows() == before


def off_the_curve() -> bytes:
    raw = bytearray(Key().raw)
    raw[63] ^= 1
    return bytes(raw)


KEYS = {
    "off the curve": off_the_curve(),
    "the point at infinity": bytes(64),
    "63 bytes": Key().raw[:63],
    "65 bytes": b"\x04" + Key().raw,
    "33 bytes, compressed": b"\x02" + Key().raw[:32],
    "x of p or more": b"\xff" * 32 + Key().raw[32:],
    "empty": b"",
}


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_no_point_is_refused(site, clock, key):
    payload = Person().payload(clock.now)
    payload["nonces"]["ad"]["key"] = b64url(KEYS[key])
    assert site.code(payload) == "malformed_key"


@pytest.mark.parametrize(
    "spell",
    [
        b64url,
        lambda raw: base64.b64encode(raw).decode(),
        lambda raw: base64.urlsafe_b64encode(raw).decode(),
        lambda raw: base64.b64encode(raw).decode().rstrip("="),
    ],
)
def test_a_key_may_be_spelled_as_clients_did(site, clock, spell):
    person = Person()
    payload = person.payload(clock.now)
    for role, key in person.keys.items():
        payload["nonces"][role]["key"] = spell(key.raw)
    assert site.code(payload) == "success"


SIGNATURES = {
    "r zero": (bytes(32), None),
    "s zero": (None, bytes(32)),
    "both zero": (bytes(32), bytes(32)),
    "r of n": (ORDER.to_bytes(32), None),
    "s of n": (None, ORDER.to_bytes(32)),
    "s above n": (None, (ORDER + 1).to_bytes(32)),
    "r at the top": (b"\xff" * 32, None),
}


@pytest.mark.parametrize("case", SIGNATURES)
def test_a_signature_outside_its_range_is_refused(site, clock, case):
    payload = Person().payload(clock.now)
    signing_input, _, signature = payload["nonces"]["ad"]["nonce"].rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    r, s = SIGNATURES[case]
    payload["nonces"]["ad"]["nonce"] = f"{signing_input}.{b64url((r or raw[:32]) + (s or raw[32:]))}"
    assert site.code(payload) == "bad_signature"


def test_a_high_s_is_accepted_and_still_spends_the_same_nonce(site, clock):
    payload = Person().payload(clock.now)
    twin = copy.deepcopy(payload)
    signing_input, _, signature = payload["nonces"]["ad"]["nonce"].rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    flipped = raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32)
    twin["nonces"]["ad"]["nonce"] = f"{signing_input}.{b64url(flipped)}"
    assert site.code(twin) == "success"
    assert site.code(payload) == "replayed_nonce"


def test_a_der_signature_is_refused(site, clock):
    person, payload = Person(), None
    payload = person.payload(clock.now)
    signing_input, _, signature = payload["nonces"]["ad"]["nonce"].rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    der = b"\x30\x44\x02\x20" + raw[:32] + b"\x02\x20" + raw[32:]
    payload["nonces"]["ad"]["nonce"] = f"{signing_input}.{b64url(der)}"
    assert site.code(payload) == "malformed_jws"


HEADERS = {
    "none": {"alg": "none"},
    "HS256": {"alg": "HS256"},
    "ES384": {"alg": "ES384"},
    "ES256K": {"alg": "ES256K"},
    "es256": {"alg": "es256"},
    "no alg": {"typ": "JWT"},
    "crit": {"alg": "ES256", "crit": ["exp"]},
    "b64": {"alg": "ES256", "b64": False},
    "jwk": {"alg": "ES256", "jwk": {}},
    "kid": {"alg": "ES256", "kid": "1"},
    "another typ": {"alg": "ES256", "typ": "JWS"},
    "an array": ["ES256"],
    "not JSON": b"ES256",
    "not UTF-8": b"\xff\xfe",
    "alg twice": b'{"alg":"none","alg":"ES256"}',
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_other_than_es256_is_refused(site, clock, header):
    person = Person()
    payload = person.payload(clock.now)
    claims = {"nonce": make_nonce(clock.now)}
    payload["nonces"]["ad"]["nonce"] = person.keys["ad"].jws(claims, HEADERS[header])
    assert site.code(payload) == "malformed_jws"


def test_typ_jwt_is_allowed(site, clock):
    person, nonce = Person(), make_nonce(clock.now)
    payload = person.payload(clock.now, nonce=nonce)
    payload["nonces"]["ad"]["nonce"] = person.keys["ad"].jws({"nonce": nonce}, {"typ": "JWT", "alg": "ES256"})
    assert site.code(payload) == "success"


CLAIMS = {
    "no nonce": ({}, "malformed_nonce"),
    "a nonce that is a number": ({"nonce": 1}, "malformed_nonce"),
    "a nonce of 65 characters": ({"nonce": "0012026-01-01T00:00:00Z" + "a" * 42}, "malformed_nonce"),
    "a nonce of 2012": ({"nonce": "2026-01-01T00:00:00Zabcdef"}, "malformed_nonce"),
    "an expiry nonce": ({"nonce": "0022026-01-01T00:00:00Zabcdef"}, "malformed_nonce"),
    "a leap second": ({"nonce": "0012016-12-31T23:59:60Zabcdef"}, "malformed_nonce"),
    "a nonce with a NUL": ({"nonce": "0012026-01-01T00:00:00Zabcde\0"}, "malformed_nonce"),
    "an array": ([], "malformed_jws"),
    "a string": ("nonce", "malformed_jws"),
    "not JSON": (b"nonce", "malformed_jws"),
    "a member twice": (b'{"nonce": "a", "nonce": "b"}', "malformed_jws"),
    "10,000 deep": (b"[" * 10_000, "malformed_jws"),
}


@pytest.mark.parametrize("case", CLAIMS)
def test_a_payload_that_is_no_nonce_is_refused(site, case):
    person = Person()
    claims, code = CLAIMS[case]
    parts = {role: {"nonce": key.jws(claims), "key": key.text} for role, key in person.keys.items()}
    before = site.rows()
    assert site.code({"uid": person.uid, "nonces": parts}) == code
    assert site.rows() == before


@pytest.mark.parametrize(
    "mar",
    [
        lambda t: t + "=",
        lambda t: t + "\n",
        lambda t: " " + t,
        lambda t: t + ".",
        lambda t: t + ".e30",
        lambda t: t.replace(".", "..", 1),
        lambda t: t[:-1] + chr(ord(t[-1]) + 1),
    ],
)
def test_a_jws_has_one_spelling(site, clock, mar):
    payload = Person().payload(clock.now)
    payload["nonces"]["ad"]["nonce"] = mar(payload["nonces"]["ad"]["nonce"])
    assert site.code(payload) in {"malformed_jws", "bad_signature"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["uid", "UID", "nonces", "NONCES", "attr", "attr_claim_tokens", "message", "title", "request"])


@given(body=st.dictionaries(NAMES, JSON) | JSON)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_is_ever_a_success_or_a_fault(site, body):
    answer = site.ask("/validate", json.dumps(body).encode())
    assert answer.status_code in {200, 400}
    assert answer.get_json()["errorcode"] < 0


@given(raw=st.binary(max_size=200))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_are_ever_a_success_or_a_fault(site, raw):
    assert site.ask("/validate", raw).get_json()["errorcode"] < 0


def test_latin_1_where_utf_8_fails(site, clock):
    payload = Person().payload(clock.now) | {"attr": {"name": {"first_name": "José"}}}
    raw = json.dumps(payload, ensure_ascii=False).encode("latin-1")
    assert site.ask("/validate", raw, content_type="text/plain; charset=ISO-8859-1").get_json()["errorcode"] == 0
