"""Whether the database still knows the master keys that this process signs with. Nothing is written: a start settles.

A process that goes on with other keys than the database was used with would sign what nobody can verify; one that lacks
a version which others use already can not sign for their users.
"""

from collections.abc import Mapping

from sqlalchemy import select

from keychain.repo.masterkeys import MasterKeys
from keychain.store.engine import Session
from keychain.store.files import UnusableStore
from keychain.store.repo_tables import master_key_marks

_MARKS = select(master_key_marks)


def marks(keys: MasterKeys) -> Mapping[int, bytes]:
    """What each version that is here has to have left in the database."""
    return {version: keys.mark(version) for version in keys.versions}


def look(session: Session, own: Mapping[int, bytes]) -> None:
    """Hold the marks of the versions that are here against the database's; one statement.

    Raises:
        UnusableStore: if one is not there or another, or if the version in use is not here.
    """
    known = {row.version: row for row in session.rows(_MARKS)}
    for version, mark in own.items():
        if version not in known or known[version].mark != mark:
            raise UnusableStore(f"the database does not know master key {version} as it is here")
    in_use = max((version for version, row in known.items() if row.used_since), default=None)
    if in_use is not None and in_use not in own:
        raise UnusableStore(f"master key {in_use} is in use and not here")
