"""The tables of the repo's half: data, no verbs, on the same metadata as those of the Keychain (phones: phone_tables).

Nothing in here opens what is sealed: secrets arrive sealed, and co-signing keys are derived when they are needed. Keys
are 64 raw bytes X||Y; the ids of devices and frame sessions are the RFC 7638 thumbprints of theirs.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    false,
    func,
)

from keychain.store.tables import UTCDateTime, metadata

# An account is opened once somebody has made sure of it: then it can no longer be taken back. ``changes`` counts what
# its phones want to hear of. ``renewed_at`` is when its secret was last made anew.
accounts = Table(
    "accounts",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("opened_at", UTCDateTime),
    Column("closed_at", UTCDateTime),
    Column("renewed_at", UTCDateTime),
    Column("changes", Integer, nullable=False, server_default="0"),
    Column("demands_phone", Boolean, nullable=False, server_default=false()),
    Column("numbers", String(6), nullable=False, server_default="auto"),
)

# A phone is a device that confirms. One whose removal was asked for ends at ``ends_at``, unless it objects.
devices = Table(
    "devices",
    metadata,
    Column("id", String(43), primary_key=True),
    Column("account", String(22), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("public_key", LargeBinary(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("last_used", UTCDateTime, nullable=False),
    Column("locked_at", UTCDateTime),
    Column("revoked_at", UTCDateTime),
    Column("phone", Boolean, nullable=False, server_default=false()),
    Column("ends_at", UTCDateTime),
)

# The OneID Key's server side, at most one per account. The locator has 256 bits made from 128 random ones, so its plain
# digest gives nothing away.
recovery_keys = Table(
    "recovery_keys",
    metadata,
    Column("account", String(22), ForeignKey("accounts.id"), primary_key=True),
    Column("locator_digest", LargeBinary(32), nullable=False),
    Column("thumbprint", String(43), nullable=False),
    Column("public_key", LargeBinary(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("locator_digest"),
    UniqueConstraint("thumbprint"),
)

# A user at a site. It is minted once the Keychain has its keys on record; key_version names the master key.
identities = Table(
    "identities",
    metadata,
    Column("uid", String(24), primary_key=True),
    Column("account", String(22), ForeignKey("accounts.id"), nullable=False),
    Column("origin", String(255), nullable=False),
    Column("ad_key", LargeBinary(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("minted_at", UTCDateTime),
    # Of the two_factor_token, which is derived: 128 random-looking bits, so a plain digest gives nothing away.
    Column("token_generation", Integer, nullable=False, server_default="0"),
    Column("token_digest", LargeBinary(32)),
    UniqueConstraint("account", "origin"),
    Index("ix_identities_token_digest", "token_digest", unique=True),
)

frame_sessions = Table(
    "frame_sessions",
    metadata,
    Column("id", String(43), primary_key=True),
    Column("device", String(43), ForeignKey("devices.id"), nullable=False, index=True),
    Column("uid", String(24), ForeignKey("identities.uid"), nullable=False, index=True),
    Column("public_key", LargeBinary(64), nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("last_used", UTCDateTime, nullable=False),
    Column("revoked_at", UTCDateTime),
)

seen_proofs = Table(
    "seen_proofs",
    metadata,
    Column("kid", String(43), nullable=False),
    Column("jti", String(64), nullable=False),
    Column("seen_at", UTCDateTime, nullable=False, default=func.now()),  # the database's clock, not a node's
    PrimaryKeyConstraint("kid", "jti"),
    Index(None, "seen_at"),
    sqlite_with_rowid=False,
)

# What a master key leaves of itself, so that another one under its version is noticed before it signs.
master_key_marks = Table(
    "master_key_marks",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("mark", LargeBinary(32), nullable=False),
    # Since when what is new comes from this version; empty until every node has it.
    Column("used_since", UTCDateTime),
)
