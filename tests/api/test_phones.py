"""What a person sets on a phone: PIN, push, settings; and what it shows of itself."""

import pytest
from authenticator import Key, b64url
from device import Device, over_wsgi
from sqlalchemy import select

from keychain.store.phone_tables import phone_pins, push_subscriptions


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def phone(device):
    return device.connect_phone()


def subscription(**changed):
    endpoint = "https://fcm.googleapis.com/fcm/send/abc:APA91b"
    return {"endpoint": endpoint, "p256dh": b64url(b"\x04" + Key().raw), "auth": b64url(b"a" * 16)} | changed


DOORS = [
    ("/repo/phone", {}),
    ("/repo/phone/settings", {"demands_phone": True, "numbers": "auto"}),
    ("/repo/phone/pin", {"proof": b64url(b"p" * 32), "former": None}),
    ("/repo/phone/push", subscription()),
    ("/repo/phone/push/end", {}),
    ("/repo/phone/unsilence", {"id": "site:x"}),
]


@pytest.mark.parametrize(("path", "body"), DOORS)
def test_the_doors_of_phones_are_for_phones(device, phone, path, body):
    assert device.code(path, body) == "phone_required"
    assert device.frame().code(path, body) == "signer_refused"
    assert phone.code(path, body) == "success"
    assert phone.code(path, body) == "success", "and each can be asked again"
    assert phone.code(path, body | {"more": 1}) == "malformed_member"
    phone.do("/repo/devices/revoke", {"device": phone.kid})
    assert phone.code(path, body) == "signer_revoked"


def test_a_phone_shows_itself_and_its_account(phone):
    shown = phone.do("/repo/phone")["phone"]
    assert len(shown.pop("vapid_key")) == 87
    assert shown == {
        "settings": {"demands_phone": False, "numbers": "auto"},
        "pin": {"set": False, "locked": False},
        "push": False,
        "silenced": [],
        "phones": [{"id": phone.kid, "name": "Ann's phone", "ends": None, "current": True}],
    }
    other = phone.connect_phone()
    phone.do("/repo/phone/settings", {"demands_phone": True, "numbers": "never"})
    shown = other.do("/repo/phone")["phone"]
    assert shown["settings"] == {"demands_phone": True, "numbers": "never"}
    assert [listed["current"] for listed in shown["phones"]] == [
        listed["id"] == other.kid for listed in shown["phones"]
    ]
    assert len(shown["phones"]) == 2


@pytest.mark.parametrize("changed", [{"numbers": "x"}, {"numbers": None}, {"demands_phone": 1}])
def test_settings_of_another_form_are_refused(phone, changed):
    assert (
        phone.code("/repo/phone/settings", {"demands_phone": True, "numbers": "auto"} | changed) == "malformed_member"
    )
    assert phone.do("/repo/phone")["phone"]["settings"]["demands_phone"] is False


def test_a_pin_is_changed_by_who_knows_the_former(phone, session):
    first, second = (b64url(letter * 32) for letter in (b"1", b"2"))
    assert phone.code("/repo/phone/pin", {"proof": first, "former": None}) == "success"
    assert phone.do("/repo/phone")["phone"]["pin"] == {"set": True, "locked": False}
    assert phone.code("/repo/phone/pin", {"proof": first, "former": None}) == "success", "its answer was lost"
    assert phone.code("/repo/phone/pin", {"proof": second, "former": None}) == "pin_refused"
    assert phone.code("/repo/phone/pin", {"proof": second, "former": second}) == "pin_refused"
    assert session.rows(select(phone_pins.c.tries)) == [(2,)], "each was counted"
    assert phone.code("/repo/phone/pin", {"proof": second, "former": first}) == "success"
    assert session.rows(select(phone_pins.c.tries)) == [(0,)]
    assert phone.code("/repo/phone/pin", {"proof": first, "former": first}) == "pin_refused"
    assert bytes(session.rows(select(phone_pins.c.digest))[0][0]) != b"2" * 32


def test_a_change_of_pin_whose_answer_was_lost_is_asked_again_and_locks_nothing(phone, session):
    phone.set_pin("1234")
    change = {"proof": phone.pin_proof("9999"), "former": phone.pin_proof("1234")}
    assert [phone.code("/repo/phone/pin", change) for _ in range(10)] == ["success"] * 10
    assert phone.do("/repo/phone")["phone"]["pin"] == {"set": True, "locked": False}
    assert session.rows(select(phone_pins.c.tries)) == [(0,)]
    wrong = {"proof": phone.pin_proof("7777"), "former": phone.pin_proof("0000")}
    assert [phone.code("/repo/phone/pin", wrong) for _ in range(5)] == ["pin_refused"] * 4 + ["pin_locked"]
    assert phone.code("/repo/phone/pin", change) == "pin_locked", "each was one try"


@pytest.mark.parametrize("changed", [{"proof": "1234"}, {"proof": None}, {"former": "1"}, {"former": 1}])
def test_a_pin_of_another_form_is_refused(phone, changed):
    assert phone.code("/repo/phone/pin", {"proof": b64url(b"p" * 32), "former": None} | changed) == "malformed_member"


def test_a_phone_is_woken_in_one_place(phone, session):
    first, second = subscription(), subscription(endpoint="https://web.push.apple.com/abc")
    phone.do("/repo/phone/push", first)
    phone.do("/repo/phone/push", second)
    assert session.rows(select(push_subscriptions.c.endpoint)) == [(second["endpoint"],)]
    assert phone.do("/repo/phone")["phone"]["push"] is True
    phone.do("/repo/phone/push/end")
    assert phone.do("/repo/phone")["phone"]["push"] is False


TAKEN = [
    "https://fcm.googleapis.com/fcm/send/x:y_z-1",
    "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
    "https://web.push.apple.com/QP",
    "https://wns2-bl2p.notify.windows.com/w/?token=BQY%2bx%3d",
]
REFUSED = [
    "http://fcm.googleapis.com/fcm/send/x",
    "https://fcm.googleapis.com:8443/x",
    "https://fcm.googleapis.com:443/x",
    "https://fcm.googleapis.com",
    "https://evil.example/x",
    "https://fcm.googleapis.com.evil.example/x",
    "https://evilfcm.googleapis.com/x",
    "https://sub.fcm.googleapis.com/x",
    "https://push.apple.com/x",
    "https://evilpush.apple.com/x",
    "https://.push.apple.com/x",
    "https://user@fcm.googleapis.com/x",
    "https://fcm.googleapis.com@evil.example/x",
    "https://fcm.googleapis.com\\@evil.example/x",
    "https://evil.example#.push.apple.com/x",
    "https://evil.example?.push.apple.com/x",
    "https://fcm.googleapis.com/x#y",
    "https://FCM.googleapis.com/x",
    "https://fcm.googleapis.com./x",
    "HTTPS://fcm.googleapis.com/x",
    "//fcm.googleapis.com/x",
    "https:///fcm.googleapis.com/x",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://localhost/x",
    "https://push.example.org/x",
    "https://push.example.org:8444/x",
    "https://xn--fcm-googleapis-com.example/x",
]


@pytest.mark.parametrize("endpoint", TAKEN)
def test_services_of_browsers_are_sent_to(phone, endpoint):
    assert phone.code("/repo/phone/push", subscription(endpoint=endpoint)) == "success"


@pytest.mark.parametrize("endpoint", REFUSED)
def test_nothing_is_sent_anywhere_else(phone, endpoint, site):
    before = site.rows()
    status, members = phone.post("/repo/phone/push", subscription(endpoint=endpoint))
    assert (status, members["code"]) == (403, "push_refused")
    assert site.rows() == before | {"seen_proofs": before["seen_proofs"] + 1}


MALFORMED = [
    {"endpoint": ""}, {"endpoint": "https://fcm.googleapis.com/" + "x" * 1024}, {"endpoint": None},
    {"endpoint": "https://fcm\u3002googleapis.com/x"}, {"endpoint": "https://fcm.googleapis.com/ x"},
    {"endpoint": "https://fcm.googleapis.com/x\n"}, {"endpoint": "https://fcm.googleapis.com/\u00e9"},
    {"auth": b64url(b"a" * 15)}, {"auth": "====="}, {"p256dh": b64url(Key().raw)}, {"p256dh": b64url(b"\x04" * 65)},
    {"p256dh": b64url(b"\x02" + Key().raw)}, {"p256dh": b64url(b"\x04" + bytes(64))},
]  # fmt: skip


@pytest.mark.parametrize("changed", MALFORMED)
def test_subscriptions_of_another_form_are_refused(phone, changed):
    assert phone.code("/repo/phone/push", subscription(**changed)) == "malformed_member"


@pytest.mark.parametrize("asker", ["", "x", "site:", "SITE:x", "site:\u00e9", "site:" + "x" * 60, None])
def test_only_askers_are_unsilenced(phone, asker):
    assert phone.code("/repo/phone/unsilence", {"id": asker}) == "malformed_member"
