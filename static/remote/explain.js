// @ts-check
/** What went wrong, in a sentence for the person who has to go on from there. */
import { codeOf, explaining } from "../shared/explaining.js";
import { PairingError } from "../shared/pairing.js";
import * as words from "./words.js";

export { codeOf };
export const explain = explaining(words);

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

/** @param {unknown} error @returns {boolean} whether it is about what somebody has written in a field */
export function isOfField(error) {
  return OF_FIELD.has(codeOf(error));
}
