// The form of a card: what browsers fill in by, what helpers for the blind read out, and what comes out of it.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { CARDS } from "../../static/shared/attributes.js";
import { cardForm, maskedNumber } from "../../static/shared/card_form.js";
import de from "../../static/shared/strings/de.js";
import en from "../../static/shared/strings/en.js";
import { fieldLabel, label, valueLabel } from "../../static/shared/labels.js";
import { controlsOf, installDocument } from "./form_parts.mjs";

const TOKENS = {
  name: { first_name: "given-name", last_name: "family-name" },
  email: { email: "email" },
  phone: { phone: "tel" },
  company: { employer: "organization", occupation: "organization-title" },
  address: {
    street: "address-line1", street2: "address-line2", city: "address-level2", state: "address-level1",
    zip: "postal-code", country: "country", phone: "tel",
  },
  payment: {
    cc_type: "cc-type", cc_number: "cc-number", cc_exp_mo: "cc-exp-month", cc_exp_yr: "cc-exp-year",
    cc_name_on_card: "cc-name",
  },
};

beforeEach(() => installDocument());

const shown = (kind, fields = {}, which = undefined) => {
  const form = cardForm(kind, fields, which);
  return { ...form, controls: controlsOf(form.element) };
};
const options = (control) => control.children.map((option) => option.attributes.value);

test("each field has a label of its own and the word that browsers fill in by", () => {
  for (const [kind, fields] of CARDS) {
    const { element, controls } = shown(kind);
    assert.deepEqual([...controls.keys()], fields);
    const labels = [...element.walk()].filter(({ tag }) => tag === "label");
    assert.deepEqual(labels.map(({ attributes }) => attributes.for), [...controls.values()].map(({ id }) => id));
    for (const words of labels) assert.ok(words.textContent.trim());
    for (const [field, control] of controls) {
      assert.equal(control.attributes.autocomplete, TOKENS[kind][field]);
      if (control.tag === "input") assert.equal(control.attributes.maxlength, "1000");
    }
  }
  const code = shown("payment", {}, { only: new Set(["cc_verify"]) }).controls.get("cc_verify");
  assert.equal(code.attributes.autocomplete, "cc-csc");
});

test("two forms of one kind share no id", () => {
  const ids = [shown("name"), shown("name")].flatMap(({ controls }) => [...controls.values()].map(({ id }) => id));
  assert.equal(new Set(ids).size, 4);
});

test("numbers bring up the keyboard for numbers", () => {
  const modes = (kind, only) => {
    const { controls } = shown(kind, {}, only && { only: new Set(only) });
    const all = [...controls].map(([field, { attributes }]) => [field, attributes.inputmode]);
    return Object.fromEntries(all.filter(([, mode]) => mode));
  };
  assert.deepEqual(modes("payment"), { cc_number: "numeric", cc_exp_yr: "numeric" });
  assert.deepEqual(modes("payment", ["cc_verify"]), { cc_verify: "numeric" });
  assert.deepEqual([modes("phone"), modes("address")], [{ phone: "tel" }, { phone: "tel" }]);
  assert.deepEqual(modes("email"), { email: "email" });
});

test("what is there is filled in and read back; what is empty is left out", () => {
  const fields = { street: "A 1", city: "B", state: "CA", country: "US" };
  const { controls, read } = shown("address", fields);
  assert.deepEqual(read(), fields);
  controls.get("city").value = "  ";
  controls.get("zip").value = " 90210 ";
  assert.deepEqual(read(), { street: "A 1", state: "CA", zip: "90210", country: "US" });
  assert.deepEqual(shown("address").read(), {});
});

test("only the fields that are asked for are shown, in their order", () => {
  assert.deepEqual([...shown("address", {}, { only: new Set(["zip", "street"]) }).controls.keys()], ["street", "zip"]);
  const { controls, read } = shown("payment", {}, { only: new Set(["cc_verify", "cc_number"]) });
  assert.deepEqual([...controls.keys()], ["cc_number", "cc_verify"]);
  controls.get("cc_verify").value = "123";
  assert.deepEqual(read(), { cc_verify: "123" });
  assert.ok(!shown("payment", { cc_verify: "999" }).controls.has("cc_verify"));
});

test("a site's own card shows what it has and what is asked for, under harmless names", () => {
  const { controls, read, element } = shown("TinyBttn", { ID: "7" }, { only: new Set(["ID", "Size"]) });
  assert.deepEqual([...controls.keys()], ["ID", "Size"]);
  controls.get("Size").value = "L";
  assert.deepEqual(read(), { ID: "7", Size: "L" });
  assert.ok(element.textContent.includes("Size"));
  assert.equal(label("TinyBttn"), "TinyBttn");
  for (const odd of ["constructor", "__proto__", "a\u202eb"]) assert.equal(fieldLabel(odd), odd.replace("\u202e", ""));
});

test("a wrong value is told by its field, marked, and unmarked when it is right", () => {
  const { controls, read } = shown("payment");
  const number = controls.get("cc_number");
  number.value = "4111 1111 1111 1112";
  assert.throws(read, { code: "malformed_value", card: "payment", field: "cc_number" });
  assert.equal(number.attributes["aria-invalid"], "true");
  assert.equal(document.activeElement, number);
  number.value = "4111 1111 1111 1111";
  read();
  assert.ok(!("aria-invalid" in number.attributes));
});

test("the type of a payment card comes from its number unless it is chosen", () => {
  const { controls, read } = shown("payment");
  controls.get("cc_number").value = "5555 5555 5555 4444";
  assert.deepEqual(read(), { cc_number: "5555555555554444", cc_type: "MC" });
  controls.get("cc_type").value = "DI";
  assert.equal(read().cc_type, "DI");
  const alone = shown("payment", {}, { only: new Set(["cc_number"]) });
  alone.controls.get("cc_number").value = "5555555555554444";
  assert.deepEqual(alone.read(), { cc_number: "5555555555554444" });
});

test("types, months and countries are chosen from lists with names for people", () => {
  const { controls } = shown("payment");
  assert.deepEqual(options(controls.get("cc_type")), ["", "AE", "VI", "MC", "DI"]);
  const months = Array.from({ length: 12 }, (_, month) => String(month + 1));
  assert.deepEqual(options(controls.get("cc_exp_mo")), ["", ...months]);
  assert.ok(controls.get("cc_exp_mo").textContent.includes("03 March"));
  const country = shown("address").controls.get("country");
  assert.equal(country.children.length, 250);
  assert.ok(country.textContent.includes("Germany"));
  const named = { cc_type: ["VI", "Visa"], country: ["DE", "Germany"], city: ["DE", "DE"] };
  for (const [field, [value, name]] of Object.entries(named)) assert.equal(valueLabel(field, value), name);
  assert.deepEqual([valueLabel("country", "Atlantis"), valueLabel("cc_type", "JCB")], ["Atlantis", "JCB"]);
});

test("a value that is in no list stays what it is", () => {
  const { controls, read } = shown("address", { state: "Bayern", country: "US" });
  assert.equal(controls.get("state").value, "Bayern");
  assert.deepEqual(read(), { state: "Bayern", country: "US" });
});

test("the state is chosen in the US and typed in elsewhere, and follows the country", () => {
  const { element, controls, read } = shown("address", { country: "US" });
  assert.equal(options(controls.get("state")).length, 1 + 62);
  controls.get("state").value = "CA";
  const choose = (code) => {
    controls.get("country").value = code;
    controls.get("country").dispatchEvent(new Event("change"));
    return controlsOf(element).get("state");
  };
  const typed = choose("DE");
  assert.deepEqual([typed.tag, typed.value, typed.id], ["input", "CA", controls.get("state").id]);
  typed.value = "Bayern";
  assert.deepEqual(read(), { state: "Bayern", country: "DE" });
  typed.value = "new york";
  assert.deepEqual([choose("US").tag, choose("US").value], ["select", "NY"]);
  assert.equal(choose("").tag, "select"); // an American browser
  installDocument(["de"]);
  assert.equal(shown("address").controls.get("state").tag, "input");
  assert.equal(shown("address", { country: "US" }, { only: new Set(["state"]) }).controls.get("state").tag, "select");
});

test("a number is masked but for its last four digits", () => {
  assert.equal(maskedNumber("4111111111111111"), "•••• 1111");
  assert.equal(maskedNumber(""), "•••• ");
});

test("both languages have the same names, one for every card and field", () => {
  assert.deepEqual(Object.keys(de), Object.keys(en));
  for (const [kind, fields] of CARDS) {
    assert.ok(`card.${kind}` in en);
    for (const field of [...fields, "cc_verify"]) assert.ok(`field.${field}` in en, field);
  }
  for (const words of [...Object.values(en), ...Object.values(de)]) assert.ok(words.trim());
});

test("what is typed or pasted is kept without what nobody sees", () => {
  const { controls, read } = shown("phone");
  controls.get("phone").value = "\u202a+49 30 1\u202c";
  assert.deepEqual(read(), { phone: "+49 30 1" });
});

test("a site's own names are shown as the site's words", async () => {
  const { called, calledField, valueList } = await import("../../static/popup/parts.js");
  assert.equal(called("TinyBttn"), "The site calls it: TinyBttn");
  assert.deepEqual([called("email"), calledField("email", "email")], ["E-mail", "E-mail address"]);
  const { element } = shown("TinyBttn", {}, { only: new Set(["email"]), calledField });
  const labels = [...element.walk()].filter(({ tag }) => tag === "label");
  assert.deepEqual(labels.map(({ textContent }) => textContent), ["The site calls it: email"]);
  const long = "x".repeat(1000);
  const values = [...valueList("TinyBttn", { ID: long }).walk()].map(({ textContent }) => textContent);
  assert.ok(values.includes("The site calls it: ID") && values.includes(long));
});
