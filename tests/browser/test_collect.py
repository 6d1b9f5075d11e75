"""``OneID.collect``: each line of its documentation, in a real page."""

import pytest

from tests.browser.person import Popup
from tests.browser.wallets import keep, keep_cards

pytestmark = pytest.mark.slow

ZIP = "<input name=zip value=94110>"
MAP = "{'[name=zip]': 'address[zip]'}"
COLLECTED = {"attribute_data": {"address": {"zip": "94110"}}}


def test_collect_map_reads_what_it_leads_to_and_opens_nothing(forms):
    form = forms.open(ZIP)
    windows = len(forms.context.pages)
    assert form.run(f"OneID.collect({MAP})") == COLLECTED
    assert len(forms.context.pages) == windows


@pytest.mark.parametrize("context", ["'#inside'", "document.querySelector('#inside')"], ids=["selector", "element"])
def test_collect_map_context_reads_what_is_in_it(context, forms):
    form = forms.open(f"<input name=zip value=outside><form id=inside>{ZIP}</form>")
    assert form.run(f"OneID.collect({MAP}, {context})") == COLLECTED
    told = f"new Promise((resolve) => OneID.collect({MAP}, {context}, resolve))"
    assert form.run(told) == COLLECTED


def test_collect_options_have_map_and_context_among_them(forms):
    form = forms.open(f"<input name=zip value=outside><form id=inside>{ZIP}</form>")
    assert form.run(f"OneID.collect({{map: {MAP}, context: '#inside'}})") == COLLECTED


def test_collect_save_offers_to_keep_it_and_says_saved(site, context):
    visit = site.visit(context, path=site.put("/save", body=ZIP))
    keep_cards(visit)
    saving = {"map": {"[name=zip]": "address[zip]"}, "save": True}
    call, window = visit.open("collect", saving)
    keep(Popup(window))
    assert call.value() == {**COLLECTED, "saved": True}
    call, window = visit.open("collect", saving)
    Popup(window).at("keep").cancel()
    assert call.value() is None
    visit.page.fill("[name=zip]", "")
    assert visit.call("collect", saving).value() == {"attribute_data": {}, "saved": False}


READ = {
    "text": "<input value=' CA '>",
    "textarea": "<textarea>CA</textarea>",
    "select": "<select><option>NY<option value=CA selected>California</select>",
    "radio": "<input type=radio value=NY><input type=radio value=CA checked>",
    "checkbox": "<input type=checkbox value=NY><input type=checkbox value=CA checked>",
    "contenteditable": "<div contenteditable> CA </div>",
    "readonly": "<input readonly value=CA>",
    "the first that is not empty": "<input value=' '><input value=CA><input value=NY>",
}


@pytest.mark.parametrize("fields", READ.values(), ids=READ)
def test_collect_reads_each_kind_of_field(fields, forms):
    form = forms.open(f"<form id=f>{fields}</form>")
    assert form.run("OneID.collect({'#f > *': 'address[state]'})") == {"attribute_data": {"address": {"state": "CA"}}}


UNREAD = [
    "<input type=hidden value=x>",
    "<input disabled value=x>",
    "<input type=submit value=x>",
    "<input>",
    "<p>x</p>",
]


@pytest.mark.parametrize("field", UNREAD, ids=["hidden", "disabled", "button", "empty", "text-of-the-page"])
def test_collect_leaves_out_what_is_no_word_of_the_person(field, forms):
    form = forms.open(f"<form id=f>{field}</form>")
    assert form.run("OneID.collect({'#f > *': 'address[state]'})") == {"attribute_data": {}}


@pytest.mark.parametrize("kind", ["password", "file"])
def test_collect_never_reads_a_password_or_a_file(kind, forms):
    form = forms.open(f"<input type={kind}>")
    assert form.run("OneID.collect({input: 'name[first_name]'})") == "malformed_map"
