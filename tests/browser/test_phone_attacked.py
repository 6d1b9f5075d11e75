"""A repo that means harm stands between computer and phone: it is noticed, and gets nothing that it could open."""

import base64
import hashlib
import json
import secrets

import pytest
from authenticator import Key, b64url
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.phone import SOON_MS, digits_at, fetched, offer_phone

pytestmark = pytest.mark.slow


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Share:
    """What a side of a pairing tells: its key and its random."""

    def __init__(self, key: bytes | None = None, random: bytes | None = None) -> None:
        self.key, self.random = key or Key().raw, random or secrets.token_bytes(16)

    @classmethod
    def read(cls, message: str) -> "Share":
        told = json.loads(unb64(message))
        return cls(unb64(told["key"]), unb64(told["random"]))

    def message(self, **more: object) -> str:
        return b64url(json.dumps({"key": b64url(self.key), "random": b64url(self.random), **more}).encode())

    @property
    def commitment(self) -> str:
        return b64url(hashlib.sha256(b"oneid/1 pairing phone" + self.key + self.random).digest())


def digits_of(a: Share, b: Share) -> str:
    agreed = hashlib.sha256(b"phone" + a.key + a.random + b.key + b.random).digest()
    said = hashlib.sha256(b"oneid/1 digits" + agreed).digest()
    return f"{int.from_bytes(said[:8]) % 10**6:06}"


class Relay:
    """A repo that changes what it carries. ``to_phone`` and ``to_computer`` stand for the other side there."""

    def __init__(self, computer: BrowserContext, phone: BrowserContext) -> None:
        self.to_phone, self.to_computer = Share(), Share()
        self.commits = True
        self.carried: list[bytes] = []  # what either side said, in the clear or not
        computer.route("**/repo/pairings/read", lambda route: self.swap(route, self.for_computer))
        phone.route("**/repo/pairings/find", self.find)
        phone.route("**/repo/pairings/read", lambda route: self.swap(route, self.for_phone))
        for context in (computer, phone):
            context.on("request", self.hear)

    def hear(self, request) -> None:
        if request.url.endswith(("/repo/pairings/send", "/repo/pairings/open")):
            self.carried.append(unb64(json.loads(request.post_data)["message"]))

    def find(self, route: Route) -> None:
        response = fetched(route)
        told = response.json()
        if self.commits and "pairing" in told:
            told["pairing"]["commitment"] = self.to_phone.commitment
        route.fulfill(response=response, json=told)

    def swap(self, route: Route, change) -> None:
        response = fetched(route)
        told = response.json()
        first = json.loads(route.request.post_data)["after"] == 0
        if first and told.get("messages"):
            told["messages"][0] = change(told["messages"][0])
        route.fulfill(response=response, json=told)

    def for_computer(self, message: str) -> str:
        self.real_phone = Share.read(message)
        return self.to_computer.message(scanned=json.loads(unb64(message))["scanned"])

    def for_phone(self, message: str) -> str:
        self.real_computer = Share.read(message)
        return self.to_phone.message()

    def got_nothing(self) -> bool:
        """Whether all that was said was a key for this pairing, or a no."""
        return all(set(json.loads(said)) <= {"key", "random", "scanned", "refused"} for said in self.carried)


class Grinder(Relay):
    """Waits for both sides' keys, then looks for one of its own that gives both the same six digits."""

    def for_phone(self, message: str) -> str:
        self.real_computer = Share.read(message)
        wanted = digits_of(self.real_computer, self.to_computer)
        key, tail, sought = Key().raw, self.real_phone.key + self.real_phone.random, int(wanted)
        begun, digits = hashlib.sha256(b"phone" + key), hashlib.sha256(b"oneid/1 digits")
        for number in range(1 << 26):
            random = number.to_bytes(16)
            (agreed := begun.copy()).update(random + tail)
            (said := digits.copy()).update(agreed.digest())
            if int.from_bytes(said.digest()[:8]) % 10**6 == sought:
                break
        self.to_phone = Share(key, random)
        assert digits_of(self.to_phone, self.real_phone) == wanted
        return self.to_phone.message()


@pytest.fixture
def phones(service):
    """How many phones there are more than at the beginning."""
    before = service.count("devices WHERE phone")
    return lambda: service.count("devices WHERE phone") - before


def test_a_relay_that_swaps_keys_is_noticed_by_the_qr_code(computer, make_phone, service, phones):
    phone = make_phone()
    relay = Relay(computer, phone.context)
    popup = offer_phone(computer, service)
    handset = phone.scan(popup).at("pairing-ended")
    assert handset.page.locator(".warning").inner_text()
    assert relay.carried == []
    popup.at("pair")
    assert phones() == 0


def test_a_relay_that_swaps_keys_is_noticed_by_the_digits(computer, make_phone, service, phones):
    phone = make_phone()
    relay = Relay(computer, phone.context)
    popup = offer_phone(computer, service)
    handset = phone.open().type_code(popup.page.locator("#code").inner_text()).at("digits", SOON_MS)
    digits = digits_at(popup)
    assert digits == digits_of(relay.real_computer, relay.to_computer)
    for _ in range(2):
        handset.type_digits(digits)
        expect(handset.alert).not_to_be_empty()
    handset.type_digits(digits).at("pairing-ended")
    popup.at("unpaired", SOON_MS)
    assert relay.got_nothing()
    assert phones() == 0


def test_a_relay_that_changes_the_key_behind_the_qr_codes_back_is_noticed(computer, make_phone, service, phones):
    """It leaves the commitment alone, and so the QR code fits; then it has to keep to it."""
    phone = make_phone()
    relay = Relay(computer, phone.context)
    relay.commits = False
    popup = offer_phone(computer, service)
    handset = phone.scan(popup).at("pairing-ended", SOON_MS)
    assert handset.page.locator(".warning").inner_text()
    popup.at("unpaired", SOON_MS)
    assert relay.got_nothing()
    assert phones() == 0


def test_a_relay_that_grinds_keys_against_the_digits_has_committed_to_another(
    computer,
    make_phone,
    service,
    phones,
):
    phone = make_phone()
    relay = Grinder(computer, phone.context)
    popup = offer_phone(computer, service)
    handset = phone.open().type_code(popup.page.locator("#code").inner_text()).at("pairing-ended", 150_000)
    assert handset.page.locator(".warning").inner_text()
    # Both sides would have shown the same: by eye nobody would have noticed.
    assert digits_of(relay.to_phone, relay.real_phone) == digits_of(relay.real_computer, relay.to_computer)
    popup.at("unpaired", SOON_MS)
    assert relay.got_nothing()
    assert phones() == 0


def test_a_phone_that_never_proves_itself_gets_no_account(computer, make_phone, service, phones):
    """Whoever photographs the screen over the shoulder answers first: the four digits are on another phone then."""
    thief = make_phone()
    popup = offer_phone(computer, service)
    handset = thief.scan(popup)
    handset.type_digits(digits_at(popup)).at("number", SOON_MS)
    popup.page.locator("#number").fill("")
    popup.act("finish")
    expect(popup.alert).not_to_be_empty()
    assert popup.screen == "digits"
    assert phones() == 0
