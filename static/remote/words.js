// @ts-check
/** The phone's words, in the person's language. */
import { wording } from "../shared/wording.js";
import de from "./strings/de.js";
import en from "./strings/en.js";

/** @typedef {keyof typeof en} Key */

export const { language, text, say, isKey, day } = wording({ en, de });

/** @param {number} ms @returns {string} the day and the time, as people write them */
export function moment(ms) {
  if (!Number.isFinite(ms)) return "";
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(ms);
}

/** @param {number} ms @returns {string} the time of day, to the second */
export function clockTime(ms) {
  return Number.isFinite(ms) ? new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(ms) : "";
}
