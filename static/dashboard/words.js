// @ts-check
/** The dashboard's words, in the person's language. */
import { wording } from "../shared/wording.js";
import de from "./strings/de.js";
import en from "./strings/en.js";

export { fieldLabel, label as kindLabel, valueLabel } from "../shared/labels.js";

/** @typedef {keyof typeof en} Key */

export const { language, text, say, isKey, day } = wording({ en, de });

/** @param {string | null | undefined} time as the repo tells it @returns {string} day and time, as people write them */
export function moment(time) {
  const ms = Date.parse(time ?? "");
  if (!Number.isFinite(ms)) return "";
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(ms);
}

/** @param {string | null | undefined} time as the repo tells it @returns {string} the day alone */
export function date(time) {
  const ms = Date.parse(time ?? "");
  return Number.isFinite(ms) ? day(ms) : "";
}
