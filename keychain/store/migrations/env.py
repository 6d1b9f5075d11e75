"""Runs the versions on the connection, and inside the transaction, that ``keychain.store.schema`` opened."""

from alembic import context

from keychain.store.repo_tables import accounts

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=accounts.metadata,  # that of all tables
    render_as_batch=True,
    # The transaction around all steps is the caller's: explicit, on a connection that otherwise autocommits.
    transactional_ddl=False,
)
context.run_migrations()
