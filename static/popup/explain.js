// @ts-check
/** What went wrong, in a sentence for the person who has to go on from there. */
import { AttributeError } from "../shared/attributes.js";
import { codeOf, explaining } from "../shared/explaining.js";
import { fieldLabel } from "../shared/labels.js";
import { OneKeyError } from "../shared/onekey.js";
import { WrittenKeyError } from "./recovery.js";
import * as words from "./words.js";

export { codeOf };

const { text } = words;
const explainCode = explaining(words);

const TYPED = new Set(["oneid_key_refused", "wrong_finish", "address_code_refused"]);

/** @param {unknown} error @returns {string} */
export function explain(error) {
  if (error instanceof OneKeyError) return explainKey(error);
  if (error instanceof AttributeError && error.field) return text("error.field", { field: fieldLabel(error.field) });
  return explainCode(error);
}

/** @param {unknown} error @returns {boolean} whether it is about what somebody has written in a field */
export function isOfField(error) {
  const code = codeOf(error);
  const typed = TYPED.has(code);
  return typed || error instanceof OneKeyError || error instanceof WrittenKeyError;
}

/** @param {OneKeyError} error @returns {string} */
function explainKey({ reason, group, seen }) {
  if (reason === "checksum" && group !== null) return text("key.error.checksum_in", { group });
  return text(`key.error.${reason}`, { group: group ?? "", seen: seen ?? "" });
}
