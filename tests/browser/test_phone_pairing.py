"""A phone is connected: by its camera or by typing; nothing but what the person carries over lets it in."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.phone import SOON_MS, Handset, connect, digits_at, offer_phone

pytestmark = pytest.mark.slow


def wrong(digits):
    return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}}"


def finish(popup, digits):
    popup.page.locator("#number").fill(digits)
    return popup.act("finish")


def test_a_phone_is_connected_by_its_camera(computer, make_phone, service):
    phone = make_phone()
    handset = connect(computer, phone)
    assert "My OneID" in handset.everything_shown()
    assert Handset(phone.open().page).at("home")
    page = computer.new_page()
    page.goto(f"{service.origin}/popup")
    expect(Popup(page).at("alone").page.locator(".phone")).to_contain_text("Android")
    expect(page.locator("[data-action=connect]")).to_have_count(0)


def test_a_phone_is_connected_by_a_typed_code(computer, make_phone, service):
    popup = offer_phone(computer, service)
    code = popup.page.locator("#code").inner_text()
    handset = make_phone().open().at("start").type_code(code.lower().replace("-", " "))
    handset.type_digits(digits_at(popup)).at("number", SOON_MS)
    finish(popup, handset.shown_digits).at("paired", SOON_MS)
    handset.at("paired", SOON_MS).act("home").at("home")


def test_a_qr_code_works_once(computer, make_phone, service):
    popup = offer_phone(computer, service)
    thief, phone = make_phone(), make_phone()
    address = thief.camera.read(popup.page.locator("svg.qr"))
    handset = phone.open(address).at("digits")
    late = thief.open(address).at("pairing-ended")
    assert "no longer" in late.everything_shown() or "once" in late.everything_shown()
    handset.type_digits(digits_at(popup)).at("number", SOON_MS)
    finish(popup, handset.shown_digits).at("paired", SOON_MS)
    handset.at("paired", SOON_MS)
    thief.open(address).at("pairing-ended")


def test_a_code_that_ran_out_connects_nothing(computer, make_phone, service):
    popup = offer_phone(computer, service)
    code = popup.page.locator("#code").inner_text()
    service.change("UPDATE pairings SET created_at = '2026-01-01 00:00:00.000000', changes = changes + 1")
    make_phone().open().at("start").type_code(code).at("pairing-ended")
    popup.at("unpaired", SOON_MS).act("again").at("pair")
    assert popup.page.locator("#code").inner_text() != code


def test_a_code_that_is_none_is_told_at_once(make_phone):
    handset = make_phone().open().at("start").type_code("never")
    expect(handset.alert).not_to_be_empty()
    assert handset.screen == "start"
    handset.type_code("AAAA-AAAA").at("pairing-ended").act("home").at("start")


def test_wrong_digits_can_be_typed_twice_and_a_third_time_ends_it(computer, make_phone, service):
    popup = offer_phone(computer, service)
    handset = make_phone().scan(popup)
    digits = digits_at(popup)
    for _ in range(2):
        handset.type_digits(wrong(digits))
        expect(handset.alert).not_to_be_empty()
        expect(handset.page.locator("#digits-input")).to_have_attribute("aria-invalid", "true")
    handset.type_digits(wrong(digits)).at("pairing-ended")
    popup.at("unpaired", SOON_MS)
    assert service.count("devices WHERE phone") == service.count("devices WHERE phone")


def test_digits_that_were_mistyped_once_are_typed_again(computer, make_phone, service):
    popup = offer_phone(computer, service)
    handset = make_phone().scan(popup)
    digits = digits_at(popup)
    handset.type_digits(wrong(digits))
    expect(handset.alert).not_to_be_empty()
    handset.type_digits(digits).at("number", SOON_MS)
    number = handset.shown_digits
    finish(popup, wrong(number))
    expect(popup.alert).not_to_be_empty()
    finish(popup, number).at("paired", SOON_MS)
    handset.at("paired", SOON_MS)


def test_a_wrong_number_at_the_computer_three_times_lets_nobody_in(computer, make_phone, service):
    before = service.count("devices WHERE phone")
    popup = offer_phone(computer, service)
    handset = make_phone().scan(popup)
    handset.type_digits(digits_at(popup)).at("number", SOON_MS)
    number = handset.shown_digits
    for _ in range(2):
        finish(popup, wrong(number))
        expect(popup.alert).not_to_be_empty()
    finish(popup, wrong(number)).at("unpaired")
    handset.at("pairing-ended", SOON_MS)
    assert service.count("devices WHERE phone") == before


@pytest.mark.parametrize("side", ["phone", "computer"])
def test_either_side_ends_a_pairing(side, computer, make_phone, service):
    before = service.count("devices WHERE phone")
    popup = offer_phone(computer, service)
    handset = make_phone().scan(popup)
    digits_at(popup)
    if side == "phone":
        handset.at("digits").act("stop").at("start")
        popup.at("unpaired", SOON_MS)
    else:
        popup.act("back")
        handset.type_digits("000000")
        expect(handset.page.locator("#screen:not([aria-busy])")).to_be_visible()
    assert service.count("devices WHERE phone") == before


def test_a_phone_that_gives_up_before_it_has_digits_tells_the_computer(computer, make_phone, service):
    popup, phone = offer_phone(computer, service), make_phone()
    phone.context.route("**/repo/pairings/read", lambda route: route.abort())
    handset = phone.scan(popup).at("meeting", SOON_MS)
    digits_at(popup)
    handset.act("stop").at("start")
    popup.at("unpaired", SOON_MS)


def test_a_second_code_after_a_failed_one_connects_the_phone(computer, make_phone, service):
    popup = offer_phone(computer, service)
    phone = make_phone()
    phone.scan(popup)
    digits_at(popup)
    phone.handset.at("digits").act("stop").at("start")
    popup.at("unpaired", SOON_MS).act("again").at("pair")
    handset = phone.scan(popup)
    handset.type_digits(digits_at(popup)).at("number", SOON_MS)
    finish(popup, handset.shown_digits).at("paired", SOON_MS)
    handset.at("paired", SOON_MS)
