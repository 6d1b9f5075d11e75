// @ts-check
/** The popup's words, in the person's language. */
import { choose as chosen, wording } from "../shared/wording.js";
import de from "./strings/de.js";
import en from "./strings/en.js";

export { harmless } from "../shared/harmless.js";

/** @typedef {keyof typeof en} Key */
/** @typedef {import("../shared/wording.js").Values} Values */

const LANGUAGES = { en, de };
const PLAIN_CARD = /^[\w-]{1,40}$/;
const MOST_CARDS = 8;

export const { language, text, say, isKey, day } = wording(LANGUAGES);

/** @param {readonly string[]} wanted as `navigator.languages` has them @returns {keyof typeof LANGUAGES} */
export function choose(wanted) {
  return chosen(wanted, LANGUAGES);
}

/**
 * What a site asks for, in words: a card that is known by its name, any other by the name that the site wrote, if that
 * is a plain one. The site's words stand in the middle of ours, so whatever else it wrote is only counted.
 * @param {string} attr space separated, such as `email name[first_name]`
 * @returns {string} "" if it asks for nothing
 */
export function cards(attr) {
  const names = new Set(attr.split(/[\s,]+/).map((wanted) => wanted.split("[")[0]).filter(Boolean));
  const plain = [...names].filter((name) => PLAIN_CARD.test(name)).slice(0, MOST_CARDS);
  const labels = plain.map((name) => (isKey(`card.${name}`) ? text(/** @type {Key} */ (`card.${name}`)) : name));
  const more = names.size - plain.length;
  return [...labels, ...(more > 0 ? [text("cards.more", { number: more })] : [])].join(", ");
}
