"""A person's address is nowhere but in the mail: not in the log, nor in the database, nor in an error or a repr."""

import base64
import hashlib
import json
from dataclasses import replace
from email.errors import HeaderParseError

import pytest
from conftest import empty
from device import Device, over_wsgi
from logged import logged
from mail_server import babbling, serving
from mailing import ADDRESS, FROM, NEVER, ask_for_mail, follow, prove, state, through, wish
from sqlalchemy import select, update

from keychain import errors, mail_port
from keychain.app import create_app
from keychain.repo import proving
from keychain.repo.letters import Letter
from keychain.repo.masterkeys import MasterKeys
from keychain.settings import Settings
from keychain.store import engine, schema
from keychain.store.tables import metadata
from keychain.store.vault_tables import address_proofs

LOCAL, DOMAIN = ADDRESS.lower().split("@")
BOBS = "bob.nobody@unheard-of.example.net"


@pytest.fixture
def log(capfd):
    """What was logged at DEBUG, by us and by the libraries."""
    with logged("DEBUG"):
        yield lambda: "".join(capfd.readouterr())


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path):
    url = request.getfixturevalue("postgresql") if request.param == "postgresql" else ""
    return Settings(data_dir=tmp_path / "data", database_url=url, mail_limit="1000/day", mail_from=FROM)


@pytest.fixture
def store(settings):
    store = engine.open_store(settings)
    schema.upgrade(store)
    yield store
    empty(store)
    store.close()


def dump(store, settings) -> str:
    """All that the database holds: every value of every table, and of SQLite every byte of every file."""
    with store.session() as session:
        values = [str(list(map(tuple, session.rows(select(table))))) for table in metadata.sorted_tables]
    files = [path.read_bytes().decode("latin-1") for path in sorted(settings.data_dir.glob("keychain.db*"))]
    assert bool(files) is (settings.sqlite_path is not None)
    return "\n".join([*values, *files])


def every_way(device, server, mails) -> None:
    """A full round: proofs by code and link, wrong tries, refusals of a mail server and of ours, and the end."""
    mailed = ask_for_mail(device, server)
    mails.append(mailed)
    mailed.wrong()
    assert mailed.code_of("confirm") == mailed.code_of("link") == "success"
    frame = device.frame()
    device.release(frame.identity)
    assert frame.read(frame.identity, "email")["claims"]
    for refusal in ("550 no such user", "450 later"):
        server.answers = {"RCPT": f"{refusal} <{BOBS}>"}
        assert device.post("/repo/emails", wish(BOBS))[0] in (400, 503)
    server.answers = {}
    assert device.code("/repo/emails", wish(BOBS + "\r\nBcc: x")) == "malformed_address"
    mails.append(ask_for_mail(device, server, address=BOBS))
    follow(device, "refuse", NEVER)
    mails[-1].follow("link")
    assert state(device)


def searched(text: str, mails) -> list[str]:
    """What of addresses, codes and links is in a text, however it is written there."""
    spelled = [LOCAL, DOMAIN, ADDRESS, BOBS, "unheard-of", "bob.nobody", *(mailed.mail.token for mailed in mails)]
    spelled += [base64.b64encode(address.encode()).decode().rstrip("=") for address in (ADDRESS, BOBS)]
    for how in (hashlib.sha256, hashlib.sha1, hashlib.md5):
        spelled += [how(address.encode()).hexdigest() for address in (ADDRESS, BOBS)]
    return [word for word in spelled if word.lower() in text.lower()]


def test_a_full_round_leaves_no_address_in_log_or_database(log, settings, store, clock):
    mails: list = []
    empty(store)  # another test may have served this database with a master key of its own
    with serving() as server:
        app = create_app(replace(settings, **through(server)), clock=clock, store=store)
        device = Device(over_wsgi(app), clock).sign_up()
        every_way(device, server, mails)
        whole = dump(store, settings)
        with babbling(b"220 hello\r\n", f"555 <{ADDRESS}>\r\n".encode(), f"555 <{ADDRESS}>\r\n".encode()) as port:
            other = create_app(replace(settings, **through(server) | {"smtp_port": port}), clock=clock, store=store)
            device.ask = over_wsgi(other)
            assert device.code("/repo/emails", wish()) == "mail_unavailable"
        device.ask = over_wsgi(app)
        store.close()
        schema.downgrade(store, "base")  # the next requests meet a database that fails, and logs why
        for path, body in (("", wish()), ("/confirm", {"id": mails[0].id, "code": mails[0].mail.code})):
            assert device.code(f"/repo/emails{path}", body) == "unavailable"
        assert follow(device, "link", mails[0].mail.token)[1]["code"] == "unavailable"
        schema.upgrade(store)
    text = log()
    assert '"door": "/repo/emails"' in text
    assert '"event": "mail not sent"' in text
    assert '"level": "error"' in text
    assert searched(text, mails) == []
    assert not [mailed for mailed in mails if f'"{mailed.mail.code}"' in text]
    assert searched(whole, mails) == []


def test_in_development_the_log_has_code_and_link_and_no_address(log, settings, store, clock):
    app = create_app(replace(settings, mail_from=""), clock=clock, store=store)
    device = Device(over_wsgi(app), clock).sign_up()
    assert prove(device, app)
    text = log()
    [line] = [line for line in map(json.loads, text.splitlines()) if line["event"] == "mail"]
    assert line["code"].isdigit()
    assert line["link"].startswith("http://id.localhost:8000/verify#")
    assert searched(text, []) == []
    assert searched(dump(store, settings), []) == []


def test_who_reads_the_database_finds_no_code_by_trying(settings, store, clock):
    """A million digests are quick to make; but the key is not there."""
    with serving() as server:
        app = create_app(replace(settings, **through(server)), clock=clock, store=store)
        device = Device(over_wsgi(app), clock).sign_up()
        mailed = ask_for_mail(device, server)
    with store.session() as session:
        [row] = session.rows(select(address_proofs))
        code = mailed.mail.code
        for tried in (code, mailed.id + code, f"code {mailed.id} {code}", f"{mailed.id} {code}"):
            for salt in (b"", row.salt):
                assert hashlib.sha256(salt + tried.encode()).digest() != row.code_digest
        session.changed(update(address_proofs).values(id="A" * 22))
    typed = {"id": "A" * 22, "code": code}
    assert device.code("/repo/emails/confirm", typed) == "address_code_refused", "a digest is good for its own proof"


def test_nothing_that_holds_an_address_or_a_code_shows_it():
    letter = Letter("https://id.example.org", "123456", NEVER, is_welcome=True)
    keys = MasterKeys([(1, bytes(32))])
    shown = repr(letter) + repr(mail_port.Mail(letter, None))
    assert "123456" not in shown
    assert NEVER not in shown
    assert proving.recipient(keys, ADDRESS) == proving.recipient(keys, ADDRESS.lower())
    assert proving.recipient(keys, ADDRESS) != proving.recipient(MasterKeys([(1, bytes(range(32)))]), ADDRESS)
    assert len(proving.recipient(keys, ADDRESS)) == 64


def test_what_is_raised_where_a_mail_could_not_be_sent_quotes_nothing(settings, clock):
    letter = Letter("https://id.example.org", "123456", NEVER, is_welcome=True)
    with serving() as server:
        server.answers = {"RCPT": f"550 no <{ADDRESS}>"}
        port = mail_port.of(replace(settings, **through(server)), clock)
        with pytest.raises(Exception, match="no e-mail address") as refusal:
            port.send(ADDRESS, letter)
    assert ADDRESS not in f"{refusal.value!r} {refusal.value}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__, "so no log shows what it came of"


@pytest.mark.parametrize("trouble", [ValueError, IndexError, HeaderParseError], ids=str)
def test_a_letter_that_can_not_be_written_is_mail_unavailable_and_quotes_nothing(
    log, settings, clock, monkeypatch, trouble
):
    def fail(*_):
        raise trouble(f"in header: {ADDRESS}")

    monkeypatch.setattr(mail_port, "compose", fail)
    port = mail_port.of(replace(settings, smtp_host="127.0.0.1", mail_from="oneid@id.example.org"), clock)
    with pytest.raises(errors.MailUnavailable) as refusal:
        port.send(ADDRESS, Letter("https://id.example.org", "123456", NEVER, is_welcome=True))
    assert refusal.value.__suppress_context__
    assert searched(log(), []) == []
