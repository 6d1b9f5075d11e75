"""``confirm`` and phones at the service itself: who may be asked, and whose yes counts."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from device import SHOP, Device, Phone, over_wsgi

import oneid
from keychain.validation import sites
from tests.sdk.test_service import Inside

WORDS = "Pay 5 € to Ann?"


class User:
    """Somebody at a site: their uid and token there, and a phone that the test decides with."""

    def __init__(self, app: Any, clock: Any, *, phone: bool = True) -> None:
        device = Device(over_wsgi(app), clock).sign_up()
        self.frame = device.frame()
        self.uid = self.frame.identity.uid
        self.phone: Phone | None = device.connect_phone().pin_all() if phone else None
        self.sign_in()

    def sign_in(self) -> None:
        self.token = self.frame.do("/repo/cosign", self.frame.question())["signed"]["two_factor_token"]

    @contextmanager
    def deciding(self, decide: Callable[[Any], Any]) -> Iterator[None]:
        """Meanwhile the person has the phone in the hand, and decides on the next question."""
        over = threading.Event()

        def wait() -> None:
            while not over.wait(0.02):
                if waiting := self.phone.pending():
                    decide(waiting[-1])
                    return

        person = threading.Thread(target=wait)
        person.start()
        try:
            yield
        finally:
            over.set()
            person.join()


@pytest.fixture
def keychain(kind: Any, app: Any) -> Any:
    inside = Inside(app)
    credentials = kind.register(transport=inside)
    return kind(credentials.api_id, credentials.api_key, transport=inside)


@pytest.fixture
def user(app: Any, clock: Any) -> User:
    return User(app, clock)


def test_what_the_phone_approves_is_confirmed(keychain: Any, user: User) -> None:
    shown = []
    with user.deciding(lambda element: (shown.append(element), user.phone.approve(element))):
        nonce = keychain.make_nonce()
        confirmed = keychain.confirm(user.uid, user.token, WORDS, title="Shop", nonce=nonce)
    assert oneid.success(confirmed), confirmed.code
    assert (confirmed.uid, set(confirmed.valid_signatures)) == (user.uid, {"repo", "cd"})
    assert [(each["message"], each["title"], each["nonce"]) for each in shown] == [(WORDS, "Shop", nonce)]


@pytest.mark.parametrize(("how", "code"), [("reject", "confirmation_denied"), ("report", "confirmation_reported")])
def test_a_no_is_told(keychain: Any, user: User, how: str, code: str) -> None:
    with user.deciding(getattr(user.phone, how)):
        refused = keychain.confirm(user.uid, user.token, WORDS)
    assert (bool(refused), refused.code, refused.uid) == (False, code, None)


def prove(app: Any) -> None:
    """The operator says that the API ID is the site's."""
    with app.extensions["keychain"].store.session() as session:
        [only] = sites.listing(session)
        sites.set_origin(session, only.api_id, SHOP)


@pytest.mark.parametrize("proved", [True, False])
def test_this_was_not_me_revokes_the_token_and_silences_an_asker_that_is_proved(
    app: Any, keychain: Any, user: User, proved: bool
) -> None:
    if proved:
        prove(app)
    with user.deciding(user.phone.report):
        keychain.confirm(user.uid, user.token, WORDS)
    assert keychain.confirm(user.uid, user.token, WORDS).code == "token_refused"
    user.sign_in()
    with user.deciding(user.phone.approve):
        code = keychain.confirm(user.uid, user.token, WORDS).code
    assert code == ("asker_silenced" if proved else None)


def test_a_yes_of_another_user_is_no_yes(app: Any, clock: Any, keychain: Any, user: User) -> None:
    """A site that keeps the wrong token beside a uid asks a stranger, whose yes does not count."""
    stranger = User(app, clock)
    with stranger.deciding(stranger.phone.approve):
        refused = keychain.confirm(user.uid, stranger.token, WORDS)
    assert (refused.code, refused.uid) == ("key_not_on_record", None)


@pytest.mark.parametrize("words", ["", "x" * 10_001, "a\0b", "\ud800"])
def test_what_can_not_be_approved_asks_nobody(keychain: Any, user: User, words: str) -> None:
    assert keychain.confirm(user.uid, user.token, words).code == "malformed_words"
    assert user.phone.pending() == []


@pytest.mark.parametrize("words", ["🍵" * 10_000, "<b>\u202eyaP</b>\x01\x7f\n"])
def test_every_text_can_be_approved(keychain: Any, user: User, words: str) -> None:
    with user.deciding(user.phone.approve):
        assert keychain.confirm(user.uid, user.token, words).uid == user.uid


def test_nobody_can_be_asked_without_a_phone_or_a_token(app: Any, clock: Any, keychain: Any) -> None:
    user = User(app, clock, phone=False)
    assert keychain.confirm(user.uid, user.token, WORDS).code == "no_phone"
    assert keychain.confirm(user.uid, "A" * 22 + "==", WORDS).code == "token_refused"
    assert keychain.confirm(user.uid, "no token", WORDS).code == "token_refused"


def test_unknown_credentials_ask_nobody(kind: Any, app: Any, user: User) -> None:
    site = kind("052b0422-f23e-4e64-9e72-d6d3a45635b5", "bm8ga2V5IG9mIG91cnMhIQ==", transport=Inside(app))
    with pytest.raises(oneid.CredentialsRefused):
        site.confirm(user.uid, user.token, WORDS)
    assert user.phone.pending() == []
