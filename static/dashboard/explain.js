// @ts-check
/** What went wrong, in a sentence for the person who has to go on from there. */
import { codeOf, explaining } from "../shared/explaining.js";
import * as words from "./words.js";

export { codeOf };
export const explain = explaining(words);

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

/** @param {unknown} error @returns {boolean} whether it is about what somebody has written in a field */
export function isOfField(error) {
  return OF_FIELD.has(codeOf(error));
}
