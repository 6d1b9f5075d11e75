"""Phones: control keys, confirmations, pairings, pushes, PINs, silenced askers; the two_factor_token of identities."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A migration is history: it names its own types, so that a later change of the tables can not change it.
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Build the seven tables, and the columns that older ones have now."""
    op.create_table(
        "pairings",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(32)),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("opened_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pairings"),
        sa.UniqueConstraint("code_digest", name="uq_pairings_code_digest"),
    )
    op.create_index("ix_pairings_created_at", "pairings", ["created_at"])
    op.create_table(
        "pairing_messages",
        sa.Column("pairing", sa.String(22), nullable=False),
        sa.Column("side", sa.String(1), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["pairing"], ["pairings.id"], name="fk_pairing_messages_pairing"),
        sa.PrimaryKeyConstraint("pairing", "side", "number", name="pk_pairing_messages"),
    )
    op.create_table(
        "silenced",
        sa.Column("account", sa.String(22), nullable=False),
        sa.Column("asker", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_silenced_account"),
        sa.PrimaryKeyConstraint("account", "asker", name="pk_silenced"),
    )
    op.create_table(
        "confirmations",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("account", sa.String(22), nullable=False),
        sa.Column("uid", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("level", sa.String(6), nullable=False),
        sa.Column("asker", sa.String(64), nullable=False),
        sa.Column("asked_by", sa.String(43), nullable=False),
        sa.Column("proved", sa.Boolean, nullable=False),
        sa.Column("audience", sa.String(36)),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("number", sa.String(2)),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("decided_at", TIME),
        sa.Column("decided_by", sa.String(43)),
        sa.Column("cd_key", sa.LargeBinary(64)),
        sa.Column("cd_signed", sa.Text),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_confirmations_account"),
        sa.ForeignKeyConstraint(["uid"], ["identities.uid"], name="fk_confirmations_uid"),
        sa.PrimaryKeyConstraint("id", name="pk_confirmations"),
    )
    op.create_index("ix_confirmations_account", "confirmations", ["account", "state"])
    op.create_index("ix_confirmations_expires_at", "confirmations", ["expires_at"])
    op.create_table(
        "control_keys",
        sa.Column("id", sa.String(43), nullable=False),
        sa.Column("uid", sa.String(24), nullable=False),
        sa.Column("device", sa.String(43), nullable=False),
        sa.Column("public_key", sa.LargeBinary(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("pinned_at", TIME),
        sa.Column("ended_at", TIME),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name="fk_control_keys_device"),
        sa.ForeignKeyConstraint(["uid"], ["identities.uid"], name="fk_control_keys_uid"),
        sa.PrimaryKeyConstraint("id", name="pk_control_keys"),
        sa.UniqueConstraint("uid", "device", name="uq_control_keys_uid_device"),
    )
    op.create_index("ix_control_keys_device", "control_keys", ["device"])
    op.create_table(
        "phone_pins",
        sa.Column("device", sa.String(43), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name="fk_phone_pins_device"),
        sa.PrimaryKeyConstraint("device", name="pk_phone_pins"),
    )
    op.create_table(
        "push_subscriptions",
        sa.Column("device", sa.String(43), nullable=False),
        sa.Column("endpoint", sa.String(1024), nullable=False),
        sa.Column("p256dh", sa.LargeBinary(65), nullable=False),
        sa.Column("auth", sa.LargeBinary(16), nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name="fk_push_subscriptions_device"),
        sa.PrimaryKeyConstraint("device", name="pk_push_subscriptions"),
    )
    op.add_column("accounts", sa.Column("changes", sa.Integer, server_default="0", nullable=False))
    op.add_column("accounts", sa.Column("demands_phone", sa.Boolean, server_default=sa.false(), nullable=False))
    op.add_column("accounts", sa.Column("numbers", sa.String(6), server_default="auto", nullable=False))
    op.add_column("devices", sa.Column("phone", sa.Boolean, server_default=sa.false(), nullable=False))
    op.add_column("devices", sa.Column("ends_at", TIME))
    op.add_column("identities", sa.Column("token_generation", sa.Integer, server_default="0", nullable=False))
    op.add_column("identities", sa.Column("token_digest", sa.LargeBinary(32)))
    op.create_index("ix_identities_token_digest", "identities", ["token_digest"], unique=True)


def downgrade() -> None:
    """Drop them, those that refer to others first."""
    op.drop_index("ix_identities_token_digest", table_name="identities")
    op.drop_column("identities", "token_digest")
    op.drop_column("identities", "token_generation")
    op.drop_column("devices", "ends_at")
    op.drop_column("devices", "phone")
    op.drop_column("accounts", "numbers")
    op.drop_column("accounts", "demands_phone")
    op.drop_column("accounts", "changes")
    for table in (
        "push_subscriptions",
        "phone_pins",
        "control_keys",
        "confirmations",
        "silenced",
        "pairing_messages",
        "pairings",
    ):
        op.drop_table(table)
