"""The audit log: its two tables, and the triggers that write its events.

A trigger writes in the transaction that changes the row: no path of the code can forget an event, nor can somebody at
the SQL prompt, and what is rolled back leaves none. They are written once below, for both databases. PostgreSQL's
TRUNCATE passes over triggers of rows, so there each table has one for that.

A later migration that builds a table anew (Alembic's ``batch_alter_table`` on SQLite) loses its triggers, and has to
make them again; ``keychain audit verify`` says which are not there.
"""

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A migration is history: it names its own types, so that a later change of the tables can not change it.
TIME = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# SQLite compares times as texts. CURRENT_TIMESTAMP has no fraction, and would come before the same second asked for.
SQLITE_NOW = "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))"


class Rule(NamedTuple):
    """When a row changes like this, there is an event of this kind."""

    kind: str
    table: str
    act: str  # INSERT, DELETE, or UPDATE OF columns
    subject: str
    detail: str = ""  # names and SQL, as arguments of json_object
    public_key: str = "NULL"
    when: str = ""


def _since(
    kind: str, back: str, table: str, column: str, subject: str, detail: str = "", public_key: str = "NULL"
) -> Iterator[Rule]:
    """A time that is written, and one that is taken away again, which only somebody at the SQL prompt does."""
    old, new = f"OLD.{column}", f"NEW.{column}"
    act = f"UPDATE OF {column}"
    yield Rule(kind, table, act, subject, detail, public_key, f"{old} IS NULL AND {new} IS NOT NULL")
    yield Rule(back, table, act, subject, detail, public_key, f"{old} IS NOT NULL AND {new} IS NULL")


def _set(kind: str, table: str, column: str, subject: str, detail: str = "") -> Iterator[Rule]:
    """What is not as it comes from the beginning, or is changed."""
    new = f"NEW.{column}"
    yield Rule(kind, table, "INSERT", subject, detail, when=f"{new} <> ''")
    yield Rule(kind, table, f"UPDATE OF {column}", subject, detail, when=f"OLD.{column} <> {new}")


def _flag(kind: str, back: str, table: str, column: str, subject: str) -> Iterator[Rule]:
    yield Rule(kind, table, "INSERT", subject, when=f"NEW.{column}")
    yield Rule(kind, table, f"UPDATE OF {column}", subject, when=f"NEW.{column} AND NOT OLD.{column}")
    yield Rule(back, table, f"UPDATE OF {column}", subject, when=f"OLD.{column} AND NOT NEW.{column}")


def _rewritten(
    kind: str, table: str, columns: tuple[str, ...], subject: str, detail: str = "", public_key: str = "NULL"
) -> Rule:
    """What never changes in any row was changed; of a time, which is set once, from one to another."""
    differ = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in columns)
    return Rule(kind, table, f"UPDATE OF {', '.join(columns)}", subject, detail, public_key, differ)


DEVICE = "'account', NEW.account, 'sort', CASE WHEN NEW.phone THEN 'phone' ELSE 'browser' END"
MISMATCH = "'role', NEW.role, 'thumbprint', NEW.thumbprint, 'api_id', NEW.api_id"
OF_DEVICE = ("id", "account", "public_key", "phone", "revoked_at", "ends_at")
OF_MARK = ("version", "mark", "used_since")
PIN = "NEW.uid", "'role', NEW.role", "NEW.public_key"

RULES = (
    Rule("migrated", "alembic_version", "UPDATE OF version_num", "NEW.version_num", "'from', OLD.version_num"),
    # The Keychain: sites.
    Rule("site_registered", "sites", "INSERT", "NEW.api_id"),
    Rule("site_renamed", "sites", "UPDATE OF name", "NEW.api_id", when="OLD.name <> NEW.name"),
    *_set("site_origin_set", "sites", "origin", "NEW.api_id", "'origin', NEW.origin"),
    *_set("site_roles_required", "sites", "required_roles", "NEW.api_id", "'roles', NEW.required_roles"),
    *_flag("site_may_pin", "site_may_not_pin", "sites", "may_pin", "NEW.api_id"),
    *_since("site_revoked", "site_restored", "sites", "revoked_at", "NEW.api_id"),
    _rewritten("site_rewritten", "sites", ("api_id", "key_digest", "revoked_at"), "OLD.api_id", "'now', NEW.api_id"),
    Rule("site_deleted", "sites", "DELETE", "OLD.api_id"),
    # Records and their keys.
    Rule("record_made", "records", "INSERT", "NEW.uid"),
    _rewritten("record_rewritten", "records", ("uid",), "OLD.uid", "'now', NEW.uid"),
    Rule("record_deleted", "records", "DELETE", "OLD.uid"),
    Rule("key_pinned", "pins", "INSERT", *PIN),
    *_since("key_revoked", "key_restored", "pins", "revoked_at", *PIN),
    _rewritten(
        "key_rewritten",
        "pins",
        ("uid", "role", "public_key", "revoked_at"),
        "OLD.uid",
        "'role', OLD.role, 'now', NEW.uid, 'now_role', NEW.role",
        "NEW.public_key",
    ),
    Rule("key_deleted", "pins", "DELETE", "OLD.uid", "'role', OLD.role", "OLD.public_key"),
    Rule("key_mismatch", "key_mismatches", "INSERT", "NEW.uid", MISMATCH),
    Rule("key_mismatch_deleted", "key_mismatches", "DELETE", "OLD.uid", MISMATCH.replace("NEW.", "OLD.")),
    Rule("nonce_floor_set", "nonce_floor", "INSERT", "NEW.floor"),
    _rewritten("nonce_floor_rewritten", "nonce_floor", ("floor",), "OLD.floor", "'now', NEW.floor"),
    Rule("nonce_floor_deleted", "nonce_floor", "DELETE", "OLD.floor"),
    # The repo. Nothing here puts an account and a uid side by side: a site that a person forgets stays forgotten.
    Rule("account_made", "accounts", "INSERT", "NEW.id"),
    *_since("account_closed", "account_reopened", "accounts", "closed_at", "NEW.id"),
    *_flag("phone_demanded", "phone_not_demanded", "accounts", "demands_phone", "NEW.id"),
    Rule("secret_renewed", "accounts", "UPDATE OF renewed_at", "NEW.id", when="NEW.renewed_at IS NOT NULL"),
    _rewritten("account_rewritten", "accounts", ("id", "closed_at"), "OLD.id", "'now', NEW.id"),
    Rule("account_taken_back", "accounts", "DELETE", "OLD.id"),
    Rule("device_joined", "devices", "INSERT", "NEW.id", DEVICE),
    *_since("device_revoked", "device_restored", "devices", "revoked_at", "NEW.id", "'account', NEW.account"),
    *_since("device_removal_asked", "device_removal_denied", "devices", "ends_at", "NEW.id", "'account', NEW.account"),
    _rewritten("device_rewritten", "devices", OF_DEVICE, "OLD.id", DEVICE),
    Rule("device_deleted", "devices", "DELETE", "OLD.id", "'account', OLD.account"),
    Rule("oneid_key_made", "recovery_keys", "INSERT", "NEW.account", "'thumbprint', NEW.thumbprint"),
    _rewritten("oneid_key_rewritten", "recovery_keys", ("account", "thumbprint", "public_key"), "OLD.account"),
    Rule("oneid_key_removed", "recovery_keys", "DELETE", "OLD.account", "'thumbprint', OLD.thumbprint"),
    Rule("token_renewed", "identities", "UPDATE OF token_generation", "NEW.uid"),
    Rule("master_key_known", "master_key_marks", "INSERT", "NEW.version"),
    Rule("master_key_used", "master_key_marks", "INSERT", "NEW.version", when="NEW.used_since IS NOT NULL"),
    *_since("master_key_used", "master_key_unused", "master_key_marks", "used_since", "NEW.version"),
    _rewritten("master_key_rewritten", "master_key_marks", OF_MARK, "OLD.version", "'now', NEW.version"),
    Rule("master_key_forgotten", "master_key_marks", "DELETE", "OLD.version"),
)
TABLES = sorted({rule.table for rule in RULES})


def upgrade() -> None:
    """Build the tables, empty, and then the triggers: the first event is of this very migration."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("accounts", sa.Column("renewed_at", TIME))
    op.create_table(
        "audit_events",
        sa.Column("id", NUMBER, nullable=False, autoincrement=False),
        sa.Column("at", TIME, nullable=False, server_default=sa.text(SQLITE_NOW) if sqlite else sa.func.now()),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False, server_default="{}"),
        sa.Column("public_key", sa.LargeBinary(64)),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
    )
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("first_id", sa.BigInteger, nullable=False),
        sa.Column("last_id", sa.BigInteger, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("sealed_at", TIME, nullable=False),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("leaves", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_seals"),
    )
    if sqlite:
        _on_sqlite()
    else:
        _on_postgresql()


def downgrade() -> None:
    """Drop the triggers, and with the tables the log."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for rule in RULES:
        op.execute(f"DROP TRIGGER {_name(rule)}" + f" ON {rule.table}" * postgresql)
    for table in TABLES if postgresql else ():
        op.execute(f"DROP TRIGGER audit_{table}_truncated ON {table}")
    op.drop_table("audit_seals")
    op.drop_table("audit_events")
    if postgresql:
        for rule in RULES:
            op.execute(f"DROP FUNCTION {_name(rule)}()")
        op.execute("DROP FUNCTION audit_truncated()")
        op.execute("DROP FUNCTION audit_is_append_only()")
    op.drop_column("accounts", "renewed_at")


def _name(rule: Rule) -> str:
    return f"audit_{rule.kind}_by_{rule.act.split()[0].lower()}"


def _trigger(rule: Rule) -> str:
    condition = f" WHEN ({rule.when})" if rule.when else ""
    return f"CREATE TRIGGER {_name(rule)} AFTER {rule.act} ON {rule.table} FOR EACH ROW{condition}"


def _on_sqlite() -> None:
    op.execute("SELECT json_object('a', 1)")  # a SQLite without it would fail when the first event is written
    for rule in RULES:
        detail = f"json_object({rule.detail})" if rule.detail else "'{}'"
        values = f"'{rule.kind}', {rule.subject}, {detail}, {rule.public_key}"
        insert = f"INSERT INTO audit_events (kind, subject, detail, public_key) VALUES ({values})"  # noqa: S608 - ours
        op.execute(_literal(f"{_trigger(rule)} BEGIN {insert}; END"))
    for table in ("audit_events", "audit_seals"):
        for act in ("UPDATE", "DELETE"):
            refuse = "SELECT RAISE(ABORT, 'the audit log is append-only')"
            op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} BEGIN {refuse}; END")


def _on_postgresql() -> None:
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute("CREATE SEQUENCE audit_events_id_seq AS bigint OWNED BY audit_events.id")
    # A transaction has to have its number before it takes an id: sealing waits for the transactions that had one.
    # CASE is what PostgreSQL promises to evaluate in this order.
    op.execute(
        "ALTER TABLE audit_events ALTER COLUMN id SET DEFAULT"
        f" CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('{schema}.audit_events_id_seq') END"
    )
    for rule in RULES:
        # A type that JSON has no text for is no reason to fail: all of it is text.
        detail = f"jsonb_build_object({rule.detail})::text" if rule.detail else "'{}'"
        values = f"'{rule.kind}', {rule.subject}, {detail}, {rule.public_key}"
        # The table by its full name: one of a session's own would be found before it.
        insert = f"INSERT INTO {schema}.audit_events (kind, subject, detail, public_key) VALUES ({values})"  # noqa: S608 - ours
        op.execute(
            _literal(
                f"CREATE FUNCTION {_name(rule)}() RETURNS trigger LANGUAGE plpgsql"
                f" AS $$ BEGIN {insert}; RETURN NULL; END $$"
            )
        )
        op.execute(_literal(f"{_trigger(rule)} EXECUTE FUNCTION {_name(rule)}()"))
    _see_truncate(schema)
    op.execute(
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
    )
    for table in ("audit_events", "audit_seals"):
        for act in ("UPDATE", "DELETE", "TRUNCATE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
            )


def _see_truncate(schema: str) -> None:
    insert = f"INSERT INTO {schema}.audit_events (kind, subject) VALUES ('truncated', TG_TABLE_NAME)"  # noqa: S608 - ours
    op.execute(
        f"CREATE FUNCTION audit_truncated() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {insert}; RETURN NULL; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER audit_{table}_truncated BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_truncated()"
        )


def _literal(statement: str) -> sa.TextClause:
    """A statement with no parameters in it, whatever follows a colon."""
    return sa.text(statement.replace(":", r"\:"))
