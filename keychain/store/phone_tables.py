"""The tables of the repo's half that are about phones: data, no verbs.

A control key belongs to one identity and one phone. What a pairing relays is opaque here; a confirmation's words are
not: whoever asks for one gives them to the repo, and they are deleted a day after.
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
    Text,
    UniqueConstraint,
)

from keychain.store.tables import UTCDateTime, metadata

# It is pinned once the Keychain has it on record, and ended once it has it no more.
control_keys = Table(
    "control_keys",
    metadata,
    Column("id", String(43), primary_key=True),
    Column("uid", String(24), ForeignKey("identities.uid"), nullable=False),
    Column("device", String(43), ForeignKey("devices.id"), nullable=False, index=True),
    Column("public_key", LargeBinary(64), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("pinned_at", UTCDateTime),
    Column("ended_at", UTCDateTime),
    UniqueConstraint("uid", "device"),
)

# What wakes a phone; key_version names the master key that its VAPID key comes from.
push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    Column("device", String(43), ForeignKey("devices.id"), primary_key=True),
    Column("endpoint", String(1024), nullable=False),
    Column("p256dh", LargeBinary(65), nullable=False),
    Column("auth", LargeBinary(16), nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
)

# The phone mixes its PIN with a key that never leaves it, so the digest is of 256 bits that nobody can guess.
phone_pins = Table(
    "phone_pins",
    metadata,
    Column("device", String(43), ForeignKey("devices.id"), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
)

# Whom the person does not want to hear of any more.
silenced = Table(
    "silenced",
    metadata,
    Column("account", String(22), ForeignKey("accounts.id"), nullable=False),
    Column("asker", String(64), nullable=False),
    Column("name", String(255), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    PrimaryKeyConstraint("account", "asker"),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("account", String(22), ForeignKey("accounts.id"), nullable=False),
    Column("uid", String(24), ForeignKey("identities.uid"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("level", String(6), nullable=False),
    # For limits and silence: "site:<uid>", "api:<API ID>", "unproved:<uid>".
    Column("asker", String(64), nullable=False),
    # Who may read the outcome: the asking signer's kid, or the asking API ID.
    Column("asked_by", String(43), nullable=False),
    Column("proved", Boolean, nullable=False),
    Column("audience", String(36)),
    Column("title", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("number", String(2)),
    Column("tries", Integer, nullable=False),
    Column("address", String(64), nullable=False),
    Column("browser", String(200), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("state", String(9), nullable=False),
    Column("decided_at", UTCDateTime),
    Column("decided_by", String(43)),
    Column("cd_key", LargeBinary(64)),
    Column("cd_signed", Text),
    Index(None, "account", "state"),
    Index(None, "uid"),
    Index(None, "expires_at"),
)

# The code's digest goes when it is used: a code works once. Forty bits live for two minutes, at a limited rate.
pairings = Table(
    "pairings",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("kind", String(7), nullable=False),
    Column("code_digest", LargeBinary(32)),
    Column("commitment", LargeBinary(32), nullable=False),
    Column("address", String(64), nullable=False),
    Column("browser", String(200), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("opened_at", UTCDateTime),
    Column("ended_at", UTCDateTime),
    Column("changes", Integer, nullable=False),
    UniqueConstraint("code_digest"),
    Index(None, "created_at"),
)

pairing_messages = Table(
    "pairing_messages",
    metadata,
    Column("pairing", String(22), ForeignKey("pairings.id"), nullable=False),
    Column("side", String(1), nullable=False),
    Column("number", Integer, nullable=False),
    Column("message", LargeBinary, nullable=False),
    PrimaryKeyConstraint("pairing", "side", "number"),
)
