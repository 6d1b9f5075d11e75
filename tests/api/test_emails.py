"""Proving an e-mail address: what the code does, what the link does, and what "this was not me" takes back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import building
from device import Device, over_wsgi, with_ticket
from mail_server import serving
from mailing import ADDRESS, FROM, NEVER, ask_for_mail, follow, is_of, state, through
from sqlalchemy import select

from keychain.app import create_app
from keychain.repo import address_proofs
from keychain.store.repo_tables import accounts
from keychain.store.vault_tables import address_proofs as proofs_table
from keychain.store.vault_tables import verified_addresses

OTHER = "bob@example.net"


@pytest.fixture(scope="module")
def server():
    with serving() as mail_server:
        yield mail_server


@pytest.fixture(scope="module")
def built(config, opened, server):
    """The application, mailing through a real server; for all tests of a database, as in ``conftest``."""
    return building(replace(config, mail_limit="1000/day", **through(server)), opened)


@pytest.fixture
def make_device(app, clock):
    """A signed-up browser."""
    return lambda: Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def device(make_device) -> Device:
    return make_device()


@pytest.fixture
def opened_account(device) -> Device:
    """A device of an account that can not be taken back."""
    device.make_onekey()
    device.do("/repo/recovery/confirm")
    return device


@pytest.fixture
def mailed(device, server):
    return ask_for_mail(device, server)


def kept(session) -> list:
    return session.rows(select(proofs_table))


# --- what is mailed


def test_a_mail_goes_to_the_address_alone_and_brings_code_and_links(mailed, device, clock):
    mail = mailed.mail
    assert (mail.recipients, mail.sender) == ([ADDRESS], FROM)
    assert (mail.message["To"], mail.message["From"]) == (ADDRESS, f"OneID <{FROM}>")
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Date"].datetime == clock.now
    assert [(origin, no) for origin, no, _ in mail.links] == [(device.origin, ""), (device.origin, "no.")]
    for kind in ("plain", "html"):
        text = mail.part(kind)
        assert all(part in text for part in (mail.code, f"/verify#{mail.token}", f"/verify#no.{mail.token}"))
    assert mail.code not in mail.message["Subject"], "servers log subjects, and screens show them"


@pytest.mark.parametrize(("language", "word", "other"), [("en", "Welcome", "code"), ("de", "Willkommen", "bestätigen")])
def test_the_first_address_is_welcomed_in_the_language_that_was_chosen(device, server, language, word, other):
    mailed = ask_for_mail(device, server, language=language)
    assert word in mailed.mail.message["Subject"]
    assert mailed.mail.message["Content-Language"] == language
    assert word in ask_for_mail(device, server, language=language).mail.message["Subject"], "nothing is proved yet"
    mailed = ask_for_mail(device, server, language=language)
    mailed.confirm()
    second = ask_for_mail(device, server, language=language, address=OTHER).mail
    for kind in ("plain", "html"):
        assert word in mailed.mail.part(kind)
        assert word not in second.part(kind)
        assert other in second.part(kind)
    assert word not in second.message["Subject"]


def test_code_and_link_are_new_each_time(device, server):
    mails = [ask_for_mail(device, server) for _ in range(5)]
    assert len({mailed.mail.token for mailed in mails}) == len({mailed.id for mailed in mails}) == 5
    assert len({mailed.mail.code for mailed in mails}) > 2


# --- the code


def test_the_code_proves_the_address_and_nothing_before_it_does(mailed, device, clock):
    assert state(device) is None
    proved = mailed.confirm()[1]["email"]
    assert is_of(proved)
    assert proved["verified"] == f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"
    assert state(device) == proved


def test_the_same_code_again_is_answered_alike(mailed, clock):
    first = mailed.confirm()
    clock.tick(minutes=1)
    assert mailed.confirm() == first


def test_five_tries_and_no_more(mailed, device, session):
    assert [mailed.wrong() for _ in range(5)] == ["address_code_refused"] * 5
    assert mailed.code_of("confirm") == "address_code_refused", "the sixth is right, and too late"
    assert [row.tries for row in kept(session)] == [address_proofs.TRIES]
    assert state(device) is None


def test_a_try_stays_counted_whatever_happens_after_it(mailed, session, monkeypatch):
    def break_down(*_):
        raise RuntimeError("the process dies here")

    monkeypatch.setattr("keychain.repo.proving.compare_digest", break_down)
    assert mailed.code_of("confirm") == "internal_fault"
    assert [row.tries for row in kept(session)] == [1]


def test_the_fifth_try_may_be_the_right_one(mailed):
    for _ in range(4):
        mailed.wrong()
    assert mailed.code_of("confirm") == "success"


@pytest.mark.parametrize("door", ["confirm", "link"])
def test_code_and_link_are_good_for_thirty_minutes(mailed, clock, door):
    clock.tick(minutes=30)
    assert mailed.code_of(door) == "success"
    clock.tick(seconds=1)
    assert mailed.code_of(door) == "address_code_refused"


@pytest.mark.parametrize("door", ["confirm", "link", "refuse"])
def test_a_later_mail_takes_the_place_of_the_former(device, server, mailed, door, session):
    later = ask_for_mail(device, server, address=OTHER)
    assert mailed.code_of(door) == "address_code_refused"
    assert later.code_of("confirm") == "success"
    assert is_of(state(device), OTHER)
    assert len(kept(session)) == 1


def test_a_code_is_good_on_devices_of_its_account_alone(mailed, make_device, device):
    stranger = make_device()
    typed = {"id": mailed.id, "code": mailed.mail.code}
    assert stranger.code("/repo/emails/confirm", typed) == "address_code_refused"
    assert state(stranger) is None
    second = device.second(device.make_onekey())
    assert second.code("/repo/emails/confirm", typed) == "success"
    assert is_of(state(device))


def test_a_stranger_uses_up_no_tries(mailed, make_device, session):
    stranger = make_device()
    for _ in range(6):
        stranger.code("/repo/emails/confirm", {"id": mailed.id, "code": "000000"})
    assert [row.tries for row in kept(session)] == [0]


def test_a_former_code_proves_nothing_for_the_next_mail(device, server, mailed):
    later = ask_for_mail(device, server)
    if later.mail.code != mailed.mail.code:
        assert later.confirm(mailed.mail.code)[1]["code"] == "address_code_refused"


# --- the link


def test_the_link_proves_it_too_and_again_does_no_harm(mailed, device):
    assert mailed.follow() == mailed.follow() == (200, {"errorcode": 0, "error": "success", "attr_claims": {}})
    assert is_of(state(device))
    assert mailed.code_of("confirm") == "success"


def test_open_pages_of_the_account_hear_of_it_once(mailed, device):
    ticket = device.do("/repo/ticket")["ticket"]["ticket"]
    before, _, after, again = (
        with_ticket(device.ask, "/repo/poll", ticket)[1]["change"] if look else mailed.follow()
        for look in (True, False, True, True)
    )
    assert after == again > before
    mailed.follow()
    assert with_ticket(device.ask, "/repo/poll", ticket)[1]["change"] == after


@pytest.mark.parametrize("door", ["link", "refuse"])
def test_a_link_that_nobody_was_sent_is_refused(mailed, device, door, session):
    before = kept(session)
    status, members = mailed.follow(door, NEVER)
    assert (status, members["code"]) == (403, "address_code_refused")
    for token in ("", "x", NEVER[:-1], NEVER + "A", "no." + NEVER, mailed.id):
        assert mailed.follow(door, token)[1]["code"] == "malformed_member"
    assert kept(session) == before
    assert state(device) is None


@pytest.mark.parametrize("door", ["link", "refuse"])
def test_the_link_of_a_closed_account_is_refused(mailed, device, door):
    device.do("/repo/optout")
    assert mailed.code_of(door) == "address_code_refused"


def test_looking_at_a_link_proves_nothing(mailed, device):
    """Programs open links before people do. The token is in the fragment, and nothing here is done by a GET."""
    for door in ("link", "refuse"):
        assert device.ask(f"/repo/emails/{door}", b"", {}, method="GET")[0] == 405
    assert state(device) is None


# --- this was not me


@pytest.mark.parametrize("door", ["confirm", "link", "refuse"])
def test_what_was_refused_proves_nothing_any_more(mailed, device, door):
    device.make_onekey()
    device.do("/repo/recovery/confirm")  # somebody made sure of the account, so it stays
    assert mailed.follow("refuse")[1]["email"] == {"closed": False}
    assert mailed.code_of(door) == "address_code_refused"
    assert state(device) is None


def test_a_young_account_that_nobody_made_sure_of_is_closed(mailed, device, session):
    frame = device.frame()
    assert mailed.follow("refuse")[1]["email"] == {"closed": True}
    assert device.code("/repo/emails/state") == frame.cosign() == "signer_revoked"
    assert [row.closed_at is not None for row in session.rows(select(accounts))] == [True]
    assert kept(session) == []


def test_an_account_older_than_the_window_is_not_closed(mailed, device, clock, config):
    clock.tick(seconds=config.optout_window)
    clock.tick(seconds=1)
    assert mailed.follow("refuse")[1]["email"] == {"closed": False}
    assert state(device) is None


def test_the_window_is_that_of_opting_out_to_its_last_second(mailed, clock, config):
    clock.tick(seconds=config.optout_window)
    assert mailed.follow("refuse")[1]["email"] == {"closed": True}


def test_one_can_refuse_later_than_confirm(config, store, clock, server):
    app = create_app(replace(config, optout_window=86400, **through(server)), clock=clock, store=store)
    mailed = ask_for_mail(Device(over_wsgi(app), clock).sign_up(), server)
    clock.tick(hours=20)
    assert mailed.code_of("link") == "address_code_refused"
    assert mailed.follow("refuse")[1]["email"] == {"closed": True}


def test_refusing_takes_back_what_was_confirmed_by_the_same_mail_and_nothing_else(device, server):
    device.make_onekey()
    device.do("/repo/recovery/confirm")
    first = ask_for_mail(device, server)
    first.confirm()
    second = ask_for_mail(device, server, address=OTHER)
    second.follow("refuse")
    assert is_of(state(device), ADDRESS)
    third = ask_for_mail(device, server, address=OTHER)
    third.confirm()
    third.follow("refuse")
    assert state(device) is None


def test_this_was_not_me_takes_back_what_was_proved_whatever_was_mailed_since(opened_account, server):
    first = ask_for_mail(opened_account, server)
    first.confirm()
    ask_for_mail(opened_account, server, address=OTHER)
    assert first.code_of("refuse") == "success"
    assert state(opened_account) is None
    assert first.code_of("refuse") == first.code_of("link") == "address_code_refused"


def test_this_was_not_me_closes_a_young_account_whatever_was_mailed_since(device, server):
    first = ask_for_mail(device, server)
    first.confirm()
    ask_for_mail(device, server, address=OTHER)
    assert first.follow("refuse")[1]["email"] == {"closed": True}
    assert device.code("/repo/emails/state") == "signer_revoked"


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS.lower()])
def test_this_was_not_me_in_a_second_mail_takes_back_what_the_first_one_proved(opened_account, server, address):
    assert ask_for_mail(opened_account, server).code_of("confirm") == "success"
    assert ask_for_mail(opened_account, server, address=address).code_of("refuse") == "success"
    assert state(opened_account) is None


def test_this_was_not_me_in_the_first_mail_ends_a_second_one_to_the_same_mailbox_and_no_other(opened_account, server):
    first = ask_for_mail(opened_account, server)
    first.confirm()
    second = ask_for_mail(opened_account, server)
    assert first.code_of("refuse") == "success"
    assert second.code_of("link") == second.code_of("confirm") == "address_code_refused"
    first = ask_for_mail(opened_account, server)
    first.confirm()
    second = ask_for_mail(opened_account, server, address=OTHER)
    assert first.code_of("refuse") == "success"
    assert second.code_of("link") == "success"
    assert is_of(state(opened_account), OTHER)


def test_nobody_who_reads_the_database_learns_that_two_accounts_have_one_mailbox(make_device, server, session):
    for one in (make_device(), make_device()):
        ask_for_mail(one, server).confirm()
    for table in (verified_addresses, proofs_table):
        first, second = (set(row) for row in session.rows(select(table)))
        assert not {value for value in first & second if isinstance(value, bytes)}


@pytest.mark.parametrize("since", [[], [OTHER]])
def test_one_can_say_so_for_a_day(opened_account, server, clock, since):
    mailed = ask_for_mail(opened_account, server)
    mailed.confirm()
    for address in since:
        ask_for_mail(opened_account, server, address=address)
    clock.tick(days=1, seconds=1)
    assert mailed.code_of("refuse") == "address_code_refused"
    assert is_of(state(opened_account))
    clock.tick(seconds=-1)
    assert mailed.code_of("refuse") == "success"
    assert state(opened_account) is None


@pytest.mark.parametrize("ending", ["renewed", "revoked"])
def test_what_a_device_had_mailed_proves_nothing_once_that_has_ended(device, server, ending):
    stolen = device.second(device.make_onekey())
    ask_for_mail(device, server).confirm()
    mailed = ask_for_mail(stolen, server, address=OTHER)
    if ending == "renewed":
        device.do("/repo/renew", device.renewal())
    else:
        device.do("/repo/devices/revoke", {"device": stolen.kid})
    assert stolen.code("/repo/emails/state") == "signer_revoked"
    assert mailed.code_of("link") == "address_code_refused"
    assert is_of(state(device))


# --- who may ask, and what


@pytest.mark.parametrize("door", ["", "/confirm", "/state"])
def test_a_frame_and_a_locked_device_are_refused(device, door):
    frame = device.frame()
    body = {"": {"address": ADDRESS, "language": "en"}, "/confirm": {"id": "A" * 22, "code": "000000"}, "/state": {}}
    assert frame.code(f"/repo/emails{door}", body[door]) == "signer_refused"
    device.do("/repo/signout")
    assert device.code(f"/repo/emails{door}", body[door]) == "device_locked"


BAD_ADDRESSES = [
    "", "ann", "@example.org", "ann@", "ann@example", "ann@@example.org", "ann@b@example.org", " ann@example.org",
    "ann@example.org ", "ann@example.org\n", "ann@example.org\r\nBcc: eve@example.org", "ann\n@example.org",
    "a\0b@c.de", "ann\uff20example.org",
    "ann@example.org,eve@example.org", "ann@example.org, eve@example.org", "Ann <ann@example.org>", "<ann@example.org>",
    '"ann"@example.org', '"a b"@example.org', "ann(x)@example.org", "ann@[127.0.0.1]", "ann@127.0.0.1", "ann@1.2.3.4",
    "ann@-example.org", "ann@example-.org", "ann@exa_mple.org", "ann@example..org", "ann@.example.org",
    ".ann@example.org", "ann.@example.org", "a..b@example.org", "ann@example.org.", "ann@ex\u00e4mple.org",
    "zo\u00eb@example.org", "m\u0131ke@example.org", "ann\u200b@example.org", "ann@example.org\u202e",
    "a" * 65 + "@example.org", "a@" + "b" * 64 + ".org", "a@" + ".".join(["b" * 60] * 5), "ann@example.0rg1" * 30,
    "ann%eve@example.org@x", "ann;eve@example.org", "ann@example.org?subject=x ",
    "=?utf-8?q?victim=40x.org=2C_foo?=@evil.org", "=?utf-8?q?attacker=40evil.org=3E?=@corp.example",
    "=?utf-8?q?=0D=0AX-Evil?=@e.org", "=?utf-8?q??=@e.org", "a=b@example.org", "a?b@example.org",
]  # fmt: skip


def test_nobody_is_written_to_whose_address_is_none(device, server, session):
    before = len(server.received)
    for bad in BAD_ADDRESSES:
        status, members = device.post("/repo/emails", {"address": bad, "language": "en"})
        assert (status, members["code"]) == (400, "malformed_address"), bad
        assert not bad.strip() or bad not in str(members)
    assert len(server.received) == before
    assert kept(session) == []


@pytest.mark.parametrize(
    "address", ["a@b.co", "ANN@EXAMPLE.ORG", "o'hara!#$%&*+/^_`{|}~-@x-y.example.org", "a@xn--exmple-cua.org",
                "1@2.example", "a" * 64 + "@example.org"],
)  # fmt: skip
def test_what_is_written_is_what_is_proved(device, server, address):
    mailed = ask_for_mail(device, server, address=address)
    assert mailed.mail.recipients == [address]
    assert is_of(mailed.confirm()[1]["email"], address)


@pytest.mark.parametrize(
    ("door", "body"),
    [
        ("", {"address": ADDRESS}), ("", {"address": ADDRESS, "language": "fr"}),
        ("", {"address": 1, "language": "en"}),
        ("", {"address": ADDRESS, "language": "EN"}), ("", {"address": None, "language": "en"}),
        ("", {"address": [ADDRESS], "language": "en"}), ("", {"address": ADDRESS, "language": "en", "more": 1}),
        ("/confirm", {"id": "A" * 22, "code": "12345"}), ("/confirm", {"id": "A" * 22, "code": "1234567"}),
        ("/confirm", {"id": "A" * 22, "code": 123456}), ("/confirm", {"id": "A" * 22, "code": "12345x"}),
        ("/confirm", {"id": "A" * 22, "code": "\u0661\u0662\u0663\u0664\u0665\u0666"}),
        ("/confirm", {"id": "A" * 22, "code": "123 456"}), ("/confirm", {"id": "x", "code": "123456"}),
        ("/confirm", {"id": "A" * 22, "code": "12345\u00b2"}), ("/confirm", {"code": "123456"}),
        ("/state", {"account": "x"}),
    ],
)  # fmt: skip
def test_another_form_is_refused(device, door, body):
    assert device.code(f"/repo/emails{door}", body) == "malformed_member"


def test_another_sites_page_is_refused(mailed, device):
    raw = f'{{"token": "{mailed.mail.token}"}}'.encode()
    for door in ("link", "refuse"):
        answer = device.ask(f"/repo/emails/{door}", raw, {"Sec-Fetch-Site": "cross-site"})
        assert answer[1]["code"] == "origin_refused"
    assert state(device) is None


def test_an_account_that_ends_takes_its_addresses_with_it(device, server, session):
    ask_for_mail(device, server).confirm()
    device.do("/repo/optout")
    assert session.rows(select(verified_addresses)) == kept(session) == []


def test_who_was_revoked_while_the_mail_was_sent_gets_nothing(device, server, session, monkeypatch):
    other = device.second(device.make_onekey())
    before = server.handle_DATA

    async def revoke_first(*arguments):
        other.do("/repo/devices/revoke", {"device": device.kid})
        return await before(*arguments)

    monkeypatch.setattr(server, "handle_DATA", revoke_first)
    assert device.code("/repo/emails", {"address": ADDRESS, "language": "en"}) == "signer_revoked"
    assert kept(session) == []


def test_old_proofs_are_forgotten_after_a_day(mailed, session, clock):
    assert session.changed(address_proofs.old(clock.now + timedelta(days=1), 10)) == 0
    assert session.changed(address_proofs.old(clock.now + timedelta(days=1, seconds=1), 10)) == 1
    assert follow(mailed.device, "refuse", mailed.mail.token)[1]["code"] == "address_code_refused"
