"""Prepared statements say what SQLAlchemy would have said, and give what it would have given."""

from datetime import UTC, datetime

from sqlalchemy import String, bindparam, select

from keychain.store.prepared import Prepared
from keychain.store.tables import sites

_BY_ID = select(sites).where(sites.c.api_id == bindparam("api_id", type_=String))
_PREPARED = Prepared(_BY_ID)
NOW = datetime(2026, 11, 21, 20, 0, 0, 123456, tzinfo=UTC)
ROW = {"api_id": "a", "key_digest": b"\x00\xff" * 16, "created_at": NOW, "may_pin": True}


def test_rows_are_those_of_the_long_way_types_and_all(session):
    session.add(sites, ROW)
    [short] = session.ask(_PREPARED, {"api_id": "a"})
    [long] = session.rows(_BY_ID, {"api_id": "a"})
    assert short == tuple(long)
    assert [type(value) for value in short] == [type(value) for value in long]
    assert session.ask(_PREPARED, {"api_id": "b"}) == []


def test_in_a_transaction_it_is_part_of_it(session):
    with session.transaction():
        session.add(sites, ROW)
        assert len(session.ask(_PREPARED, {"api_id": "a"})) == 1
        session._connection.rollback()
    assert session.ask(_PREPARED, {"api_id": "a"}) == []


def test_a_statement_is_compiled_once_for_each_dialect(opened):
    dialect = opened.engine.dialect
    assert _PREPARED.compiled(dialect) is _PREPARED.compiled(dialect)
