"""A push wakes the phone: its service worker shows that something waits, and not a word of what."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.phone import SOON_MS

pytestmark = pytest.mark.slow

PATIENCE = 30  # seconds; ten times what the slowest notification took
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
        self.displayed = 0
        self.session.on("BackgroundService.backgroundServiceEventReceived", self.hear)
        self.session.send("BackgroundService.clearEvents", {"service": "notifications"})  # or they are told again
        self.session.send("BackgroundService.startObserving", {"service": "notifications"})
        self.session.send("BackgroundService.setRecording", {"service": "notifications", "shouldRecord": True})
        until(handset, lambda: self.registration is not None)

    def learn(self, told) -> None:
        for registration in told["registrations"]:
            if registration["scopeURL"].startswith(self.phone.service.origin) and not registration["isDeleted"]:
                self.registration = registration["registrationId"]

    def hear(self, told) -> None:
        self.displayed += told["backgroundServiceEvent"]["eventName"] == "Notification displayed"

    def push(self, data: str) -> None:
        self.session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self.phone.service.origin, "registrationId": self.registration, "data": data},
        )

    def notifications(self, pushed: int = 1):
        """What is shown once every push was.

        Nobody may ask before: a notification that the browser has written down and not displayed yet is taken for one
        that the person wiped away, and is removed for whoever asks.
        """
        handset = self.phone.handset
        until(handset, lambda: self.displayed >= pushed)
        return handset.page.evaluate(SHOWN)


def until(handset, true):
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        handset.page.wait_for_timeout(50)


def nothing_shown(handset):
    until(handset, lambda: not handset.page.evaluate(SHOWN))


@pytest.fixture
def woken(household):
    """A phone whose owner wants to be notified, and what pushes to it. It is offline, or its page would clear them."""
    household.phone.context.grant_permissions(["notifications"], origin=household.site.service.origin)
    handset = household.phone.open().at("home")
    pusher = Pusher(household.phone)
    household.phone.context.set_offline(True)
    expect(handset.page.locator("#status")).to_contain_text("offline", timeout=SOON_MS)
    nothing_shown(handset)  # so what cleared them has done so
    return household, handset, pusher


def test_a_push_shows_a_notification_without_a_word_of_the_site(woken):
    *_, pusher = woken
    pusher.push('{"id": "AAAAAAAAAAAAAAAAAAAAAA"}')
    [notification] = pusher.notifications()
    assert notification["title"] == "OneID"
    assert notification["body"] == "Something is waiting for your answer."


@pytest.mark.parametrize("data", ['{"id": ""}', "", "no JSON", "[]", '{"id": null, "body": "Pay at evil.example"}'])
def test_a_push_that_names_nothing_is_news_and_says_nothing_of_its_sender(data, woken):
    *_, pusher = woken
    pusher.push(data)
    [notification] = pusher.notifications()
    assert notification["body"] == "There is news about your devices."


def test_a_storm_of_pushes_is_one_notification(woken):
    *_, pusher = woken
    for number in range(20):
        pusher.push(f'{{"id": "{number:022}"}}')
    assert len(pusher.notifications(20)) == 1


def test_what_woke_the_person_goes_when_they_look(woken):
    household, handset, pusher = woken
    pusher.push('{"id": "AAAAAAAAAAAAAAAAAAAAAA"}')
    assert pusher.notifications()
    household.phone.context.set_offline(False)
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    handset.look()
    nothing_shown(handset)
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
