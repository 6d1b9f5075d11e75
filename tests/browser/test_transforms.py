"""Transforms: a site that counts its states, at each of its calls."""

import json

import pytest

from tests.browser.person import Popup
from tests.browser.wallets import ADA, keep_cards, share

pytestmark = pytest.mark.slow

STATES = """const NUMBERS = { CA: "12", NY: "43" };
const state = { attr: "state", fromOneID: (code) => NUMBERS[code],
  toOneID: (number) => Object.keys(NUMBERS).find((code) => NUMBERS[code] === number) };
OneID.config({ transform: [state] });"""
SELECT = "<select name=state><option value=''>?<option value=12>California<option value=43>New York</select>"
MAP = "{'[name=state]': 'address[state]'}"
NUMBERED = {"attribute_data": {"address": {"state": "12"}}}


def test_transform_from_one_id_makes_the_site_s_values_at_quickfill_and_attr(forms):
    form = forms.open(SELECT, script=STATES)
    assert form.run(f"OneID.quickfill({MAP})") == {"success": True, "filled": 1, "missing": [], **NUMBERED}
    assert form.value("select") == "12"
    assert form.run("OneID.attr('address[state]')") == NUMBERED


def test_transform_to_one_id_makes_the_table_s_values_at_collect(forms):
    form = forms.open(SELECT, script=STATES)
    form.page.select_option("select", "43")
    assert form.run(f"OneID.collect({MAP})") == {"attribute_data": {"address": {"state": "NY"}}}


@pytest.mark.parametrize("attr", ["state", "address[state]"])
def test_transform_attr_is_a_field_or_a_card_and_field_in_a_list_or_an_object(attr, forms):
    form = forms.open("")
    for given in (f"[{{attr: '{attr}', fromOneID: () => 1}}]", f"{{'{attr}': {{fromOneID: () => 1}}}}"):
        form.page.evaluate(f"() => OneID.config({{transform: {given}}})")
        assert form.run("OneID.attr('address[state]')") == {"attribute_data": {"address": {"state": "1"}}}


def test_transform_of_an_entry_goes_before_and_may_take_a_card(forms):
    form = forms.open(f"{SELECT}<input name=state><input name=whole>", script=STATES)
    whole = "({first_name, last_name}) => `${last_name}, ${first_name}`"
    form.run(
        f"OneID.quickfill({{'input[name=state]': {{attr: 'address[state]', transform: (code) => `US-${{code}}`}},"
        f" '[name=whole]': {{attr: 'name', transform: {whole}}}}})"
    )
    assert (form.value("input[name=state]"), form.value("[name=whole]")) == ("US-CA", "Lovelace, Ada")


@pytest.mark.parametrize(
    "wrong", ["() => { throw new Error('x') }", "() => undefined", "async () => 'x'", "() => ({})"]
)
def test_transform_failed_leaves_the_page_as_it_is_and_delivers_nothing(wrong, forms):
    form = forms.open(f"<input name=zip>{SELECT}")
    form.page.evaluate(f"() => OneID.config({{transform: {{state: {{fromOneID: {wrong}, toOneID: {wrong}}}}}}})")
    assert (
        form.run("OneID.quickfill({'[name=zip]': 'address[zip]', '[name=state]': 'address[state]'})")
        == "transform_failed"
    )
    assert (form.value("[name=zip]"), form.missing()) == ("", [])
    challenge = "{challenge: {attr: 'address[state]', callback: '/callback'}}"
    assert form.run(f"OneID.signin({challenge}, () => {{}})") == "transform_failed"
    form.page.select_option("select", "12")
    assert form.run(f"OneID.collect({MAP})") == "transform_failed"
    assert forms.site.pages.callbacks() == []


def test_transform_at_sign_in_reaches_the_server(forms, service):
    form = forms.open("", script=STATES)
    assert form.run("OneID.signin({challenge: {attr: 'address[state] email', callback: '/callback'}}, () => {})")
    [payload] = forms.site.pages.callbacks()
    assert payload["attr"] == {"address": {"state": "12"}, "email": ADA["email"]}
    assert service.validate(payload)["errorcode"] == 0


def test_transform_at_sign_up_and_at_the_setter_keeps_the_table_s_values(site, context):
    visit = site.visit(context, path=site.put("/numbers", body=SELECT, script=STATES))
    keep_cards(visit, {"address": {"state": 12}})
    call, window = visit.open("attr", "address[state]")
    popup = Popup(window).at("share")
    assert "CA" in popup.everything_shown() or "California" in popup.everything_shown()
    share(popup)
    assert call.value() == NUMBERED
    call, window = visit.open("attr", {"address[state]": "43"})
    assert (
        "NY" in json.dumps(Popup(window).at("keep").everything_shown())
        or "New York" in Popup(window).everything_shown()
    )
    window.close()
    assert call.value() is None
