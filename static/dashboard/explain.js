// @ts-check
/** What went wrong, in a sentence for the person who has to go on from there. */
import { isKey, text } from "./words.js";

/** What was typed is what was refused. */
const OF_FIELD = new Set(["address_code_refused", "malformed_code", "other_name"]);

/** Something typed that is wrong already here. */
export class TypedError extends Error {
  /** @param {"malformed_code" | "other_name" | "empty_card"} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** @param {unknown} error @returns {string} its stable code; "unknown" for what nobody thought of */
export function codeOf(error) {
  const code = /** @type {any} */ (error)?.code;
  return typeof code === "string" ? code : "unknown";
}

/** @param {unknown} error @returns {string} */
export function explain(error) {
  const key = `error.${codeOf(error)}`;
  if (isKey(key) && key !== "error.unknown") return text(key);
  console.error(error); // a mistake of ours, or a code newer than this page
  return text("error.unknown");
}

/** @param {unknown} error @returns {boolean} whether it is about what somebody has written in a field */
export function isOfField(error) {
  return OF_FIELD.has(codeOf(error));
}
