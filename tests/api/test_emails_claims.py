"""From a mailed code to a shop that is told yes: claims of a real repo, held by a real Keychain, and every mixture."""

import base64
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from authenticator import Key, b64url
from device import Device, over_wsgi
from mailing import ADDRESS, MailboxPage, follow, prove, state, wish
from site_client import SiteClient

from keychain.app import create_app, master_keys
from keychain.jose import base64url
from keychain.repo import rotation, verified_addresses, vouching
from keychain.repo.masterkeys import MasterKeys

OTHER = "https://other.example"
NEWER = ((1, bytes(range(32))), (2, bytes(range(32, 64))))


@pytest.fixture
def device(app, clock) -> Device:
    return Device(over_wsgi(app), clock).sign_up()


@pytest.fixture
def proved(device, app):
    return prove(device, app)


@pytest.fixture
def identity(device):
    """A user at the shop, who releases an e-mail address to it."""
    made = device.mint()
    device.release(made)
    return made


def token_of(device: Device, identity) -> str:
    claims = device.read(identity, "email")["claims"]
    assert claims.keys() == {"email"}
    return claims["email"]


def inside(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def ask(site: SiteClient, frame, token: str | None, attr: object = ...) -> tuple[str, dict]:
    """The code of the answer, and its claims."""
    payload = frame.payload()
    payload["attr_claim_tokens"] = {} if token is None else {"email": token}
    payload["attr"] = {"email": {"email": ADDRESS}} if attr is ... else attr
    answer = site.validate(payload)
    return answer.get("code", "success"), answer["attr_claims"]


def test_a_proved_and_released_address_is_true_at_the_site(device, proved, identity, site):
    frame = device.frame(identity)
    for reader in (frame, device):
        assert ask(site, frame, token_of(reader, identity)) == ("success", {"email": True})


def test_a_token_says_no_more_than_it_has_to_and_for_ten_minutes(device, proved, identity, clock):
    claims = inside(token_of(device, identity))
    expected = {"uid": identity.uid, "attr": "email", "salt": proved["salt"], "hash": proved["digest"]}
    assert claims == expected | {"exp": int((clock.now + vouching.GOOD_FOR).timestamp())}
    assert timedelta(minutes=10) == vouching.GOOD_FOR


def test_nothing_is_vouched_for_that_was_not_proved_or_is_not_released(device, app, identity):
    assert device.read(identity, "email")["claims"] == {}
    prove(device, app)
    assert device.read(identity, "name")["claims"] == {}, "not asked for"
    other = device.mint(OTHER)
    assert device.read(other, "email")["claims"] == {}, "not released there"
    device.release(other, card="email", fields=["other"])
    assert device.read(other, "email")["claims"] == {}, "of that card another field"
    device.release(other, card="work", fields=["email"])
    assert device.read(other, "work")["claims"] == {}, "of another card a field of this name"
    assert device.read(identity, "email", "name")["claims"].keys() == {"email"}
    device.do("/repo/releases/end", {"uid": identity.uid, "card": "email"})
    assert device.read(identity, "email")["claims"] == {}, "withdrawn"


def test_what_was_taken_back_is_not_vouched_for(device, app, identity):
    device.mint(OTHER)  # two sites: the account stays
    prove(device, app)
    assert token_of(device, identity)
    with app.extensions["keychain"].store.session() as session:
        verified_addresses.forget(session, device.account)
    assert device.read(identity, "email")["claims"] == {}


def test_another_users_token_is_a_failure(device, proved, identity, app, clock, site):
    other = Device(over_wsgi(app), clock).sign_up()
    theirs = other.mint()
    assert ask(site, other.frame(theirs), token_of(device, identity)) == ("claim_refused", {"email": False})
    elsewhere = device.mint(OTHER)
    assert ask(site, device.frame(elsewhere), token_of(device, identity)) == ("claim_refused", {"email": False})


def test_an_expired_token_is_a_failure(device, proved, identity, clock, site):
    frame, token = device.frame(identity), token_of(device, identity)
    clock.tick(minutes=9, seconds=59)
    assert ask(site, frame, token) == ("success", {"email": True})
    clock.tick(seconds=1)
    assert ask(site, frame, token) == ("claim_refused", {"email": False})


@pytest.mark.parametrize(
    "attr",
    [
        None, {}, {"email": {"email": "bob@example.net"}}, {"email": {"email": ADDRESS.lower()}},
        {"email": {"email": ADDRESS + " "}}, {"email": {"email": [ADDRESS]}}, {"email": ADDRESS},
        {"mail": {"email": ADDRESS}},
        {"email": {"email": ADDRESS}, "personal_info": {"email": "bob@example.net"}},
        {"email": {"email": "bob@example.net"}, "personal_info": {"email": ADDRESS}},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_beside_another_address_is_false_and_no_failure(device, proved, identity, site, attr):
    assert ask(site, device.frame(identity), token_of(device, identity), attr) == ("success", {"email": False})


def test_every_bit_of_a_token_counts(device, proved, identity, site):
    frame, token = device.frame(identity), token_of(device, identity)
    header, claims, signature = token.split(".")
    swapped = b64url(json.dumps(inside(token) | {"exp": inside(token)["exp"] + 1}).encode())
    for changed in (f"{header}.{swapped}.{signature}", f"{header}.{claims}.{signature[:-4]}AAAA", token + "A", ""):
        assert ask(site, frame, changed) == ("claim_refused", {"email": False})
    assert ask(site, frame, None) == ("success", {"email": False})


def test_another_repos_word_is_no_claim(device, proved, identity, site, clock):
    claims = inside(token_of(device, identity))
    salt, digest = base64url.decode(claims["salt"]), base64url.decode(claims["hash"])
    token = vouching.claims_token(MasterKeys(NEWER), identity.uid, salt, digest, clock.now)
    assert ask(site, device.frame(identity), token) == ("claim_refused", {"email": False})


def test_a_former_master_keys_claims_hold_after_a_new_one_came(config, store, session, clock):
    """A node that has the new one already, and one that was not told, although it should have been."""
    old = create_app(replace(config, master_keys=NEWER[:1]), clock=clock, store=store)
    device = Device(over_wsgi(old), clock).sign_up()
    identity = device.mint()
    device.release(identity)
    prove(device, old)
    by_old = token_of(device, identity)
    create_app(replace(config, master_keys=NEWER), clock=clock, store=store)
    rotation.use(session, NEWER[1][0])
    new = create_app(replace(config, master_keys=NEWER), clock=clock, store=store)
    device.ask = over_wsgi(new)
    by_new = token_of(device, identity)
    site = SiteClient.registered(new, clock)
    frame = device.frame(identity)
    assert ask(site, frame, by_old) == ask(site, frame, by_new) == ("success", {"email": True})
    former = SiteClient.registered(old, clock)
    assert ask(former, frame, by_new) == ("claim_refused", {"email": False})


def test_a_code_that_a_node_mailed_before_it_was_told_of_a_new_master_key_is_taken_by_all(
    config, store, session, clock
):
    """Both have it, and differ for a moment in which one they use."""
    create_app(replace(config, master_keys=NEWER[:1]), clock=clock, store=store)
    using_old = create_app(replace(config, master_keys=NEWER), clock=clock, store=store)
    rotation.use(session, NEWER[1][0])
    using_new = create_app(replace(config, master_keys=NEWER), clock=clock, store=store)
    for mailing, other in ((using_old, using_new), (using_new, using_old)):
        device = Device(over_wsgi(mailing), clock).sign_up()
        device.make_onekey()
        device.do("/repo/recovery/confirm")  # so the account itself stays
        page, typed = mailed(device, mailing)
        device.ask = over_wsgi(other)
        wrong = f"{(int(typed['code']) + 1) % 10**6:06}"
        assert device.code("/repo/emails/confirm", typed | {"code": wrong}) == "address_code_refused"
        assert device.code("/repo/emails/confirm", typed) == "success"
        page, _ = mailed(device, other)  # the same mailbox is known again, whichever of them mails
        [token] = re.findall(r"[A-Za-z0-9_-]{43}", page.links["refuse"][0])
        assert follow(device, "refuse", token)[1].get("code", "success") == "success"
        assert state(device) is None


def mailed(device, app):
    """What a node's mailbox shows of a mail that a device asks it for, and what proves the address."""
    begun = device.do("/repo/emails", wish())["email"]
    page = MailboxPage(app.test_client().get("/mailbox", headers={"Host": "localhost"}).text)
    return page, {"id": begun["id"], "code": page.codes[0]}


@pytest.mark.usefixtures("proved")
def test_a_keychain_alone_takes_the_claims_of_the_keys_that_it_was_told(config, store, clock, app, device, identity):
    keys = master_keys(app.extensions["keychain"].settings, store)
    own = b64url(keys.public_claims_keys[0].raw)
    for told, code in ((own, "success"), (f"{Key().text}, {own}", "success"), (Key().text, "claim_refused")):
        alone = create_app(replace(config, only="validation", claims_public_key=told), clock=clock, store=store)
        site = SiteClient.registered(alone, clock)
        assert ask(site, device.frame(identity), token_of(device, identity))[0] == code
    untold = SiteClient.registered(create_app(replace(config, only="validation"), clock=clock, store=store), clock)
    assert ask(untold, device.frame(identity), token_of(device, identity)) == ("claim_refused", {"email": False})


def test_one_service_takes_others_claims_beside_its_own(make_site, device, proved, identity, clock):
    site = make_site(claims_public_key=Key().text)
    assert ask(site, device.frame(identity), token_of(device, identity)) == ("success", {"email": True})
