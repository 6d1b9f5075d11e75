// @ts-check
/**
 * What a site wants of a person's cards: to read some, or to have some kept. It is read before anything of it is shown:
 * what is no attribute, or no value of its field, nobody gets to see.
 */
import {
  AttributeError, NEVER_STORED, parseAttr, parseSet, parseWhatFits, unstored, wantedFields,
} from "../shared/attributes.js";

/** @typedef {import("../shared/attributes.js").Fields} Fields */
/**
 * @typedef {object} Wishes
 * @property {import("../shared/attributes.js").Wanted[]} wanted to be handed over, each where it stands in the answer
 * @property {Map<string, Set<string> | null>} cards the fields of each; null: the whole card
 * @property {Map<string, Set<string>>} unstored what has to be typed in each time
 * @property {Map<string, Fields>} kept to be stored, by card
 */

/** @type {Wishes} where no site asks */
export const NONE = { wanted: [], cards: new Map(), unstored: new Map(), kept: new Map() };

const LONGEST_SET = 65_536; // of JSON

/** @param {import("../shared/messages.js").SignRequest} request @returns {Wishes} @throws {AttributeError} */
export function wishesOf({ name, attr, set }) {
  const keeps = set !== null && (name === "attr" || name === "signup");
  const reads = name === "signin" || name === "signup" || (name === "attr" && !keeps);
  const wanted = reads ? parseAttr(attr) : [];
  const kept = !keeps ? new Map() : name === "attr" ? parseSet(plain(set)) : fitting(set);
  const stored = withoutUnstored(kept);
  if (name === "attr" && wanted.length === 0 && stored.size === 0) throw new AttributeError("malformed_attr");
  return { wanted, cards: wantedFields(wanted), unstored: unstored(wanted), kept: stored };
}

/**
 * What a site tells of somebody new is a help, and no more: what is wrong in it is left out.
 * @param {object} set
 * @returns {Map<string, Fields>}
 */
function fitting(set) {
  try {
    return parseWhatFits(plain(set));
  } catch {
    return new Map();
  }
}

/** @param {Map<string, Fields>} cards @returns {Map<string, Fields>} without what is never stored */
function withoutUnstored(cards) {
  const stored = [...cards].map(([card, fields]) => {
    const kept = Object.entries(fields).filter(([field]) => !NEVER_STORED.has(field));
    return /** @type {[string, Fields]} */ ([card, Object.fromEntries(kept)]);
  });
  return new Map(stored.filter(([, fields]) => Object.keys(fields).length > 0));
}

/** @param {object} set @returns {object} the same, of nothing but texts, numbers and objects, and not too long */
function plain(set) {
  let text;
  try {
    text = JSON.stringify(set);
  } catch {
    throw new AttributeError("malformed_attr"); // it goes round in circles
  }
  if (text.length > LONGEST_SET) throw new AttributeError("malformed_attr");
  return JSON.parse(text);
}
