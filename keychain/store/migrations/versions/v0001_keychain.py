"""The Keychain half: sites, records and their keys, spent nonces, key mismatches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A migration is history: it names its own types, so that a later change of the tables can not change it.
TIME = sa.DateTime(timezone=True)
BYTEWISE = sa.String(64).with_variant(postgresql.VARCHAR(64, collation="C"), "postgresql")


def upgrade() -> None:
    """Build the five tables."""
    op.create_table(
        "sites",
        sa.Column("api_id", sa.String(36), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False, server_default=""),
        sa.Column("origin", sa.String(255), nullable=False, server_default=""),
        sa.Column("required_roles", sa.String(16), nullable=False, server_default=""),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.PrimaryKeyConstraint("api_id", name="pk_sites"),
    )
    op.create_table(
        "records",
        sa.Column("uid", sa.String(24), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("uid", name="pk_records"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pins",
        sa.Column("uid", sa.String(24), nullable=False),
        sa.Column("role", sa.String(4), nullable=False),
        sa.Column("public_key", sa.LargeBinary(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.PrimaryKeyConstraint("uid", "role", "public_key", name="pk_pins"),
        sa.ForeignKeyConstraint(["uid"], ["records.uid"], name="fk_pins_uid"),
        sa.CheckConstraint("role IN ('ad', 'cd', 'repo')", name="ck_pins_role"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spent_nonces",
        sa.Column("nonce", BYTEWISE, nullable=False),
        sa.Column("uid", sa.String(24), nullable=False),
        sa.Column("request", sa.String(64), nullable=False, server_default=""),
        sa.Column("spent_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("nonce", "uid", name="pk_spent_nonces"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "key_mismatches",
        sa.Column("uid", sa.String(24), nullable=False),
        sa.Column("thumbprint", sa.String(43), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("role", sa.String(4), nullable=False),
        sa.Column("api_id", sa.String(36), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("uid", "thumbprint", "day", name="pk_key_mismatches"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them, those that refer to others first."""
    for table in ("key_mismatches", "spent_nonces", "pins", "records", "sites"):
        op.drop_table(table)
