"""What a person can look back at: the first sign-in of an hour, at most a hundred, for ninety days; and no words."""

from datetime import timedelta

import pytest
from confirming import WORDS, Asked, ask, result
from device import SHOP, Device, Frame, over_wsgi
from sqlalchemy import func, select, update

from keychain.app import create_app
from keychain.repo import pruning
from keychain.repo import sign_ins as collection
from keychain.store.vault_tables import sign_ins
from keychain.validation import sites

ACTIVITY = "/repo/activity"


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def asked(device) -> Asked:
    return Asked(device)


def at(clock) -> str:
    return f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"


def test_a_sign_in_is_seen_by_every_device_of_the_account_newest_first(device, clock):
    frame = device.frame()
    second = device.second(device.make_onekey())
    frame.payload()
    first = {"origin": SHOP, "uid": frame.identity.uid, "device": device.kid, "phone": False, "at": at(clock)}
    clock.tick(seconds=1)
    other = second.frame(device.mint("https://other.example"))
    other.payload()
    newer = {"origin": "https://other.example", "uid": other.identity.uid, "device": second.kid}
    told = device.do(ACTIVITY)
    assert told["sign_ins"] == [newer | {"phone": False, "at": at(clock)}, first]
    assert told["confirmations"] == []
    assert second.do(ACTIVITY) == told


def test_a_sign_in_whose_answer_was_lost_is_one(device):
    frame = device.frame()
    question = frame.question()
    for _ in range(3):
        frame.do("/repo/cosign", question)
    assert len(device.do(ACTIVITY)["sign_ins"]) == 1


def test_a_site_that_signs_in_again_and_again_pushes_nothing_out(device, clock):
    clock.now = clock.now.replace(minute=0, second=0)
    device.frame(device.mint("https://bank.example")).payload()
    frame = device.frame(device.mint("https://evil.example"))
    for _ in range(collection.SHOWN):
        frame.do("/repo/cosign", frame.question())
    noted = device.do(ACTIVITY)["sign_ins"]
    assert sorted(one["origin"] for one in noted) == ["https://bank.example", "https://evil.example"]


def test_of_a_user_and_a_device_the_first_sign_in_of_each_hour_is_noted(device, clock):
    clock.now = clock.now.replace(minute=0, second=0)
    second, identity = device.second(device.make_onekey()), device.mint()
    frames = [one.frame(identity) for one in (device, second)]
    times = []
    for minutes in (0, 59, 1):
        clock.tick(minutes=minutes)
        times.append(at(clock))
        for frame in frames:
            frame.payload()
    noted = [(one["at"], one["device"]) for one in device.do(ACTIVITY)["sign_ins"]]
    assert sorted(noted) == sorted((time, one.kid) for time in (times[0], times[2]) for one in (device, second))


def test_a_sign_in_by_a_device_itself_is_noted_too(device):
    frame = Frame(device, device.mint())
    device.do("/repo/cosign", frame.question())
    [noted] = device.do(ACTIVITY)["sign_ins"]
    assert noted["device"] == device.kid


def test_what_is_refused_is_no_sign_in(device):
    frame = device.frame()
    for changed in ({"origin": "https://other.example"}, {"nonce": "x"}):
        assert frame.cosign(**changed) in {"origin_refused", "malformed_nonce"}
    assert device.do(ACTIVITY)["sign_ins"] == []


@pytest.mark.parametrize("kind", ["confirm", "signin"])
def test_a_confirmed_sign_in_is_noted_once_when_its_asker_hears_of_it(device, asked, clock, kind):
    words = {} if kind == "confirm" else {"message": ""}
    made = ask(asked.frame, kind=kind, **words)
    asked.phone.approve(asked.phone.pending()[0])
    assert device.do(ACTIVITY)["sign_ins"] == []
    for _ in range(3):
        assert result(asked.frame, made)["state"] == "approved"
    [noted] = device.do(ACTIVITY)["sign_ins"]
    assert noted == {
        "origin": SHOP,
        "uid": asked.frame.identity.uid,
        "device": device.kid,
        "phone": True,
        "at": at(clock),
    }


def test_what_was_asked_is_told_with_its_end_and_without_its_words(device, asked, clock):
    asked_at = at(clock)
    first = ask(asked.frame)
    clock.tick(seconds=5)
    asked.phone.reject(asked.phone.pending()[0])
    ask(asked.frame, message="Very private?", title="Bank")
    told = asked.phone.do(ACTIVITY)
    assert told["confirmations"] == [
        {"asker": SHOP, "kind": "confirm", "state": "pending", "at": at(clock), "decided": None},
        {"asker": SHOP, "kind": "confirm", "state": "rejected", "at": asked_at, "decided": at(clock)},
    ]
    assert WORDS not in str(told)
    assert "private" not in str(told)
    assert first["id"] not in str(told)
    clock.tick(seconds=121)
    assert device.do(ACTIVITY)["confirmations"][0]["state"] == "expired"


def test_a_site_that_is_not_proved_is_named_by_its_api_id(device, asked, make_site, config, clock, store, session):
    hasty = create_app(config, clock=clock, store=store, patience=0.1)
    site = make_site()
    site.app = hasty
    token = asked.frame.do("/repo/cosign", asked.frame.question())["signed"]["two_factor_token"]
    for origin, shown in (("", site.api_id), (SHOP, SHOP)):
        sites.set_origin(session, site.api_id, origin)
        clock.tick(seconds=1)
        site.ask("/repo/send_2fa", {"two_factor_token": token, "message": "Open?"})
        newest = device.do(ACTIVITY)["confirmations"][0]
        assert (newest["asker"], newest["kind"], newest["state"]) == (shown, "send_2fa", "expired")
    assert [one["phone"] for one in device.do(ACTIVITY)["sign_ins"]] == [False], "what a server asked is no sign-in"


def test_nobody_sees_what_another_account_did(device, app, clock):
    device.frame().payload()
    stranger = Device(over_wsgi(app), clock).sign_up()
    told = stranger.do(ACTIVITY)
    assert (told["sign_ins"], told["confirmations"]) == ([], [])


def test_a_frame_and_a_locked_device_see_nothing(device):
    frame = device.frame()
    assert frame.code(ACTIVITY) == "signer_refused"
    device.do("/repo/signout")
    assert device.code(ACTIVITY) == "device_locked"


def many(session, device: Device, count: int, **by: float) -> None:
    """Sign-ins one after the other, the last of them so long ago."""
    newest = session.now() - timedelta(**by)
    row = {"account": device.account, "uid": "u" * 24, "origin": SHOP, "device": device.kid, "phone": False}
    session.add(
        sign_ins,
        [
            row | {"id": f"{device.account[:17]}{n:05}", "signed_at": newest - timedelta(seconds=n)}
            for n in range(count)
        ],
    )


def test_the_newest_hundred_are_shown_and_kept(device, store, session, app, clock):
    stranger = Device(over_wsgi(app), clock).sign_up()
    many(session, device, 130)
    many(session, stranger, 30)
    shown = device.do(ACTIVITY)["sign_ins"]
    assert len(shown) == collection.SHOWN
    assert shown == sorted(shown, key=lambda one: one["at"], reverse=True)
    assert pruning.prune(store, 0)["sign_ins"] == 30
    assert device.do(ACTIVITY)["sign_ins"] == shown
    assert len(stranger.do(ACTIVITY)["sign_ins"]) == 30
    assert not any(pruning.prune(store, 0).values())


def test_a_sign_in_is_forgotten_after_ninety_days(device, store, session):
    frame = device.frame()
    frame.payload()
    many(session, device, 3, days=90, seconds=1)
    session.changed(update(sign_ins).where(sign_ins.c.id == f"{device.account[:17]}{0:05}").values(
        signed_at=session.now() - timedelta(days=89, hours=23)))  # fmt: skip
    assert pruning.prune(store, 0)["sign_ins"] == 2
    assert len(device.do(ACTIVITY)["sign_ins"]) == 2


def test_pruning_takes_sign_ins_in_small_bites(device, store, session, monkeypatch):
    monkeypatch.setattr(pruning, "BATCH", 7)
    many(session, device, 120)
    assert pruning.prune(store, 0)["sign_ins"] == 20
    [(left,)] = session.rows(select(func.count()).select_from(sign_ins))
    assert left == collection.SHOWN
