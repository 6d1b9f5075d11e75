"""The floor under nonces that a restore sets, and since when a master key is used for what is new."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NONCE = sa.String(64).with_variant(postgresql.VARCHAR(64, collation="C"), "postgresql")


def upgrade() -> None:
    """Build the table of the floor, empty; master keys that are known were all used."""
    op.create_table(
        "nonce_floor",
        sa.Column("floor", NONCE, nullable=False),
        sa.PrimaryKeyConstraint("floor", name="pk_nonce_floor"),
    )
    op.add_column("master_key_marks", sa.Column("used_since", sa.DateTime(timezone=True)))
    op.execute("UPDATE master_key_marks SET used_since = CURRENT_TIMESTAMP")


def downgrade() -> None:
    """Forget both."""
    op.drop_column("master_key_marks", "used_since")
    op.drop_table("nonce_floor")
