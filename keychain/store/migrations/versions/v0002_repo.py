"""The repo half: accounts, devices, OneID Keys, identities, frame sessions, proofs; sites that may pin."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# A migration is history: it names its own types, so that a later change of the tables can not change it.
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Build the seven tables, and a column of sites."""
    op.add_column("sites", sa.Column("may_pin", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("opened_at", TIME),
        sa.Column("closed_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.String(43), nullable=False),
        sa.Column("account", sa.String(22), nullable=False),
        sa.Column("public_key", sa.LargeBinary(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used", TIME, nullable=False),
        sa.Column("locked_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_devices_account"),
    )
    op.create_index("ix_devices_account", "devices", ["account"])
    op.create_table(
        "recovery_keys",
        sa.Column("account", sa.String(22), nullable=False),
        sa.Column("locator_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("thumbprint", sa.String(43), nullable=False),
        sa.Column("public_key", sa.LargeBinary(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_recovery_keys"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_recovery_keys_account"),
        sa.UniqueConstraint("locator_digest", name="uq_recovery_keys_locator_digest"),
        sa.UniqueConstraint("thumbprint", name="uq_recovery_keys_thumbprint"),
    )
    op.create_table(
        "identities",
        sa.Column("uid", sa.String(24), nullable=False),
        sa.Column("account", sa.String(22), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("ad_key", sa.LargeBinary(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("minted_at", TIME),
        sa.PrimaryKeyConstraint("uid", name="pk_identities"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_identities_account"),
        sa.UniqueConstraint("account", "origin", name="uq_identities_account_origin"),
    )
    op.create_table(
        "frame_sessions",
        sa.Column("id", sa.String(43), nullable=False),
        sa.Column("device", sa.String(43), nullable=False),
        sa.Column("uid", sa.String(24), nullable=False),
        sa.Column("public_key", sa.LargeBinary(64), nullable=False),
        sa.Column("silent", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_frame_sessions"),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name="fk_frame_sessions_device"),
        sa.ForeignKeyConstraint(["uid"], ["identities.uid"], name="fk_frame_sessions_uid"),
    )
    op.create_index("ix_frame_sessions_device", "frame_sessions", ["device"])
    op.create_table(
        "seen_proofs",
        sa.Column("kid", sa.String(43), nullable=False),
        sa.Column("jti", sa.String(64), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("kid", "jti", name="pk_seen_proofs"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_seen_proofs_seen_at", "seen_proofs", ["seen_at"])
    op.create_table(
        "master_key_marks",
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("mark", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_master_key_marks"),
    )


def downgrade() -> None:
    """Drop them, those that refer to others first."""
    for table in (
        "master_key_marks",
        "seen_proofs",
        "frame_sessions",
        "identities",
        "recovery_keys",
        "devices",
        "accounts",
    ):
        op.drop_table(table)
    op.drop_column("sites", "may_pin")
