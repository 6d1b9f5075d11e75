// @ts-check
/** What went wrong, in a sentence for the person who has to go on from there. */
import { AttributeError } from "../shared/attributes.js";
import { fieldLabel } from "../shared/labels.js";
import { OneKeyError } from "../shared/onekey.js";
import { WrittenKeyError } from "./recovery.js";
import { isKey, text } from "./words.js";

const TYPED = new Set(["oneid_key_refused", "wrong_finish", "address_code_refused"]);

/** @param {unknown} error @returns {string} its stable code; "unknown" for what nobody thought of */
export function codeOf(error) {
  const code = /** @type {any} */ (error)?.code;
  return typeof code === "string" ? code : "unknown";
}

/** @param {unknown} error @returns {string} */
export function explain(error) {
  if (error instanceof OneKeyError) return explainKey(error);
  if (error instanceof AttributeError && error.field) return text("error.field", { field: fieldLabel(error.field) });
  const key = `error.${codeOf(error)}`;
  if (isKey(key) && key !== "error.unknown") return text(key);
  console.error(error); // a mistake of ours, or a code newer than this page
  return text("error.unknown");
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
