"""Alembic's environment and the versions; ``keychain.store.schema`` runs them."""
