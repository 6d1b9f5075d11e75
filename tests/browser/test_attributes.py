"""Cards that a site asks for: shown, typed in, handed over; and read without a window where that was allowed."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.vaults import Vault
from tests.browser.wallets import keep_cards, release

pytestmark = pytest.mark.slow

ASKED = {"challenge": {"callback": "/callback", "attr": "name[first_name] name[last_name] email"}}
EMAIL = {"challenge": {"callback": "/callback", "attr": "email[email]"}}
ADA = {"name": {"first_name": "Ada", "last_name": "Lovelace"}, "email": {"email": "ada@example.com"}}
CARDS = {**ADA, "address": {"street": "1 Main St", "city": "Oakland", "country": "US", "state": "CA", "zip": "94607"}}


@pytest.fixture
def ada(site, context):
    """A tab of a site where Ada is known, with some cards and no release."""
    visit = site.visit(context)
    keep_cards(visit, CARDS)
    visit.ready()
    return visit


def asks_again(visit, name, *given):
    """A call that needs the person: its window, at rest. It is closed again."""
    call, page = visit.open(name, *given)
    popup = Popup(page)
    expect(page.locator("#screen[data-screen=consent], #screen[data-screen=share]")).to_be_visible()
    popup.cancel()
    assert call.value() is None


def test_signing_in_asks_for_what_is_missing_and_the_next_time_asks_nothing(site, service, context):
    visit = site.visit(context).ready()
    call, page = visit.open("signin", ASKED)
    popup = Popup(page).go_to("consent")
    popup.fill("name", **ADA["name"]).fill("email", **ADA["email"])
    popup.consent()
    assert call.value() == {"error": "success"}
    again = site.visit(context)
    again.ready()
    assert again.call("signin", ASKED).value() == {"error": "success"}
    for payload in site.pages.callbacks():
        assert payload["attr"] == ADA
        assert service.validate(payload)["errorcode"] == 0


def test_what_is_stored_is_shown_and_not_asked_for(ada, site):
    call, page = ada.open("signin", {"challenge": {"callback": "/callback", "attr": "name address[zip] phone"}})
    popup = Popup(page).at("consent")
    expect(popup.block("name")).to_contain_text("Lovelace")
    expect(popup.block("address")).to_contain_text("94607")
    expect(popup.block("address")).not_to_contain_text("Oakland")
    expect(page.locator(".asked input:not([type=checkbox])")).to_have_count(1)
    popup.fill("phone", phone="+1 415 555 0100").consent()
    assert call.value() == {"error": "success"}
    assert site.pages.callbacks()[-1]["attr"] == {
        "name": ADA["name"],
        "address": {"zip": "94607"},
        "phone": {"phone": "+1 415 555 0100"},
    }


def test_a_value_that_is_none_is_refused_where_it_stands_and_the_rest_stays(site, context):
    call, page = site.visit(context).open("signin", ASKED)
    popup = Popup(page).go_to("consent").fill("name", **ADA["name"]).fill("email", email="nobody")
    popup.act("sign-in")
    expect(popup.alert).to_contain_text("E-mail address")
    expect(popup.block("email").locator("input[name=email]")).to_have_attribute("aria-invalid", "true")
    popup.fill("email", **ADA["email"]).consent()
    assert call.value() == {"error": "success"}
    assert site.pages.callbacks()[-1]["attr"] == ADA


def test_nothing_has_to_be_filled_in(site, context):
    call, page = site.visit(context).open("signin", ASKED)
    Popup(page).go_to("consent").consent()
    assert call.value() == {"error": "success"}
    assert site.pages.callbacks()[-1]["attr"] == {}


def test_cards_alone_are_shared_without_signing_in_and_read_again_without_a_window(ada, context, service):
    signed_in = service.count("sign_ins")
    call, page = ada.open("attr", "name[first_name] email")
    popup = Popup(page).at("share")
    expect(popup.block("email")).to_contain_text("ada@example.com")
    popup.share()
    expected = {"attribute_data": {"name": {"first_name": "Ada"}, "email": ADA["email"]}}
    assert call.value() == expected
    pages = len(context.pages)
    assert ada.call("attr", "name[first_name] email").value() == expected
    assert len(context.pages) == pages
    assert service.count("sign_ins") == signed_in


def test_cards_alone_without_the_tick_are_read_once(ada, context, service):
    for _ in range(2):
        call, page = ada.open("attr", "email[email]")
        Popup(page).share(silent=False)
        assert call.value() == {"attribute_data": {"email": ADA["email"]}}
    assert Vault(context, service).run("() => releases.list()") == []


def test_of_several_cards_the_person_takes_one_and_the_next_time_it_is_that_one(ada, site, context, service):
    other = Vault(context, service).add("email", "Work", email="ada@work.example")
    call, page = ada.open("signin", EMAIL)
    popup = Popup(page).at("consent")
    expect(popup.block("email")).to_contain_text("ada@example.com")
    page.get_by_label("Which one").select_option(other)
    expect(popup.block("email").locator("dd")).to_contain_text("ada@work.example")
    popup.consent()
    call.value()
    assert ada.call("attr", "email[email]").value() == {"attribute_data": {"email": {"email": "ada@work.example"}}}
    call, page = ada.open("attr", "email[email] phone")
    expect(Popup(page).at("share").block("email").locator("dd")).to_contain_text("ada@work.example")


def test_what_is_not_ticked_is_absent_and_not_asked_for_again(ada, site):
    call, page = ada.open("signin", ASKED)
    popup = Popup(page).at("consent").tick("email", shared=False)
    expect(popup.block("email").locator("dl")).to_be_hidden()
    popup.consent()
    call.value()
    assert ada.call("signin", ASKED).value() == {"error": "success"}
    assert [payload["attr"] for payload in site.pages.callbacks()] == [{"name": ADA["name"]}] * 2


def test_what_was_withdrawn_is_asked_for_again_and_not_read_before(ada, context, service):
    release(ada, "email[email]")
    Vault(context, service).withdraw("email")
    asks_again(ada, "attr", "email[email]")
    assert ada.call("attr", {"attr": "email[email]", "silent": True}).error() == "interaction_required"


def test_more_than_was_released_needs_the_person_and_what_was_given_before_stays_given(ada):
    release(ada, "name[first_name]")
    call, page = ada.open("attr", "name[last_name]")
    Popup(page).share()
    assert call.value() == {"attribute_data": {"name": {"last_name": "Lovelace"}}}
    assert ada.call("attr", "name[first_name] name[last_name]").value() == {"attribute_data": {"name": ADA["name"]}}


def test_who_cancels_shares_nothing(ada, context, service):
    asks_again(ada, "attr", "email[email]")
    assert Vault(context, service).run("() => releases.list()") == []


def test_another_site_reads_nothing_of_it(ada, site, context):
    release(ada, "email[email]")
    other = site.visit(context, "other")
    other.ready()
    assert other.call("attr", {"attr": "email[email]", "silent": True}).error() == "interaction_required"
    asks_again(other, "attr", "email[email]")


def test_the_words_of_the_request_are_the_words_of_the_answer(ada, site):
    call, page = ada.open("attr", "personal_info[email] address[billing][city]")
    Popup(page).share()
    expected = {"personal_info": ADA["email"], "address": {"billing": {"city": "Oakland"}}}
    assert call.value() == {"attribute_data": expected}
    assert ada.call("attr", "personal_info[email] address[billing][city]").value() == {"attribute_data": expected}


def test_where_a_frame_can_store_nothing_the_window_does_it_all(site, service, context):
    context.add_init_script(
        "if (window !== window.top) Object.defineProperty(window, 'indexedDB', { get() { throw new Error('none'); } });"
    )
    visit = site.visit(context)
    keep_cards(visit, CARDS)
    for _ in range(2):
        call, page = visit.open("signin", EMAIL)
        Popup(page).consent()
        assert call.value() == {"error": "success"}
        payload = site.pages.callbacks()[-1]
        assert payload["attr"] == {"email": ADA["email"]}
        assert service.validate(payload)["errorcode"] == 0
    call, page = visit.open("attr", "email[email]")
    Popup(page).share()
    assert call.value() == {"attribute_data": {"email": ADA["email"]}}


@pytest.mark.parametrize("attr", ["name[nothing]", "__proto__[x]", "email[", "x" * 5000], ids=lambda attr: attr[:20])
def test_what_is_no_attribute_fails_and_is_shown_to_nobody(attr, ada, site, context):
    """Whoever notices first: the page's script, or the window, which then shows none of it."""
    call = ada.call("signin", {"challenge": {"callback": "/callback", "attr": attr}})
    assert call.error() == "malformed_attr"
    for page in context.pages[1:]:
        Popup(page).at("refused")
        assert attr not in page.content()
    assert site.pages.callbacks() == []


def test_an_address_is_verified_on_the_way_and_the_site_is_told(ada, site, service, context):
    call, page = ada.open("signin", EMAIL)
    popup = Popup(page).at("consent")
    expect(popup.block("email")).to_contain_text("not verified yet")
    popup.act("verify").at("email-code")
    mailbox = context.new_page()
    mailbox.goto(f"{service.origin}/mailbox")
    code = mailbox.locator(".code").first.inner_text()
    page.get_by_label("Code", exact=True).fill("000000" if code != "000000" else "111111")
    popup.act("prove")
    expect(popup.alert).to_contain_text("wrong")
    page.get_by_label("Code", exact=True).fill(code)
    popup.act("prove").at("consent")
    expect(popup.block("email")).to_contain_text("is verified")
    popup.consent()
    assert call.value() == {"error": "success"}
    ada.call("signin", EMAIL).value()
    for payload in site.pages.callbacks():
        assert list(payload["attr_claim_tokens"]) == ["email"]
        asked = {"attr": payload["attr"], "attr_claim_tokens": payload["attr_claim_tokens"]}
        assert service.validate(payload, **asked)["attr_claims"] == {"email": True}


def test_verifying_is_in_nobodys_way(ada, site):
    call, page = ada.open("signin", EMAIL)
    popup = Popup(page).at("consent").act("verify").at("email-code").act("back").at("consent")
    popup.consent()
    assert call.value() == {"error": "success"}
    assert site.pages.callbacks()[-1]["attr_claim_tokens"] == {}


def test_of_an_address_that_nobody_wrote_nothing_is_said(context, site):
    _, page = site.visit(context).open("signin", EMAIL)
    popup = Popup(page).go_to("skip").act("skip-yes").at("consent")
    expect(popup.block("email")).not_to_contain_text("verified")
    page.locator("[name=email]").press_sequentially("ada@example.org")
    expect(popup.block("email")).to_contain_text("not verified yet")
    page.locator("[name=email]").fill("")
    expect(popup.block("email")).not_to_contain_text("verified")
