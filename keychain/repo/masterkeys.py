"""The repo's co-signing keys: one per uid, derived from a versioned master key when it is needed, and never stored.

The key of a uid is FIPS 186-5, A.2.1 (extra random bits) over HKDF-SHA256 (RFC 5869, no salt): 48 bytes with the info
``oneid/1 cosign <uid>``, modulo n-1, plus 1. An identity keeps the version that it was minted with, so a new master
key changes nobody's keys. The two_factor_tokens of identities, the keys of tickets, claims and mailed codes, and that
for push services come from here as well.

A master key leaves a mark of itself in the database: another one under its version is noticed before it signs. What is
new comes from the version in use, which the database says too: a version is first added, on every node, and used later,
so that no node meets what was made with one that it does not have. What any version made is taken from the first day
on.
"""

import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import func, select, update

from keychain import errors
from keychain.jose.jwk import ORDER, PrivateKey, PublicKey
from keychain.settings import forms
from keychain.store import files
from keychain.store.engine import Session
from keychain.store.files import UnusableStore
from keychain.store.phone_tables import push_subscriptions
from keychain.store.repo_tables import identities, master_key_marks

FILE = "master_keys"
SCALAR_BYTES = 48  # 128 bits more than n, so that no scalar is noticeably likelier than another
MARK_BYTES = 32
TOKEN_BYTES = 16
TICKET_KEY_BYTES = 32
MAIL_KEY_BYTES = 32


class MasterKeys:
    """All versions, and which of them is in use for what is new. It shows nothing of itself."""

    def __init__(self, keys: Iterable[forms.MasterKey], in_use: int | None = None) -> None:
        self._keys = dict(keys)
        self.in_use = max(self._keys) if in_use is None else in_use
        # What nodes have to agree on at every moment, whichever version each of them uses yet.
        self.oldest = min(self._keys)

    def using(self, version: int) -> "MasterKeys":
        """The same, with another version in use."""
        return MasterKeys(self._keys.items(), version)

    @property
    def versions(self) -> set[int]:
        """The versions that are here."""
        return set(self._keys)

    def signing_key(self, uid: str, version: int) -> PrivateKey:
        """The key that co-signs for ``uid``.

        Raises:
            InternalFault: if its master key is not here. Nothing is decided then, and nothing lost.
        """
        return self._private_key(version, f"oneid/1 cosign {uid}")

    def token(self, uid: str, version: int, generation: int) -> bytes:
        """The two_factor_token of ``uid``; each generation ends the one before.

        Raises:
            InternalFault: as ``signing_key``.
        """
        return self._derive(self._present(version), f"oneid/1 token {uid} {generation}", TOKEN_BYTES)

    def vapid_key(self, version: int) -> PrivateKey:
        """What this service signs with at push services (RFC 8292).

        Raises:
            InternalFault: as ``signing_key``.
        """
        return self._private_key(version, "oneid/1 vapid")

    @cached_property
    def claims_key(self) -> PrivateKey:
        """What the repo vouches with: of the version in use, because Keychains of others have to know it."""
        return self._private_key(self.in_use, "oneid/1 claims")

    @cached_property
    def public_claims_keys(self) -> tuple[PublicKey, ...]:
        """What claims are verified with, of every version, the newest first: other nodes may use another one yet."""
        versions = sorted(self._keys, reverse=True)
        return tuple(self._private_key(version, "oneid/1 claims").public for version in versions)

    @cached_property
    def mail_keys(self) -> Mapping[int, bytes]:
        """What mailed codes are kept under, by version, and recipients counted by: of a database alone neither can be
        guessed.
        """
        return {version: self._derive(version, "oneid/1 mail", MAIL_KEY_BYTES) for version in self._keys}

    @cached_property
    def ticket_keys(self) -> Mapping[int, bytes]:
        """What authenticates tickets, by version."""
        return {version: self._derive(version, "oneid/1 ticket", TICKET_KEY_BYTES) for version in self._keys}

    def mark(self, version: int) -> bytes:
        """What this version leaves of itself."""
        return self._derive(version, "oneid/1 mark", MARK_BYTES)

    def _private_key(self, version: int, info: str) -> PrivateKey:
        drawn = int.from_bytes(self._derive(self._present(version), info, SCALAR_BYTES))
        return PrivateKey.of(drawn % (ORDER - 1) + 1)

    def _present(self, version: int) -> int:
        if version not in self._keys:
            raise errors.InternalFault from LookupError(f"no master key has version {version}")
        return version

    def _derive(self, version: int, info: str, length: int) -> bytes:
        return HKDF(hashes.SHA256(), length, salt=None, info=info.encode()).derive(self._keys[version])


def settle(session: Session, given: Iterable[forms.MasterKey], path: Path) -> MasterKeys:
    """The master keys to serve with: those ``given``, or else those of the file at ``path``, and none but those that
    this database was used with. The file is made where there is none, and the database was never used with any.

    Raises:
        UnusableStore: if that can not be.
    """
    keys = MasterKeys(given) if given else load(path) or _first(session, path)
    return keys.using(check_marks(session, keys))


def _first(session: Session, path: Path) -> MasterKeys:
    if session.rows(select(master_key_marks.c.version).limit(1)):
        raise UnusableStore(
            f"{path} is not there, and this database was used with a master key; put the file back from a backup, or"
            " set KEYCHAIN_MASTER_KEYS, because no other can take its place"
        )
    return make(path)


def check_marks(session: Session, keys: MasterKeys) -> int:
    """Hold the master keys against what the database knows of them; those that it does not know leave their mark, if
    nothing is wrong. Which one is in use: where none ever was, that is the newest, from now on.

    Raises:
        UnusableStore: if one is not what it was; if the oldest, one in use, or one that identities or phones need, is
            not here.
    """
    with session.transaction():
        for version in sorted(keys.versions):  # first, so that of two that start together the later one compares
            session.add_new(master_key_marks, {"version": version, "mark": keys.mark(version)})
        look(session, keys)
        if not in_use(session):
            mark_used(session, max(keys.versions))
        return in_use(session)


def in_use(session: Session) -> int:
    """The newest version that was ever put to use; 0 where none was."""
    newest = func.max(master_key_marks.c.version)
    [(version,)] = session.rows(select(newest).where(master_key_marks.c.used_since.is_not(None)))
    return version or 0


def mark_used(session: Session, version: int) -> None:
    """A version is in use from now on, by the database's clock."""
    this = (master_key_marks.c.version == version) & master_key_marks.c.used_since.is_(None)
    session.changed(update(master_key_marks).where(this).values(used_since=session.now()))


def look(session: Session, keys: MasterKeys) -> None:
    """As ``check_marks``, but nothing is written.

    Raises:
        UnusableStore: as there.
    """
    marks = {row.version: row.mark for row in session.rows(select(master_key_marks))}
    for version in sorted(keys.versions & marks.keys()):
        if marks[version] != keys.mark(version):
            raise UnusableStore(f"master key {version} is not the one that this database was used with")
    # Whoever minted left a mark first. So only versions that are gone are asked about, and a start reads no identities.
    # The oldest never goes: mailboxes are known again by it, and nodes that differ in it would count differently.
    oldest = min(marks, default=0)
    missing = [each for each in sorted(marks.keys() - keys.versions) if each == oldest or _is_needed(session, each)]
    if missing:
        raise UnusableStore(f"identities or phones need master keys that are not here: {', '.join(map(str, missing))}")
    if (using := in_use(session)) and using not in keys.versions:
        raise UnusableStore(f"master key {using} is in use and not here; put it back into the list")


def _is_needed(session: Session, version: int) -> bool:
    users = (identities, push_subscriptions)
    return any(
        session.rows(select(table.c.key_version).where(table.c.key_version == version).limit(1)) for table in users
    )


def load(path: Path) -> MasterKeys | None:
    """The master keys that a file keeps; ``None`` where there is no file.

    Raises:
        UnusableStore: if it is damaged, can not be read, or can be by others. It is never made anew: that would change
            everybody's keys.
    """
    try:
        kept = forms.master_keys(path.read_text(encoding="ascii"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnusableStore(f"{path} can not be read ({error.strerror})") from error
    except ValueError:  # its words may quote the file
        kept = ()
    if not kept:
        raise UnusableStore(f"{path} is damaged; put it back from a backup, because no other can take its place")
    if not files.is_private(path):
        raise UnusableStore(f"{path} can be read or written by others; chmod 600 {path}")
    return MasterKeys(kept)


def make(path: Path) -> MasterKeys:
    """Make a file with a new master key (0600), unless somebody else just did; what is there afterwards.

    Raises:
        UnusableStore: if what is there is none.
    """
    files.make_private_directory(path.parent)
    with NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as fresh:  # made with mode 0600
        fresh.write(forms.write_master_key(1, secrets.token_bytes(forms.MASTER_KEY_BYTES)) + "\n")
        fresh.flush()
        os.fsync(fresh.fileno())  # identities that outlive a power cut need it as much as their rows
        with suppress(FileExistsError):
            path.hardlink_to(fresh.name)
    files.keep_names(path.parent)
    kept = load(path)
    if kept is None:
        raise UnusableStore(f"{path} is a link to nothing; put its file back from a backup, or take the link away")
    return kept
