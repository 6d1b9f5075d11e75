"""The audit log's events: each act leaves its own, written with the change and by nobody's forethought."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from authenticator import Key, Person
from conftest import unguarded
from device import Device, over_wsgi
from mailing import ADDRESS, prove
from sqlalchemy import bindparam, select, text

from keychain import errors
from keychain.audit import events
from keychain.jose.jwk import PublicKey
from keychain.repo import identities
from keychain.store import audit_triggers, schema
from keychain.store.audit_tables import audit_events, audit_seals
from keychain.store.repo_tables import accounts, devices, master_key_marks
from keychain.store.tables import UTCDateTime, metadata, nonce_floor, records
from keychain.store.tables import sites as sites_table
from keychain.validation import record, roles, sites


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


def log(session, subject: str | None = None) -> list[str]:
    """The kinds of the events, in their order."""
    return [event.kind for event in events.search(session, subject=subject)]


def details(session, kind: str) -> list[dict]:
    return [json.loads(event.detail) for event in events.search(session, kind=kind)]


def since(session) -> int:
    found = events.read(session)
    return found[-1].id if found else 0


def later(session, mark: int) -> list[tuple[str, str]]:
    return [(event.kind, event.subject) for event in events.read(session, mark)]


# The Keychain.


def test_a_registration_is_an_event(site, session, clock):
    assert log(session, site.api_id) == ["site_registered"]
    [event] = events.search(session, kind="site_registered")
    assert abs((session.now() - event.at).total_seconds()) < 60, "the database's clock"
    assert (event.detail, event.public_key) == ("{}", None)


def test_each_act_of_an_operator_on_a_site_is_an_event_and_what_changes_nothing_is_none(site, session, clock):
    id_ = site.api_id
    for _ in range(2):
        sites.set_name(session, id_, "Ann's shop")
        sites.set_origin(session, id_, "https://shop.example")
        sites.require(session, id_, roles.parse_list("ad,repo,cd"))
        sites.allow_pin(session, id_, True)
        sites.revoke(session, id_, clock.now)
    sites.allow_pin(session, id_, False)
    sites.set_origin(session, id_, "")
    assert log(session, id_) == [
        "site_registered",
        "site_renamed",
        "site_origin_set",
        "site_roles_required",
        "site_may_pin",
        "site_revoked",
        "site_may_not_pin",
        "site_origin_set",
    ]
    assert details(session, "site_origin_set") == [{"origin": "https://shop.example"}, {"origin": ""}]
    assert details(session, "site_roles_required") == [{"roles": "ad repo cd"}]
    assert "Ann" not in str(events.read(session))


def test_a_first_use_and_each_change_of_a_record_are_events_with_their_keys(site, session, clock):
    person = Person()
    assert site.code(person.payload(clock.now)) == "success"
    person.keys["cd"] = Key()
    for wish, signing in (("pins", ("ad", "repo", "cd")), ("unpins", ("ad", "repo"))):
        change = {wish: {"cd": person.keys["cd"].thumbprint}}
        assert site.code(person.payload(clock.now, roles=signing, **change)) == "success"
    record.revoke(session, person.uid, person.keys["ad"].thumbprint, clock.now)
    found = list(events.search(session, subject=person.uid))
    first, *keys = [
        (event.kind, *json.loads(event.detail).values(), event.public_key and PublicKey(event.public_key).thumbprint)
        for event in found
    ]
    assert first == ("record_made", None)
    assert sorted(keys[:2]) == [("key_pinned", role, person.keys[role].thumbprint) for role in ("ad", "repo")]
    assert keys[2:] == [
        ("key_pinned", "cd", person.keys["cd"].thumbprint),
        ("key_revoked", "cd", person.keys["cd"].thumbprint),
        ("key_revoked", "ad", person.keys["ad"].thumbprint),
    ]


def test_a_success_against_a_record_is_no_event(site, session, clock):
    person = Person()
    assert site.code(person.payload(clock.now)) == "success"
    mark = since(session)
    assert site.code(person.payload(clock.now)) == "success"
    assert site.batch([person.payload(clock.now) for _ in range(3)])[0]["errorcode"] == 0
    assert later(session, mark) == []


def test_a_refused_validation_leaves_no_event_but_of_a_key_refused_beside_good_ones(site, session, clock):
    person, stranger = Person(), Person()
    used = person.payload(clock.now)
    assert site.code(used) == "success"
    mark = since(session)
    spoilt = stranger.payload(clock.now)
    spoilt["nonces"]["ad"]["nonce"] = person.payload(clock.now)["nonces"]["ad"]["nonce"]
    assert site.code(used) == "replayed_nonce"
    assert site.code(spoilt) != "success"
    assert site.code(Person(uid=person.uid).payload(clock.now)) == "key_not_on_record"
    assert later(session, mark) == []
    person.keys["cd"] = Key()
    for _ in range(2):
        assert site.code(person.payload(clock.now)) == "key_not_on_record"
    assert later(session, mark) == [("key_mismatch", person.uid)]
    expected = {"role": "cd", "thumbprint": person.keys["cd"].thumbprint, "api_id": site.api_id}
    assert details(session, "key_mismatch") == [expected]


def test_what_is_rolled_back_leaves_no_event(session, clock):
    def register_and_fail() -> None:
        with session.transaction():
            sites.register(session, clock.now)
            events.note(session, "restored")
            assert [kind for kind in log(session) if kind != "migrated"] == ["site_registered", "restored"]
            raise KeyError

    with pytest.raises(KeyError):
        register_and_fail()
    assert "site_registered" not in log(session)
    assert "restored" not in log(session)


# The repo.


def test_accounts_and_devices_leave_events_from_sign_up_to_the_end(device, session):
    assert log(session, device.account) == ["account_made"]
    assert details(session, "device_joined") == [{"account": device.account, "sort": "browser"}]
    former, onekey = device.make_onekey(), device.make_onekey()
    assert log(session, device.account)[1:] == ["oneid_key_made", "oneid_key_removed", "oneid_key_made"]
    assert details(session, "oneid_key_removed") == [{"thumbprint": former.key.thumbprint}]
    other = device.second(onekey)
    phone = device.connect_phone()
    assert details(session, "device_joined")[-1] == {"account": device.account, "sort": "phone"}
    phone.do("/repo/phone/settings", {"demands_phone": True, "numbers": "auto"})
    phone.do("/repo/phone/settings", {"demands_phone": False, "numbers": "auto"})
    assert log(session, device.account)[4:] == ["phone_demanded", "phone_not_demanded"]
    device.do("/repo/devices/revoke", {"device": other.kid})
    assert log(session, other.kid) == ["device_joined", "device_revoked"]
    device.do("/repo/devices/revoke", {"device": phone.kid})
    phone.do("/repo/devices/keep")
    assert log(session, phone.kid) == ["device_joined", "device_removal_asked", "device_removal_denied"]
    phone.do("/repo/accounts/close")
    assert log(session, device.account)[6:] == ["account_closed", "oneid_key_removed"]
    assert log(session, phone.kid)[-1] == log(session, device.kid)[-1] == "device_revoked"


def test_a_new_secret_is_an_event_each_time(device, session):
    device.make_onekey()
    for _ in range(2):
        device.do("/repo/renew", device.renewal())
    assert log(session, device.account) == [
        "account_made",
        "oneid_key_made",
        "oneid_key_removed",
        "secret_renewed",
        "secret_renewed",
    ]


def test_a_phones_keys_are_events_of_the_record_and_the_log_never_joins_a_uid_to_an_account(device, session):
    shop, other = device.mint(), device.mint("https://other.example")
    phone = device.connect_phone().pin_all()
    pinned = {event.public_key for event in events.search(session, subject=shop.uid, kind="key_pinned")}
    assert bytes.fromhex(phone.control[shop.uid].raw.hex()) in pinned
    device.do("/repo/identities/forget", {"uid": other.uid, "origin": other.origin})
    device.do("/repo/sessions", device_session(device, shop))
    whose = {device.account, device.kid, phone.kid}
    for event in events.read(session):
        written = f"{event.subject} {event.detail}"
        assert not (any(one in written for one in whose) and (shop.uid in written or other.uid in written)), event


def device_session(device: Device, identity) -> dict:
    return {"uid": identity.uid, "origin": identity.origin, "key": Key().text, "silent": True}


def test_a_two_factor_token_that_ends_is_an_event(device, session):
    uid = device.mint().uid
    identities.new_token(session, uid, 1, bytes(32))
    assert log(session, uid)[-1] == "token_renewed"


def test_master_keys_and_a_floor_under_nonces_are_events(session, clock):
    session.add(master_key_marks, {"version": 7, "mark": bytes(32)})
    session.changed(master_key_marks.update().values(used_since=clock.now))
    session.add(nonce_floor, {"floor": "0012026-11-21T00:00:00Z"})
    expected = [("master_key_known", "7"), ("master_key_used", "7"), ("nonce_floor_set", "0012026-11-21T00:00:00Z")]
    assert later(session, 0)[-3:] == expected


# What holds of all.


def test_acts_without_a_row_are_noted(session):
    events.note(session, "backup_made", "keychain-1", {"revision": "0006"})
    [event] = events.search(session, kind="backup_made")
    assert (event.subject, json.loads(event.detail)) == ("keychain-1", {"revision": "0006"})


BY_HAND = {
    "UPDATE sites SET key_digest = :other": "site_rewritten",
    "UPDATE sites SET revoked_at = NULL": "site_restored",
    "UPDATE sites SET revoked_at = :later": "site_rewritten",
    "DELETE FROM sites": "site_deleted",
    "INSERT INTO sites (api_id, key_digest, created_at, may_pin) VALUES ('x', :other, :now, true)": "site_may_pin",
    "INSERT INTO records (uid, version, created_at) VALUES ('x', 1, :now)": "record_made",
    "UPDATE pins SET public_key = :key WHERE role = 'ad'": "key_rewritten",
    "UPDATE pins SET revoked_at = NULL": "key_restored",
    "UPDATE pins SET revoked_at = :later": "key_rewritten",
    "DELETE FROM pins WHERE role = 'ad'": "key_deleted",
    "DELETE FROM key_mismatches": "key_mismatch_deleted",
    "UPDATE nonce_floor SET floor = '0'": "nonce_floor_rewritten",
    "DELETE FROM nonce_floor": "nonce_floor_deleted",
    "UPDATE accounts SET closed_at = NULL": "account_reopened",
    "UPDATE accounts SET closed_at = :later": "account_rewritten",
    "UPDATE devices SET revoked_at = NULL": "device_restored",
    "UPDATE devices SET public_key = :key": "device_rewritten",
    "UPDATE devices SET revoked_at = :later": "device_rewritten",
    "UPDATE devices SET ends_at = :later": "device_rewritten",
    "DELETE FROM devices": "device_deleted",
    "UPDATE recovery_keys SET public_key = :key": "oneid_key_rewritten",
    "UPDATE master_key_marks SET mark = :other": "master_key_rewritten",
    "UPDATE master_key_marks SET used_since = NULL": "master_key_unused",
    "UPDATE master_key_marks SET used_since = :later": "master_key_rewritten",
    "DELETE FROM master_key_marks": "master_key_forgotten",
    "UPDATE alembic_version SET version_num = '0001'": "migrated",
}


def test_a_hand_at_the_sql_prompt_leaves_events_too(site, device, session, clock):
    person = Person()
    assert site.code(person.payload(clock.now)) == "success"
    person.keys["cd"] = Key()
    assert site.code(person.payload(clock.now)) == "key_not_on_record"
    device.make_onekey()
    record.revoke(session, person.uid, None, clock.now)
    sites.revoke(session, site.api_id, clock.now)
    for table, column in (
        (accounts, "closed_at"),
        (devices, "revoked_at"),
        (devices, "ends_at"),
        (master_key_marks, "used_since"),
    ):
        session.changed(table.update().values({column: clock.now}))
    session.add(nonce_floor, {"floor": "00"})
    mark, given = since(session), {"other": b"\x01" * 32, "key": b"\x02" * 64, "now": clock.now}
    given["later"] = clock.now + timedelta(days=365)
    for statement, kind in BY_HAND.items():
        values = {name: value for name, value in given.items() if f":{name}" in statement}
        with suppress(KeyError), session.transaction() as connection:
            times = [bindparam(name, type_=UTCDateTime) for name in ("now", "later") if name in values]
            connection.execute(text(statement).bindparams(*times), values)
            assert kind in {found for found, _ in later(session, mark)}, statement
            raise KeyError
        assert later(session, mark) == []


def test_a_table_that_is_emptied_at_once_leaves_an_event_of_each(site, store, session, clock):
    """PostgreSQL's TRUNCATE passes over triggers of rows; SQLite has none, and DELETE leaves an event of each row."""
    assert site.code(Person().payload(clock.now)) == "success"
    mark, tables = since(session), ("pins", "records", "sites", "accounts")
    if store.is_sqlite:
        session.changed(text("DELETE FROM pins"))
        assert later(session, mark) == [
            ("key_deleted", event.subject) for event in events.search(session, kind="key_pinned")
        ]
        return
    with session.transaction() as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} CASCADE")
    found = later(session, mark)
    assert {kind for kind, _ in found} == {"truncated"}
    assert {table for _, table in found} >= {*tables, "devices"}
    with session.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE sites DISABLE TRIGGER audit_sites_truncated")
    assert audit_triggers.missing(store) == ["audit_sites_truncated"]
    with session.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE sites ENABLE TRIGGER audit_sites_truncated")


def test_a_site_that_is_revoked_twice_was_revoked_the_first_time(site, session, clock):
    first = clock.now
    sites.revoke(session, site.api_id, first)
    clock.tick(hours=1)
    sites.revoke(session, site.api_id, clock.now)
    assert log(session, site.api_id) == ["site_registered", "site_revoked"]
    assert session.rows(select(sites_table.c.revoked_at)) == [(first,)]


def test_events_of_the_very_moment_that_is_asked_for_are_found_on_both_databases(site, session):
    [event] = events.search(session, kind="site_registered")
    second = event.at.replace(microsecond=0)
    assert [found.id for found in events.search(session, since=event.at, subject=site.api_id)] == [event.id]
    assert [found.id for found in events.search(session, since=second, subject=site.api_id)] == [event.id]
    assert list(events.search(session, since=event.at + timedelta(milliseconds=1), subject=site.api_id)) == []


@pytest.mark.parametrize("table", [audit_events, audit_seals])
def test_the_log_can_only_grow(site, store, session, table):
    if table is audit_seals:
        values = dict.fromkeys(("number", "first_id", "last_id", "events"), 1)
        blobs = dict.fromkeys(("previous", "leaves", "digest"), b"")
        session.add(audit_seals, values | blobs | {"sealed_at": session.now()})
    before = session.rows(select(table))
    column = table.c[1 if table is audit_seals else 2].name
    statements = [f"UPDATE {table.name} SET {column} = {column}", f"DELETE FROM {table.name}"]
    for statement in statements if store.is_sqlite else [*statements, f"TRUNCATE {table.name}"]:
        with pytest.raises(errors.Unavailable) as refused, session.transaction() as connection:
            connection.exec_driver_sql(statement)
        assert "append-only" in str(refused.value.__cause__)
    assert session.rows(select(table)) == before != []


def test_every_trigger_is_there_and_one_that_is_not_is_named(store, session):
    assert audit_triggers.missing(store) == []
    known = text(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'" if store.is_sqlite else "SELECT tgname FROM pg_trigger"
    )
    made = {str(name) for (name,) in session.rows(known) if str(name).startswith("audit_")}
    assert made == audit_triggers.names(store)
    if not store.is_sqlite:
        with session.transaction() as connection:
            connection.exec_driver_sql("ALTER TABLE pins DISABLE TRIGGER audit_key_pinned_by_insert")
        assert audit_triggers.missing(store) == ["audit_key_pinned_by_insert"]
        with session.transaction() as connection:
            connection.exec_driver_sql("ALTER TABLE pins ENABLE TRIGGER audit_key_pinned_by_insert")
    assert audit_triggers.missing(store) == []


def test_nothing_secret_and_nothing_that_a_person_wrote_is_in_the_log(app, site, device, session, clock):
    onekey = device.make_onekey()
    identity = device.mint()
    device.keep()
    device.release(identity)
    prove(device, app)
    phone = device.connect_phone().pin_all()
    phone.set_pin("1234")
    sites.set_name(session, site.api_id, "Ann's shop")
    frame = device.frame(identity)
    payload = frame.payload()
    assert site.code(payload) == "success"
    # A number, a time or a key can hold four digits by chance.
    logged = json.dumps([[event.kind, event.subject, event.detail] for event in events.read(session)])
    secret = [
        site.api_key,
        onekey.locator,
        onekey.sealed,
        identity.sealed,
        ADDRESS,
        "Ann's",
        "Firefox",
        "1234",
        "127.0.0.1",
    ]
    assert [one for one in secret if one in logged] == []
    hidden = {
        "key_digest",
        "sealed",
        "mark",
        "locator_digest",
        "token_digest",
        "digest",
        "salt",
        "code_digest",
        "mailbox",
    }
    for table in metadata.sorted_tables:
        for column in table.c:
            if column.name in hidden and not table.name.startswith("audit_"):
                for (value,) in session.rows(select(column)):
                    assert not value or (str(value) not in logged and value.hex() not in logged.lower()), column
    assert payload["nonces"]["ad"]["nonce"].partition(".")[0] not in logged


def test_a_database_of_before_gets_a_log_that_begins_with_the_migration_and_loses_it_on_the_way_back(
    site, store, session, clock
):
    person = Person()
    assert site.code(person.payload(clock.now)) == "success"
    schema.downgrade(store, "0005")
    names = {name for (name,) in session.rows(text("SELECT uid FROM records"))}
    assert names == {person.uid}
    with pytest.raises(errors.Unavailable):
        session.rows(select(audit_events))
    record.revoke(session, person.uid, person.keys["repo"].thumbprint, clock.now)  # nothing of the log is left to fail
    schema.upgrade(store)
    assert later(session, -1)[0] == ("migrated", "0006")
    assert details(session, "migrated")[0] == {"from": "0005"}
    mark = since(session)
    assert site.code(Person().payload(clock.now)) == "success"
    assert [kind for kind, _ in later(session, mark)] == ["record_made", "key_pinned", "key_pinned"]
    with session.transaction() as connection, unguarded(connection):
        connection.execute(audit_events.delete())
    assert session.rows(select(records.c.uid).where(records.c.uid == person.uid))
