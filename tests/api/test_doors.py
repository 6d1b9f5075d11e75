"""Every path, method and content type: the aliases that clients use, and the shape of everything else."""

import json
from dataclasses import replace

import pytest
from authenticator import Person
from flask import abort
from site_client import SiteClient, well_formed

from keychain.app import create_app
from keychain.settings import SettingsError
from keychain.web.paths import normalise

PREFIXES = ("", "/keychain", "/.oneid.com", "/.oneid.com/keychain")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("spell", ["{}/validate", "{}/validate/", "{}//validate", "/{}///validate//"])
def test_every_alias_is_the_same_door(site, clock, prefix, spell):
    path = spell.format(prefix)
    answer = site.ask(path, Person().payload(clock.now))
    assert answer.get_json()["errorcode"] == 0, path


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("door", ["/register", "/register/", "/make_nonce", "/validate_batch"])
def test_the_other_doors_have_the_same_aliases(site, prefix, door):
    answer = site.ask(prefix + door, {"payloads": []})
    assert answer.get_json()["errorcode"] == 0


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/validate/x",
        "/xvalidate",
        "/keychain/keychain/validate",
        "/Validate",
        "/validate%00",
        "/validate\0",
        "/..",
        "/%2e%2e/etc/passwd",
        "/keychain/.oneid.com/validate",
        "/é",
        "/repo/send_3fa",
        "/static",
        "/static/../app.py",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_says_so_in_json(site, path, method):
    answer = site.ask(path, b"{}", method)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/validate", {"POST"}),
        ("/validate_batch", {"POST"}),
        ("/make_nonce", {"GET", "POST"}),
        ("/register", {"GET", "POST"}),
    ],
)
def test_a_method_that_a_door_does_not_answer_says_so_in_json(site, path, method, allowed):
    if method in allowed:
        return
    before = site.rows()
    answer = site.ask(path, b"{}", method)
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert site.rows() == before


@pytest.mark.parametrize("path", ["/register", "/make_nonce", "/validate"])
def test_a_head_request_does_nothing(site, path):
    before = site.rows()
    assert site.ask(path, method="HEAD").status_code == 405
    assert site.rows() == before


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/x-www-form-urlencoded",
        "text/plain; charset=ISO-8859-1",
        "application/json; charset=UTF-8",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/html",
        "nonsense",
        "application/json; charset=utf-16",
    ],
)
def test_a_body_is_json_whatever_its_content_type_says(site, clock, content_type):
    answer = site.ask("/validate", Person().payload(clock.now), content_type=content_type)
    assert answer.get_json()["errorcode"] == 0


def test_php_escapes_slashes(site, clock):
    raw = json.dumps(Person().payload(clock.now)).replace("/", "\\/").encode()
    assert site.ask("/validate", raw).get_json()["errorcode"] == 0


def test_credentials_that_name_nobody_get_the_same_words(site, clock):
    placeholder = ("00010001-a6ca-4ece-9d74-0f97f63fac4d", "xxx")
    payload = Person().payload(clock.now)
    revoked = SiteClient.registered(site.app, clock)
    from keychain.validation import sites

    with site.app.extensions["keychain"].store.session() as session:
        sites.revoke(session, revoked.api_id, clock.now)
    before = site.rows()
    answers = []
    for options in (
        {"auth": None},
        {"auth": placeholder},
        {"auth": (site.api_id, "wrong")},
        {"auth": (site.api_id, "")},
        {"auth": (site.api_id, site.api_key + " ")},
        {"auth": ("", site.api_key)},
        {"auth": (site.api_id.upper(), site.api_key)},
        {"auth": ("\0", "\0")},
        {"auth": ("é", "\udcff".encode("utf-8", "surrogatepass").decode("latin-1"))},
        {"auth": (revoked.api_id, revoked.api_key)},
        {"auth": None, "headers": {"Authorization": "Basic !!!"}},
        {"auth": None, "headers": {"Authorization": "Basic"}},
        {"auth": None, "headers": {"Authorization": f"Bearer {site.api_key}"}},
    ):
        for path in ("/validate", "/make_nonce", "/validate_batch"):
            body = {"payloads": [payload]} if path == "/validate_batch" else payload
            answer = site.ask(path, body, **options)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")
            answers.append({key: value for key, value in answer.get_json().items() if key != "request_id"})
    assert all(answer == answers[0] for answer in answers)
    assert site.rows() == before
    assert site.code(payload) == "success"


def test_a_nonce_can_be_had_in_both_spellings_and_is_fresh(site, clock):
    for method in ("GET", "POST"):
        answer = site.ask("/make_nonce", b"{}", method).get_json()
        assert answer["nonce"] == answer["NONCE"]
        assert site.code(Person().payload(clock.now, nonce=answer["nonce"])) == "success"


@pytest.mark.parametrize(
    "options",
    [
        {"method": "GET"},
        {"method": "POST", "data": b"{}"},
        {"method": "POST", "data": b"\xff" * 9},
        {"auth": ("a", "b")},
        {"headers": {"Authorization": "Basic !"}},
    ],
)
def test_anyone_may_register(app, options):
    answer = app.test_client().open("/register/", **options)
    well_formed(answer)
    fresh = answer.get_json()
    assert fresh["errorcode"] == 0
    assert len(fresh["API_ID"]) == 36
    assert len(fresh["API_KEY"]) == 24
    assert fresh["API_KEY"].endswith("==")


def test_registrations_are_limited_per_address(make_site):
    site = make_site(register_limit="3/hour")
    codes = [site.ask("/register").status_code for _ in range(4)]
    assert codes == [200, 200, 429, 429]
    other = site.app.test_client().get("/register", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200


def test_a_forged_forwarding_header_does_not_lift_the_limit(make_site):
    site = make_site(register_limit="3/hour")
    codes = [site.ask("/register", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in range(4)]
    assert codes == [200, 200, 429, 429]


def test_a_trusted_proxy_speaks_for_others(make_site):
    from ipaddress import ip_network

    site = make_site(register_limit="2/hour", trusted_proxies=(ip_network("127.0.0.0/8"),))
    for n in range(3):
        assert site.ask("/register", headers={"X-Forwarded-For": f"9.9.9.9, 192.0.2.{n}"}).status_code == 200


def test_every_answer_names_its_request_and_no_other_has_its_name(site):
    named = [site.ask("/nothing").get_json()["request_id"] for _ in range(50)]
    assert len(set(named)) == 50


@pytest.mark.parametrize("path", ["", "/", "//", "/keychain", "/keychain/", "/.oneid.com", "/.oneid.com//keychain/"])
def test_the_root_has_its_aliases_too(path):
    assert normalise(path) == "/"


def test_a_fault_nobody_foresaw_is_json_too_and_says_nothing(config, store):
    app = create_app(config, store=store)

    @app.get("/fault")
    def fault():
        raise RuntimeError("secret words")

    answer = app.test_client().get("/fault")
    well_formed(answer)
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_fault")
    assert "secret" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("status", "code"), [(400, "malformed_request"), (418, "malformed_request"), (502, "internal_fault")]
)
def test_what_the_framework_refuses_by_itself_is_said_in_our_words(config, store, status, code):
    app = create_app(config, store=store)

    @app.get("/odd")
    def odd():
        abort(status)

    answer = app.test_client().get("/odd")
    well_formed(answer)
    assert answer.get_json()["code"] == code
    assert b"<" not in answer.data


@pytest.mark.parametrize(("rate", "status"), [("1/hour", 429), ("100/hour", 200)])
def test_who_is_told_to_come_again_is_told_when(make_site, rate, status):
    answer = make_site(register_limit=rate).ask("/register")
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 429)


def test_a_claims_key_that_is_no_key_is_refused_at_the_start(config, store):
    with pytest.raises(SettingsError, match="KEYCHAIN_CLAIMS_PUBLIC_KEY"):
        create_app(replace(config, claims_public_key="AAAA"), store=store)


def test_rates_that_can_not_be_counted_let_nobody_through(make_site, monkeypatch):
    site = make_site()
    rates = site.app.extensions["keychain"].rates

    class Away:
        def hit(self, *_):
            raise ConnectionError

    monkeypatch.setattr(rates, "_limiter", Away())
    monkeypatch.setattr(rates, "_trouble", ConnectionError)
    before = site.rows()
    assert site.ask("/register").get_json()["code"] == "unavailable"
    assert site.code(Person().payload(site.clock.now)) == "unavailable"
    assert site.rows() == before
