"""A push wakes the phone: its service worker shows that something waits, and not a word of what."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.phone import SOON_MS

pytestmark = pytest.mark.slow

PATIENCE = 10  # seconds; ten times what the slowest notification took
WORDS = "Pay $40 to Ann?"
SHOWN = """async () => (await (await navigator.serviceWorker.getRegistration("/remote")).getNotifications())
  .map(({ title, body, tag }) => ({ title, body, tag }))"""


class Pusher:
    """Hands messages to the service worker of a phone, as the browser's push service does."""

    def __init__(self, phone) -> None:
        self.phone, self.registration = phone, None
        handset = phone.handset
        handset.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        self.session = phone.context.new_cdp_session(handset.page)
        self.session.on("ServiceWorker.workerRegistrationUpdated", self.learn)
        self.session.send("ServiceWorker.enable")
        handset.page.wait_for_timeout(200)

    def learn(self, told) -> None:
        for registration in told["registrations"]:
            if registration["scopeURL"].startswith(self.phone.service.origin) and not registration["isDeleted"]:
                self.registration = registration["registrationId"]

    def push(self, data: str) -> None:
        assert self.registration is not None
        self.session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self.phone.service.origin, "registrationId": self.registration, "data": data},
        )


def shown(handset, count):
    """Wait until there are so many notifications."""
    deadline = time.monotonic() + PATIENCE
    while len(found := handset.page.evaluate(SHOWN)) != count:
        assert time.monotonic() < deadline, found
        handset.page.wait_for_timeout(50)
    return found


@pytest.fixture
def woken(household):
    """A phone whose owner wants to be notified, and what pushes to it. It is offline, or its page would clear them."""
    household.phone.context.grant_permissions(["notifications"], origin=household.site.service.origin)
    handset = household.phone.open().at("home")
    pusher = Pusher(household.phone)
    household.phone.context.set_offline(True)
    expect(handset.page.locator("#status")).to_contain_text("offline", timeout=SOON_MS)
    shown(handset, 0)  # so what cleared them has done so
    return household, handset, pusher


def test_a_push_shows_a_notification_without_a_word_of_the_site(woken):
    _, handset, pusher = woken
    pusher.push('{"id": "AAAAAAAAAAAAAAAAAAAAAA"}')
    [notification] = shown(handset, 1)
    assert notification["title"] == "OneID"
    assert notification["body"] == "Something is waiting for your answer."


@pytest.mark.parametrize("data", ['{"id": ""}', "", "no JSON", "[]", '{"id": null, "body": "Pay at evil.example"}'])
def test_a_push_that_names_nothing_is_news_and_says_nothing_of_its_sender(data, woken):
    _, handset, pusher = woken
    pusher.push(data)
    [notification] = shown(handset, 1)
    assert notification["body"] == "There is news about your devices."


def test_a_storm_of_pushes_is_one_notification(woken):
    _, handset, pusher = woken
    for number in range(20):
        pusher.push(f'{{"id": "{number:022}"}}')
    handset.page.wait_for_timeout(500)
    assert len(shown(handset, 1)) == 1


def test_what_woke_the_person_goes_when_they_look(woken):
    household, handset, pusher = woken
    pusher.push('{"id": "AAAAAAAAAAAAAAAAAAAAAA"}')
    shown(handset, 1)
    household.phone.context.set_offline(False)
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    handset.look()
    shown(handset, 0)
    handset.approve()
    assert call.value()["confirm"] is True


def test_a_browser_that_reaches_no_push_service_says_so_and_works_without(woken):
    household, handset, _ = woken
    household.phone.context.set_offline(False)
    handset.act("settings").at("settings")
    expect(handset.page.locator("#push")).to_have_attribute("data-push", "off")
    handset.act("push-on")
    expect(handset.alert).not_to_be_empty()
    assert handset.screen == "settings"
