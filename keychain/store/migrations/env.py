"""Runs the versions on the connection, and inside the transaction, that ``keychain.store.schema`` opened."""

from alembic import context

from keychain.store.audit_tables import audit_events

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=audit_events.metadata,  # that of all tables
    render_as_batch=True,
    # The transaction around all steps is the caller's: explicit, on a connection that otherwise autocommits.
    transactional_ddl=False,
)
context.run_migrations()
