"""``OneID.quickfill``: each line of its documentation, in a real page."""

import pytest
from playwright.sync_api import expect

from tests.browser import react_page
from tests.browser.person import Popup
from tests.browser.wallets import ADA, keep_cards, share

pytestmark = pytest.mark.slow

ZIP = "<input name=zip>"
# What a page hears, in the order in which it does.
HEARS = """window.told = [];
for (const type of ["click", "input", "change"]) {
  document.addEventListener(type, ({ target }) => target.name && told.push(`${type} ${target.name}`));
}"""


# The two ways to call it.


def test_quickfill_map_fills_what_it_leads_to(forms):
    form = forms.open("<input name=first><input name=zip>")
    answer = form.run("OneID.quickfill({'[name=first]': 'name[first_name]', '[name=zip]': {attr: 'address[zip]'}})")
    assert (form.value("[name=first]"), form.value("[name=zip]")) == ("Ada", "94103")
    assert answer["filled"] == 2


def test_quickfill_options_have_the_map_among_them(forms):
    form = forms.open(ZIP)
    assert form.run("OneID.quickfill({map: {input: 'address[zip]'}})")["success"] is True
    assert form.value("input") == "94103"


def test_quickfill_callback_gets_what_the_promise_gives(forms):
    form = forms.open(ZIP)
    told = "new Promise((resolve) => OneID.quickfill({input: 'address[zip]'}, resolve))"
    assert form.run(told) == form.run("OneID.quickfill({input: 'address[zip]'})")


# Its options.


@pytest.mark.parametrize("context", ["'#inside'", "document.querySelector('#inside')"], ids=["selector", "element"])
def test_quickfill_context_keeps_to_what_is_in_it(context, forms):
    form = forms.open("<input name=zip><form id=inside><input name=zip></form>")
    answer = form.run(f"OneID.quickfill({{map: {{'[name=zip]': 'address[zip]'}}, context: {context}}})")
    assert answer["filled"] == 1
    assert [field.input_value() for field in form.page.locator("[name=zip]").all()] == ["", "94103"]


def test_quickfill_attr_is_asked_for_as_well_and_fills_nothing(forms):
    form = forms.open(ZIP)
    answer = form.run("OneID.quickfill({map: {input: 'address[zip]'}, attr: ['phone', 'address[city]']})")
    assert answer["attribute_data"] == {
        "address": {"zip": "94103", "city": "San Francisco"},
        "phone": ADA["phone"],
    }


def test_quickfill_silent_opens_no_window_although_there_is_a_click(forms):
    form = forms.open(ZIP, name="elsewhere")
    call = form.visit.call("quickfill", {"map": {"input": "address[zip]"}, "silent": True})
    assert call.error() == "interaction_required"
    assert form.value("input") == ""


def test_quickfill_silent_fills_at_the_loading_of_a_page_where_it_may(forms):
    script = "OneID.quickfill({ map: { input: 'address[zip]' }, silent: true });"
    form = forms.open(ZIP, script=script.replace("input:", "'[name=zip]':"))
    expect(form.page.locator("[name=zip]")).to_have_value("94103")


@pytest.mark.parametrize("tells", [True, False])
def test_quickfill_trigger_events_tells_the_page_or_does_not(tells, forms):
    form = forms.open(f"{ZIP}<input type=checkbox name=kind value=VI>", script=HEARS)
    options = f"triggerEvents: {str(tells).lower()}"
    form.run(
        f"OneID.quickfill({{map: {{'[name=zip]': 'address[zip]', '[name=kind]': 'payment[cc_type]'}}, {options}}})"
    )
    assert (form.value("[name=zip]"), form.checked()) == ("94103", ["VI"])
    everything = ["input zip", "change zip", "click kind", "input kind", "change kind"]
    assert form.page.evaluate("told") == (everything if tells else [])


# Its value.


def test_quickfill_success_filled_missing_and_attribute_data_are_its_value(forms):
    form = forms.open("<input name=first><input name=first><input name=own>")
    fields = "{'[name=first]': 'name[first_name]', '[name=own]': 'loyalty[number]', '#no': 'email'}"
    answer = form.run(f"OneID.quickfill({{map: {fields}, silent: true}})")
    assert answer == {
        "success": True,
        "filled": 2,
        "missing": ["[name=own]", "#no"],
        "attribute_data": {"name": {"first_name": "Ada"}, "email": {"email": "ada@example.org"}},
    }


def test_quickfill_missing_fields_have_a_class_until_they_are_filled(forms):
    form = forms.open("<input name=own><input name=zip>")
    fields = "{'[name=own]': 'loyalty[number]', '[name=zip]': 'address[zip]'}"
    form.run(f"OneID.quickfill({{map: {fields}, silent: true}})")
    assert form.missing() == ["own"]
    form.run("OneID.quickfill({'[name=own]': 'address[zip]'})")
    assert form.missing() == []


def test_quickfill_is_null_and_fills_nothing_when_the_person_cancels(forms):
    form = forms.open(ZIP, name="cancelled")
    call, window = form.visit.open("quickfill", {"input": "address[zip]"})
    Popup(window).at("share").cancel()
    assert call.value() is None
    assert (form.value("input"), form.missing()) == ("", [])


# Each kind of field.

KINDS = ["text", "email", "tel", "url", "search", "number"]


@pytest.mark.parametrize("kind", KINDS)
def test_quickfill_text_and_inputs_like_it_have_the_value(kind, forms):
    form = forms.open(f"<input type={kind}>")
    assert form.run("OneID.quickfill({input: 'address[zip]'})")["filled"] == 1
    assert form.value("input") == "94103"


def test_quickfill_a_number_that_is_none_is_missing(forms):
    form = forms.open("<input type=number>")
    assert form.run("OneID.quickfill({input: 'name[first_name]'})")["missing"] == ["input"]


def test_quickfill_textarea_has_the_value(forms):
    form = forms.open("<textarea></textarea>")
    form.run("OneID.quickfill({textarea: 'address[street]'})")
    assert form.value("textarea") == "1 Main St"


OPTIONS = {
    "value": ("<option>?<option value=CA>Kalifornien<option value=NY>CA", "CA"),
    "label": ("<option value=''>?<option value=12>ca<option value=43>NY", "12"),
    "text alone": ("<option>NY<option>CA", "CA"),
    "group": ("<optgroup label=US><option>NY<option value=5 label=CA>x</optgroup>", "5"),
}


@pytest.mark.parametrize(("options", "chosen"), OPTIONS.values(), ids=OPTIONS)
def test_quickfill_select_goes_by_value_and_then_by_label(options, chosen, forms):
    form = forms.open(f"<select>{options}</select>")
    assert form.run("OneID.quickfill({select: 'address[state]'})")["filled"] == 1
    assert form.value("select") == chosen


def test_quickfill_select_without_such_an_option_is_missing_and_stays(forms):
    form = forms.open("<select name=state><option>NY<option selected>TX<option disabled>CA</select>")
    assert form.run("OneID.quickfill({select: 'address[state]'})")["missing"] == ["select"]
    assert (form.value("select"), form.missing()) == ("TX", ["state"])


def choices(kind: str, *values: str, checked: str = "") -> str:
    return "".join(
        f"<input type={kind} name=kind value={value} {'checked' if value == checked else ''}>" for value in values
    )


def test_quickfill_radio_with_the_value_is_chosen(forms):
    form = forms.open(choices("radio", "AE", "VI", "MC", checked="MC"), script=HEARS)
    assert form.run("OneID.quickfill({'[name=kind]': 'payment[cc_type]'})")["filled"] == 1
    assert (form.checked(), form.missing()) == (["VI"], [])
    assert form.page.evaluate("told") == ["click kind", "input kind", "change kind"]


def test_quickfill_radio_that_is_chosen_already_is_not_clicked_again(forms):
    form = forms.open(choices("radio", "AE", "VI", checked="VI"), script=HEARS)
    assert form.run("OneID.quickfill({'[name=kind]': 'payment[cc_type]'})")["filled"] == 1
    assert form.page.evaluate("told") == []


def test_quickfill_checkbox_with_the_value_goes_on_and_the_others_off(forms):
    form = forms.open(choices("checkbox", "AE", "VI", checked="AE"))
    assert form.run("OneID.quickfill({'[name=kind]': 'payment[cc_type]'})")["missing"] == []
    assert form.checked() == ["VI"]


@pytest.mark.parametrize("kind", ["radio", "checkbox"])
def test_quickfill_choices_without_the_value_stay_and_are_missing(kind, forms):
    form = forms.open(choices(kind, "AE", "MC", checked="AE"))
    assert form.run("OneID.quickfill({'[name=kind]': 'payment[cc_type]'})")["missing"] == ["[name=kind]"]
    assert (form.checked(), form.missing()) == (["AE"], ["kind", "kind"])


def test_quickfill_contenteditable_has_the_text(forms):
    form = forms.open("<div contenteditable><b>old</b></div>")
    assert form.run("OneID.quickfill({'[contenteditable]': 'address[street]'})")["filled"] == 1
    assert form.page.locator("[contenteditable]").inner_html() == "1 Main St"


CLOSED = ["<input disabled>", "<fieldset disabled><input></fieldset>", "<input readonly>"]


@pytest.mark.parametrize("field", CLOSED, ids=["disabled", "fieldset", "readonly"])
def test_quickfill_disabled_and_readonly_fields_are_left_alone(field, forms):
    form = forms.open(field)
    assert form.run("OneID.quickfill({input: 'address[zip]'})")["missing"] == ["input"]
    assert form.value("input") == ""


@pytest.mark.parametrize("kind", ["password", "file"])
def test_quickfill_password_and_file_are_refused_before_any_window(kind, forms):
    form = forms.open(f"<input name=zip><input type={kind}>", name="refused")
    call = form.visit.call("quickfill", {"[name=zip]": "address[zip]", f"[type={kind}]": "address[zip]"})
    assert call.error() == "malformed_map"
    assert (form.value("[name=zip]"), form.value(f"[type={kind}]")) == ("", "")


def test_quickfill_hidden_and_buttons_are_never_filled(forms):
    form = forms.open("<input type=hidden value=kept><input type=submit value=kept><input type=button value=kept>")
    assert form.run("OneID.quickfill({input: 'address[zip]'})") == {
        "success": True,
        "filled": 0,
        "missing": ["input"],
        "attribute_data": {"address": {"zip": "94103"}},
    }
    assert {form.page.locator("input").nth(number).get_attribute("value") for number in range(3)} == {"kept"}


# Frameworks.

MAP = """{'[name=name]': 'name[first_name]', '[name=zip]': 'address[zip]', '[name=note]': 'address[street]',
  '[name=state]': 'address[state]', '[name=kind]': 'payment[cc_type]', '[name=gift]': 'address[country]'}"""
FILLED = {"name": "Ada", "zip": "94103", "note": "1 Main St", "state": "CA", "kind": "VI", "gift": True}


def react(forms):
    forms.site.pages.put("/react.js", react_page.script(), Content_Type="text/javascript; charset=utf-8")
    form = forms.open("<div id=root></div><script src=/react.js></script>")
    expect(form.page.locator("[name=gift]")).to_be_attached()
    return form


def test_quickfill_a_react_page_has_every_field_in_its_state(forms):
    form = react(forms)
    assert form.run(f"OneID.quickfill({MAP})")["filled"] == 6
    assert form.page.evaluate("states") == FILLED
    form.page.evaluate("document.getElementById('again').click()")
    expect(form.page.locator("output")).to_contain_text('"drawn":1')
    assert [form.value(f"[name={name}]") for name in ("name", "zip", "note", "state")] == [
        "Ada",
        "94103",
        "1 Main St",
        "CA",
    ]
    assert form.checked() == ["CA", "VI", "US"]


def test_quickfill_a_react_page_that_is_not_told_forgets_what_was_filled(forms):
    """Why there are events: the test above would see nothing without them."""
    form = react(forms)
    form.run(f"OneID.quickfill({{map: {MAP}, triggerEvents: false}})")
    assert form.page.evaluate("states.zip") == ""


# What surrounds it.


def test_quickfill_a_button_fills_and_a_stranger_sees_the_window_first(site, context):
    script = """const keepIt = (answer) => { window.answer = answer; };
    OneID.config({ buttons: { "quickfill .fill": [{ "[name=zip]": "address[zip]" }, keepIt] } });"""
    visit = site.visit(context, path=site.put("/button", body=f"{ZIP}<span class=fill></span>", script=script))
    keep_cards(visit)
    button = visit.page.get_by_role("button", name="Fill in with OneID")
    with visit.page.expect_popup() as opened:
        button.click()
    share(Popup(opened.value))
    expect(visit.page.locator("[name=zip]")).to_have_value("94103")
    visit.page.fill("[name=zip]", "")
    windows = len(context.pages)
    button.click()
    expect(visit.page.locator("[name=zip]")).to_have_value("94103")
    assert len(context.pages) == windows
    assert visit.page.evaluate("answer.filled") == 1


def test_quickfill_a_button_speaks_the_language_of_the_page(forms):
    script = "document.documentElement.lang = 'de'; OneID.config({buttons: {'quickfill .fill': [{input: 'email'}]}});"
    form = forms.open("<span class=fill></span>", script=script)
    expect(form.page.get_by_role("button", name="Mit OneID ausfüllen")).to_be_visible()


def test_quickfill_fields_that_the_page_drew_anew_meanwhile_are_filled(forms):
    form = forms.open("<div id=root><input></div>")
    redraw = "document.getElementById('root').innerHTML = '<input name=new>'"
    filling = (
        f"(() => {{ const filling = OneID.quickfill({{'#root input': 'address[zip]'}}); {redraw}; return filling; }})()"
    )
    assert form.run(filling)["filled"] == 1
    assert form.value("[name=new]") == "94103"


def test_quickfill_what_one_site_may_read_another_may_not(forms):
    form = forms.open(ZIP, name="other")
    assert form.run("OneID.quickfill({map: {input: 'address[zip]'}, silent: true})") == "interaction_required"


def test_quickfill_a_page_with_a_strict_policy_and_trusted_types_is_filled(forms, service):
    policy = (
        f"script-src 'nonce-n' {service.origin}; frame-src {service.origin}; "
        "require-trusted-types-for 'script'; trusted-types oneid"
    )
    page = f"""<!doctype html><title>Strict</title><input name=zip>
    <script nonce=n src="{service.origin}/js/oneid.js"></script>
    <script nonce=n>OneID.quickfill({{ "[name=zip]": "address[zip]" }});</script>"""
    path = forms.site.pages.put("/strict", page, Content_Security_Policy=policy)
    visit = forms.site.visit(forms.context, path=path)
    expect(visit.page.locator("[name=zip]")).to_have_value("94103")
    visit.page.close()
