"""Cards, what of them is released to sites, proved e-mail addresses, and when a user signed in where."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A migration is history: it names its own types, so that a later change of the tables can not change it.
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Build the five tables, and what finds the rows of one identity."""
    op.create_index("ix_frame_sessions_uid", "frame_sessions", ["uid"])
    op.create_index("ix_confirmations_uid", "confirmations", ["uid"])
    op.create_table(
        "cards",
        sa.Column("account", sa.String(22), nullable=False),
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("changed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_cards_account"),
        sa.PrimaryKeyConstraint("account", "id", name="pk_cards"),
    )
    op.create_table(
        "releases",
        sa.Column("uid", sa.String(24), nullable=False),
        sa.Column("card", sa.String(32), nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("changed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["uid"], ["identities.uid"], name="fk_releases_uid"),
        sa.PrimaryKeyConstraint("uid", "card", name="pk_releases"),
    )
    op.create_table(
        "verified_addresses",
        sa.Column("account", sa.String(22), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("link_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(32), nullable=False),
        sa.Column("verified_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_verified_addresses_account"),
        sa.PrimaryKeyConstraint("account", name="pk_verified_addresses"),
    )
    op.create_index("ix_verified_addresses_link_digest", "verified_addresses", ["link_digest"], unique=True)
    op.create_table(
        "address_proofs",
        sa.Column("account", sa.String(22), nullable=False),
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("link_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(32), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_address_proofs_account"),
        sa.PrimaryKeyConstraint("account", name="pk_address_proofs"),
    )
    op.create_index("ix_address_proofs_link_digest", "address_proofs", ["link_digest"], unique=True)
    op.create_index("ix_address_proofs_created_at", "address_proofs", ["created_at"])
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("account", sa.String(22), nullable=False),
        sa.Column("uid", sa.String(24), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("device", sa.String(43), nullable=False),
        sa.Column("phone", sa.Boolean, nullable=False),
        sa.Column("signed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_sign_ins_account"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_account", "sign_ins", ["account", "signed_at"])
    op.create_index("ix_sign_ins_signed_at", "sign_ins", ["signed_at"])


def downgrade() -> None:
    """Drop them."""
    for table in ("sign_ins", "address_proofs", "verified_addresses", "releases", "cards"):
        op.drop_table(table)
    op.drop_index("ix_confirmations_uid", table_name="confirmations")
    op.drop_index("ix_frame_sessions_uid", table_name="frame_sessions")
