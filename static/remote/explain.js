// @ts-check
/** What went wrong, in a sentence for the person who has to go on from there. */
import { PairingError } from "../shared/pairing.js";
import { isKey, text } from "./words.js";

/** What was typed is what was refused. */
const OF_FIELD = new Set([
  "malformed_code", "wrong_digits", "wrong_finish", "number_refused", "malformed_number", "pin_refused",
  "malformed_pin", "pin_differs",
]);

/** Something typed that is wrong already here. */
export class TypedError extends Error {
  /** @param {"malformed_code" | "wrong_digits" | "malformed_number" | "malformed_pin" | "pin_differs"} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** @param {unknown} error @returns {error is PairingError} whether a pairing is over by it */
export function isOver(error) {
  return error instanceof PairingError && error.code !== "wrong_finish" && error.code !== "wrong_digits";
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
