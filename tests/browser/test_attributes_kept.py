"""Cards that a site brings, codes that nobody keeps, and a service that shows what it should not: nothing leaks."""

import contextlib
import sqlite3

import pytest
from playwright.sync_api import expect

from tests.browser.person import Popup
from tests.browser.vaults import Vault, filed_by
from tests.browser.wallets import keep_cards, release

pytestmark = pytest.mark.slow

NAME = {"first_name": "Xanthippe", "last_name": "Quillfeather"}
PAYMENT = {
    "cc_type": "VI",
    "cc_number": "4111111111111111",
    "cc_exp_mo": "7",
    "cc_exp_yr": "2031",
    "cc_name_on_card": "X QUILLFEATHER",
}
CODE = "7391"
EVIL = "\u202eevil\u202c \u2066" + "x" * 900


@pytest.fixture
def person(site, context):
    """A tab of a site where somebody with a name and a payment card is known."""
    visit = site.visit(context)
    keep_cards(visit, {"name": NAME, "payment": PAYMENT})
    visit.ready()
    return visit


def rows(service, table):
    with contextlib.closing(sqlite3.connect(service.data / "keychain.db")) as opened:
        opened.row_factory = sqlite3.Row
        return [dict(row) for row in opened.execute(f"SELECT rowid AS place, * FROM {table} ORDER BY rowid")]


def put_back(service, table, row):
    """Write an older row over the present one, as whoever runs the database can."""
    place, sealed, version = row["place"], row["sealed"], row["version"]
    service.change(f"UPDATE {table} SET sealed = ?, version = ? WHERE rowid = ?", sealed, version, place)


# What a site wants kept.


def test_the_setter_shows_both_values_and_keeps_the_new_ones(person, context, service):
    call, page = person.open("attr", {"name[first_name]": "Xenia", "address": {"city": "Oakland"}})
    popup = Popup(page).at("keep")
    expect(popup.block("name")).to_contain_text("Xenia")
    expect(popup.block("name")).to_contain_text("Before: Xanthippe")
    expect(popup.block("address")).to_contain_text("Oakland")
    popup.keep()
    assert call.value() is True
    vault = Vault(context, service)
    assert vault.fields("name") == [{"first_name": "Xenia", "last_name": "Quillfeather"}]
    assert vault.fields("address") == [{"city": "Oakland"}]


def test_what_a_site_reads_follows_what_was_kept(person):
    release(person, "name[first_name]")
    call, page = person.open("attr", {"name[first_name]": "Xenia"})
    Popup(page).keep()
    call.value()
    assert person.call("attr", "name[first_name]").value() == {"attribute_data": {"name": {"first_name": "Xenia"}}}


def test_what_is_not_saved_is_not_kept(person, context, service):
    call, page = person.open("attr", {"name[first_name]": "Xenia"})
    Popup(page).at("keep").cancel()
    assert call.value() is None
    assert Vault(context, service).fields("name") == [NAME]


def test_a_setter_with_a_value_that_is_none_is_shown_to_nobody(person, context):
    call = person.call("attr", {"payment[cc_exp_mo]": "13"})
    assert call.error() == "malformed_value"
    for page in context.pages[1:]:
        Popup(page).at("refused")


def test_a_sites_own_card_is_kept_and_read(person):
    call, page = person.open("attr", {"TinyBttn[ID]": "b-17"})
    Popup(page).keep()
    assert call.value() is True
    call, page = person.open("attr", "TinyBttn[ID]")
    expect(Popup(page).at("share").block("TinyBttn")).to_contain_text("b-17")
    Popup(page).share()
    assert call.value() == {"attribute_data": {"TinyBttn": {"ID": "b-17"}}}


def test_values_of_a_site_cannot_disturb_the_words_around_them(person):
    seen = EVIL.translate(dict.fromkeys(map(ord, "\u202e\u202c\u2066")))
    _, page = person.open("attr", {"name[first_name]": seen, "address[street]": seen})
    shown = Popup(page).at("keep").everything_shown()
    assert "evil" in shown
    assert "x" * 250 in shown  # nothing is kept that was not shown
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_sign_up_keeps_what_the_site_knows_and_shows_it_before(site, context, service):
    wanted = {"challenge": {"callback": "/callback", "attr": "name"}, "userData": {"name": NAME, "junk": [1]}}
    call, page = site.visit(context).open("signup", wanted)
    popup = Popup(page).at("welcome").act("create").at("create")
    expect(popup.block("name")).to_contain_text("Quillfeather")
    popup.act("create").at("key").act("skip").at("skip").act("skip-yes").at("consent")
    expect(popup.block("name")).to_contain_text("Xanthippe")
    popup.consent()
    assert call.value() == {"error": "success"}
    assert site.pages.callbacks()[-1]["attr"] == {"name": NAME}
    assert Vault(context, service).fields("name") == [NAME]


def test_a_silent_sign_up_hands_over_at_once_what_it_keeps(site, context, service):
    wanted = {"challenge": {"callback": "/callback", "attr": "name[first_name] email"}, "userData": {"name": NAME}}
    call, page = site.visit(context).open("signup", {**wanted, "silent": True})
    popup = Popup(page).at("silent")
    expect(popup.block("name").last).to_contain_text("Xanthippe")
    popup.fill("email", email="x@example.com").sign_up_silently()
    assert call.value() == {"error": "success"}
    expected = {"name": {"first_name": "Xanthippe"}, "email": {"email": "x@example.com"}}
    assert site.pages.callbacks()[-1]["attr"] == expected
    assert Vault(context, service).fields("name") == [NAME]


@pytest.mark.parametrize("label", ["a" * 10_001, "\u202e" * 10_001 + "Mia"], ids=["long", "turned"])
def test_a_label_of_any_length_is_cut(label, site, context):
    wanted = {"silent": True, "userData": {"name": {"first_name": label[:1000], "last_name": label}}}
    _, page = site.visit(context).open("signup", wanted)
    Popup(page).at("silent")
    value = page.get_by_label("A name for it").input_value()
    assert len(value) <= 65
    assert "\u202e" not in value


def test_a_browser_that_was_here_before_there_were_cards_keeps_cards_now(site, context, service):
    """Its database is of the first version, and has a store less."""
    page = context.new_page()
    page.goto(service.origin)
    page.evaluate(
        """() => new Promise((resolve) => {
          const opening = indexedDB.open("oneid-accounts", 1);
          opening.onupgradeneeded = () => ["accounts", "pending"].map((name) => opening.result.createObjectStore(name));
          opening.onsuccess = () => resolve(opening.result.close());
        })"""
    )
    keep_cards(site.visit(context), {"name": NAME})
    assert Vault(context, service).fields("name") == [NAME]


# What nobody keeps.


def test_the_security_code_is_asked_each_time_and_handed_over_and_is_nowhere(person, site, context, service):
    attr = "payment[cc_number] payment[cc_verify]"
    for _ in range(2):
        call, page = person.open("signin", {"challenge": {"callback": "/callback", "attr": attr}})
        popup = Popup(page).at("consent")
        expect(popup.block("payment")).to_contain_text("•••• 1111")
        expect(popup.block("payment")).not_to_contain_text("41111111")
        popup.fill("payment", cc_verify=CODE).consent()
        assert call.value() == {"error": "success"}
        expected = {"payment": {"cc_number": PAYMENT["cc_number"], "cc_verify": CODE}}
        assert site.pages.callbacks()[-1]["attr"] == expected
    vault = Vault(context, service)
    assert vault.fields("payment") == [PAYMENT]
    assert all("cc_verify" not in release["values"] for release in vault.run("() => releases.list()"))
    for words in (vault.filed(), filed_by(person.frame())):
        assert f'"{CODE}"' not in words
    names = "".join(row["fields"] for row in rows(service, "releases"))
    assert "cc_verify" not in names


def test_no_word_of_a_card_is_in_the_database_the_log_or_a_frame(person, service):
    release(person, "name payment")
    call, page = person.open("attr", {"address[street]": "17 Saltmarsh Lane"})
    Popup(page).keep()
    call.value()
    kept = [path.read_bytes() for path in service.data.glob("keychain.db*")]
    kept += [(service.data.parent / "log").read_bytes(), filed_by(person.frame()).encode()]
    for word in (*NAME.values(), PAYMENT["cc_number"], "QUILLFEATHER", "Saltmarsh"):
        for written in (word, word.upper(), word.lower()):
            assert not any(written.encode() in bytes_ for bytes_ in kept), written


# A service that shows what it should not.


def test_a_release_that_was_rolled_back_is_not_read(person, service):
    release(person, "name[first_name]")
    older = rows(service, "releases")[-1]
    call, page = person.open("attr", {"name[first_name]": "Xenia"})
    Popup(page).keep()
    call.value()
    read = {"attribute_data": {"name": {"first_name": "Xenia"}}}
    assert person.call("attr", "name[first_name]").value() == read
    put_back(service, "releases", older)
    silently = {"attr": "name[first_name]", "silent": True}
    assert person.call("attr", silently).error() == "interaction_required"


def test_a_release_of_another_site_does_not_open_here(person, site, context, service):
    release(person, "name[first_name]")
    other = site.visit(context, "other")
    call, page = other.open("attr", "name")
    Popup(page).share()
    assert call.value() == {"attribute_data": {"name": NAME}}
    here, there = rows(service, "releases")[-2:]
    service.change(
        "UPDATE releases SET sealed = ?, version = ?, fields = ? WHERE rowid = ?",
        *(there["sealed"], there["version"], there["fields"], here["place"]),
    )
    assert person.call("attr", {"attr": "name", "silent": True}).error() == "interaction_required"
    assert person.call("attr", {"attr": "name[first_name]", "silent": True}).error() == "interaction_required"


def test_cards_that_were_rolled_back_are_not_used_and_signing_in_goes_on(person, site, service):
    older = rows(service, "cards")[-2:]
    call, page = person.open("attr", {"name[first_name]": "Xenia", "payment[cc_exp_mo]": "8"})
    Popup(page).keep()
    call.value()
    for row in older:
        put_back(service, "cards", row)
    call, page = person.open("signin", {"challenge": {"callback": "/callback", "attr": "name"}})
    popup = Popup(page).at("consent")
    expect(page.get_by_role("note").filter(has_text="older state")).to_be_visible()
    popup.consent()
    assert call.value() == {"error": "success"}
    assert site.pages.callbacks()[-1]["attr"] == {}
