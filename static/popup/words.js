// @ts-check
/** Words for people: in their language, with values put in so that no value can pretend to be a word. */
import de from "./strings/de.js";
import en from "./strings/en.js";

/** @typedef {keyof typeof en} Key */
/** @typedef {Record<string, string | number | Node>} Values */

const LANGUAGES = { en, de };
const PLAIN_CARD = /^[\w-]{1,40}$/;
const MOST_CARDS = 8;

/**
 * The first language of a person that there are words in; English if there is none.
 * @param {readonly string[]} wanted as `navigator.languages` has them
 * @returns {keyof typeof LANGUAGES}
 */
export function choose(wanted) {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0];
    if (Object.hasOwn(LANGUAGES, language)) return /** @type {keyof typeof LANGUAGES} */ (language);
  }
  return "en";
}

export const language = choose(globalThis.navigator?.languages ?? []);
const words = LANGUAGES[language];

/** @param {Key} key @param {Record<string, string | number>} [values] @returns {string} for attributes and files */
export function text(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** @param {Key} key @param {Values} values @returns {(string | Node)[]} the words around the values */
export function say(key, values) {
  return words[key].split(/\{(\w+)\}/g).map((part, index) => {
    if (index % 2 === 0) return part;
    const value = values[part];
    return typeof value === "number" ? String(value) : value;
  });
}

/** @param {string} key @returns {key is Key} */
export function isKey(key) {
  return Object.hasOwn(words, key);
}

/** Characters that take room or turn the writing, and are not seen: controls, formats, line ends, and four fillers. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]/gu;
/** Marks upon nothing, and each from the third one that is stacked on a character: such towers cover other lines. */
const STACKED = /^[\p{Mn}\p{Me}]+|(?<=[\p{Mn}\p{Me}]{2})[\p{Mn}\p{Me}]+/gu;

/**
 * A value from elsewhere, without what could disturb the words around it: what is not seen, wide gaps, and towers of
 * marks. The rest is shown as it is, up to a length.
 * @param {string} value
 * @param {number} [longest] in characters
 * @returns {string}
 */
export function harmless(value, longest = 64) {
  const clean = value.replace(UNSEEN, "").replace(/\p{Zs}+/gu, " ").trim().replace(STACKED, "");
  const characters = [...clean.slice(0, 4 * longest)];
  return characters.length > longest ? `${characters.slice(0, longest).join("")}…` : characters.join("");
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

/** @param {number} ms @returns {string} the day, as people write it */
export function day(ms) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(ms);
}
