"""The tables of the Keychain half: data, no verbs. Migrations build them; a test holds the two against each other.

Times are aware and UTC in Python, whatever the database makes of them. Digests and keys are raw bytes.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    TypeDecorator,
    false,
    func,
)
from sqlalchemy.dialects import postgresql


class UTCDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out. SQLite keeps no zone, so a naive value is refused on the way in, not guessed at."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Aware to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time has no meaning here")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002 - SQLAlchemy's
        """UTC, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)  # type: ignore[no-any-return]


# A language's collation may pass over punctuation; nonces are ordered by their bytes, as SQLite does unasked.
_BYTEWISE = String(64).with_variant(postgresql.VARCHAR(64, collation="C"), "postgresql")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

sites = Table(
    "sites",
    metadata,
    Column("api_id", String(36), primary_key=True),
    # SHA-256 of the API key. It has 128 random bits, so there is nothing to guess and no slow hash to pay for.
    Column("key_digest", LargeBinary(32), nullable=False),
    Column("name", String(200), nullable=False, server_default=""),
    Column("origin", String(255), nullable=False, server_default=""),
    Column("required_roles", String(16), nullable=False, server_default=""),
    Column("created_at", UTCDateTime, nullable=False),
    Column("revoked_at", UTCDateTime),
    Column("may_pin", Boolean, nullable=False, server_default=false()),
)

# One row per uid. Its unique insert decides who is first; its version decides between two changes.
records = Table(
    "records",
    metadata,
    Column("uid", String(24), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# The keys on record. A revoked one stays, so that a uid never becomes unknown again.
pins = Table(
    "pins",
    metadata,
    Column("uid", String(24), ForeignKey("records.uid"), nullable=False),
    Column("role", String(4), CheckConstraint("role IN ('ad', 'cd', 'repo')", name="role"), nullable=False),
    Column("public_key", LargeBinary(64), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("revoked_at", UTCDateTime),
    PrimaryKeyConstraint("uid", "role", "public_key"),
    sqlite_with_rowid=False,
)

# The nonce stands first in the key: it begins with its time, so spending appends, and pruning takes a range off the
# other end, without a second index to keep.
spent_nonces = Table(
    "spent_nonces",
    metadata,
    Column("nonce", _BYTEWISE, nullable=False),
    Column("uid", String(24), nullable=False),
    Column("request", String(64), nullable=False, server_default=""),
    Column("spent_at", UTCDateTime, nullable=False, default=func.now()),  # the database's clock, not a node's
    PrimaryKeyConstraint("nonce", "uid"),
    sqlite_with_rowid=False,
)

# Nonces that sort before a ``floor`` are refused. A restore writes one, because what was spent after the backup is
# forgotten; there is none where nothing was ever restored.
nonce_floor = Table("nonce_floor", metadata, Column("floor", _BYTEWISE, nullable=False, primary_key=True))

# A key that was refused although the signatures beside it were good: once per uid, key and day.
key_mismatches = Table(
    "key_mismatches",
    metadata,
    Column("uid", String(24), nullable=False),
    Column("thumbprint", String(43), nullable=False),
    Column("day", String(10), nullable=False),
    Column("role", String(4), nullable=False),
    Column("api_id", String(36), nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
    PrimaryKeyConstraint("uid", "thumbprint", "day"),
    sqlite_with_rowid=False,
)
