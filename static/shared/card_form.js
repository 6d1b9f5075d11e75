// @ts-check
/**
 * The fields of one card as a form: labelled, with the words that browsers fill in by, and read back in the form that
 * sites get. What is wrong is told by the field that it stands in.
 */
import { AttributeError, CARDS, CARD_TYPES, LONGEST_VALUE, NEVER_STORED, cardType, normalised } from "./attributes.js";
import { el } from "./dom.js";
import { seen } from "./harmless.js";
import { fieldLabel, language, text, valueLabel } from "./labels.js";
import { COUNTRIES, STATES, countryName } from "./places.js";

/** @typedef {Record<string, string>} Fields */
/** @typedef {HTMLInputElement | HTMLSelectElement} Control */
/** @typedef {[value: string, label: string][]} Choices */
/**
 * @typedef {object} Spec how a field is typed in
 * @property {string} autocomplete (HTML, section 4.10.18.7)
 * @property {string} [type]
 * @property {string} [inputmode]
 */

/** @type {Map<string, Spec>} */
const SPECS = new Map([
  ["name[first_name]", { autocomplete: "given-name" }],
  ["name[last_name]", { autocomplete: "family-name" }],
  ["email[email]", { autocomplete: "email", type: "email", inputmode: "email" }],
  ["phone[phone]", { autocomplete: "tel", type: "tel", inputmode: "tel" }],
  ["company[employer]", { autocomplete: "organization" }],
  ["company[occupation]", { autocomplete: "organization-title" }],
  ["address[street]", { autocomplete: "address-line1" }],
  ["address[street2]", { autocomplete: "address-line2" }],
  ["address[city]", { autocomplete: "address-level2" }],
  ["address[state]", { autocomplete: "address-level1" }],
  ["address[zip]", { autocomplete: "postal-code" }],
  ["address[country]", { autocomplete: "country" }],
  ["address[phone]", { autocomplete: "tel", type: "tel", inputmode: "tel" }],
  ["payment[cc_type]", { autocomplete: "cc-type" }],
  ["payment[cc_number]", { autocomplete: "cc-number", inputmode: "numeric" }],
  ["payment[cc_exp_mo]", { autocomplete: "cc-exp-month" }],
  ["payment[cc_exp_yr]", { autocomplete: "cc-exp-year", inputmode: "numeric" }],
  ["payment[cc_name_on_card]", { autocomplete: "cc-name" }],
  ["payment[cc_verify]", { autocomplete: "cc-csc", inputmode: "numeric" }],
]);
const MONTHS = 12;
const SHOWN_DIGITS = 4;

let forms = 0;

/**
 * @param {string} kind of card
 * @param {Fields} fields the values that are there
 * @param {object} [which]
 * @param {Set<string>} [which.only] the fields to be shown; every one that can be stored else
 * @param {(kind: string, field: string) => string} [which.calledField] what a field is called
 * @returns {{element: HTMLElement, read: () => Fields}} `read` leaves out what is empty, and throws an `AttributeError`
 *   with the field after having marked it
 */
export function cardForm(kind, fields, { only, calledField = (_, field) => fieldLabel(field) } = {}) {
  const prefix = `card-${++forms}`;
  const shown = fieldsOf(kind, fields).filter((field) => !only || only.has(field));
  const extra = [...only ?? []].filter((field) => !shown.includes(field));
  const names = [...shown, ...extra];
  /** @type {Map<string, Control>} */
  const controls = new Map();
  const rows = names.map((field) => {
    const control = makeControl(kind, field, `${prefix}-${field}`, fields);
    controls.set(field, control);
    const row = el("div", { class: "field" }, el("label", { for: control.id }, calledField(kind, field)), control);
    return { field, row };
  });
  const element = el("div", { class: "card-form", "data-card": kind }, ...rows.map(({ row }) => row));
  followCountry(kind, controls, fields);
  return { element, read: () => readAll(kind, controls, names) };
}

/** @param {string} number of a payment card @returns {string} its last digits alone */
export function maskedNumber(number) {
  return `•••• ${number.slice(-SHOWN_DIGITS)}`;
}

/** @param {string} kind @param {Fields} fields @returns {string[]} of a known card, or what a site's own one has */
function fieldsOf(kind, fields) {
  return [...CARDS.get(kind) ?? Object.keys(fields)].filter((field) => !NEVER_STORED.has(field));
}

/** @param {string} kind @param {string} field @param {string} id @param {Fields} fields @returns {Control} */
function makeControl(kind, field, id, fields) {
  const value = Object.hasOwn(fields, field) ? fields[field] : "";
  const { autocomplete, type = "text", inputmode } = SPECS.get(`${kind}[${field}]`) ?? { autocomplete: "off" };
  const attributes = { id, name: field, autocomplete, "aria-describedby": "alert" };
  const choices = kind === "payment" || kind === "address" ? choicesOf(field, fields.country ?? home()) : null;
  if (choices) return select(attributes, choices, value);
  const typed = { ...attributes, type, maxlength: String(LONGEST_VALUE), value };
  return el("input", inputmode ? { ...typed, inputmode } : typed);
}

/** @param {string} field @param {string} country @returns {Choices | null} null: it is typed in */
function choicesOf(field, country) {
  if (field === "cc_type") return CARD_TYPES.map((code) => [code, valueLabel("cc_type", code)]);
  if (field === "cc_exp_mo") return Array.from({ length: MONTHS }, (_, index) => month(index + 1));
  if (field === "state" && country === "US") return STATES.map(([code, name]) => [code, name]);
  return field === "country" ? countries() : null;
}

/** @param {number} number @returns {[value: string, label: string]} */
function month(number) {
  const name = new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" }).format(Date.UTC(2000, number - 1));
  return [String(number), `${String(number).padStart(2, "0")} ${name}`];
}

/** @returns {Choices} in the order of their names */
function countries() {
  const named = COUNTRIES.map((code) => /** @type {[string, string]} */ ([code, countryName(code, language)]));
  return named.sort(([, one], [, other]) => one.localeCompare(other, language));
}

/**
 * @param {Record<string, string>} attributes
 * @param {Choices} choices
 * @param {string} value
 * @returns {HTMLSelectElement} a value that is no choice becomes one
 */
function select(attributes, choices, value) {
  const known = value === "" || choices.some(([code]) => code === value);
  const all = [["", text("value.none")], ...choices, ...(known ? [] : [[value, value]])];
  return el("select", attributes, ...all.map(([code, name]) => {
    return el("option", code === value ? { value: code, selected: "" } : { value: code }, name);
  }));
}

/**
 * Where the country is the US, the state is one of a list; elsewhere it is typed in.
 * @param {string} kind
 * @param {Map<string, Control>} controls
 * @param {Fields} fields
 */
function followCountry(kind, controls, fields) {
  const country = controls.get("country");
  if (kind !== "address" || !country || !controls.has("state")) return;
  country.addEventListener("change", () => {
    const former = /** @type {Control} */ (controls.get("state"));
    const state = normalisedOrNone("address", "state", seen(former.value));
    const next = makeControl(kind, "state", former.id, { ...fields, country: country.value || home(), state });
    controls.set("state", next);
    former.replaceWith(next);
  });
}

/** @returns {string} the country that this browser's language is of, as far as it says so; "" else */
function home() {
  const [language = ""] = globalThis.navigator?.languages ?? [];
  return /-US$/i.test(language) ? "US" : "";
}

/** @param {string} kind @param {Map<string, Control>} controls @param {string[]} names @returns {Fields} */
function readAll(kind, controls, names) {
  /** @type {Fields} */
  const read = {};
  for (const field of names) {
    const control = /** @type {Control} */ (controls.get(field));
    try {
      const value = normalised(kind, field, seen(control.value)); // what is pasted often has more in it
      if (value !== "") read[field] = value;
      control.removeAttribute("aria-invalid");
    } catch (error) {
      if (error instanceof AttributeError) {
        control.setAttribute("aria-invalid", "true");
        control.focus();
      }
      throw error;
    }
  }
  const type = cardType(read.cc_number ?? "");
  if (controls.has("cc_type") && kind === "payment" && !read.cc_type && type) read.cc_type = type;
  return read;
}

/** @param {string} card @param {string} field @param {string} value @returns {string} */
function normalisedOrNone(card, field, value) {
  try {
    return normalised(card, field, value);
  } catch {
    return "";
  }
}
