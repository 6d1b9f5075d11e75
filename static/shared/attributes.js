// @ts-check
/**
 * What sites write with the names of cards and fields: what they ask for, what they are answered, and what they want
 * kept. Nothing of it is trusted: not its length, not its shape, not its names.
 */
import { AttributeError } from "./attribute_error.js";
import { NEVER_STORED, isName, meanings } from "./spellings.js";
import { normalised } from "./values.js";

export { AttributeError } from "./attribute_error.js";
export { CARDS, NEVER_STORED, isName } from "./spellings.js";
export { CARD_TYPES, LONGEST_VALUE, cardType, normalised } from "./values.js";

/** @typedef {Record<string, string>} Fields texts by field */
/** @typedef {import("./spellings.js").Wanted} Wanted */

const LONGEST_ATTR = 4096;
const MOST_WANTED = 64;
const MOST_FIELDS = 64;
const MOST_IN_ALL = 256;
const DEEPEST = 3; // an address, its part, its fields

/**
 * What a site asks for.
 * @param {string} text names apart by spaces, such as `email name[first_name] address.billing[zip]`
 * @returns {Wanted[]} each place in the answer once
 * @throws {AttributeError} `malformed_attr`
 */
export function parseAttr(text) {
  if (typeof text !== "string" || text.length > LONGEST_ATTR) throw new AttributeError("malformed_attr");
  /** @type {Map<string, Wanted>} */
  const wanted = new Map();
  for (const spelling of text.split(/[\s,]+/).filter(Boolean)) {
    for (const one of meanings(spelling)) wanted.set(one.path.join(" "), one);
    if (wanted.size > MOST_WANTED) throw new AttributeError("malformed_attr");
  }
  return [...wanted.values()];
}

/**
 * The same by card.
 * @param {Wanted[]} wanted
 * @returns {Map<string, Set<string> | null>} null: the whole card, which is every field that can be stored; what is
 *   asked for and never stored stands in `unstored`
 */
export function wantedFields(wanted) {
  /** @type {Map<string, Set<string> | null>} */
  const cards = new Map();
  for (const { card, field } of wanted) {
    const fields = cards.get(card);
    if (field === null || fields === null) cards.set(card, null);
    else if (fields) fields.add(field);
    else cards.set(card, new Set([field]));
  }
  return cards;
}

/** @param {Wanted[]} wanted @returns {Map<string, Set<string>>} what has to be typed in each time, by card */
export function unstored(wanted) {
  const each = wanted.filter(({ field }) => field !== null && NEVER_STORED.has(field));
  return /** @type {Map<string, Set<string>>} */ (wantedFields(each));
}

/**
 * The answer, in the words of the request. What there is no value for is absent.
 * @param {Wanted[]} wanted
 * @param {Map<string, Fields>} values by card
 * @returns {Record<string, any>}
 */
export function answered(wanted, values) {
  const answer = {};
  for (const { card, field, path } of wanted) {
    const fields = values.get(card) ?? {};
    if (field === null) {
      for (const [name, text] of ownTexts(fields)) put(answer, [...path, name], text);
    } else if (Object.hasOwn(fields, field)) {
      put(answer, path, fields[field]);
    }
  }
  return answer;
}

/**
 * What a site wants kept, as texts in the form of their fields. Empty ones are left out: they say nothing.
 * @param {unknown} value such as `{"email[email]": "x", "address": {"street": ".."}, "address[billing][zip]": ".."}`
 * @returns {Map<string, Fields>} by card; of two spellings of one field the last counts
 * @throws {AttributeError} `malformed_attr`, `malformed_value`
 */
export function parseSet(value) {
  /** @type {Map<string, Fields>} */
  const cards = new Map();
  let seen = 0;
  for (const [spelling, text] of leaves(value)) {
    if (++seen > MOST_IN_ALL) throw new AttributeError("malformed_attr");
    const [{ card, field }, ...more] = meanings(spelling);
    if (field === null || more.length > 0) throw new AttributeError("malformed_attr");
    const kept = normalised(card, field, text);
    if (kept === "") continue;
    const fields = cards.get(card) ?? {};
    fields[field] = kept;
    if (Object.keys(fields).length > MOST_FIELDS) throw new AttributeError("malformed_attr", card);
    cards.set(card, fields);
  }
  return cards;
}

/**
 * The same without what it refuses, value by value: for a wish that nothing must fail for.
 * @param {unknown} value
 * @returns {Map<string, Fields>}
 */
export function parseWhatFits(value) {
  /** @type {Map<string, Fields>} */
  const cards = new Map();
  for (const single of singles(value).slice(0, MOST_IN_ALL)) {
    try {
      for (const [card, fields] of parseSet(single)) {
        const all = { ...cards.get(card), ...fields };
        if (Object.keys(all).length <= MOST_FIELDS) cards.set(card, all);
      }
    } catch (error) {
      if (!(error instanceof AttributeError)) throw error;
    }
  }
  return cards;
}

/**
 * The fields of one card, ready to be stored: in their form, without empty ones and those that are never stored.
 * @param {string} card
 * @param {Fields} fields
 * @returns {Fields}
 * @throws {AttributeError} `malformed_attr`, `malformed_value`
 */
export function storable(card, fields) {
  const kept = parseSet({ [card]: fields }).get(card) ?? {};
  return Object.fromEntries(Object.entries(kept).filter(([field]) => !NEVER_STORED.has(field)));
}

/** @param {unknown} fields @returns {[string, string][]} the names and texts in it, and nothing else */
export function ownTexts(fields) {
  if (typeof fields !== "object" || fields === null) return [];
  const texts = Object.entries(fields).filter(([name, text]) => isName(name) && typeof text === "string");
  return /** @type {[string, string][]} */ (texts);
}

/**
 * The texts in what a site wrote, each under its full spelling; numbers become texts.
 * @param {unknown} value
 * @param {string} [spelling] of the object around them
 * @param {number} [depth]
 * @returns {Generator<[string, string]>}
 */
function* leaves(value, spelling = "", depth = 1) {
  const plain = typeof value === "object" && value !== null && !Array.isArray(value) && depth <= DEEPEST;
  if (!plain) throw new AttributeError("malformed_attr");
  const entries = Object.entries(value);
  if (entries.length > MOST_IN_ALL) throw new AttributeError("malformed_attr");
  for (const [name, inner] of entries) {
    const whole = spelling === "" ? name : `${spelling}[${name}]`;
    if (whole.length > LONGEST_ATTR) throw new AttributeError("malformed_attr");
    if (typeof inner === "string") yield [whole, inner];
    else if (typeof inner === "number" && Number.isFinite(inner)) yield [whole, String(inner)];
    else yield* leaves(inner, whole, depth + 1);
  }
}

/** @param {unknown} value @param {number} [depth] @returns {object[]} the same, each with one of its values in it */
function singles(value, depth = 1) {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).slice(0, MOST_IN_ALL).flatMap(([name, inner]) => {
    const deeper = depth < DEEPEST && typeof inner === "object" ? singles(inner, depth + 1) : [inner];
    return deeper.map((one) => ({ [name]: one }));
  });
}

/** @param {Record<string, any>} answer @param {string[]} path @param {string} text */
function put(answer, path, text) {
  let place = answer;
  for (const name of path.slice(0, -1)) {
    if (!Object.hasOwn(place, name)) place[name] = {};
    place = place[name];
  }
  place[path[path.length - 1]] = text;
}
