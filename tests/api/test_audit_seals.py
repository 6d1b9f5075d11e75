"""Seals: every event is sealed once and in its place, and what is changed afterwards is found, and where."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta

import pytest
from authenticator import Person
from conftest import empty, unguarded
from crowd import at_once
from site_client import SiteClient
from sqlalchemy import Connection, select, text

from keychain import errors
from keychain.app import create_app
from keychain.audit import digests, events, seals, verifying
from keychain.settings import Settings
from keychain.store import engine, schema
from keychain.store.audit_tables import audit_events, audit_seals
from keychain.validation import sites


@pytest.fixture
def small(monkeypatch) -> int:
    """Batches of five events."""
    monkeypatch.setattr(seals, "BATCH", 5)
    return 5


@pytest.fixture
def alone(postgresql):
    """An empty PostgreSQL, whichever database other tests are for."""
    store = engine.open_store(Settings(database_url=postgresql))
    empty(store)
    yield store
    empty(store)
    store.close()


def note(session, count: int) -> list[int]:
    """That many events, and their ids."""
    for n in range(count):
        events.note(session, "backup_made", f"{n}")
    return [event.id for event in events.read(session)][-count:]


@pytest.fixture
def sealed(store, session, small) -> list[int]:
    """Twelve events in three seals; their ids."""
    with store.session() as other, other.transaction() as connection, unguarded(connection):
        connection.execute(audit_events.delete())
    ids = note(session, 12)
    assert [seal.events for seal in seals.seal(store)] == [5, 5, 2]
    assert verifying.verify(store).findings == []
    return ids


def tamper(store, change: Callable[[Connection], object]) -> list[str]:
    """What verifying finds after somebody with the owner's rights made a change."""
    with store.session() as session, session.transaction() as connection, unguarded(connection):
        change(connection)
    return verifying.verify(store).findings


# Sealing.


def test_each_seal_covers_what_happened_since_the_last_and_names_it(site, store, session, clock):
    assert site.code(Person().payload(clock.now)) == "success"
    [first] = seals.seal(store)
    assert seals.seal(store) == []
    ids = note(session, 3)
    [second] = seals.seal(store)
    assert (first.number, first.previous, second.number, second.previous) == (1, b"", 2, first.digest)
    assert (second.first_id, second.last_id, second.events) == (ids[0], ids[-1], 3)
    assert first.last_id < second.first_id
    assert second.leaves == b"".join(map(digests.of_event, events.read(session, first.last_id)))
    assert abs(session.now() - second.sealed_at) < timedelta(minutes=1)
    verdict = verifying.verify(store)
    assert (verdict.findings, verdict.newest, verdict.unsealed) == ([], second, 0)
    note(session, 2)
    verdict = verifying.verify(store)
    assert (verdict.findings, verdict.unsealed) == ([], 2)
    assert verdict.unsealed_since is not None


def test_an_empty_log_has_no_seal_and_nothing_wrong(store):
    assert seals.seal(store) == []
    assert verifying.verify(store) == verifying.Verdict([], None, 0, None)


def test_many_that_seal_at_once_seal_each_event_once(store, session, small):
    ids = note(session, 100)
    made = [seal for one in at_once(*[lambda: seals.seal(store)] * 6) for seal in one]
    assert sorted(seal.number for seal in made) == list(range(1, 21))
    assert sum(seal.events for seal in made) == 100
    covered = [event for seal in sorted(made, key=lambda seal: seal.number) for event in (seal.first_id, seal.last_id)]
    assert covered == sorted(covered)
    assert (covered[0], covered[-1]) == (ids[0], ids[-1])
    assert verifying.verify(store).findings == []


def test_sealing_beside_registrations_that_are_rolled_back_and_committed_leaves_nothing_out(store, clock, small):
    def register(n: int) -> None:
        with store.session() as session:
            for attempt in range(15):
                with suppress(KeyError), session.transaction():
                    sites.register(session, clock.now)
                    if attempt % 3 == n % 3:
                        raise KeyError

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(register, n) for n in range(3)]
        while not all(one.done() for one in writing):
            seals.seal(store)
        for one in writing:
            one.result()
    seals.seal(store)
    verdict = verifying.verify(store)
    assert (verdict.findings, verdict.unsealed) == ([], 0)
    with store.session() as session:
        assert len(list(events.search(session, kind="site_registered"))) == 30


def test_an_event_whose_transaction_ends_after_a_later_one_is_waited_for_and_never_skipped(
    alone, clock, run, monkeypatch, postgresql
):
    """PostgreSQL gives out ids before it commits: the event with the lower id is seen last."""
    monkeypatch.setenv("KEYCHAIN_DATABASE_URL", postgresql)
    with alone.session() as slow, alone.session() as quick, ThreadPoolExecutor(1) as pool:
        with slow.transaction():
            sites.register(slow, clock.now)
            [late] = events.read(slow)
            fresh = sites.register(quick, clock.now)
            [early] = events.read(quick)
            assert (early.subject, early.id > late.id) == (fresh.api_id, True)
            assert seals.seal(alone, patience=0.1) == []
            monkeypatch.setattr(seals, "PATIENCE_SECONDS", 0.1)
            assert run("audit", "seal").startswith("0 events sealed\nothers wait: ")
            waiting = pool.submit(seals.seal, alone, 20.0)
            time.sleep(0.2)
            assert not waiting.done()
        [made] = waiting.result()
        assert (made.first_id, made.last_id, made.events) == (late.id, early.id, 2)
    assert verifying.verify(alone).findings == []


def test_a_transaction_that_took_its_number_first_and_its_id_last_deceives_nobody(alone, clock):
    """A number says when a transaction began to write, not when it took an id; both orders are possible."""
    numbered = text("SELECT pg_current_xact_id()")
    with alone.session() as older, alone.session() as newer:
        with newer.transaction():
            with older.transaction():
                older.rows(numbered)
                newer.rows(numbered)
                sites.register(newer, clock.now)  # the higher number has the lower id
                sites.register(older, clock.now)
            assert len(events.read(older)) == 1
            assert seals.seal(alone, patience=0.1) == []
        [made] = seals.seal(alone)
        assert made.events == len(events.read(older)) == 2
    assert verifying.verify(alone).findings == []


SERVES = """
CREATE ROLE serves LOGIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO serves;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO serves;
REVOKE UPDATE, DELETE ON audit_events, audit_seals FROM serves;
"""


@pytest.fixture
def serving(alone, postgresql):
    """The same database, for a role that owns nothing of it."""
    with alone.session() as session, session.transaction() as connection:
        connection.exec_driver_sql(SERVES)
    store = engine.open_store(Settings(database_url=postgresql.replace("keychain@", "serves@")))
    yield store
    store.close()
    with alone.session() as session, session.transaction() as connection:
        connection.exec_driver_sql("DROP OWNED BY serves; DROP ROLE serves")


def test_a_service_that_does_not_own_the_tables_adds_to_the_log_and_can_not_change_it(serving, clock):
    """As docs/operations.md advises."""
    site = SiteClient.registered(create_app(Settings(only="validation"), clock=clock, store=serving), clock)
    assert site.code(Person().payload(clock.now)) == "success"
    [made] = seals.seal(serving)
    assert made.events == 4
    assert verifying.verify(serving).findings == []
    for statement in (
        "UPDATE audit_events SET subject = 'x'",
        "DELETE FROM audit_seals",
        "TRUNCATE audit_events",
        "ALTER TABLE audit_events DISABLE TRIGGER USER",
        "DROP TRIGGER audit_record_made_by_insert ON records",
        "SET session_replication_role = replica",
    ):
        with serving.session() as session, pytest.raises(errors.Unavailable) as refused:
            session.rows(text(statement))
        assert "InsufficientPrivilege" in type(refused.value.__cause__.orig).__name__, statement


# Verifying.


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2020-01-01 00:00:00+00"),
        ("kind", "restored"),
        ("subject", "somebody else"),
        ("detail", "[]"),
        ("public_key", b""),
    ],
)
def test_an_event_that_was_changed_is_named(store, sealed, column, value):
    given = text(f"UPDATE audit_events SET {column} = :value WHERE id = :id")
    found = tamper(store, lambda connection: connection.execute(given, {"value": value, "id": sealed[6]}))
    assert found == [f"seal 2: event {sealed[6]} was changed"]


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([6], ["seal 2: 1 event is missing after event {5}"]),
        ([5], ["seal 2: 1 event is missing at its beginning"]),
        ([0, 1], ["seal 1: 2 events are missing at its beginning"]),
        ([9], ["seal 2: 1 event is missing after event {8}"]),
        ([4, 11], ["seal 1: 1 event is missing after event {3}", "seal 3: 1 event is missing after event {10}"]),
    ],
)
def test_where_an_event_is_missing_is_said(store, sealed, places, found):
    gone = audit_events.delete().where(audit_events.c.id.in_([sealed[place] for place in places]))
    assert tamper(store, lambda connection: connection.execute(gone)) == [one.format(*sealed) for one in found]


def test_an_event_that_was_put_in_is_named(store, sealed):
    apart = {sealed[6]: sealed[6] + 1000, sealed[7]: sealed[7] + 1000}
    first = {"id": sealed[0] - 5, "kind": "site_registered", "subject": "x"}
    found = tamper(store, lambda connection: connection.execute(audit_events.insert(), first))
    assert found == [f"seal 1: event {sealed[0] - 5} was put in"]
    for former, new in apart.items():
        moved = audit_events.update().where(audit_events.c.id == former).values(id=new)
        tamper(store, lambda connection, moved=moved: connection.execute(moved))
    found = tamper(store, lambda connection: connection.execute(audit_events.insert(), first | {"id": sealed[6]}))
    assert f"seal 2: event {sealed[6]} was changed" in found
    assert f"seal 2: 1 event is missing after event {sealed[6]}" in found
    assert verifying.verify(store).unsealed == 2


def test_events_that_were_put_in_another_order_are_named(store, sealed):
    def swap(connection: Connection) -> None:
        for former, new in ((sealed[1], 10**9), (sealed[2], sealed[1]), (10**9, sealed[2])):
            connection.execute(audit_events.update().where(audit_events.c.id == former).values(id=new))

    assert tamper(store, swap) == [f"seal 1: event {sealed[1]} was changed", f"seal 1: event {sealed[2]} was changed"]


@pytest.mark.parametrize("column", [column.name for column in audit_seals.c if column.name != "number"])
def test_a_seal_that_was_edited_is_named(store, session, sealed, column):
    [former] = session.rows(select(audit_seals.c[column]).where(audit_seals.c.number == 2))[0]
    other = (
        former[::-1] if isinstance(former, bytes) else former + timedelta(1) if column == "sealed_at" else former + 1
    )
    edited = audit_seals.update().where(audit_seals.c.number == 2).values({column: other})
    found = tamper(store, lambda connection: connection.execute(edited))
    assert "seal 2: it was changed" in found
    assert {one.partition(":")[0] for one in found} <= {"seal 2", "seal 3"}
    if column == "digest":
        assert "seal 3: it does not follow the one before it" in found


@pytest.mark.parametrize(("number", "finding"), [(1, "seal 2"), (2, "seal 3")])
def test_a_seal_that_is_missing_is_noticed_at_the_next(store, sealed, number, finding):
    gone = audit_seals.delete().where(audit_seals.c.number == number)
    assert tamper(store, lambda connection: connection.execute(gone)) == [f"{finding}: seals before it are missing"]


def test_a_seal_that_is_made_anew_over_changed_events_does_not_fit_the_next(store, session, sealed):
    other = audit_events.update().where(audit_events.c.id == sealed[6]).values(subject="x")
    assert tamper(store, lambda connection: connection.execute(other)) != []
    one, two, _ = seals.read(session, 0, 3)
    again = seals._over(events.read(session, one.last_id, two.last_id), one, two.sealed_at)
    anew = audit_seals.update().where(audit_seals.c.number == 2).values(leaves=again.leaves, digest=again.digest)
    assert tamper(store, lambda connection: connection.execute(anew)) == [
        "seal 3: it does not follow the one before it"
    ]


def test_an_end_that_was_cut_off_is_found_by_a_digest_that_was_kept_elsewhere_and_by_nothing_else(
    store, session, sealed
):
    kept = seals.newest(session)
    assert verifying.verify(store, {3: kept.digest}).findings == []
    assert verifying.verify(store, {2: kept.digest}).findings == ["seal 2: it is not the one that was expected"]

    def cut(connection: Connection) -> None:
        connection.execute(audit_seals.delete().where(audit_seals.c.number == 3))
        connection.execute(audit_events.delete().where(audit_events.c.id > sealed[9]))

    assert tamper(store, cut) == []
    assert verifying.verify(store, {3: kept.digest}).findings == ["seal 3: it is not there, and was expected"]


@pytest.mark.parametrize(
    "spoilt",
    [
        "at = 'yesterday'",
        "at = 7",
        "at = '0001-01-01 00:00:00+05:00'",
        "subject = CAST(x'ff' AS TEXT)",
        "subject = CAST(subject AS BLOB)",
        "kind = CAST(kind AS BLOB)",
        "detail = CAST(detail AS BLOB)",
        "public_key = 'text'",
    ],
)
def test_what_is_no_time_or_no_text_is_a_finding_and_not_a_crash(tmp_path, small, spoilt):
    """SQLite keeps anything in any column."""
    store = engine.open_store(Settings(data_dir=tmp_path / "data"))
    schema.upgrade(store)
    with store.session() as session:
        note(session, 4)
        seals.seal(store)
        ids = note(session, 5)
    seals.seal(store)
    found = tamper(
        store, lambda connection: connection.exec_driver_sql(f"UPDATE audit_events SET {spoilt} WHERE id = {ids[2]}")
    )
    assert [one.partition(": ")[2] for one in found] == [
        f"an event from {ids[0]} to {ids[4]} was changed, and can not be read any more"
    ]
    found = tamper(
        store, lambda connection: connection.exec_driver_sql("UPDATE audit_seals SET sealed_at = 'x' WHERE number = 2")
    )
    assert found == ["what comes after seal 1 can not be read any more"]
    store.close()
    with closing(engine.open_store(Settings(data_dir=tmp_path / "other"))) as empty, pytest.raises(errors.Unavailable):
        verifying.verify(empty)


@pytest.mark.parametrize(
    "spoilt",
    ["replace(at, ' ', 'T')", "at || '+00:00'", "substr(at, 1, 23)", "CAST(at AS BLOB)"],
)
def test_the_same_time_written_otherwise_is_found_because_nobody_finds_the_event_by_it(tmp_path, spoilt):
    store = engine.open_store(Settings(data_dir=tmp_path / "data"))
    schema.upgrade(store)
    with store.session() as session:
        ids = note(session, 5)
    seals.seal(store)
    assert verifying.verify(store).findings == []
    found = tamper(
        store,
        lambda connection: connection.exec_driver_sql(f"UPDATE audit_events SET at = {spoilt} WHERE id = {ids[2]}"),
    )
    assert len(found) == 1
    assert "was changed" in found[0]
    store.close()


@pytest.mark.parametrize("column", ["digest", "leaves", "previous"])
def test_a_seal_of_text_where_bytes_belong_is_a_finding_and_not_a_crash(tmp_path, column):
    store = engine.open_store(Settings(data_dir=tmp_path / "data"))
    schema.upgrade(store)
    seals.seal(store)
    found = tamper(
        store,
        lambda connection: connection.exec_driver_sql(f"UPDATE audit_seals SET {column} = CAST({column} AS TEXT)"),
    )
    assert found != []
    store.close()
