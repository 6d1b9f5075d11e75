// @ts-check
/**
 * The names of cards and fields, and how they are spelled.
 *
 * A name is a letter and up to 31 letters, digits and underscores, and none that every object has, so that no name
 * reaches a prototype. The older spellings (`personal_info[...]`, `address.billing[...]`, `address[billing][...]`,
 * `employment`) mean the cards of today, and are answered as they were written. A card that has no meaning here is the
 * site's own: its fields are what the site says, unless they sound like a secret of ours.
 */
import { AttributeError } from "./attribute_error.js";

/**
 * @typedef {object} Wanted one thing that a site asks for
 * @property {string} card in today's name
 * @property {string | null} field null: the whole card
 * @property {string[]} path where it stands in the answer, in the words of the request
 */

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;
const SPELLING = /^([^\s.[\]]+)(?:\.([^\s.[\]]+))?(?:\[([^\s.[\]]+)\])?(?:\[([^\s.[\]]+)\])?$/;

/**
 * The cards that have a meaning, and their fields in the order of a form.
 * @type {ReadonlyMap<string, readonly string[]>}
 */
export const CARDS = new Map([
  ["name", ["first_name", "last_name"]],
  ["email", ["email"]],
  ["phone", ["phone"]],
  ["company", ["employer", "occupation"]],
  ["address", ["street", "street2", "city", "state", "zip", "country", "phone"]],
  ["payment", ["cc_type", "cc_number", "cc_exp_mo", "cc_exp_yr", "cc_name_on_card"]],
]);
/** Fields that are asked for and handed over, and never stored anywhere. @type {ReadonlySet<string>} */
export const NEVER_STORED = new Set(["cc_verify"]);

/** What a site may not call its own: people would take the question for one of ours. "_" hides nothing. */
const SECRETS = /key|secret|passw|passcode|passphrase|recovery/i;
/** A word of its own: "shipping" has none. */
const PIN = /^pins?(?:code|number)?$/i;
const WORDS_APART = /_|\d+|(?<=[a-z])(?=[A-Z])/;

const OTHER_NAMES = new Map([["employment", "company"]]);
const PARTS_OF_ADDRESS = new Set(["billing", "shipping"]);
const PERSONAL_INFO = new Map([
  ["first_name", "name"], ["last_name", "name"], ["email", "email"], ["primary_phone", "phone"],
]);

/** @param {unknown} name @returns {name is string} whether a card or a field can be called that */
export function isName(name) {
  return typeof name === "string" && NAME.test(name) && !(name in Object.prototype);
}

/**
 * What one spelling means: one thing, or the four of `personal_info`.
 * @param {string} spelling
 * @returns {Wanted[]}
 */
export function meanings(spelling) {
  const [, ...parts] = SPELLING.exec(spelling) ?? [];
  const path = parts.filter((part) => part !== undefined);
  const dotted = parts[1] !== undefined;
  if (path.length === 0 || !path.every(isName)) throw new AttributeError("malformed_attr");
  const [first, second] = path;
  if (first === "personal_info" && !dotted) return personal(path);
  if (first === "address" && PARTS_OF_ADDRESS.has(second)) return [meaning(first, path.slice(2), path)];
  if (dotted) throw new AttributeError("malformed_attr");
  return [meaning(OTHER_NAMES.get(first) ?? first, path.slice(1), path)];
}

/** @param {string} card @param {string[]} rest @param {string[]} path @returns {Wanted} */
function meaning(card, rest, path) {
  const [field = null, ...more] = rest;
  const known = CARDS.get(card);
  const right = field === null || !known || known.includes(field) || (card === "payment" && NEVER_STORED.has(field));
  const misleading = !known && [card, field ?? ""].some(soundsSecret);
  if (!right || misleading || more.length > 0) throw new AttributeError("malformed_attr", card, field);
  return { card, field, path };
}

/** @param {string} name of a site's own card or field @returns {boolean} */
function soundsSecret(name) {
  return SECRETS.test(name.replaceAll("_", "")) || name.split(WORDS_APART).some((word) => PIN.test(word));
}

/** @param {string[]} path of a spelling with `personal_info` @returns {Wanted[]} */
function personal([first, field, ...more]) {
  const names = field === undefined ? [...PERSONAL_INFO.keys()] : [field];
  return names.map((name) => {
    const card = PERSONAL_INFO.get(name);
    if (card === undefined || more.length > 0) throw new AttributeError("malformed_attr");
    return { card, field: card === "phone" ? "phone" : name, path: [first, name] };
  });
}
