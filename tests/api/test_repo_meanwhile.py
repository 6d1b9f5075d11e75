"""What happens between two statements of one request: who ended meanwhile gets nothing, who asks twice both answers."""

import pytest
from authenticator import Key
from device import SHOP, Device, over_wsgi
from sqlalchemy import event, update

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.repo import joining, recovery
from keychain.store.repo_tables import accounts, devices, recovery_keys

SPENDING = "INSERT INTO seen_proofs"


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def meanwhile(store):
    """Does something, once, as soon as some request is about to send a statement that begins so."""
    waiting: list[tuple[str, object]] = []

    def look(_connection, _cursor, statement, *_):
        if waiting and statement.startswith(waiting[0][0]):
            waiting.pop()[1]()

    event.listen(store.engine, "before_cursor_execute", look)
    yield lambda beginning, deed: waiting.append((beginning, deed))
    event.remove(store.engine, "before_cursor_execute", look)
    assert not waiting, "it happened"


@pytest.mark.parametrize("by_frame", [True, False])
def test_who_is_revoked_before_the_proof_is_spent_gets_no_signature(device, meanwhile, by_frame, site):
    frame = device.second(device.make_onekey()).frame()
    asking = frame if by_frame else frame.device
    question = frame.question()
    meanwhile(SPENDING, lambda: device.do("/repo/devices/revoke", {"device": frame.device.kid}))
    before = site.rows()
    assert asking.code("/repo/cosign", question) == "signer_revoked"
    more = {table: before[table] + 1 for table in ("seen_proofs", "audit_events")}
    assert site.rows() == before | more, "the proof of revoking, and its note"


@pytest.mark.parametrize(("path", "body"), [("/repo/identities/find", {"origin": SHOP}), ("/repo/devices/list", {})])
def test_who_is_revoked_before_the_proof_is_spent_reads_nothing(device, meanwhile, path, body):
    other = device.second(device.make_onekey())
    meanwhile(SPENDING, lambda: device.do("/repo/devices/revoke", {"device": other.kid}))
    assert other.code(path, body) == "signer_revoked"


def test_who_is_signed_out_before_the_proof_is_spent_gets_nothing(device, meanwhile):
    frame = device.frame()

    def out_and_in() -> None:
        device.do("/repo/signout")
        device.do("/repo/unlock")

    meanwhile(SPENDING, out_and_in)
    assert frame.cosign() == "signer_revoked"
    meanwhile(SPENDING, lambda: device.do("/repo/signout"))
    assert device.code("/repo/identities/find", {"origin": SHOP}) == "device_locked"


@pytest.mark.parametrize("by_frame", [True, False])
def test_whose_account_is_closed_before_the_proof_is_spent_gets_nothing(device, meanwhile, by_frame, session, clock):
    frame = device.frame()
    asking = frame if by_frame else device
    meanwhile(SPENDING, lambda: session.changed(update(accounts).values(closed_at=clock.now)))
    assert asking.code("/repo/cosign", frame.question()) == "signer_revoked"


def test_a_device_that_is_revoked_before_its_proof_is_spent_is_not_told_its_account(device, meanwhile):
    meanwhile(SPENDING, lambda: device.do("/repo/devices/revoke", {"device": device.kid}))
    assert device.code("/repo/accounts", device.members) == "signer_revoked"


def test_a_proof_that_is_used_meanwhile_is_a_replay(device, meanwhile):
    proof = device.proof("/repo/devices/list", b"{}")
    twin = lambda: device.code("/repo/devices/list", b"{}", proof=proof)  # noqa: E731
    meanwhile(SPENDING, twin)
    assert twin() == "replayed_proof"


@pytest.mark.parametrize("moment", [SPENDING, "BEGIN"])
def test_a_device_that_revokes_itself_twice_at_one_moment_is_answered_twice(device, meanwhile, moment):
    ending = lambda: device.do("/repo/devices/revoke", {"device": device.kid})  # noqa: E731
    meanwhile(moment, ending)
    ending()


@pytest.mark.parametrize("moment", [SPENDING, "BEGIN"])
def test_a_frame_that_signs_out_twice_at_one_moment_is_answered_twice(device, meanwhile, moment):
    frame = device.frame()
    meanwhile(moment, lambda: frame.do("/repo/signout"))
    frame.do("/repo/signout")


def test_a_key_that_becomes_something_else_meanwhile_does_not_sign_up(device, meanwhile, session):
    onekey = device.make_onekey()
    session.changed(update(recovery_keys).values(thumbprint=Key().thumbprint))
    newcomer = Device(device.ask, device.clock, key=onekey.key)
    back = update(recovery_keys).values(thumbprint=onekey.key.thumbprint)
    meanwhile("BEGIN", lambda: session.changed(back))
    assert newcomer.code("/repo/accounts", newcomer.members) == "already_taken"
    assert session.rows(devices.select().where(devices.c.id == newcomer.kid)) == []


def test_a_onekey_whose_seal_was_replaced_does_not_open_the_account(device, session, clock):
    onekey = device.make_onekey()
    opened = recovery.signing(session, onekey.key.thumbprint)
    session.changed(update(recovery_keys).values(sealed=b"another"))
    with pytest.raises(errors.OneIDKeyRefused):
        joining.join(session, opened, PublicKey(Key().raw), "x", clock.now)
