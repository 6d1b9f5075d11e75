"""The tables of the audit log: data, no verbs. Rows are added, and never changed or taken away.

Triggers write the events (``migrations/versions/v0006_audit.py``), in the transaction that changes what an event is
about; ``keychain.audit`` seals them. There is nothing secret in an event, and nothing that a person wrote.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text, func

from keychain.store.tables import UTCDateTime, metadata

# SQLite numbers rows by itself where the key is an INTEGER.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

# Ids ascend as events are written. On PostgreSQL a transaction that is rolled back leaves a gap.
audit_events = Table(
    "audit_events",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    # The database's clock, not a node's. On SQLite the migration has its milliseconds, too.
    Column("at", UTCDateTime, nullable=False, server_default=func.now()),
    Column("kind", String(40), nullable=False),
    # What it is about: an API ID, a uid, an account, a device.
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default="{}"),  # a JSON object
    # Of a key that was put on record or taken off: X||Y. A database has no thumbprints.
    Column("public_key", LargeBinary(64)),
)

# A seal names the events that it covers by the first and the last id, and the seal before it by its digest. ``leaves``
# is the digest of each event, one after the other, so that of a thousand events the one that was changed is found.
audit_seals = Table(
    "audit_seals",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("first_id", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
    Column("events", Integer, nullable=False),
    Column("sealed_at", UTCDateTime, nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
)
