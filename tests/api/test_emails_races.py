"""Many at once at the doors of e-mail addresses: five tries, one proof, one outcome."""

import json
from collections import Counter

import pytest
from crowd import at_once
from device import Device, over_wsgi
from mailing import MailboxPage, follow, state, wish
from sqlalchemy import select

from keychain.repo import address_proofs
from keychain.store.repo_tables import accounts
from keychain.store.vault_tables import address_proofs as proofs_table
from keychain.store.vault_tables import verified_addresses

pytestmark = pytest.mark.slow


@pytest.fixture
def device(roomy, clock) -> Device:
    return Device(over_wsgi(roomy), clock).sign_up()


def mailbox(app) -> MailboxPage:
    return MailboxPage(app.test_client().get("/mailbox", headers={"Host": "localhost"}).text)


def test_a_hundred_wrong_codes_at_once_are_five_tries(device, roomy, session):
    begun = device.do("/repo/emails", wish())["email"]
    code = mailbox(roomy).codes[0]
    wrong = [f"{(int(code) + number) % 10**6:06}" for number in range(1, 101)]

    def guess(typed: str) -> str:
        return device.code("/repo/emails/confirm", {"id": begun["id"], "code": typed})

    codes = Counter(at_once(*[lambda typed=typed: guess(typed) for typed in wrong]))
    assert set(codes) <= {"address_code_refused", "unavailable"}
    [row] = session.rows(select(proofs_table))
    assert row.tries == min(address_proofs.TRIES, codes["address_code_refused"])
    assert guess(code) == "address_code_refused"


def test_mails_asked_for_at_once_leave_one_proof_that_works(device, roomy, session):
    answers = at_once(*[lambda: device.post("/repo/emails", wish())[1] for _ in range(20)])
    ids = {answer["email"]["id"] for answer in answers if not answer["errorcode"]}
    [row] = session.rows(select(proofs_table))
    assert row.id in ids
    links = [link.partition("#")[2] for link in mailbox(roomy).links["confirm"]]
    codes = Counter(follow(device, "link", link)[1].get("code", "success") for link in links)
    assert codes["success"] == 1
    assert set(codes) == {"success", "address_code_refused"}


def test_a_link_pressed_by_many_proves_one_address(device, roomy, session):
    device.do("/repo/emails", wish())
    token = mailbox(roomy).links["confirm"][0].partition("#")[2]
    answers = at_once(*[lambda: follow(device, "link", token)[1].get("code", "success") for _ in range(50)])
    assert set(answers) <= {"success", "unavailable"}
    assert "success" in answers
    assert len(session.rows(select(verified_addresses))) == 1


def test_confirmed_and_refused_at_once_is_refused_in_the_end(device, roomy, session):
    device.make_onekey()
    device.do("/repo/recovery/confirm")
    for _ in range(5):
        device.do("/repo/emails", wish())
        token = mailbox(roomy).links["confirm"][0].partition("#")[2]
        doors = ["link"] * 6 + ["refuse"] * 2
        codes = at_once(
            *[lambda door=door, token=token: follow(device, door, token)[1].get("code", "success") for door in doors]
        )
        if "success" in codes[6:]:
            assert state(device) is None
            assert session.rows(select(proofs_table)) == []


def test_an_account_that_is_closed_meanwhile_proves_nothing(roomy, clock, session):
    for _ in range(4):
        device = Device(over_wsgi(roomy), clock).sign_up()
        device.do("/repo/emails", wish())
        token = mailbox(roomy).links["confirm"][0].partition("#")[2]
        at_once(
            lambda token=token, device=device: follow(device, "link", token),
            lambda device=device: device.post("/repo/optout"),
            lambda token=token, device=device: follow(device, "refuse", token),
        )
        [closed] = [row.closed_at for row in session.rows(select(accounts).where(accounts.c.id == device.account))]
        assert closed is not None or json.dumps(state(device))
        if closed is not None:
            kept = select(verified_addresses).where(verified_addresses.c.account == device.account)
            assert session.rows(kept) == []
