// @ts-check
/** The popup's words, in the person's language. */
import { choose as chosen, wording } from "../shared/wording.js";
import de from "./strings/de.js";
import en from "./strings/en.js";

export { harmless } from "../shared/harmless.js";

/** @typedef {keyof typeof en} Key */
/** @typedef {import("../shared/wording.js").Values} Values */

const LANGUAGES = { en, de };

export const { language, text, say, isKey, day } = wording(LANGUAGES);

/** @param {readonly string[]} wanted as `navigator.languages` has them @returns {keyof typeof LANGUAGES} */
export function choose(wanted) {
  return chosen(wanted, LANGUAGES);
}
