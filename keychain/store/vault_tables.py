"""The tables of the repo's half that keep what people hand to sites: data, no verbs.

Cards are sealed by the devices, and so is what of them is released to a site; the repo sees neither kind nor content of
a card, and of a release the names of card and fields. Of an e-mail address it keeps a salted hash.
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
)

from keychain.store.tables import UTCDateTime, metadata

# A card that was deleted keeps its version, so that nobody can bring it back unnoticed.
cards = Table(
    "cards",
    metadata,
    Column("account", String(22), ForeignKey("accounts.id"), nullable=False),
    Column("id", String(22), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary),
    Column("changed_at", UTCDateTime, nullable=False),
    PrimaryKeyConstraint("account", "id"),
)

# What a site may read of one kind of card, sealed for that site. One that was withdrawn keeps its version.
releases = Table(
    "releases",
    metadata,
    Column("uid", String(24), ForeignKey("identities.uid"), nullable=False),
    Column("card", String(32), nullable=False),
    Column("fields", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary),
    Column("changed_at", UTCDateTime, nullable=False),
    PrimaryKeyConstraint("uid", "card"),
)

# An address that the person proved: at most one per account. The salt is of 32 bytes. ``link_digest`` is of the mail
# that proved it, and ``mailbox`` a MAC of whom that went to: by these who did not ask for it has it dropped.
verified_addresses = Table(
    "verified_addresses",
    metadata,
    Column("account", String(22), ForeignKey("accounts.id"), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("link_digest", LargeBinary(32), nullable=False),
    Column("mailbox", LargeBinary(32), nullable=False),
    Column("verified_at", UTCDateTime, nullable=False),
    Index(None, "link_digest", unique=True),
)

# A code and a link that were mailed, at most one per account. Code and link are kept as digests; tries are counted.
address_proofs = Table(
    "address_proofs",
    metadata,
    Column("account", String(22), ForeignKey("accounts.id"), primary_key=True),
    Column("id", String(22), nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("code_digest", LargeBinary(32), nullable=False),
    Column("link_digest", LargeBinary(32), nullable=False),
    Column("mailbox", LargeBinary(32), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Index(None, "link_digest", unique=True),
    Index(None, "created_at"),
)

# When a user signed in where, for the person to read. Forgotten after ninety days.
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("account", String(22), ForeignKey("accounts.id"), nullable=False),
    Column("uid", String(24), nullable=False),
    Column("origin", String(255), nullable=False),
    Column("device", String(43), nullable=False),
    Column("phone", Boolean, nullable=False),
    Column("signed_at", UTCDateTime, nullable=False),
    Index(None, "account", "signed_at"),
    Index(None, "signed_at"),
)
