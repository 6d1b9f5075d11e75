"""What a record allows: first use once, then only what two roles on record signed, the repo among them."""

import pytest
from authenticator import Key

from keychain import errors
from keychain.jose.jwk import PublicKey
from keychain.validation import record
from keychain.validation.record import Change, Record, Ruling

UID = "BgAgUEDyTuWHOdBSnHzgwA=="
KEYS = [PublicKey(Key().raw) for _ in range(12)]
AD, REPO, CD, NEW, OTHER, *MORE = KEYS

PAIR = {"ad": AD, "repo": REPO}
ALL = {"ad": AD, "repo": REPO, "cd": CD}


def on_record(*also, revoked=(), **keys) -> Record:
    """The record of a known uid: a key per role, more pairs of role and key, and revoked pairs."""
    return Record(UID, 3, frozenset(keys.items()) | frozenset(also), frozenset(revoked))


def match(known: Record, keys, change: Change | None = None) -> Ruling:
    return record.match(known, keys, change, pin_unknown=True)


def pins(**keys: PublicKey) -> Change:
    return Change(pins={role: key.thumbprint for role, key in keys.items()})


def unpins(**keys: PublicKey) -> Change:
    return Change(unpins={role: key.thumbprint for role, key in keys.items()})


def refuses(error, known: Record, keys, change: Change | None = None) -> None:
    for pin_unknown in (True, False):
        with pytest.raises(error) as refusal:
            record.match(known, keys, change, pin_unknown=pin_unknown)
        assert type(refusal.value) is error


@pytest.mark.parametrize("keys", [PAIR, {"repo": REPO, "cd": CD}, ALL], ids=" ".join)
def test_first_use_puts_every_key_shown_on_record(keys):
    ruling = match(Record(UID), dict(reversed(keys.items())))
    assert ruling == Ruling(tuple(role for role in ALL if role in keys), first_use=True, pinned=keys)
    assert ruling.writes


def test_first_use_is_refused_where_the_policy_says_so_in_the_words_for_a_foreign_key():
    for change in (None, pins(ad=AD), unpins(ad=AD)):
        with pytest.raises(errors.KeyNotOnRecord) as refusal:
            record.match(Record(UID), PAIR, change, pin_unknown=False)
        assert str(refusal.value) == errors.KeyNotOnRecord.message


@pytest.mark.parametrize("change", [pins(ad=AD), pins(cd=CD), unpins(ad=AD), Change()])
def test_first_use_with_a_change_is_refused(change):
    with pytest.raises(errors.RecordChangeRefused):
        match(Record(UID), PAIR, change)


@pytest.mark.parametrize("keys", [PAIR, {"repo": REPO, "cd": CD}, ALL], ids=" ".join)
@pytest.mark.parametrize("pin_unknown", [True, False])
def test_keys_on_record_are_known_and_nothing_is_written(keys, pin_unknown):
    ruling = record.match(on_record(**ALL), keys, None, pin_unknown=pin_unknown)
    assert ruling == Ruling(tuple(role for role in ALL if role in keys))
    assert not ruling.writes


def test_any_of_several_keys_of_a_role_is_known():
    assert match(on_record(("ad", NEW), **PAIR), {"ad": NEW, "repo": REPO}).known == ("ad", "repo")


def test_a_bare_extra_role_is_refused():
    refuses(errors.KeyNotOnRecord, on_record(**PAIR), ALL)


@pytest.mark.parametrize("role", ALL)
def test_a_differing_key_is_refused(role):
    refuses(errors.KeyNotOnRecord, on_record(**ALL), ALL | {role: NEW})


def test_a_key_of_one_role_is_no_key_of_another():
    refuses(errors.KeyNotOnRecord, on_record(**ALL), {"ad": CD, "repo": REPO})
    refuses(errors.KeyNotOnRecord, on_record(**ALL), {"ad": REPO, "repo": AD})


def test_a_revoked_key_is_refused_with_the_words_for_a_foreign_one():
    refuses(errors.KeyNotOnRecord, on_record(**PAIR, revoked=[("cd", CD)]), ALL)


def test_a_uid_without_any_key_left_does_not_become_unknown_again():
    emptied = Record(UID, 4, revoked=frozenset(PAIR.items()))
    refuses(errors.KeyNotOnRecord, emptied, PAIR)
    refuses(errors.KeyNotOnRecord, emptied, {"ad": NEW, "repo": OTHER})
    refuses(errors.RecordChangeRefused, emptied, {"ad": NEW, "repo": OTHER}, pins(ad=NEW, repo=OTHER))


def test_strangers_are_the_keys_that_are_not_on_record_for_their_role():
    known = on_record(**PAIR, revoked=[("cd", CD)])
    assert known.strangers(ALL) == {"cd": CD}
    assert known.strangers({"ad": REPO, "repo": REPO}) == {"ad": REPO}
    assert Record(UID).strangers(PAIR) == PAIR


# --- pins


def test_a_signed_pin_adds_the_key_that_signs_beside_it():
    ruling = match(on_record(**PAIR), ALL, pins(cd=CD))
    assert ruling == Ruling(("ad", "repo"), pinned={"cd": CD})
    assert ruling.writes


@pytest.mark.parametrize("role", ["ad", "repo", "cd"])
def test_a_second_key_of_a_role_can_be_pinned_by_the_two_others(role):
    known = on_record(**ALL)
    if role == "repo":  # the two others are not enough without the repo
        refuses(errors.RecordChangeRefused, known, ALL | {role: NEW}, pins(**{role: NEW}))
    else:
        assert match(known, ALL | {role: NEW}, pins(**{role: NEW})).pinned == {role: NEW}


def test_a_pin_without_the_keys_own_signature_is_refused():
    refuses(errors.RecordChangeRefused, on_record(**PAIR), PAIR, pins(cd=CD))


def test_a_pin_that_names_another_key_than_the_one_that_signs_is_refused():
    refuses(errors.KeyNotOnRecord, on_record(**PAIR), ALL, pins(cd=NEW))
    refuses(errors.RecordChangeRefused, on_record(**ALL), ALL, pins(cd=NEW))


def test_a_pin_that_names_no_thumbprint_is_refused():
    for thumbprint in ("", "*", CD.thumbprint + "=", CD.thumbprint[:-1], CD.thumbprint.swapcase()):
        refuses(errors.KeyNotOnRecord, on_record(**PAIR), ALL, Change(pins={"cd": thumbprint}))


def test_a_pin_for_another_role_introduces_nobody():
    refuses(errors.KeyNotOnRecord, on_record(**PAIR), ALL, pins(ad=CD))


def test_a_bare_extra_role_beside_a_signed_pin_is_refused():
    known = on_record(("ad", OTHER), **PAIR)
    refuses(errors.KeyNotOnRecord, known, {"ad": NEW, "repo": REPO, "cd": CD}, pins(cd=CD))


@pytest.mark.parametrize(
    ("keys", "change"),
    [
        ({"repo": REPO, "cd": NEW}, pins(cd=NEW)),
        ({"ad": AD, "repo": NEW}, pins(repo=NEW)),
        ({"ad": AD, "repo": NEW, "cd": CD}, pins(repo=NEW)),
        ({"ad": NEW, "repo": REPO, "cd": OTHER}, pins(ad=NEW, cd=OTHER)),
        ({"ad": NEW, "repo": OTHER}, pins(ad=NEW, repo=OTHER)),
    ],
    ids=["repo alone", "ad alone", "ad and cd without repo", "repo alone for two", "nobody"],
)
def test_a_pin_signed_by_fewer_than_two_roles_on_record_with_the_repo_is_refused(keys, change):
    refuses(errors.RecordChangeRefused, on_record(**ALL), keys, change)


def test_a_revoked_key_is_not_pinned_again():
    refuses(errors.RecordChangeRefused, on_record(**PAIR, revoked=[("cd", CD)]), ALL, pins(cd=CD))


def test_a_key_already_on_record_is_pinned_again_without_news():
    assert not match(on_record(**ALL), ALL, pins(cd=CD)).writes


@pytest.mark.parametrize(("held", "room"), [(6, True), (7, True), (8, False), (9, False)])
def test_a_role_holds_eight_keys(held, room):
    known = on_record(*[("cd", PublicKey(bytes([number]) * 64)) for number in range(held)], **PAIR)
    if room:
        assert match(known, PAIR | {"cd": NEW}, pins(cd=NEW)).pinned == {"cd": NEW}
    else:
        refuses(errors.RecordChangeRefused, known, PAIR | {"cd": NEW}, pins(cd=NEW))


def test_one_of_eight_keys_is_pinned_again_without_news():
    known = on_record(*[("cd", PublicKey(bytes([number]) * 64)) for number in range(7)], **ALL)
    assert not match(known, ALL, pins(cd=CD)).writes


def test_keys_of_other_roles_take_no_room():
    known = on_record(*[("ad", PublicKey(bytes([number]) * 64)) for number in range(7)], **PAIR)
    assert match(known, ALL, pins(cd=CD)).pinned == {"cd": CD}


# --- unpins


def test_a_signed_unpin_takes_the_key_off_the_record():
    ruling = match(on_record(**ALL), PAIR, unpins(cd=CD))
    assert ruling == Ruling(("ad", "repo"), unpinned={"cd": CD})
    assert ruling.writes


def test_only_the_named_key_of_a_role_is_taken():
    known = on_record(("repo", NEW), ("ad", OTHER), **PAIR)
    assert match(known, PAIR, unpins(repo=NEW)).unpinned == {"repo": NEW}
    assert match(known, PAIR, unpins(repo=REPO, ad=OTHER)).unpinned == {"repo": REPO, "ad": OTHER}


@pytest.mark.parametrize(
    ("held", "change"),
    [
        (ALL, unpins(repo=REPO)),
        (ALL, unpins(ad=AD, cd=CD)),
        (PAIR, unpins(ad=AD)),
        (PAIR, unpins(repo=REPO)),
        (PAIR, unpins(ad=AD, repo=REPO)),
    ],
    ids=["no repo", "the repo alone", "the repo alone of two", "ad alone", "nobody"],
)
def test_an_unpin_that_leaves_no_repo_or_one_role_is_refused(held, change):
    refuses(errors.RecordChangeRefused, on_record(**held), PAIR, change)


def test_several_keys_of_one_role_are_still_one_role():
    refuses(errors.RecordChangeRefused, on_record(("repo", NEW), **PAIR), PAIR, unpins(ad=AD))


@pytest.mark.parametrize("change", [unpins(cd=NEW), unpins(ad=CD), unpins(cd=CD, ad=NEW), Change(unpins={"cd": ""})])
def test_an_unpin_of_an_unknown_key_is_refused(change):
    refuses(errors.RecordChangeRefused, on_record(**ALL), PAIR, change)


def test_an_unpin_of_a_key_that_is_gone_is_no_news():
    ruling = match(on_record(**PAIR, revoked=[("cd", CD)]), PAIR, unpins(cd=CD))
    assert ruling == Ruling(("ad", "repo"))
    assert not ruling.writes


@pytest.mark.parametrize("keys", [{"ad": AD, "cd": CD}, {"repo": REPO}], ids=" ".join)
def test_an_unpin_signed_by_fewer_than_two_roles_with_the_repo_is_refused(keys):
    refuses(errors.RecordChangeRefused, on_record(**ALL), keys, unpins(cd=CD))


def test_an_unpin_introduces_nobody():
    refuses(errors.KeyNotOnRecord, on_record(**PAIR), ALL, unpins(cd=CD))
    refuses(errors.KeyNotOnRecord, on_record(**ALL), ALL | {"cd": NEW}, unpins(cd=NEW))
