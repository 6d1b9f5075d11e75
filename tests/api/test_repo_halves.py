"""Two halves for two parties: what each serves, and how a repo of its own puts identities on record elsewhere."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import httpx
import pytest
from device import Device, Identity, over_http, over_wsgi
from flask import Flask, Response
from running import PATIENCE, free_port, service
from site_client import SiteClient
from sqlalchemy import select

from keychain import errors, mint_port
from keychain.app import create_app, utc_now
from keychain.repo.minting import RecordPayload
from keychain.store.repo_tables import identities
from keychain.validation import sites

KEYCHAIN = {"/register", "/make_nonce", "/validate", "/validate_batch"}
SHUT = {"only": "repo", "mint_api_id": "x", "mint_api_key": "y"}


def served(app: Flask) -> set[str]:
    return set(app.wsgi_app.doors)


@pytest.fixture
def make_app(config, store, clock):
    def make(**changed) -> Flask:
        return create_app(replace(config, **changed), clock=clock, store=store)

    return make


def test_each_half_serves_its_own_doors(make_app):
    both = served(make_app())
    validation = served(make_app(only="validation"))
    repo = served(make_app(**SHUT, mint_url="https://keychain.example"))
    of_the_repo = {path for path in both if path.startswith("/repo/")}
    assert both >= KEYCHAIN
    assert len(of_the_repo) == 57
    assert validation >= KEYCHAIN | {"/"}
    assert not validation & of_the_repo
    assert repo >= of_the_repo
    assert not repo & KEYCHAIN


def test_the_validating_half_has_no_master_key(make_app, tmp_path):
    make_app(only="validation", data_dir=tmp_path / "data")
    assert not (tmp_path / "data" / "master_keys").exists()


@pytest.fixture
def keychain(make_app, clock, store) -> SiteClient:
    """A Keychain that refuses first uses, and the repo's credentials there."""
    site = SiteClient.registered(make_app(only="validation", unknown_uid="refuse", first_use_limit="1/day"), clock)
    with store.session() as session:
        sites.allow_pin(session, site.api_id, True)
    return site


@pytest.fixture
def payload(make_app, clock, monkeypatch):
    """First payloads as a repo makes them, caught on their way through the port."""
    caught = []
    monkeypatch.setattr(mint_port, "in_this_process", lambda _: lambda payload, *_: caught.append(payload))
    device = Device(over_wsgi(make_app()), clock).sign_up()
    monkeypatch.undo()

    def make() -> RecordPayload:
        device.do("/repo/identities", Identity(f"https://shop{len(caught)}.example").wish(device.nonce()))
        return caught[-1]

    return make


def over(app: Flask, *credentials: str):
    """The port's HTTP shape, to an application in this process."""
    client = httpx.Client(transport=httpx.WSGITransport(app=app), auth=credentials or ("", ""))
    mint = mint_port.over_http(client, "http://keychain.localhost")
    return lambda payload: mint(payload, None, None)


def test_a_site_that_may_pin_puts_on_record_what_others_may_not_and_without_their_limit(keychain, payload, make_app):
    minting = over(keychain.app, keychain.api_id, keychain.api_key)
    for _ in range(3):
        minting(payload())
    other = SiteClient.registered(keychain.app, None)
    with pytest.raises(errors.KeyNotOnRecord):
        over(keychain.app, other.api_id, other.api_key)(payload())


def test_a_refusal_comes_back_as_itself_and_a_second_time_with_another_nonce_is_fine(keychain, payload):
    minting = over(keychain.app, keychain.api_id, keychain.api_key)
    first = payload()
    minting(first)
    with pytest.raises(errors.ReplayedNonce):
        minting(first)


@pytest.mark.parametrize("credentials", [("", ""), ("x", "y")])
def test_credentials_that_are_refused_there_are_a_fault_here(keychain, payload, credentials):
    with pytest.raises(errors.Unavailable):
        over(keychain.app, *credentials)(payload())


ANSWERS = [
    (200, ""), (200, "[]"), (200, "null"), (200, "{}"), (200, '{"errorcode": "0"}'), (200, '{"errorcode": false}'),
    (200, '{"errorcode": 0.0}'), (200, '{"errorcode": 0, "errorcode": 0}'), (500, '{"errorcode": 0}'),
    (302, '{"errorcode": 0}'), (204, ""), (200, '{"errorcode": -1, "code": "made_up"}'), (200, "<html>"),
    (503, '{"errorcode": -50, "code": "unavailable"}'), (200, '{"errorcode": -16, "code": ["bad_signature"]}'),
    (400, '{"errorcode": -30, "code": "bad_signature"}'), (502, '{"errorcode": -37, "code": "replayed_nonce"}'),
    (429, '{"errorcode": -16, "code": "too_many_first_uses"}'), (200, '{"errorcode": NaN}'),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body"), ANSWERS)
def test_nothing_but_a_plain_yes_is_one(status, body):
    strange = Flask("strange")
    strange.add_url_rule("/validate", view_func=lambda: Response(body, status), methods=["POST"])
    with pytest.raises(errors.Unavailable):
        over(strange)(RecordPayload("u", {}))


def test_a_keychain_that_is_away_leaves_an_identity_that_is_minted_later(make_app, clock, session):
    """Also what a restart in the middle of minting leaves."""
    away = make_app(**SHUT, mint_url=f"http://127.0.0.1:{free_port()}")
    device = Device(over_wsgi(away), clock).sign_up()
    identity = Identity()
    status, members = device.post("/repo/identities", identity.wish(device.nonce()))
    assert (status, members["code"]) == (503, "unavailable")
    [row] = session.rows(select(identities))
    assert row.minted_at is None
    found = device.do("/repo/identities/find", {"origin": identity.origin})["identity"]
    assert (found["uid"], found["minted"]) == (row.uid, False)
    wish = {"uid": row.uid, "origin": row.origin, "key": Identity().key.text, "silent": True}
    assert device.code("/repo/sessions", wish) == "identity_refused"
    assert device.code("/repo/cosign", {"uid": row.uid, "origin": row.origin, "nonce": device.nonce()}) == (
        "identity_refused"
    )

    device.ask = over_wsgi(make_app())
    stored = device.do("/repo/identities", Identity().wish(device.nonce()))["identity"]
    assert stored == found, "another key does not take the place of the first"
    minted = device.do("/repo/identities", identity.wish(device.nonce()))["identity"]
    assert minted == found | {"minted": True}


def test_what_was_put_on_record_without_the_repo_hearing_of_it_is_minted_again(make_app, clock, session, site):
    device = Device(over_wsgi(site.app), clock).sign_up()
    identity = device.mint()
    session.changed(identities.update().values(minted_at=None))
    again = device.do("/repo/identities", identity.wish(device.nonce()))["identity"]
    assert (again["uid"], again["minted"]) == (identity.uid, True)
    assert site.code(device.frame(identity).payload()) == "success"


def test_who_was_revoked_while_minting_gets_nothing(make_app, clock, monkeypatch, session):
    def revoke_first(_policy):
        return lambda *_: device.do("/repo/devices/revoke", {"device": device.kid})

    monkeypatch.setattr(mint_port, "in_this_process", revoke_first)
    device = Device(over_wsgi(make_app(threads=4)), clock).sign_up()
    assert device.code("/repo/identities", Identity().wish(device.nonce())) == "signer_revoked"
    assert [row.minted_at for row in session.rows(select(identities))] == [None]


def test_one_wish_twice_at_one_moment_is_answered_twice(make_app, clock, monkeypatch):
    real = mint_port.in_this_process

    def its_twin_first(policy):
        def mint(payload, session, now):
            if not twins:
                twins.append(None)
                twins.append(device.do("/repo/identities", wish)["identity"])
            real(policy)(payload, session, now)

        return mint

    twins: list = []
    monkeypatch.setattr(mint_port, "in_this_process", its_twin_first)
    device = Device(over_wsgi(make_app()), clock).sign_up()
    wish = Identity().wish(device.nonce())
    told = device.do("/repo/identities", wish)["identity"]
    assert told["minted"]
    assert told == twins[1]


def test_a_nonce_that_was_spent_elsewhere_mints_nothing(make_app, clock, monkeypatch, session):
    def spent(_policy):
        def mint(*_):
            raise errors.ReplayedNonce

        return mint

    monkeypatch.setattr(mint_port, "in_this_process", spent)
    device = Device(over_wsgi(make_app()), clock).sign_up()
    assert device.code("/repo/identities", Identity().wish(device.nonce())) == "replayed_nonce"
    assert [row.minted_at for row in session.rows(select(identities))] == [None]


def test_minting_elsewhere_waits_for_a_while_and_follows_nobody_else_where():
    client = mint_port.client_for("x", "y")
    assert not client.follow_redirects
    waits = client.timeout
    assert max(waits.connect, waits.read, waits.write, waits.pool) <= 10
    client.close()


@pytest.mark.slow
def test_two_processes_with_two_databases_sign_a_person_in(tmp_path):
    environment = {**os.environ, "KEYCHAIN_DATA_DIR": str(tmp_path / "keychain")}

    def command(*line: str) -> str:
        whole = [sys.executable, "-m", "keychain", *line]
        return subprocess.run(whole, env=environment, capture_output=True, text=True, check=True).stdout

    credentials = json.loads(command("register", "--json"))
    command("sites", "allow-pin", credentials["API_ID"])
    with service(tmp_path / "keychain", "--only", "validation", unknown_uid="refuse") as validating:
        minting = {"mint_url": validating.url, "mint_api_id": credentials["API_ID"]}
        with service(tmp_path / "repo", "--only", "repo", **minting, mint_api_key=credentials["API_KEY"]) as repo:
            assert httpx.get(f"{repo.url}/register").status_code == 404
            assert httpx.get(f"{validating.url}/repo/about").status_code == 404
            origin = httpx.get(f"{repo.url}/repo/about").json()["about"]["origin"]
            device = Device(over_http(repo.url), utc_now, origin).sign_up()
            site = httpx.get(f"{validating.url}/register").json()
            payload = device.frame().payload()
            auth = (site["API_ID"], site["API_KEY"])
            codes = [httpx.post(f"{validating.url}/validate", json=payload, auth=auth).json() for _ in range(2)]
            assert [answer.get("code", "success") for answer in codes] == ["success", "replayed_nonce"]
            validating.stop()
            identity = Identity("https://other.example")
            assert device.code("/repo/identities", identity.wish(device.nonce())) == "unavailable"
    assert (tmp_path / "repo" / "master_keys").exists()
    assert not (tmp_path / "keychain" / "master_keys").exists()


@pytest.mark.slow
def test_the_first_start_says_that_it_made_a_master_key_and_never_shows_it(tmp_path):
    for made in (True, False):
        with service(tmp_path / "data") as started:
            log = started.log.read_text()
        assert ("made the repo's master key" in log) is made
        key = (tmp_path / "data" / "master_keys").read_text().strip()
        assert key.partition(":")[2] not in log


@pytest.mark.slow
def test_serving_with_another_master_key_than_before_is_refused(tmp_path):
    with service(tmp_path / "data"):
        pass
    environment = {**os.environ, "KEYCHAIN_DATA_DIR": str(tmp_path / "data"), "KEYCHAIN_MASTER_KEYS": f"1:{'A' * 43}="}
    line = [sys.executable, "-m", "keychain", "serve", "--port", str(free_port())]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "master key 1 is not the one" in done.stderr
    del environment["KEYCHAIN_MASTER_KEYS"]
    (tmp_path / "data" / "master_keys").unlink()
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "put the file back from a backup" in done.stderr
