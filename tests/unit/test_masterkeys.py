"""Co-signing keys: derived as written down, held against an independent derivation, and shown to nobody."""

import hashlib
import hmac
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import ecdsa
import pytest
from authenticator import new_uid
from device import Device, over_wsgi
from running import free_port
from sqlalchemy import select

from keychain import errors
from keychain.app import create_app
from keychain.jose import base64url, jws
from keychain.jose.jwk import ORDER, PrivateKey, PublicKey
from keychain.repo import masterkeys, rotation, tickets
from keychain.repo.masterkeys import MasterKeys
from keychain.store.files import UnusableStore
from keychain.store.phone_tables import push_subscriptions
from keychain.store.repo_tables import devices, master_key_marks

MASTER = bytes(range(32))
EVER = datetime(2026, 11, 21, tzinfo=UTC)
UID = "AAECAwQFBgcICQoLDA0ODw=="
# SHA-256 of the public key that this master key and this uid make: it must never change.
VECTOR = "2aac178c84c7b845265e3f7bcac957368ae4fe16f1fc4379ac00503a17acb4f8"  # pragma: allowlist secret


# The same for the key that claims are signed with.
CLAIMS_VECTOR = "42f3331c0ba1104ab4733e2fd07b5ec7e8296e1e9a6c7624cab803125d0b4719"  # pragma: allowlist secret


def scalar(master: bytes, uid: str) -> int:
    return scalar_of(master, f"oneid/1 cosign {uid}")


def scalar_of(master: bytes, what: str) -> int:
    """RFC 5869 by hand, and FIPS 186-5, A.2.1."""
    key = hmac.digest(bytes(32), master, "sha256")
    info, block, drawn = what.encode(), b"", b""
    for counter in (1, 2):
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        drawn += block
    return int.from_bytes(drawn[:48]) % (ORDER - 1) + 1


def public(number: int) -> bytes:
    return ecdsa.SigningKey.from_secret_exponent(number, ecdsa.NIST256p).get_verifying_key().to_string()


def test_the_key_of_a_uid_is_the_fixed_vector():
    key = MasterKeys([(1, MASTER)]).signing_key(UID, 1)
    assert key.public.raw == public(scalar(MASTER, UID))
    assert hashlib.sha256(key.public.raw).hexdigest() == VECTOR


def test_the_claims_key_is_the_fixed_vector_and_that_of_the_newest_version():
    keys = MasterKeys([(1, MASTER)])
    assert keys.claims_key.public.raw == public(scalar_of(MASTER, "oneid/1 claims"))
    assert hashlib.sha256(keys.claims_key.public.raw).hexdigest() == CLAIMS_VECTOR
    both = MasterKeys([(1, MASTER), (3, MASTER[::-1])])
    assert both.claims_key.public.raw == public(scalar_of(MASTER[::-1], "oneid/1 claims"))
    assert both.public_claims_keys == (both.claims_key.public, keys.claims_key.public)


def test_every_uid_and_every_version_has_a_key_of_its_own():
    keys = MasterKeys([(1, MASTER), (3, MASTER[::-1])])
    assert keys.in_use == 3
    for uid in (new_uid() for _ in range(20)):
        assert keys.signing_key(uid, 1).public.raw == public(scalar(MASTER, uid))
        assert keys.signing_key(uid, 3).public.raw == public(scalar(MASTER[::-1], uid))
    made = {keys.signing_key(new_uid(), version).public for version in (1, 3) for _ in range(20)}
    assert len(made) == 40


def test_what_a_derived_key_signs_another_implementation_verifies():
    key = MasterKeys([(1, MASTER)]).signing_key(UID, 1)
    signing_input, _, signature = jws.sign({"nonce": "x"}, key).rpartition(".")
    verifying = ecdsa.VerifyingKey.from_string(key.public.raw, ecdsa.NIST256p)
    assert verifying.verify(base64url.decode(signature), signing_input.encode(), hashfunc=hashlib.sha256)


def test_a_version_that_is_not_here_is_a_fault_of_ours():
    with pytest.raises(errors.InternalFault):
        MasterKeys([(2, MASTER)]).signing_key(UID, 1)


def test_keys_show_nothing_of_themselves():
    keys = MasterKeys([(1, MASTER)])
    shown = repr(keys) + str(keys) + repr(keys.signing_key(UID, 1))
    assert MASTER.hex() not in shown
    assert "object at" in shown


@pytest.mark.parametrize("number", [0, -1, ORDER, ORDER + 1])
def test_a_scalar_is_from_1_to_n_minus_1(number):
    with pytest.raises(ValueError, match="from 1 to n-1"):
        PrivateKey.of(number)


def test_the_smallest_and_the_largest_scalar_are_keys():
    base = PrivateKey.of(1).public.raw
    last = PrivateKey.of(ORDER - 1).public.raw
    assert base == public(1)
    assert (base[:32], base != last) == (last[:32], True)
    assert PublicKey(base).verifies(b"x", PrivateKey.of(1).sign(b"x"))


def test_a_file_is_made_once_for_its_owner_alone_and_never_overwritten(tmp_path):
    path = tmp_path / "data" / masterkeys.FILE
    assert masterkeys.load(path) is None
    made = masterkeys.make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    kept = path.read_bytes()
    for again in (masterkeys.make(path), masterkeys.load(path)):
        assert again.signing_key(UID, 1).public == made.signing_key(UID, 1).public
    assert path.read_bytes() == kept
    assert [file.name for file in path.parent.iterdir()] == [masterkeys.FILE]


def test_many_that_start_together_make_one_master_key(tmp_path):
    path = tmp_path / masterkeys.FILE
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: masterkeys.make(path).signing_key(UID, 1).public, range(16)))
    assert len(set(made)) == 1


def test_a_file_is_kept_also_when_the_power_goes(tmp_path, monkeypatch):
    synced, sync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda at: (synced.append(stat.S_ISDIR(os.fstat(at).st_mode)), sync(at)))
    masterkeys.make(tmp_path / masterkeys.FILE)
    assert synced == [False, True], "what it says, and then its name"


def test_a_link_to_nothing_is_refused_in_words(tmp_path):
    path = tmp_path / masterkeys.FILE
    path.symlink_to(tmp_path / "away")
    with pytest.raises(UnusableStore, match="is a link to nothing"):
        masterkeys.make(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UnusableStore, match="can not be read"):
        masterkeys.load(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path, mode):
    path = tmp_path / masterkeys.FILE
    masterkeys.make(path)
    path.chmod(mode)
    for use in (masterkeys.load, masterkeys.make):
        with pytest.raises(UnusableStore, match="can be read or written by others; chmod 600"):
            use(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"1:AAAA", b"1:\xff", b"correct-horse"])
def test_a_damaged_file_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / masterkeys.FILE
    path.write_bytes(content)
    for use in (masterkeys.load, masterkeys.make):
        with pytest.raises(UnusableStore, match="is damaged; put it back from a backup") as refusal:
            use(path)
        assert "correct-horse" not in str(refusal.value)
    assert path.read_bytes() == content


def test_another_master_key_under_the_same_version_is_noticed(session):
    first, other = MasterKeys([(1, MASTER)]), MasterKeys([(1, MASTER[::-1])])
    for _ in range(2):
        masterkeys.check_marks(session, first)
    with pytest.raises(UnusableStore, match="master key 1 is not the one"):
        masterkeys.check_marks(session, other)
    masterkeys.check_marks(session, MasterKeys([(1, MASTER), (2, MASTER[::-1])]))


@pytest.mark.parametrize("version", [1, 2, 7])
def test_another_master_key_is_noticed_whatever_its_version(session, version):
    masterkeys.check_marks(session, MasterKeys([(version, MASTER)]))
    with pytest.raises(UnusableStore, match=f"master key {version} is not the one"):
        masterkeys.check_marks(session, MasterKeys([(version, MASTER[::-1])]))


def test_a_start_that_is_refused_leaves_no_mark(session, app, clock):
    device = Device(over_wsgi(app), clock).sign_up()
    device.mint()
    marks = session.rows(select(master_key_marks))
    with pytest.raises(UnusableStore, match="need master keys that are not here: 1"):
        masterkeys.check_marks(session, MasterKeys([(5, MASTER)]))
    with pytest.raises(UnusableStore, match="master key 1 is not the one"):
        masterkeys.check_marks(session, MasterKeys([(1, MASTER), (5, MASTER)]))
    assert session.rows(select(master_key_marks)) == marks, "or the right key of version 5 would be the wrong one"


def test_a_start_with_every_key_reads_no_identities(session, statements):
    masterkeys.check_marks(session, MasterKeys([(1, MASTER)]))
    assert statements
    assert not [statement for statement in statements if "identities" in statement]


ONE, BOTH = MasterKeys([(1, MASTER)]), MasterKeys([(1, MASTER), (2, MASTER[::-1])])


def test_a_master_key_that_was_added_and_not_used_may_be_missing_and_may_go_again(session):
    assert [masterkeys.check_marks(session, keys) for keys in (ONE, BOTH, ONE, BOTH)] == [1, 1, 1, 1]


def test_the_oldest_master_key_has_to_be_there_for_mailboxes_are_known_by_it(session):
    masterkeys.check_marks(session, BOTH)
    with pytest.raises(UnusableStore, match="need master keys that are not here: 1"):
        masterkeys.check_marks(session, MasterKeys([(2, MASTER[::-1])]))


def test_a_master_key_that_a_phone_is_woken_by_has_to_be_there(session, app, clock):
    Device(over_wsgi(app), clock).sign_up()
    settings = app.extensions["keychain"].settings
    [first] = settings.master_keys or masterkeys.load(settings.data_dir / masterkeys.FILE)._keys.items()
    others = [(version, bytes([version] * 32)) for version in (2, 3)]
    masterkeys.check_marks(session, MasterKeys([first, *others]))
    woken = {"endpoint": "https://push.example/", "p256dh": b"p", "auth": b"a", "key_version": 2, "created_at": EVER}
    [(device,)] = session.rows(select(devices.c.id))
    session.add(push_subscriptions, woken | {"device": device})
    with pytest.raises(UnusableStore, match="need master keys that are not here: 2"):
        masterkeys.check_marks(session, MasterKeys([first, others[1]]))


def test_a_master_key_in_use_has_to_be_there(session):
    for keys in (ONE, BOTH):
        masterkeys.check_marks(session, keys)
    assert rotation.use(session, 2)
    assert not rotation.use(session, 2), "again is nothing new"
    assert masterkeys.check_marks(session, BOTH) == 2
    marks = session.rows(select(master_key_marks))
    with pytest.raises(UnusableStore, match="master key 2 is in use and not here"):
        masterkeys.check_marks(session, ONE)
    assert session.rows(select(master_key_marks)) == marks


def test_the_first_start_ever_uses_the_newest_at_once(session):
    assert masterkeys.check_marks(session, BOTH) == 2
    assert [(known.version, known.used_since is not None) for known in rotation.known(session)] == [
        (1, False),
        (2, True),
    ]


@pytest.mark.parametrize(("version", "words"), [(3, "no node has master key 3 yet"), (1, "is not taken back")])
def test_what_can_not_be_used_is_refused(session, version, words):
    masterkeys.check_marks(session, BOTH)
    with pytest.raises(UnusableStore, match=words):
        rotation.use(session, version)
    assert masterkeys.check_marks(session, BOTH) == 2


def test_what_is_new_comes_from_the_version_in_use_and_what_nodes_agree_on_from_the_oldest():
    using_old, using_new = BOTH.using(1), BOTH.using(2)
    assert using_old.claims_key.public == ONE.claims_key.public != using_new.claims_key.public
    assert using_old.public_claims_keys == using_new.public_claims_keys
    assert using_old.mail_keys == using_new.mail_keys
    assert (using_old.oldest, using_new.oldest) == (1, 1)
    for maker, taker in ((using_old, using_new), (using_new, using_old)):
        made = tickets.make(maker, tickets.ACCOUNT, "x", EVER)
        assert tickets.parse(taker, made, EVER).id == "x"


def test_a_master_key_is_appended_and_nothing_else_changes(tmp_path):
    path = tmp_path / masterkeys.FILE
    masterkeys.make(path)
    before, mode = path.read_text(), path.stat().st_mode
    link = tmp_path / "link"
    link.symlink_to(path)
    rotation.append(link, 2)
    kept = masterkeys.load(path)
    assert kept.versions == {1, 2}
    assert path.read_text().startswith(before.strip() + ",2:")
    assert (path.stat().st_mode, link.is_symlink()) == (mode, True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link", masterkeys.FILE]
    for wrong in (1, 2):
        with pytest.raises(UnusableStore, match="has master key 2 already"):
            rotation.append(path, wrong)
    with pytest.raises(UnusableStore, match="is not there"):
        rotation.append(tmp_path / "away", 2)
    assert masterkeys.load(path).versions == {1, 2}


def test_no_process_starts_with_other_master_keys_than_the_others(config, store, app):
    with pytest.raises(UnusableStore, match="master key 1 is not the one"):
        create_app(replace(config, master_keys=((1, MASTER),)), store=store)


def test_a_file_that_went_away_is_never_made_anew(config, store, app, tmp_path):
    with pytest.raises(UnusableStore, match="put the file back from a backup"):
        create_app(replace(config, data_dir=tmp_path), store=store)
    assert not (tmp_path / masterkeys.FILE).exists()


def test_serving_with_a_damaged_master_key_is_refused_in_one_line(tmp_path):
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / masterkeys.FILE).write_text("damaged")
    environment = {**os.environ, "KEYCHAIN_DATA_DIR": str(tmp_path / "data")}
    line = [sys.executable, "-m", "keychain", "serve", "--port", str(free_port())]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "is damaged" in done.stderr
