// @ts-check
/** What cards, fields and values are called, in the person's language; what a site named itself is shown harmless. */
import { harmless } from "./harmless.js";
import { countryName } from "./places.js";
import de from "./strings/de.js";
import en from "./strings/en.js";
import { wording } from "./wording.js";

const LONGEST = 32;

export const { language, text, isKey } = wording({ en, de });

/** @param {string} kind of card @returns {string} */
export function label(kind) {
  const key = `card.${kind}`;
  return isKey(key) ? text(key) : harmless(kind, LONGEST);
}

/** @param {string} field @returns {string} */
export function fieldLabel(field) {
  const key = `field.${field}`;
  return isKey(key) ? text(key) : harmless(field, LONGEST);
}

/**
 * A value for people to read: names instead of codes.
 * @param {string} field
 * @param {string} value
 * @returns {string} not yet harmless where it is a text
 */
export function valueLabel(field, value) {
  const key = `value.${value}`;
  if (field === "cc_type" && isKey(key)) return text(key);
  return field === "country" && /^[A-Z]{2}$/.test(value) ? countryName(value, language) : value;
}
