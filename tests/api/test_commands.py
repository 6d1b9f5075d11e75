"""The ``keychain`` command: what an operator types, and what it answers."""

import json
import os

import pytest
from authenticator import Key, Person

from keychain.app import utc_now
from keychain.jose.jwk import PublicKey
from keychain.settings import Settings
from keychain.store import engine, schema
from keychain.validation import record, sites
from keychain.web import bundle

NO_URL = "postgresql+psycopg://u:hunter2@h:port/d"  # pragma: allowlist secret
NO_STORAGE = "bogus://u:hunter2@x"  # pragma: allowlist secret


def registered(run) -> str:
    return json.loads(run("register", "--name", "shop", "--json"))["API_ID"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "serve",
        "register",
        "sites",
        "sites list",
        "sites name",
        "sites origin",
        "sites require",
        "sites allow-pin",
        "sites revoke",
        "pins",
        "pins show",
        "pins revoke",
        "prune",
        "settings",
        "migrate",
        "doctor",
        "payload",
        "shim",
        "claims-key",
        "master-keys",
        "master-keys list",
        "master-keys add",
        "master-keys use",
        "backup",
        "restore",
    ],
)
def test_every_command_explains_itself(run, line):
    assert "Usage: " in run(*line.split(), "--help")


def test_a_registered_site_authenticates(run, database):
    fresh = json.loads(run("register", "--json"))
    assert sites.authenticate(database, fresh["API_ID"], fresh["API_KEY"]).api_id == fresh["API_ID"]
    assert "API key" in run("register")


def test_sites_are_listed_named_and_restricted(run, database):
    assert "no sites yet" in run("sites", "list")
    api_id = registered(run)
    assert run("sites", "name", api_id, "Ann's shop") == "done\n"
    run("sites", "origin", api_id, "https://shop.example")
    run("sites", "require", api_id, "cd, repo")
    assert "Ann's shop  https://shop.example  requires repo,cd" in run("sites", "list")
    [listed] = json.loads(run("sites", "list", "--json"))
    assert (listed["name"], listed["origin"], listed["required_roles"]) == (
        "Ann's shop",
        "https://shop.example",
        ["repo", "cd"],
    )
    assert "key" not in json.dumps(listed).lower()
    run("sites", "require", api_id, "")
    run("sites", "origin", api_id, "")
    run("sites", "revoke", api_id, "--yes")
    assert "revoked" in run("sites", "list")
    assert json.loads(run("sites", "list", "--json"))[0]["required_roles"] == []


def test_revoking_asks_first(run, database):
    api_id = registered(run)
    assert "Aborted" in run("sites", "revoke", api_id, input="n\n", fails=1)
    assert "revoked" not in run("sites", "list")


@pytest.mark.parametrize(
    "origin",
    [
        "shop.example",
        "https://shop.example/",
        "https://Shop.example",
        "ftp://shop.example",
        "https://shop.example:443",
        "http://shop.example:80",
        "https://a@shop.example",
        "https://shöp.example",
        "https://",
        "https://shop.example:",
        "https://shop.example?x",
        "https://" + "a" * 260,
        "https://[::1",
        "https://shop example",
        "https://*",
        "https://a,b",
        "https://a%41",
        "https://a..b",
        "https://a:080",
        "https://a:0",
        "https://-a",
        "https://a\\b",
    ],
)
def test_what_is_no_origin_is_refused(run, database, origin):
    assert "Error: " in run("sites", "origin", registered(run), origin, fails=1)
    assert json.loads(run("sites", "list", "--json"))[0]["origin"] == ""


@pytest.mark.parametrize("origin", ["https://shop.example", "http://shop.localhost:8001", "https://shop.example:8443"])
def test_what_is_an_origin_is_taken(run, database, origin):
    assert run("sites", "origin", registered(run), origin) == "done\n"


def test_mistakes_end_in_one_line_that_says_what_to_do(run, database, monkeypatch):
    assert "no site x" in run("sites", "name", "x", "y", fails=1)
    assert "not a role: phone" in run("sites", "require", registered(run), "phone", fails=1)
    assert "printable" in run("sites", "name", registered(run), "a\nb", fails=1)
    assert "--all" in run("pins", "revoke", "uid", fails=2)
    assert "no such key" in run("pins", "revoke", "uid", "--all", fails=1)
    assert "not a role" in run("payload", "--roles", "browser", fails=2)
    assert "KEYCHAIN_UNKNOWN_UID has to be said" in run("serve", "--host", "192.0.2.1", fails=1)
    pinning = {"KEYCHAIN_UNKNOWN_UID": "pin", "KEYCHAIN_ONLY": "validation"}
    assert "for loopback only" in run("serve", "--welcome", "--host", "192.0.2.1", fails=2, env=pinning)
    assert "can not listen" in run("serve", "--host", "192.0.2.1", fails=1, env=pinning)
    assert "go together" in run("serve", fails=1, env={"KEYCHAIN_TLS_KEY": "key.pem"})
    minting = {"MINT_URL": "https://keychain.example", "MINT_API_ID": "x", "MINT_API_KEY": "y"}
    alone = {f"KEYCHAIN_{name}": value for name, value in minting.items()}
    assert "--only repo does not" in run("serve", "--welcome", "--only", "repo", fails=2, env=alone)
    assert "KEYCHAIN_MINT_URL has to be said" in run("serve", "--only", "repo", fails=1)
    monkeypatch.setenv("KEYCHAIN_PROT", "1")
    monkeypatch.setenv("KEYCHAIN_WORKERS", "none")
    output = run("sites", "list", fails=1)
    assert "KEYCHAIN_PROT is no setting" in output
    assert "KEYCHAIN_WORKERS has to be a whole number" in output


def test_pins_are_shown_and_revoked(run, database, asked):
    site, person = asked, Person()
    assert "nothing is on record" in run("pins", "show", person.uid)
    assert site.code(person.payload(utc_now())) == "success"
    person.keys["cd"] = Key()
    assert site.code(person.payload(utc_now())) == "key_not_on_record"
    shown = run("pins", "show", person.uid)
    assert person.keys["ad"].thumbprint in shown
    assert f"{person.keys['cd'].thumbprint}  refused on" in shown
    assert run("pins", "revoke", person.uid, person.keys["ad"].thumbprint) == "1 revoked\n"
    listed = json.loads(run("pins", "show", person.uid, "--json"))
    assert [key["revoked_at"] is None for key in sorted(listed["keys"], key=lambda key: key["role"])] == [False, True]
    assert len(listed["mismatches"]) == 1
    assert "revoked 2" in run("pins", "show", person.uid)
    assert run("pins", "revoke", person.uid, "--all") == "1 revoked\n"
    assert record.read(database, person.uid).active == frozenset()


def test_prune_says_what_it_did(run, database):
    said = run("prune").splitlines()
    assert said[:3] == ["0 spent nonces forgotten, 0 kept", "0 proofs forgotten", "0 frame sessions forgotten"]
    assert all(line.startswith("0 ") for line in said)


def test_migrate_goes_up_and_asks_before_going_down(run, database):
    assert run("migrate") == f"the tables are at {schema.head()}\n"
    assert "Aborted" in run("migrate", "--down", "base", input="n\n", fails=1)
    assert run("migrate", "--down", "base", "--yes") == "the tables are at nothing\n"
    assert "no sites yet" in run("sites", "list")  # the embedded database brings itself up to date


def test_a_database_server_is_not_migrated_by_surprise(run, postgresql, monkeypatch):
    store = engine.open_store(Settings(database_url=postgresql))
    schema.downgrade(store, "base")
    monkeypatch.setenv("KEYCHAIN_DATABASE_URL", postgresql)
    try:
        assert "keychain migrate" in run("sites", "list", fails=1)
        assert "run `keychain migrate`" in run("doctor", fails=1)
        assert schema.head() in run("migrate")
    finally:
        schema.upgrade(store)
        store.close()
    # The cluster of the tests does not wait for the disk, which is what doctor has to say of it, and all.
    said = [line for line in run("doctor", fails=1).splitlines() if line.startswith("wrong")]
    assert [line.split(": ")[1] for line in said] == ["fsync off in the database server"]


def test_a_database_that_is_away_is_said_to_be(run, postgresql, monkeypatch):
    monkeypatch.setenv("KEYCHAIN_DATABASE_URL", postgresql.replace("/keychain?", "/nowhere?"))
    assert "does not answer" in run("sites", "list", fails=1)
    assert "is it running" in run("doctor", fails=1)


def test_settings_show_no_secret(run, monkeypatch):
    monkeypatch.setenv(
        "KEYCHAIN_DATABASE_URL",
        "postgresql+psycopg://keychain:hunter2@db/keychain",  # pragma: allowlist secret
    )
    for output in (run("settings"), run("settings", "--json")):
        assert "hunter2" not in output
    assert "KEYCHAIN_DATABASE_URL[_FILE]=set" in run("settings")
    listed = {row["name"]: row for row in json.loads(run("settings", "--json"))}
    assert listed["KEYCHAIN_PORT"]["value"] == "8000"


@pytest.mark.parametrize(
    ("line", "setting", "said"),
    [
        ("sites list", {"DATA_DIR": "/proc/no"}, "can not be opened"),
        ("sites list", {"DATA_DIR": "/etc/hostname"}, "can not be opened"),
        (
            "sites list",
            {"DATABASE_URL": NO_URL},
            "is no URL",
        ),  # pragma: allowlist secret
        ("migrate --down nonsense --yes", {}, "no way to revision"),
        ("payload --title Shop", {}, "--title belongs to a --message"),
        ("payload --message \udcff", {}, "not text in UTF-8"),
        ("register --name \udcff", {}, "printable"),
        (f"register --name {'x' * 201}", {}, "at most 200"),
        ("register --name \x1b[31m", {}, "printable"),
        ("serve", {"CLAIMS_PUBLIC_KEY": "AAAA"}, "KEYCHAIN_CLAIMS_PUBLIC_KEY has to be"),
        ("serve", {"TLS_CERTIFICATE": "/no.pem", "TLS_KEY": "/no.pem"}, "can not be used: No such file"),
        ("serve", {"TLS_CERTIFICATE": "/etc/hostname", "TLS_KEY": "/etc/hostname"}, "can not be used"),
        (
            "serve",
            {"LIMITS_STORAGE": NO_STORAGE},
            "KEYCHAIN_LIMITS_STORAGE is not",
        ),  # pragma: allowlist secret
        ("doctor", {"DATABASE_URL": NO_URL}, "is no URL"),
        ("doctor", {"DATA_DIR": "/etc/hostname"}, "is not a directory"),
        ("doctor", {"CLAIMS_PUBLIC_KEY": "AAAA"}, "KEYCHAIN_CLAIMS_PUBLIC_KEY has to be"),
    ],
)
def test_no_mistake_ends_in_a_traceback_or_shows_a_secret(run, database, monkeypatch, line, setting, said):
    for name, value in setting.items():
        monkeypatch.setenv(f"KEYCHAIN_{name}", value)
    output = run(*line.split(), fails=2 if "title" in line else 1)
    assert said in output
    assert "hunter2" not in output


def test_tables_of_a_later_version_are_left_alone(run, database):
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "a later version made" in run("sites", "list", fails=1)
    assert "does not know" in run("doctor", fails=1)


@pytest.mark.parametrize("start", ["-", "-h", "--", "-y", "--a", "_"])
def test_a_thumbprint_that_begins_with_a_hyphen_is_no_option(run, asked, start):
    person = Person()
    while not (key := Key()).thumbprint.startswith(start[:1]):
        continue
    person.keys["ad"] = key
    assert asked.code(person.payload(utc_now())) == "success"
    assert "no such key" in run("pins", "revoke", person.uid, start + "x" * 40, fails=1)
    assert run("pins", "revoke", person.uid, key.thumbprint) == "1 revoked\n"


def test_the_script_element_for_sites_can_be_pinned_to_what_is_served(run):
    assert run("shim") == '<script src="http://id.localhost:8000/js/oneid.js"></script>\n'
    served = bundle.read()
    pinned = run("shim", "--pinned")
    assert f'src="http://id.localhost:8000{served.address(bundle.SHIM)}"' in pinned
    assert f'integrity="{served.files[bundle.SHIM].integrity}"' in pinned
    assert 'crossorigin="anonymous"' in pinned


def test_the_claims_keys_are_printed_as_another_partys_keychain_takes_them(run, monkeypatch):
    [made] = run("claims-key").split()
    assert run("claims-key").split() == [made], "the same one each time"
    monkeypatch.setenv("KEYCHAIN_MASTER_KEYS", f"1:{'A' * 43}=,2:{'B' * 42}E=")
    monkeypatch.setenv("KEYCHAIN_DATA_DIR", f"{os.environ['KEYCHAIN_DATA_DIR']}-2")
    printed = run("claims-key").strip()
    newest, former = (PublicKey.parse(part) for part in printed.split(","))
    assert newest != former != PublicKey.parse(made)
    monkeypatch.delenv("KEYCHAIN_MASTER_KEYS")
    monkeypatch.setenv("KEYCHAIN_ONLY", "validation")
    monkeypatch.setenv("KEYCHAIN_CLAIMS_PUBLIC_KEY", printed)
    assert "no mistakes" in run("doctor")
    assert "the claims key is the repo's" in run("claims-key", fails=1)
