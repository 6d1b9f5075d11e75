"""``verified_email`` is an address that service and token both speak of, or None: no mixed payload fools it."""

import json
from typing import Any

import pytest
from device import Device, over_wsgi
from mailing import ADDRESS, prove

import oneid
from tests.sdk.playing import SUCCESS, Inside, answer, payload, token

YES = SUCCESS | {"attr_claims": {"email": True}}
MINE = {"email": {"email": "a@x.org"}}
OTHER = "KaTUyUUWoAn7ajRmWKjIFw=="


@pytest.mark.parametrize(
    ("attr", "said"),
    [
        (MINE, token("b@x.org")),
        ({"email": {"email": "A@x.org"}}, token("a@x.org")),
        ({"email": {"email": "a@x.org "}}, token("a@x.org")),
        ({"email": {"email": "a\ud800@x.org"}}, token("a@x.org")),
        ({"email": {"email": ""}}, token("")),
        (MINE, token("a@x.org", uid=OTHER)),
        (MINE, token("a@x.org", attr="phone")),
        (MINE, token("a@x.org", salt="\u00e9")),
        (MINE, token("a@x.org", hash="AAAA")),
        (MINE, token("a@x.org", hash=None)),
        (MINE, token("a@x.org").replace(".", "")),
        (MINE, "t"),
        (MINE, ""),
        (MINE, "..."),
        (MINE, "a.W10.b"),
        (MINE, "a.eyJ1aWQiOjEsInVpZCI6Mn0.b"),
    ],
)
def test_a_service_that_says_yes_to_another_token_is_not_believed(play: Any, attr: Any, said: str) -> None:
    site, _ = play(answer(YES))
    signed = payload(attr=attr, attr_claim_tokens={"email": said})
    assert site.validate(json.dumps(signed)).verified_email is None


@pytest.mark.parametrize(
    "tokens", [None, [], {}, ["t"], "t", {"email": None}, {"email": [token("a@x.org")]}, {"mail": "t"}]
)
def test_without_a_token_nothing_is_verified(play: Any, tokens: Any) -> None:
    site, _ = play(answer(YES))
    assert site.validate(payload(attr=MINE, attr_claim_tokens=tokens)).verified_email is None


def test_the_address_beside_the_token_is_what_the_site_can_read(play: Any) -> None:
    site, service = play(answer(YES))
    user = site.validate(payload(attr=MINE | {"phone": {"phone": "1"}}, attr_claim_tokens={"email": token("a@x.org")}))
    assert user.verified_email == user.attr["email"]["email"] == "a@x.org"
    assert service.bodies[0]["attr"] == MINE, "and no other attribute leaves the site"


# --- with the service itself: a repo that proves and vouches, a Keychain that verifies


@pytest.fixture
def keychain(kind: Any, app: Any) -> Any:
    inside = Inside(app)
    credentials = kind.register(transport=inside)
    return kind(credentials.api_id, credentials.api_key, transport=inside)


@pytest.fixture
def signing(app: Any, clock: Any) -> Any:
    """A person with a proved address, who signs in with it: payloads as a browser brings them."""
    device = Device(over_wsgi(app), clock).sign_up()
    prove(device, app)
    identity = device.mint()
    device.release(identity)
    frame = device.frame(identity)

    def sign(**changed: Any) -> dict[str, Any]:
        claims = frame.read(identity, "email")["claims"]
        return frame.payload() | {"attr": {"email": {"email": ADDRESS}}, "attr_claim_tokens": claims} | changed

    return sign


@pytest.mark.parametrize("card", ["email", "personal_info"])
def test_a_proved_address_is_verified_in_both_vocabularies(keychain: Any, signing: Any, card: str) -> None:
    user = keychain.verify(signing(attr={card: {"email": ADDRESS, "more": "x"}}))
    assert (user.verified_email, dict(user.attr_claims)) == (ADDRESS, {"email": True})
    both = {"email": {"email": ADDRESS}, "personal_info": {"email": ADDRESS}}
    assert keychain.verify(signing(attr=both)).verified_email == ADDRESS


@pytest.mark.parametrize(
    "attr",
    [
        {}, None, [], {"email": {"email": "eve@example.org"}}, {"email": {"email": ADDRESS.lower()}},
        {"email": ADDRESS}, {"EMAIL": {"email": ADDRESS}}, {"email": {"EMAIL": ADDRESS}}, {"name": {"email": ADDRESS}},
        {"email": {"email": "eve@example.org"}, "work": {"email": ADDRESS}},
    ],
    ids=str,
)  # fmt: skip
def test_an_address_that_was_swapped_after_signing_is_not_verified(keychain: Any, signing: Any, attr: Any) -> None:
    user = keychain.verify(signing(attr=attr))
    assert user.verified_email is None
    assert user.uid


def test_two_vocabularies_that_disagree_are_no_payload(keychain: Any, signing: Any) -> None:
    mixed = {"email": {"email": "eve@example.org"}, "personal_info": {"email": ADDRESS}}
    for attr in (mixed, dict(reversed(mixed.items()))):
        assert keychain.validate(signing(attr=attr)).code == "malformed_payload"


def test_another_users_token_is_refused_and_no_address_is_verified(
    keychain: Any, signing: Any, app: Any, clock: Any
) -> None:
    device = Device(over_wsgi(app), clock).sign_up()
    frame = device.frame()
    mixed = frame.payload() | {name: signing()[name] for name in ("attr", "attr_claim_tokens")}
    refused = keychain.validate(mixed)
    assert (refused.code, refused.verified_email, refused.uid) == ("claim_refused", None, None)
    with pytest.raises(oneid.Refused, match="claim_refused"):
        keychain.verify(mixed)


def test_an_expired_token_is_refused(keychain: Any, signing: Any, clock: Any) -> None:
    old = signing()["attr_claim_tokens"]
    clock.tick(minutes=10)
    assert keychain.validate(signing(attr_claim_tokens=old)).code == "claim_refused"
    assert keychain.validate(signing()).verified_email == ADDRESS


def test_a_token_without_its_address_and_an_address_without_its_token_say_nothing(keychain: Any, signing: Any) -> None:
    without_address, without_token = signing(), signing()
    del without_address["attr"], without_token["attr_claim_tokens"]
    for signed, claims in ((without_address, {"email": False}), (without_token, {})):
        user = keychain.verify(signed)
        assert (user.verified_email, dict(user.attr_claims)) == (None, claims)


def test_what_a_browser_says_of_claims_is_forgotten(keychain: Any, signing: Any) -> None:
    user = keychain.verify(signing(attr_claim_tokens={}, attr_claims={"email": True}, verified_email=ADDRESS))
    assert user.verified_email is None
    assert dict(user.attr_claims) == {"email": False}


def test_a_batch_verifies_each_address_by_itself(keychain: Any, signing: Any) -> None:
    signed = [signing(), signing(attr={"email": {"email": "eve@example.org"}}), signing(attr_claim_tokens={})]
    assert [user.verified_email for user in keychain.validate_many(signed)] == [ADDRESS, None, None]
