"""A backup of PostgreSQL: what others have in the database, schemas, rights, and the programs that dump and restore."""

import io
import secrets

import pytest
from backups import at as at
from backups import floor_of, looking
from sqlalchemy import make_url, text

from keychain.store import dumps, postgresql_programs

pytestmark = pytest.mark.slow

of_postgresql = pytest.mark.parametrize("at", ["postgresql"], indirect=True)


@of_postgresql  # an embedded database is ours alone
@pytest.mark.parametrize(
    "theirs",
    ["CREATE TABLE of_others (x int)", "CREATE FUNCTION of_others() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
)
def test_what_others_keep_in_the_database_is_neither_backed_up_nor_restored(at, run, tmp_path, theirs):
    run("backup", str(tmp_path / "b"))
    with looking(at) as session:
        session._connection.execute(text(theirs))
    refusal = "what is not of this service (of_others)"
    assert refusal in run("restore", "--yes", str(tmp_path / "b"), fails=1)
    assert refusal in run("backup", str(tmp_path / "c"), fails=1), "it would not be restored"
    assert not (tmp_path / "c").exists()


@of_postgresql
def test_a_restore_goes_only_where_the_service_looks(at, run, tmp_path):
    run("backup", str(tmp_path / "b"))
    name = make_url(at.url).database
    with looking(at) as session:
        session._connection.execute(text('CREATE SCHEMA "Kc"'))
        session._connection.execute(text(f'ALTER DATABASE {name} SET search_path = "Kc"'))
    words = "the backup's tables are in the schema public, and the service looks into Kc"
    assert words in run("restore", "--yes", str(tmp_path / "b"), fails=1)
    run("migrate")
    run("backup", str(tmp_path / "c"))
    run("restore", "--yes", str(tmp_path / "c"))
    assert floor_of(at), "of a schema of its own it is restored into that one"


@of_postgresql
def test_rights_at_tables_outlive_a_restore(at, run, tmp_path):
    role = f"serves_{secrets.token_hex(4)}"
    rights = text(
        f"SELECT has_table_privilege('{role}', 'sites', 'INSERT'),"
        f" has_sequence_privilege('{role}', 'audit_events_id_seq', 'USAGE')"
    )
    with looking(at) as session:
        for statement in (
            f"CREATE ROLE {role}",
            f"GRANT SELECT, INSERT ON sites TO {role}",
            f"GRANT USAGE ON SEQUENCE audit_events_id_seq TO {role}",
        ):
            session._connection.execute(text(statement))
    try:
        run("backup", str(tmp_path / "b"))
        run("restore", "--yes", str(tmp_path / "b"))
        with looking(at) as session:
            assert [tuple(row) for row in session.rows(rights)] == [(True, True)]
    finally:
        with looking(at) as session:
            session._connection.execute(text(f"DROP OWNED BY {role}"))
            session._connection.execute(text(f"DROP ROLE {role}"))


def test_a_password_stands_on_no_command_line():
    secret = "se:cr\\et"  # pragma: allowlist secret
    for url in (
        "postgresql+psycopg://u:se%3Acr%5Cet@h:7/d?sslmode=require",  # pragma: allowlist secret
        f"postgresql+psycopg://u@/d?host=h&password={secret}",
    ):
        argument, environment = postgresql_programs.reach(url)
        assert "cr" not in argument
        assert environment == {"PGPASSWORD": secret}


def test_what_a_newer_program_says_is_kept_from_an_older_server():
    said = b"SET lock_timeout = 0;\nSET transaction_timeout = 0;\n"
    assert b"".join(dumps._head(io.BytesIO(said), 16)) == b"SET lock_timeout = 0;\n"
    assert b"".join(dumps._head(io.BytesIO(said), 17)) == said
