"""The phone and the service's window: connected on the way, asked from there, lost and removed; and odd pages."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import STORAGELESS
from tests.browser.person import Popup
from tests.browser.phone import SOON_MS, carry_number, connect, digits_at, known_household

pytestmark = pytest.mark.slow

WORDS = "Pay $40 to Ann?"
STRICT = (
    "default-src 'none'; script-src 'self' {service}; frame-src {service}; style-src 'self'; connect-src 'self';"
    " require-trusted-types-for 'script'; trusted-types oneid"
)
ISOLATED = {
    "Cross_Origin_Embedder_Policy": "require-corp",
    "Cross_Origin_Opener_Policy": "same-origin-allow-popups",
}
NEWEST_PHONE = "created_at = (SELECT max(created_at) FROM devices WHERE phone)"
ASKS = """document.getElementById("ask").addEventListener("click", () => {
  OneID.confirm("Pay $40 to Ann?").then(({ confirm }) => { document.title = `confirm ${confirm}`; });
});"""


@pytest.mark.parametrize("headers", [{"Content_Security_Policy": STRICT}, ISOLATED], ids=["strict", "isolated"])
def test_the_dialog_needs_no_more_than_the_site_allows_anyway(headers, household, service):
    pages = household.site.pages
    script = pages.put("/strict.js", ASKS, Content_Type="text/javascript")
    path = pages.put(
        "/strict",
        f"<!doctype html><title>Strict</title><body><button id=ask>Ask</button>"
        f"<script src='{service.origin}/js/oneid.js' crossorigin></script><script src='{script}'></script>",
        **{name: value.replace("{service}", service.origin) for name, value in headers.items()},
    )
    page = household.computer.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{pages.origin()}{path}")
    page.evaluate("() => new Promise((resolve) => OneID.init(() => resolve(true)))")
    page.click("#ask")
    dialog = page.get_by_role("dialog", name="Check your phone")
    expect(dialog).to_contain_text(WORDS)
    assert dialog.evaluate("(dialog) => getComputedStyle(dialog).borderRadius") == "12px"
    household.handset.look().approve()
    expect(page).to_have_title("confirm true", timeout=SOON_MS)
    expect(dialog).to_have_count(0)
    assert [text for text in complaints if "Policy" in text] == []
    page.close()


def test_the_dialog_works_by_keyboard_and_gives_the_focus_back(household):
    visit = household.visit()
    call = visit.call("confirm", WORDS)
    dialog = visit.page.get_by_role("dialog", name="Check your phone")
    expect(dialog).to_be_visible()
    visit.page.keyboard.press("Escape")
    assert call.value() is None
    assert visit.page.evaluate("document.activeElement.id") == "act"


def test_a_phone_is_connected_on_the_way_when_a_site_asks_for_one(context, make_phone, site, service):
    """A stranger, from nothing to an approval: one call of the page."""
    phone = make_phone()
    call, page = site.visit(context).open("confirm", WORDS)
    popup = Popup(page).go_to("skip").act("skip-yes").at("phoneless").act("connect").at("pair")
    handset = phone.scan(popup).at("digits").type_digits(digits_at(popup)).at("number", SOON_MS)
    popup.page.locator("#number").fill(handset.shown_digits)
    popup.act("finish").at("paired", SOON_MS).act("continue").consent()
    handset.at("paired", SOON_MS).act("home")
    assert handset.look().approve() == "approved"
    assert service.validate(call.value(), message=WORDS)["valid_signatures"] == ["ad", "repo", "cd"]


def test_the_phone_brings_the_oneid_to_a_new_browser_that_a_site_has_opened(household, make_context, service):
    with make_context() as another:
        call, page = household.site.visit(another).open("signin", {"challenge": {"callback": "/callback"}})
        popup = Popup(page).at("welcome").act("use-phone").at("pair")
        handset = household.phone.scan(popup).at("digits").type_digits(digits_at(popup)).at("admit")
        handset.act("approve")
        carry_number(handset, popup)
        popup.at("consent", SOON_MS).consent()
        assert call.value() == {"error": "success"}
        known = household.visit().call("signin", {"challenge": {"callback": "/callback"}})
        known.value()
        ours, theirs = household.site.pages.callbacks()
        assert ours["uid"] == theirs["uid"]
        assert all(service.validate(payload)["errorcode"] == 0 for payload in (ours, theirs))


def test_a_phone_that_brings_an_account_home_leaves_one_device_there(household, service):
    living = "devices WHERE revoked_at IS NULL"
    before = service.count(living)
    page = household.computer.new_page()
    page.goto(f"{service.origin}/popup")
    popup = Popup(page).at("alone").act("use-phone").at("pair")
    handset = household.phone.scan(popup).at("digits").type_digits(digits_at(popup)).at("admit").act("approve")
    carry_number(handset, popup)
    popup.at("alone", SOON_MS)
    expect(page.locator("#accounts li")).to_have_count(1)
    assert service.count(living) == before
    page.close()


@pytest.fixture
def storageless(make_context, make_phone, site):
    """A household whose computer gives frames no storage: there the window signs, each time."""
    return known_household(lambda: make_context(STORAGELESS), make_phone(), site)


def test_where_no_frame_has_storage_the_window_asks_the_phone(storageless, service):
    visit = storageless.visit()
    call, page = visit.open("confirm", {"message": WORDS, "title": "Lantern Tea"})
    popup = Popup(page).at("consent").act("sign-in").at("waiting", SOON_MS)
    with popup.closing():
        storageless.handset.look().approve()
    payload = call.value()
    assert service.validate(payload, title="Lantern Tea", message=WORDS)["errorcode"] == 0
    storageless.handset.go_home()
    call, page = visit.open("confirm", WORDS)
    popup = Popup(page).at("consent").act("sign-in").at("waiting", SOON_MS)
    with popup.closing():
        storageless.handset.look().say("reject")
    assert call.value() == {"confirm": False, "uid": payload["uid"]}
    storageless.handset.go_home()
    call, page = visit.open("confirm", WORDS)
    popup = Popup(page).at("consent").act("sign-in").at("waiting", SOON_MS)
    with popup.closing():
        popup.act("cancel")
    assert call.value() is None


def test_an_account_that_demands_its_phone_gets_the_number_in_the_window_and_a_no_closes_it(storageless, service):
    storageless.handset.set_numbers("always").demand_phone(wanted=True)
    visit = storageless.visit()
    call, page = visit.open("signin", {"challenge": {"callback": "/callback"}})
    popup = Popup(page).at("consent").act("sign-in").at("waiting", SOON_MS)
    number = popup.page.locator("#number").inner_text()
    with popup.closing():
        storageless.handset.look().approve(number=number)
    assert call.value() == {"error": "success"}
    assert service.validate(storageless.site.pages.callbacks()[-1])["valid_signatures"] == ["ad", "repo", "cd"]
    storageless.handset.go_home()
    call, page = visit.open("signin", {"challenge": {"callback": "/callback"}})
    popup = Popup(page).at("consent").act("sign-in").at("waiting", SOON_MS)
    with popup.closing():
        storageless.handset.look().say("reject")
    assert call.error() == "confirmation_denied"


def test_the_oneid_key_removes_a_lost_phone_a_day_later_and_every_window_says_so(
    context, make_context, make_phone, site, service
):
    call, page = site.visit(context).open("signin", {"challenge": {"callback": "/callback"}})
    key = Popup(page).at("welcome").sign_up_with_key()
    call.value()
    connect(context, make_phone())
    with make_context() as another:
        call, page = site.visit(another).open("signin", {"challenge": {"callback": "/callback"}})
        popup = Popup(page).go_to("recover").enter_key(key).at("lost")
        expect(popup.page.locator("#phones li")).to_have_count(1)
        popup.act("lost")
        expect(popup.page.locator("#phones")).to_contain_text("unless somebody objects")
        popup.act("continue").at("consent")
        expect(popup.page.get_by_role("note").filter(has_text="will be removed on")).to_have_count(1)
        popup.consent()
        assert call.value() == {"error": "success"}
    page = context.new_page()
    page.goto(f"{service.origin}/popup")
    expect(page.get_by_role("note").filter(has_text="will be removed on")).to_have_count(1)
    expect(page.locator("[data-action=connect]")).to_have_count(0)
    service.change("UPDATE devices SET ends_at = '2026-01-01 00:00:00.000000' WHERE ends_at IS NOT NULL")
    page.reload()
    expect(page.locator("[data-action=connect]")).to_have_count(1)
    page.close()
    assert site.visit(context).ready().call("confirm", WORDS).error() == "no_phone"


def test_a_browser_that_goes_on_removes_a_lost_phone_without_the_oneid_key(fresh_household, service):
    page = fresh_household.computer.new_page()
    page.goto(f"{service.origin}/popup")
    popup = Popup(page).at("alone").act("lost").at("lost").act("lost")
    expect(page.locator("#phones")).to_contain_text("unless somebody objects")
    popup.act("continue").at("alone")
    expect(page.get_by_role("note").filter(has_text="will be removed on")).to_have_count(1)
    expect(page.locator("[data-action=lost]")).to_have_count(0)
    page.close()


def test_the_keys_of_a_phone_that_is_gone_go_from_the_record_with_the_next_window(fresh_household, service):
    household = fresh_household
    call = household.visit().call("confirm", WORDS)
    household.handset.look().approve()
    assert service.validate(call.value(), message=WORDS)["errorcode"] == 0
    on_record = service.count("control_keys WHERE pinned_at IS NOT NULL AND ended_at IS NULL")
    service.change(f"UPDATE devices SET ends_at = '2026-01-01 00:00:00.000000' WHERE {NEWEST_PHONE}")
    visit = household.site.visit(household.computer, "other")
    with household.computer.expect_event("response", lambda answer: answer.url.endswith("/control_keys/end")) as ended:
        _, page = visit.open("signin", {"challenge": {}})
        Popup(page).at("consent")
    assert ended.value.status == 200
    assert service.count("control_keys WHERE pinned_at IS NOT NULL AND ended_at IS NULL") == on_record - 1
    page.close()
