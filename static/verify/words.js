// @ts-check
/** The words of the page that mailed links lead to, in the person's language. */
import { wording } from "../shared/wording.js";
import de from "./strings/de.js";
import en from "./strings/en.js";

/** @typedef {keyof typeof en} Key */

export const { language, text, isKey } = wording({ en, de });
