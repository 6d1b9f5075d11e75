"""Forgetting a site, asking each time, and closing an account: nothing that refers to it is left, and at once."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from confirming import Asked, ask, result, wish
from crowd import at_once
from device import SHOP, Device, Frame, Identity, over_wsgi, release, uid_of_nobody
from site_client import SiteClient
from sqlalchemy import event, select, update

from keychain.store.phone_tables import confirmations, control_keys, phone_pins, push_subscriptions, silenced
from keychain.store.repo_tables import accounts, frame_sessions, identities, recovery_keys
from keychain.store.tables import metadata
from keychain.store.vault_tables import address_proofs, cards, releases, sign_ins, verified_addresses

OTHER = "https://other.example"
LIST, FORGET, EACH_TIME, CLOSE = (
    "/repo/identities/list",
    "/repo/identities/forget",
    "/repo/sessions/end",
    "/repo/accounts/close",
)


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def stranger(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


def named(identity: Identity, **changed) -> dict:
    return {"uid": identity.uid, "origin": identity.origin} | changed


def tables_with(session, *texts: str) -> dict[str, set[str]]:
    """The tables that hold each of these."""
    found: dict[str, set[str]] = {text: set() for text in texts}
    for table in metadata.sorted_tables:
        held = json.dumps([[str(value) for value in row] for row in session.rows(select(table))])
        for text in texts:
            if text in held:
                found[text].add(table.name)
    return found


# The list.


def test_all_sites_are_listed_oldest_first_with_what_a_device_needs_to_seal_them_anew(device, clock):
    made = []
    for origin in (SHOP, OTHER):
        made.append(device.mint(origin))
        clock.tick(seconds=1)
    listed = device.second(device.make_onekey()).do(LIST)["identities"]
    assert [(one["uid"], one["origin"], one["ad_key"], one["sealed"]) for one in listed] == [
        (one.uid, one.origin, one.key.text, one.sealed) for one in made
    ]
    assert [one["minted"] for one in listed] == [True, True]
    assert listed[0]["created"] < listed[1]["created"]


def test_an_account_has_two_thousand_sites_at_most_and_signs_in_to_each(device, session, clock):
    known = device.mint()
    site = {"account": device.account, "ad_key": bytes(64), "key_version": 1, "created_at": clock.now, "sealed": b"x"}
    session.add(identities, [site | {"uid": uid_of_nobody(), "origin": f"https://{n}.example"} for n in range(1998)])
    device.mint("https://last.example")
    before = session.rows(select(identities))
    assert device.code("/repo/identities", Identity(OTHER).wish(device.nonce())) == "too_many_cards"
    assert session.rows(select(identities)) == before
    assert device.code("/repo/identities", known.wish(device.nonce())) == "success", "it is there"
    assert device.code(FORGET, named(known)) == "success"
    assert device.mint(OTHER).uid


def test_an_account_has_half_a_mebibyte_of_sealed_ad_keys(device, session, clock):
    site = {"account": device.account, "ad_key": bytes(64), "key_version": 1, "created_at": clock.now}
    rows = [
        site | {"uid": uid_of_nobody(), "origin": f"https://{n}.example", "sealed": bytes(4096)} for n in range(128)
    ]
    session.add(identities, rows)
    assert device.code("/repo/identities", Identity().wish(device.nonce())) == "too_many_cards"
    session.changed(update(identities).where(identities.c.uid == rows[0]["uid"]).values(sealed=bytes(3896)))
    assert device.code("/repo/identities", Identity().wish(device.nonce())) == "success"


def test_an_identity_that_is_not_on_record_is_listed_as_such(device, session):
    device.mint()
    session.changed(update(identities).values(minted_at=None))
    [listed] = device.do(LIST)["identities"]
    assert listed["minted"] is False


def test_a_site_counts_as_silent_while_some_frame_signs_in_there_without_asking(device, clock):
    identity, other = device.mint(), device.mint(OTHER)

    def silent() -> list[bool]:
        return [one["silent"] for one in device.do(LIST)["identities"]]

    device.frame(other, silent=False)
    assert silent() == [False, False]
    second = device.second(device.make_onekey())
    second.frame(identity)
    assert sorted(silent()) == [False, True]
    device.do("/repo/devices/revoke", {"device": second.kid})
    assert silent() == [False, False]
    device.frame(identity)
    clock.tick(days=29)
    assert sorted(silent()) == [False, True]
    clock.tick(days=2)
    assert silent() == [False, False]


def test_a_frame_lists_forgets_and_closes_nothing(device):
    frame = device.frame()
    bodies = {LIST: {}, FORGET: named(frame.identity), EACH_TIME: {"uid": frame.identity.uid}, CLOSE: {}}
    for path, body in bodies.items():
        assert frame.code(path, body) == "signer_refused"
    assert frame.cosign() == "success"


# Asking each time.


def test_asking_each_time_ends_every_frame_of_that_site_on_every_device_at_once(device):
    identity, other = device.mint(), device.mint(OTHER)
    second = device.second(device.make_onekey())
    ended = [device.frame(identity), second.frame(identity), second.frame(identity, silent=False)]
    stays = [device.frame(other), second.frame(other)]
    for _ in range(2):
        assert device.code(EACH_TIME, {"uid": identity.uid}) == "success"
    assert {frame.cosign() for frame in ended} == {"signer_revoked"}
    assert {frame.cosign() for frame in stays} == {"success"}
    assert device.frame(identity).cosign() == "success", "the person was asked"


def test_asking_each_time_is_for_the_accounts_own_sites(device, stranger):
    frame = stranger.frame()
    for uid in (frame.identity.uid, uid_of_nobody()):
        assert device.code(EACH_TIME, {"uid": uid}) == "identity_refused"
    assert frame.cosign() == "success"


@pytest.mark.slow
def test_asking_each_time_beside_cosigning_leaves_no_frame_alive(device):
    identity = device.mint()
    for _ in range(5):
        frames = [device.frame(identity) for _ in range(4)]
        codes = at_once(lambda: device.code(EACH_TIME, {"uid": identity.uid}), *[frame.cosign for frame in frames])
        assert codes[0] == "success"
        assert set(codes[1:]) <= {"success", "signer_revoked"}
        assert {frame.cosign() for frame in frames} == {"signer_revoked"}


# Forgetting.


@pytest.fixture
def used(device) -> tuple[Asked, Frame]:
    """An account that used one site in every way, and another site."""
    asked = Asked(device)
    approved = ask(asked.frame)
    asked.phone.approve(asked.phone.pending()[0])
    assert result(asked.frame, approved)["state"] == "approved"
    ask(asked.frame, message="Pay $50?")
    device.release(asked.frame.identity)
    other = device.frame(device.mint(OTHER))
    device.release(other.identity)
    asked.phone.pin_all()
    asked.frame.payload()
    other.payload()
    return asked, other


def test_a_site_that_is_forgotten_leaves_nothing_that_refers_to_it_but_the_keychains_record(used, session, site):
    asked, other = used
    gone = asked.frame.identity
    before = tables_with(session, gone.uid, other.identity.uid)
    assert before[gone.uid] >= {table.name for table in (identities, releases, control_keys, confirmations, sign_ins)}
    of_the_keychain = {"pins", "records", "spent_nonces", "audit_events"}
    assert asked.device.code(FORGET, named(gone)) == "success"
    after = tables_with(session, gone.uid, other.identity.uid, SHOP)
    assert after[gone.uid] <= of_the_keychain
    assert after[SHOP] == set()
    assert after[other.identity.uid] == before[other.identity.uid]
    assert site.code(other.payload()) == "success"
    assert asked.phone.pending() == []


def test_a_forgotten_site_is_refused_everywhere_at_once(used, site):
    asked, _ = used
    frame, device, phone = asked.frame, asked.device, asked.phone
    gone = frame.identity
    waiting = ask(frame, message="Pay $60?")
    element = phone.pending()[-1]
    device.do(FORGET, named(gone))
    assert frame.cosign() == "signer_refused"
    assert frame.code("/repo/confirmations", wish(frame)) == "signer_refused"
    assert frame.code("/repo/confirmations/result", {"confirmation": waiting["id"]}) == "signer_refused"
    assert device.code("/repo/cosign", frame.question()) == "identity_refused"
    assert device.code("/repo/confirmations", wish(frame)) == "identity_refused"
    assert device.code("/repo/releases", release(gone)) == "identity_refused"
    reading = named(gone, cards=["email"])
    assert device.code("/repo/releases/read", reading) == "identity_refused"
    assert device.code("/repo/sessions", Frame(device, gone).wish) == "identity_refused"
    assert phone.decide_code(element) == "confirmation_refused"
    assert phone.code("/repo/control_keys", phone.pinning(gone.uid, gone)) == "identity_refused"


def test_forgetting_a_site_again_is_a_success_and_there_it_is_a_new_user(device, site):
    former = device.mint()
    for _ in range(3):
        assert device.code(FORGET, named(former)) == "success"
    new = device.mint()
    assert new.uid != former.uid
    assert site.code(device.frame(new).payload()) == "success"


def test_a_site_is_forgotten_by_its_own_origin_alone(device, site):
    identity = device.mint()
    before = site.rows()
    assert device.code(FORGET, named(identity, origin=OTHER)) == "origin_refused"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 1}


def test_what_is_another_accounts_is_forgotten_like_what_does_not_exist(device, stranger):
    frame = stranger.frame()
    stranger.release(frame.identity)
    for uid in (frame.identity.uid, uid_of_nobody()):
        for origin in (SHOP, OTHER):
            assert device.code(FORGET, {"uid": uid, "origin": origin}) == "success"
    assert frame.cosign() == "success"
    assert len(frame.read(frame.identity, "email")["releases"]) == 1


def test_a_site_that_was_silenced_and_forgotten_may_ask_again(used, session):
    asked, _ = used
    asked.phone.report(asked.phone.pending()[-1])
    assert len(session.rows(select(silenced))) == 1
    asked.device.do(FORGET, named(asked.frame.identity))
    assert session.rows(select(silenced)) == []


def test_a_server_that_waits_for_an_answer_is_told_at_once_when_its_site_is_forgotten(device, site):
    asked = Asked(device)
    token = asked.frame.do("/repo/cosign", asked.frame.question())["signed"]["two_factor_token"]
    question = {"two_factor_token": token, "message": "Open the garage?"}
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(site.ask, "/repo/send_2fa", question)
        began = time.monotonic()
        while not asked.phone.pending():
            assert time.monotonic() - began < 10, "nobody asked"
            time.sleep(0.01)
        device.do(FORGET, named(asked.frame.identity))
        assert sending.result(20).get_json()["code"] == "token_refused"
    assert site.ask("/repo/send_2fa", question).get_json()["code"] == "token_refused"


@pytest.fixture
def meanwhile(store):
    """Does something, once, as soon as some request is about to send a statement that begins so, or a later one."""
    waiting: list[list] = []

    def look(_connection, _cursor, statement, *_):
        if waiting and statement.startswith(waiting[0][0]):
            waiting[0][2] -= 1
            if not waiting[0][2]:
                waiting.pop()[1]()

    event.listen(store.engine, "before_cursor_execute", look)
    yield lambda beginning, deed, which=1: waiting.append([beginning, deed, which])
    event.remove(store.engine, "before_cursor_execute", look)
    assert not waiting, "it happened"


def test_what_was_begun_before_a_site_was_forgotten_is_refused_and_leaves_nothing(device, meanwhile, session):
    asked = Asked(device)
    gone = asked.frame.identity
    asked.phone.control.clear()
    forget = lambda: device.do(FORGET, named(gone))  # noqa: E731
    meanwhile("BEGIN", forget)
    assert asked.frame.code("/repo/confirmations", wish(asked.frame)) in {"identity_refused", "signer_revoked"}
    new = device.mint()
    meanwhile("BEGIN", lambda: device.do(FORGET, named(new)))
    assert asked.phone.code("/repo/control_keys", asked.phone.pinning(new.uid, new)) == "identity_refused"
    for table in (confirmations, control_keys, releases, frame_sessions, identities):
        assert session.rows(select(table)) == []


@pytest.mark.slow
def test_forgetting_beside_everything_else_leaves_nothing_behind(device, session):
    for _ in range(5):
        frame = device.frame(device.mint())
        gone = frame.identity
        codes = at_once(
            lambda gone=gone: device.code(FORGET, named(gone)),
            lambda gone=gone: device.code("/repo/releases", release(gone)),
            lambda gone=gone: device.code("/repo/sessions", Frame(device, gone).wish),
            frame.cosign,
            lambda gone=gone: device.code(FORGET, named(gone)),
        )
        assert (codes[0], codes[4]) == ("success", "success")
        assert set(codes[1:4]) <= {"success", "identity_refused", "signer_refused", "signer_revoked"}
        for table in (releases, frame_sessions, identities):
            assert session.rows(select(table)) == []


# Closing the account.


def test_a_closed_account_is_over_everywhere_and_keeps_nothing_sealed(device, session, clock, app):
    onekey, frame = device.make_onekey(), device.frame()
    other = device.second(onekey)
    device.keep()
    device.release(frame.identity)
    frame.payload()
    site = SiteClient.registered(app, clock)
    asker = {"account": device.account, "asker": f"api:{site.api_id}", "name": SHOP, "created_at": clock.now}
    session.add(silenced, asker)
    row = {"account": device.account, "salt": bytes(32), "digest": bytes(32)}
    row |= {"link_digest": bytes(32), "mailbox": bytes(32)}
    session.add(verified_addresses, row | {"verified_at": clock.now})
    codes = {"code_digest": bytes(32), "tries": 0, "created_at": clock.now}
    session.add(address_proofs, row | codes | {"id": "x" * 22})
    clock.tick(days=400)
    assert device.code("/repo/optout") == "optout_refused"
    assert device.code(CLOSE) == "success"
    for signer, path in ((device, LIST), (other, LIST), (frame, "/repo/optout"), (device, CLOSE)):
        assert signer.code(path) == "signer_revoked"
    newcomer = Device(device.ask, clock, key=onekey.key)
    assert newcomer.code("/repo/devices", newcomer.members) == "oneid_key_refused"
    gone = (cards, releases, sign_ins, verified_addresses, address_proofs, recovery_keys, confirmations, silenced)
    for table in gone:
        assert session.rows(select(table)) == [], table.name
    assert tables_with(session, "Firefox on Linux", "Ann's phone") == {"Firefox on Linux": set(), "Ann's phone": set()}
    assert [row.sealed for row in session.rows(select(identities))] == [b""]
    assert [row.closed_at for row in session.rows(select(accounts))] == [clock.now]


def test_what_a_phone_was_asked_and_where_it_is_woken_ends_with_its_account(device, session):
    asked = Asked(device)
    ask(asked.frame)
    session.add(
        push_subscriptions,
        {
            "device": asked.phone.kid,
            "endpoint": "https://push.example/x",
            "p256dh": bytes(65),
            "auth": bytes(16),
            "key_version": 1,
            "created_at": device.clock(),
        },
    )
    asked.phone.set_pin("1234")
    assert session.rows(select(control_keys)) != []
    assert asked.phone.code(CLOSE) == "success"
    for table in (confirmations, push_subscriptions, control_keys, phone_pins):
        assert session.rows(select(table)) == [], table.name
    assert asked.phone.code("/repo/confirmations/pending") == "signer_revoked"


def test_taking_a_new_account_back_deletes_the_same(device, session):
    frame = device.frame()
    device.keep()
    device.release(frame.identity)
    frame.payload()
    assert device.code("/repo/optout") == "success"
    for table in (cards, releases, sign_ins):
        assert session.rows(select(table)) == [], table.name


def test_another_account_stays_when_one_is_closed(device, stranger):
    frame = stranger.frame()
    kept, made = stranger.keep(), stranger.release(frame.identity)
    device.frame()
    device.do(CLOSE)
    assert stranger.cards()[kept["id"]]["sealed"] == kept["sealed"]
    assert frame.read(frame.identity, "email")["releases"][0]["sealed"] == made["sealed"]


def test_a_browser_closes_no_account_that_a_phone_guards(device, clock):
    phone = device.connect_phone()
    assert device.code(CLOSE) == "phone_required"
    device.do("/repo/devices/revoke", {"device": phone.kid})
    clock.tick(hours=23)
    assert device.code(CLOSE) == "phone_required", "it is going to end, and may object"
    other = phone.connect_phone()
    assert phone.code(CLOSE) == "phone_required", "so may the other one"
    phone.do("/repo/devices/revoke", {"device": other.kid})
    assert phone.code(CLOSE) == "success"
    assert device.code(LIST) == "signer_revoked"


def test_a_phone_that_ended_guards_nothing(device, clock):
    phone = device.connect_phone()
    device.do("/repo/devices/revoke", {"device": phone.kid})
    clock.tick(hours=25)
    assert device.code(CLOSE) == "success"


def test_a_locked_browser_closes_nothing(device):
    device.do("/repo/signout")
    for path in (CLOSE, LIST):
        assert device.code(path) == "device_locked"


def test_a_frame_whose_site_is_forgotten_before_its_proof_is_spent_is_nobodys(device, meanwhile):
    frame = device.frame()
    meanwhile("INSERT INTO seen_proofs", lambda: device.do(FORGET, named(frame.identity)))
    assert frame.cosign() == "signer_refused"


def test_an_approval_of_what_is_forgotten_before_it_is_told_signs_nothing(device, meanwhile):
    asked = Asked(device)
    for statement in ("SELECT confirmations.cd_key", "SELECT identities.uid"):
        made = ask(asked.frame)
        asked.phone.approve(asked.phone.pending()[0])
        gone = asked.frame.identity
        meanwhile(statement, lambda gone=gone: device.do(FORGET, named(gone)))
        body = {"confirmation": made["id"]}
        _, told = asked.frame.post("/repo/confirmations/result", body)
        assert told.get("code") == "confirmation_refused" or told["confirmation"]["signed"] is None
        asked.frame = device.frame(device.mint())
        asked.phone.pin_all()
    assert [one for one in device.do("/repo/activity")["sign_ins"] if one["uid"] == gone.uid] == []


def test_a_decision_about_what_is_forgotten_at_that_moment_is_refused(device, meanwhile):
    asked = Asked(device)
    ask(asked.frame)
    [element] = asked.phone.pending()
    meanwhile("SELECT confirmations.id", lambda: device.do(FORGET, named(asked.frame.identity)), 2)
    assert asked.phone.decide_code(element, "reject") == "confirmation_refused"


def test_an_identity_that_is_forgotten_while_it_goes_on_record_is_not_minted(device, meanwhile, session):
    wish = Identity()

    def forget() -> None:
        [begun] = device.do(LIST)["identities"]
        device.do(FORGET, {"uid": begun["uid"], "origin": SHOP})

    meanwhile("BEGIN", forget, 3)
    assert device.code("/repo/identities", wish.wish(device.nonce())) == "identity_refused"
    assert session.rows(select(identities)) == []
    assert device.mint().uid
