"""Cards: nobody overwrites what he has not seen, nobody sees another's, and what is too much is refused."""

import pytest
from authenticator import b64url
from crowd import at_once
from device import Device, card, over_wsgi, sealed
from sqlalchemy import select

from keychain.jose import base64url
from keychain.repo import cards as collection
from keychain.store.vault_tables import cards

WRITE, LIST = "/repo/cards", "/repo/cards/list"


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def stranger(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def crowded(roomy, clock) -> Device:
    return Device(over_wsgi(roomy), clock).sign_up()


def wrote(device: Device, **changed) -> str:
    return device.code(WRITE, card(**changed))


def test_a_card_is_listed_as_it_was_written_by_every_device_of_the_account(device, clock):
    first = device.keep()
    clock.tick(seconds=1)
    second = device.keep()
    other = device.second(device.make_onekey())
    listed = other.do(LIST)["cards"]
    assert [one["id"] for one in listed] == [first["id"], second["id"]]
    assert listed[1] == second | {"changed": f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"}


def test_an_answer_to_a_card_names_it_and_its_version(device):
    new = card()
    assert device.do(WRITE, new)["card"] == {"id": new["id"], "version": 1}


def test_a_card_is_changed_under_the_next_version_alone(device):
    first = device.keep()
    for version in (1, 3, 4, 2**31 - 1):
        assert wrote(device, id=first["id"], version=version) == "version_conflict"
    second = device.keep(id=first["id"], version=2)
    for version in (1, 2, 4):
        assert wrote(device, id=first["id"], version=version) == "version_conflict"
    assert device.cards()[first["id"]]["sealed"] == second["sealed"]


def test_a_new_card_begins_with_the_first_version(device, site):
    before = site.rows()
    assert wrote(device, version=2) == "version_conflict"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 1}


def test_a_card_is_written_again_after_a_lost_answer(device):
    first = device.keep()
    assert device.code(WRITE, first) == "success"
    second = device.keep(id=first["id"], version=2)
    for _ in range(2):
        assert device.code(WRITE, second) == "success"
    assert device.code(WRITE, first) == "version_conflict", "what came before is over"
    gone = second | {"version": 3, "sealed": None}
    for _ in range(3):
        assert device.code(WRITE, gone) == "success"
    assert device.cards()[first["id"]]["version"] == 3


def test_a_deleted_card_keeps_its_version_and_comes_back_only_under_the_next(device):
    first = device.keep()
    device.do(WRITE, first | {"version": 2, "sealed": None})
    kept = device.cards()[first["id"]]
    assert (kept["version"], kept["sealed"]) == (2, None)
    for version in (1, 2):
        assert wrote(device, id=first["id"], version=version) == "version_conflict"
    assert wrote(device, id=first["id"], version=3) == "success", "an edit wins over a deletion"


def test_what_is_not_there_can_not_be_deleted(device, site):
    first = device.keep()
    device.do(WRITE, first | {"version": 2, "sealed": None})
    before = site.rows()
    for gone in (card(sealed=None), card(sealed=None, version=2), first | {"version": 3, "sealed": None}):
        assert device.code(WRITE, gone) == "card_refused"
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 3}


def test_a_deletion_under_another_version_than_the_next_deletes_nothing(device):
    first = device.keep()
    for version in (1, 3):
        assert device.code(WRITE, first | {"version": version, "sealed": None}) == "version_conflict"
    assert device.cards()[first["id"]]["sealed"] == first["sealed"]


def test_another_accounts_card_is_one_that_does_not_exist(device, stranger, session):
    theirs = stranger.keep()
    nobodys = card()
    for known in (theirs, nobodys):
        assert device.code(WRITE, known | {"version": 2, "sealed": sealed()}) == "version_conflict"
        assert device.code(WRITE, known | {"version": 2, "sealed": None}) == "card_refused"
    assert device.cards() == {}
    mine = device.keep(id=theirs["id"])
    assert stranger.cards()[theirs["id"]]["sealed"] == theirs["sealed"], "the same id is another card here"
    assert device.cards()[mine["id"]]["sealed"] == mine["sealed"]
    assert len(session.rows(select(cards))) == 2


def test_cards_are_for_living_devices_that_are_not_signed_out(device):
    other = device.second(device.make_onekey())
    first, frame, onekey = device.keep(), other.frame(), device.make_onekey()
    for path, body in ((LIST, {}), (WRITE, card())):
        assert frame.code(path, body) == "signer_refused"
        assert Device(device.ask, device.clock, key=onekey.key).code(path, body) == "signer_refused"
        device.do("/repo/signout")
        assert device.code(path, body) == "device_locked"
        device.do("/repo/unlock")
    device.do("/repo/devices/revoke", {"device": other.kid})
    assert other.code(LIST) == other.code(WRITE, card()) == "signer_revoked"
    assert list(device.cards()) == [first["id"]]


def test_a_card_is_of_one_byte_to_sixteen_kibibytes(device):
    assert wrote(device, sealed=sealed(1)) == "success"
    assert wrote(device, sealed=sealed(16384)) == "success"
    assert device.post(WRITE, card(sealed=sealed(16385)))[0] == 413
    assert wrote(device, sealed=sealed(16385)) == "sealed_too_large"
    assert wrote(device, sealed=sealed(24000)) == "sealed_too_large"
    assert wrote(device, sealed=sealed(1 << 20)) == "body_too_large"
    assert wrote(device, sealed="") == "malformed_member"
    assert len(device.cards()) == 2


MALFORMED = [
    {"id": ""}, {"id": "x"}, {"id": b64url(bytes(15))}, {"id": b64url(bytes(32))}, {"id": b64url(bytes(16)) + "=="},
    {"id": None}, {"id": 1}, {"id": "__proto__"}, {"id": b64url(bytes(16))[:-1] + "B"},
    {"version": 0}, {"version": -1}, {"version": 2**31}, {"version": 10**30}, {"version": 1.0}, {"version": "1"},
    {"version": True}, {"version": None}, {"version": [1]},
    {"sealed": 1}, {"sealed": "="}, {"sealed": "a+/b"}, {"sealed": {}}, {"sealed": ["a"]}, {"sealed": False},
    {"kind": "email"}, {"__proto__": {}}, {"account": "x"},
]  # fmt: skip


@pytest.mark.parametrize("changed", MALFORMED, ids=repr)
def test_a_card_of_another_form_is_refused(device, changed):
    assert wrote(device, **changed) == "malformed_member"
    assert device.cards() == {}


def test_every_member_of_a_card_is_wanted(device):
    for name in ("id", "version", "sealed"):
        less = {member: value for member, value in card().items() if member != name}
        assert device.code(WRITE, less) == "malformed_member"


def test_a_member_that_stands_twice_in_a_card_is_refused(device):
    raw = b'{"id": "AAAAAAAAAAAAAAAAAAAAAA", "version": 1, "version": 1, "sealed": "AA"}'
    assert device.code(WRITE, raw) == "malformed_body"


def test_an_account_has_two_hundred_cards_deleted_ones_included(device, session, clock):
    mine = [card() for _ in range(collection.MOST)]
    rows = [{"account": device.account, "id": one["id"], "version": 1, "changed_at": clock.now} for one in mine]
    session.add(cards, [row | {"sealed": b"x" if n % 2 else None} for n, row in enumerate(rows)])
    assert wrote(device) == "too_many_cards"
    assert wrote(device, id=mine[0]["id"], version=2) == "success"
    assert wrote(device, id=mine[1]["id"], version=2, sealed=None) == "success"
    assert wrote(device) == "too_many_cards"
    assert len(device.cards()) == collection.MOST


def test_an_account_keeps_a_mebibyte_of_cards(device, session, clock):
    row = {"account": device.account, "version": 1, "sealed": bytes(16384), "changed_at": clock.now}
    session.add(cards, [row | {"id": card()["id"]} for _ in range(63)])
    last = card(sealed=sealed(16383))
    assert wrote(device, **last) == wrote(device, sealed="AA") == "success"
    assert wrote(device, sealed="AA") == "too_many_cards"
    assert wrote(device, id=last["id"], version=2, sealed=sealed(16384)) == "too_many_cards"
    assert device.cards()[last["id"]].items() >= last.items()
    assert wrote(device, id=last["id"], version=2, sealed=None) == "success"
    assert wrote(device, sealed=sealed(16383)) == "success"


@pytest.mark.slow
def test_fifty_writes_of_one_version_at_once_are_one_success(crowded, session):
    first = crowded.keep()
    for version in (2, 3):
        writings = [card(id=first["id"], version=version) for _ in range(50)]
        codes = at_once(*[lambda one=one: crowded.code(WRITE, one) for one in writings])
        assert set(codes) <= {"success", "version_conflict", "unavailable"}
        assert codes.count("success") == 1
        [kept] = session.rows(select(cards))
        assert (kept.version, b64url(kept.sealed)) == (version, writings[codes.index("success")]["sealed"])


@pytest.mark.slow
def test_no_update_is_lost_where_everybody_reads_and_tries_again(crowded, session):
    """Each of twenty writers adds a byte of its own to the card that it read, until it was the first to."""
    first = crowded.keep(sealed="AA")

    def add(own: int) -> str:
        for _ in range(200):
            kept = crowded.cards()[first["id"]]
            longer = b64url(base64url.decode(kept["sealed"]) + bytes([own]))
            code = wrote(crowded, id=first["id"], version=kept["version"] + 1, sealed=longer)
            if code != "version_conflict":
                return code
        return "never"

    assert set(at_once(*[lambda own=own: add(own) for own in range(1, 21)])) == {"success"}
    [kept] = session.rows(select(cards))
    assert (kept.version, sorted(kept.sealed)) == (21, list(range(21)))


@pytest.mark.slow
def test_fifty_first_writings_at_once_make_one_card_and_none_beyond_the_last(crowded, session, clock):
    writings = [card(id=b64url(bytes(16))) for _ in range(50)]
    codes = at_once(*[lambda one=one: crowded.code(WRITE, one) for one in writings])
    assert codes.count("success") == 1
    rows = [{"account": crowded.account, "version": 1, "sealed": b"x", "changed_at": clock.now}] * (collection.MOST - 2)
    session.add(cards, [row | {"id": card()["id"]} for row in rows])
    codes = at_once(*[lambda: wrote(crowded)] * 12)
    assert codes.count("success") == 1, "there was room for one"
    assert set(codes) <= {"success", "too_many_cards", "unavailable"}


def test_a_deletion_beside_edits_is_one_of_both(crowded):
    for _ in range(5):
        first = crowded.keep()
        gone = first | {"version": 2, "sealed": None}
        codes = at_once(
            lambda gone=gone: crowded.code(WRITE, gone),
            *[lambda first=first: wrote(crowded, id=first["id"], version=2)] * 3,
        )
        assert codes.count("success") == 1
        kept = crowded.cards()[first["id"]]
        assert (kept["sealed"] is None) == (codes[0] == "success")
