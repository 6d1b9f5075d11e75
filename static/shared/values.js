// @ts-check
/** The values of fields, in the one form that sites get them in, whatever people and sites write. */
import { AttributeError } from "./attribute_error.js";
import { seen } from "./harmless.js";
import { countryCode, stateCode } from "./places.js";

/** The longest value of a field, in characters. */
export const LONGEST_VALUE = 1000;
/** The kinds of payment cards that have a code. */
export const CARD_TYPES = Object.freeze(["AE", "VI", "MC", "DI"]);

const LINE_ENDS = /[\t\n\v\f\r\u2028\u2029]+/g;
const LONGEST_EMAIL = 254;
const TYPE_NAMES = new Map([
  ["ae", "AE"], ["amex", "AE"], ["americanexpress", "AE"], ["vi", "VI"], ["visa", "VI"],
  ["mc", "MC"], ["mastercard", "MC"], ["di", "DI"], ["discover", "DI"],
]);
/** The numbers that issuers were given (ISO/IEC 7812), as far as they decide the kind. @type {[string, RegExp][]} */
const PREFIXES = [
  ["AE", /^3[47]/],
  ["VI", /^4/],
  ["MC", /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/],
  ["DI", /^(?:6011|64[4-9]|65)/],
];

/** @type {Map<string, (text: string) => string | null>} a field's form; null: it has none */
const FORMS = new Map([
  ["address[state]", state],
  ["address[country]", (text) => countryCode(text, ["en", ...(globalThis.navigator?.languages ?? [])])],
  ["address[phone]", phone],
  ["phone[phone]", phone],
  ["email[email]", (text) => (/^[^\s@]+@[^\s@]+$/.test(text) && text.length <= LONGEST_EMAIL ? text : null)],
  ["payment[cc_type]", (text) => TYPE_NAMES.get(text.toLowerCase().replace(/[\s-]/g, "")) ?? null],
  ["payment[cc_number]", number],
  ["payment[cc_exp_mo]", (text) => (/^(?:0?[1-9]|1[0-2])$/.test(text) ? String(Number(text)) : null)],
  ["payment[cc_exp_yr]", (text) => (/^(?:20)?\d\d$/.test(text) ? `20${text.slice(-2)}` : null)],
  ["payment[cc_verify]", (text) => (/^\d{3,4}$/.test(text) ? text : null)],
]);

/**
 * A value in the form of its field: in one line and without white space around it, with nothing in it that is not seen;
 * states as USPS codes where they are of the US, countries as ISO 3166-1 codes, payment cards by type code, digits,
 * month 1 to 12 and year of four digits.
 * @param {string} card
 * @param {string} field
 * @param {string} text
 * @returns {string} "" for white space alone
 * @throws {AttributeError} `malformed_attr` if it is too long, `malformed_value` if it is none of this field
 */
export function normalised(card, field, text) {
  if (typeof text !== "string" || text.length > LONGEST_VALUE) throw new AttributeError("malformed_attr", card, field);
  const trimmed = text.trim().replace(LINE_ENDS, " ");
  if (trimmed === "") return "";
  const form = FORMS.get(`${card}[${field}]`);
  const whole = seen(trimmed) === trimmed ? trimmed : null; // else it is another one than the person sees
  const value = form && whole !== null ? form(whole) : whole;
  if (value === null) throw new AttributeError("malformed_value", card, field);
  return value;
}

/** @param {string} digits of a payment card @returns {string | null} its type by the first digits, if that is known */
export function cardType(digits) {
  return PREFIXES.find(([, prefix]) => prefix.test(digits))?.[0] ?? null;
}

/** @param {string} text @returns {string | null} elsewhere a state is called as people there call it */
function state(text) {
  // A number is a site's own key of a state: the site has to translate it (`transform`).
  return stateCode(text) ?? (/\p{L}/u.test(text) ? text : null);
}

/** @param {string} text @returns {string | null} */
function phone(text) {
  return /\d/.test(text) ? text : null;
}

/** @param {string} text @returns {string | null} */
function number(text) {
  const digits = text.replace(/[\s-]/g, "");
  return /^\d{12,19}$/.test(digits) && luhn(digits) ? digits : null;
}

/** @param {string} digits @returns {boolean} whether the last one is the check digit (ISO/IEC 7812-1, annex B) */
function luhn(digits) {
  let sum = 0;
  [...digits].reverse().forEach((digit, place) => {
    const weighted = Number(digit) * (place % 2 === 0 ? 1 : 2);
    sum += weighted > 9 ? weighted - 9 : weighted;
  });
  return sum % 10 === 0;
}
