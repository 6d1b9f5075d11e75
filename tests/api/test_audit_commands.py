"""``keychain audit``: what an operator types, and what it answers; and that the server seals by itself."""

import json
import time

import pytest
from conftest import unguarded
from running import PATIENCE, service
from sqlalchemy import text
from structlog.testing import capture_logs

from keychain import errors
from keychain.audit import seals
from keychain.cli import audit
from keychain.settings import Settings
from keychain.store import engine, schema


@pytest.fixture
def store(tmp_path):
    """The database of ``run``."""
    opened = engine.open_store(Settings(data_dir=tmp_path / "data"))
    yield opened
    opened.close()


@pytest.mark.parametrize("line", ["audit", "audit list", "audit seal", "audit verify"])
def test_every_command_explains_itself(run, line):
    assert "Usage: " in run(*line.split(), "--help")


def test_events_are_listed_and_chosen_by_time_kind_and_subject(run):
    api_id = json.loads(run("register", "--json"))["API_ID"]
    run("register")
    run("sites", "require", api_id, "ad,repo,cd")
    lines = run("audit", "list").splitlines()
    listed = [line.split("  ")[2] for line in lines]
    assert listed[0] == "migrated", "how the log begins"
    assert listed[-3:] == ["site_registered", "site_registered", "site_roles_required"]
    assert lines[-1].endswith(f"site_roles_required  {api_id}  roles=ad repo cd")
    assert len(run("audit", "list", "--subject", api_id).splitlines()) == 2
    assert len(run("audit", "list", "--kind", "site_registered").splitlines()) == 2
    assert run("audit", "list", "--since", "2099-01-01") == ""
    assert run("audit", "list", "--since", "2020-01-01") == run("audit", "list")
    [last] = map(json.loads, run("audit", "list", "--json", "--kind", "site_roles_required").splitlines())
    assert last["subject"] == api_id
    assert last["detail"] == {"roles": "ad repo cd"}
    assert (last["thumbprint"], last["at"][-6:]) == (None, "+00:00")
    assert "Error" in run("audit", "list", "--since", "yesterday", fails=2)


def test_a_key_that_was_pinned_is_listed_by_its_thumbprint(asked, run):
    payload = json.loads(run("payload"))
    assert asked.code(payload) == "success"
    shown = json.loads(run("pins", "show", payload["uid"], "--json"))["keys"]
    listed = map(json.loads, run("audit", "list", "--json", "--kind", "key_pinned").splitlines())
    assert {(one["detail"]["role"], one["thumbprint"]) for one in listed} == {
        (key["role"], key["thumbprint"]) for key in shown
    }


def test_a_detail_that_somebody_wrote_by_hand_is_shown_as_it_is(run, store):
    run("register")
    for detail in ("not JSON", "[]", "[" * 100_000):
        with store.session() as session, session.transaction() as connection:
            connection.execute(
                text("INSERT INTO audit_events (kind, subject, detail) VALUES ('x', 'y', :d)"), {"d": detail}
            )
    assert run("audit", "list", "--kind", "x").count("unreadable=") == 3


def test_sealing_and_verifying_say_the_newest_seal_which_can_be_kept_and_expected(run):
    run("register")
    count = len(run("audit", "list").splitlines())
    unsealed = run("audit", "verify")
    assert unsealed.startswith(f"{count} events since")
    assert unsealed.endswith("the audit log holds\n")
    first, newest = run("audit", "seal").splitlines()
    assert first == f"{count} events sealed"
    kept = newest.split()[-1]
    assert kept.startswith("1:")
    assert len(kept) == 66
    assert run("audit", "seal") == f"0 events sealed\n{newest}\n"
    run("register")
    run("audit", "seal")
    said = run("audit", "verify", "--expect", kept)
    assert "newest seal  2:" in said
    assert said.endswith("the audit log holds\n")
    other = kept.translate(str.maketrans("0123456789abcdef", "1032547698badcfe"))
    assert "seal 0" not in said
    assert "expected" in run("audit", "verify", "--expect", f"1:{other[2:]}", fails=1)
    assert "seal 3: it is not there" in run("audit", "verify", "--expect", f"3{kept[1:]}", "--expect", kept, fails=1)


@pytest.mark.parametrize("expected", ["", "1", "1:", "1:00", "x:" + "00" * 32, "0:" + "00" * 32, "1:" + "0g" * 32])
def test_what_is_no_seal_can_not_be_expected(run, expected):
    run("register")
    assert "NUMBER:DIGEST" in run("audit", "verify", "--expect", expected, fails=2)


def test_a_changed_log_ends_in_exit_code_1_and_says_where(run, store):
    run("register")
    run("audit", "seal")
    with store.session() as session, session.transaction() as connection, unguarded(connection):
        connection.execute(text("UPDATE audit_events SET subject = 'x' WHERE kind = 'site_registered'"))
    said = run("audit", "verify", fails=1)
    number = json.loads(run("audit", "list", "--json", "--subject", "x"))["id"]
    assert said.startswith(f"seal 1: event {number} was changed\n")
    assert "the audit log was changed" in said


def test_a_trigger_that_is_gone_is_a_finding(run, store):
    run("register")
    with store.session() as session, session.transaction() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_site_revoked_by_update")
    assert "trigger audit_site_revoked_by_update is not there" in run("audit", "verify", fails=1)


def test_the_log_line_of_a_seal_has_what_is_to_be_kept(run, store):
    run("register")
    with capture_logs() as logged:
        audit.seal_once(store)
        audit.seal_once(store)
    with store.session() as session:
        newest = seals.newest(session)
    assert logged == [
        {
            "event": "audit_sealed",
            "log_level": "info",
            "number": 1,
            "digest": newest.digest.hex(),
            "events": newest.events,
        }
    ]


def test_a_database_that_can_not_be_sealed_is_no_end_of_sealing(run, store):
    run("register")
    schema.downgrade(store, "0005")
    with capture_logs() as logged:
        audit.seal_once(store)
    assert [(line["event"], line["log_level"]) for line in logged] == [("not sealed", "warning")]
    with pytest.raises(errors.Unavailable):
        seals.seal(store)


def test_an_event_with_a_time_that_is_none_is_named_in_one_line_and_is_no_end_of_sealing(run, store):
    run("register")
    run("audit", "seal")
    run("register")
    with store.session() as session, session.transaction() as connection:
        connection.execute(text("INSERT INTO audit_events (kind, subject, at) VALUES ('x', 'y', 'yesterday')"))
    for line in ("list", "seal"):
        assert "`keychain audit verify` says where" in run("audit", line, fails=1)
    assert run("audit", "verify", fails=1).startswith("what comes after seal 1 can not be read any more\n")
    with capture_logs() as logged:
        audit.seal_once(store)
    assert [line["event"] for line in logged] == ["not sealed"]


@pytest.mark.parametrize("spoilt", ["kind = CAST(kind AS BLOB)", "at = 7", "at = '0001-01-01 00:00:00+05:00'"])
def test_an_event_of_another_type_than_its_columns_ends_list_in_one_line_and_verify_names_it(run, store, spoilt):
    run("register")
    run("audit", "seal")
    with store.session() as session, session.transaction() as connection, unguarded(connection):
        connection.execute(text(f"UPDATE audit_events SET {spoilt} WHERE kind = 'site_registered'".replace(":", r"\:")))
    assert "`keychain audit verify` says where" in run("audit", "list", fails=1)
    assert "was changed, and can not be read any more" in run("audit", "verify", fails=1)


@pytest.mark.slow
def test_a_server_seals_by_itself(run, store, tmp_path):
    with service(tmp_path / "data", workers="2"):
        deadline = time.monotonic() + PATIENCE
        while not run("audit", "verify").startswith("newest seal"):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    with store.session() as session:
        assert seals.newest(session).number >= 1
