"""Which triggers write and guard the audit log, and which of them a database does not have."""

from sqlalchemy import text

from keychain.store.engine import Store

# As the migrations make them; a test holds this against them.
_LISTED = """
migrated_by_update site_registered_by_insert site_renamed_by_update site_origin_set_by_insert
site_origin_set_by_update site_roles_required_by_insert site_roles_required_by_update site_may_pin_by_insert
site_may_pin_by_update site_may_not_pin_by_update site_revoked_by_update site_restored_by_update
site_rewritten_by_update site_deleted_by_delete record_made_by_insert record_rewritten_by_update
record_deleted_by_delete key_pinned_by_insert key_revoked_by_update key_restored_by_update key_rewritten_by_update
key_deleted_by_delete key_mismatch_by_insert key_mismatch_deleted_by_delete nonce_floor_set_by_insert
nonce_floor_rewritten_by_update nonce_floor_deleted_by_delete account_made_by_insert account_closed_by_update
account_reopened_by_update phone_demanded_by_insert phone_demanded_by_update phone_not_demanded_by_update
secret_renewed_by_update account_rewritten_by_update account_taken_back_by_delete device_joined_by_insert
device_revoked_by_update device_restored_by_update device_removal_asked_by_update device_removal_denied_by_update
device_rewritten_by_update device_deleted_by_delete oneid_key_made_by_insert oneid_key_rewritten_by_update
oneid_key_removed_by_delete token_renewed_by_update master_key_known_by_insert master_key_used_by_insert
master_key_used_by_update master_key_unused_by_update master_key_rewritten_by_update master_key_forgotten_by_delete
events_no_update events_no_delete seals_no_update seals_no_delete
"""
# SQLite has no TRUNCATE.
_OF_TRUNCATE = """
accounts_truncated alembic_version_truncated devices_truncated identities_truncated key_mismatches_truncated
master_key_marks_truncated nonce_floor_truncated pins_truncated records_truncated recovery_keys_truncated
sites_truncated events_no_truncate seals_no_truncate
"""

_ON_SQLITE = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
# One that is switched off is as good as none; so is one that fires on replicas alone.
_ON_POSTGRESQL = text(
    "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    " AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
)


def names(store: Store) -> frozenset[str]:
    """The names of all triggers that such a database has to have."""
    listed = _LISTED if store.is_sqlite else _LISTED + _OF_TRUNCATE
    return frozenset(f"audit_{name}" for name in listed.split())


def missing(store: Store) -> list[str]:
    """The names of triggers that are not there, or are switched off."""
    with store.session() as session:
        there = {str(name) for (name,) in session.rows(_ON_SQLITE if store.is_sqlite else _ON_POSTGRESQL)}
    return sorted(names(store) - there)
