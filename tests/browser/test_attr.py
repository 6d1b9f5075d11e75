"""``OneID.attr``: each line of its documentation, in a real page."""

import re
from pathlib import Path

import pytest

from tests.browser.person import Popup
from tests.browser.wallets import ADA, keep, keep_cards, share

pytestmark = pytest.mark.slow

# The table of cards and fields, as people read it. A row without a card goes on with the one above.
TABLE = (Path(__file__).parents[2] / "docs/javascript.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?:`(\w+)`)? ?\| ((?:`\w+`(?:, )?)+) \| .+ \|$", re.MULTILINE)


def documented_fields() -> list[tuple[str, str]]:
    found, card = [], ""
    for named, fields in ROW.findall(TABLE.partition("## Cards and fields")[2].partition("### Older")[0]):
        card = named or card
        found += [(card, field) for field in re.findall(r"\w+", fields)]
    return found


FIELDS = [(card, field) for card, field in documented_fields() if field != "cc_verify"]


def test_attr_names_are_a_text_or_a_list(forms):
    form = forms.open("")
    expected = {"attribute_data": {"name": ADA["name"], "address": {"zip": "94103"}}}
    assert form.run("OneID.attr('name address[zip]')") == expected
    assert form.run("OneID.attr(['name', 'address[zip]'])") == expected
    assert form.run("new Promise((resolve) => OneID.attr('name address[zip]', resolve))") == expected


def test_attr_options_have_the_names_in_attr(forms):
    form = forms.open("")
    expected = {"attribute_data": {"email": ADA["email"]}}
    assert form.run("OneID.attr({attr: 'email'})") == form.run("OneID.attr({attr: ['email']})") == expected


def test_attr_silent_opens_no_window_although_there_is_a_click(forms):
    form = forms.open("", name="elsewhere")
    assert form.visit.call("attr", {"attr": "email", "silent": True}).error() == "interaction_required"


def test_attr_cards_are_kept_and_the_next_answer_has_them(site, context):
    visit = site.visit(context)
    keep_cards(visit, {"name": {"first_name": "Ada"}})
    cards = {
        "email[email]": "ada@example.net",
        "address": {"state": "California", "zip": 94105},
        "name": {"last_name": "King"},
    }
    call, window = visit.open("attr", cards)
    keep(Popup(window))
    assert call.value() is True
    call, window = visit.open("attr", "name email address")
    share(Popup(window))
    assert call.value()["attribute_data"] == {
        "name": {"first_name": "Ada", "last_name": "King"},
        "email": {"email": "ada@example.net"},
        "address": {"state": "CA", "zip": "94105"},
    }


def test_attr_is_null_when_the_person_cancels(forms):
    form = forms.open("", name="cancelled")
    for given in ("email", {"email[email]": "x@example.org"}):
        call, window = form.visit.open("attr", given)
        Popup(window).at("share" if given == "email" else "keep").cancel()
        assert call.value() is None


def test_attr_every_documented_card_and_field_is_hers():
    assert sorted(FIELDS) == sorted((card, field) for card, fields in ADA.items() for field in fields)


@pytest.mark.parametrize(("card", "field"), FIELDS, ids=[f"{card}[{field}]" for card, field in FIELDS])
def test_attr_answers_each_field_of_the_table(card, field, forms):
    form = forms.open("")
    assert form.run(f"OneID.attr('{card}[{field}]')") == {"attribute_data": {card: {field: ADA[card][field]}}}


@pytest.mark.parametrize("card", ADA)
def test_attr_answers_a_whole_card_of_the_table(card, forms):
    form = forms.open("")
    assert form.run(f"OneID.attr('{card}')") == {"attribute_data": {card: ADA[card]}}


OLDER = {
    "employment[employer]": {"employment": {"employer": "Analytical Engines"}},
    "personal_info[first_name] personal_info[last_name]": {"personal_info": ADA["name"]},
    "personal_info[email]": {"personal_info": ADA["email"]},
    "personal_info[primary_phone]": {"personal_info": {"primary_phone": ADA["phone"]["phone"]}},
    "personal_info": {
        "personal_info": {**ADA["name"], **ADA["email"], "primary_phone": ADA["phone"]["phone"]},
    },
    "address.billing[zip]": {"address": {"billing": {"zip": "94103"}}},
    "address[billing][zip] address[shipping][zip] address[zip]": {
        "address": {"billing": {"zip": "94103"}, "shipping": {"zip": "94103"}, "zip": "94103"}
    },
}


@pytest.mark.parametrize("spelling", OLDER)
def test_attr_answers_older_spellings_in_their_own_words(spelling, forms):
    form = forms.open("")
    assert form.run(f"OneID.attr('{spelling}')") == {"attribute_data": OLDER[spelling]}


def test_attr_of_a_card_that_she_has_not_is_absent(forms):
    form = forms.open("")
    asked = "{attr: 'loyalty[number] email', silent: true}"
    assert form.run(f"OneID.attr({asked})") == {"attribute_data": {"email": ADA["email"]}}


def test_attr_names_of_which_nothing_was_given_are_asked_for_again_at_a_click(forms):
    form = forms.open("")
    call, window = form.visit.open("attr", "loyalty[number]")
    Popup(window).at("share").cancel()
    assert call.value() is None
    assert form.run("OneID.attr('loyalty[number] email')")["attribute_data"].keys() == {"email"}


@pytest.mark.parametrize(
    "bad", ["'__proto__[x]'", "'name[first_name'", "{}", "5", "{name: {'__proto__x': 1, y: null}}"]
)
def test_attr_refuses_what_is_malformed_and_opens_nothing(bad, forms):
    form = forms.open("")
    windows = len(forms.context.pages)
    assert form.run(f"OneID.attr({bad})") == "malformed_attr"
    assert len(forms.context.pages) == windows


@pytest.mark.parametrize(
    ("cards", "code"),
    [({"address": {"state": "12"}}, "malformed_value"), ({"name": {"nick": "Ada"}}, "malformed_attr")],
    ids=["no-value-of-its-field", "no-field-of-its-card"],
)
def test_attr_what_can_not_be_kept_fails_with_its_code(cards, code, forms):
    form = forms.open("")
    call, _ = form.visit.open("attr", cards)
    assert call.error() == code
