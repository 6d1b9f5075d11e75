// @ts-check
/** The first screen of a phone that belongs to no account yet. */
import { button, el, field, p, quiet } from "../../shared/dom.js";
import { TypedError } from "../explain.js";
import { readAddress, readCode } from "../../shared/pairing.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @param {import("../remote.js").Remote} remote */
export function start(remote) {
  const code = codeInput();
  show({
    name: "start",
    title: text("start.title"),
    parts: [
      el("p", { class: "lead" }, text("start.lead")),
      p(text("start.how")),
      field(code, text("code.label"), text("code.hint")),
      quiet(text("start.other")),
    ],
    actions: [button("connect", text("start.go"), "primary", { type: "submit" })],
    on: { connect: () => connect(remote, code) },
  });
}

/** @returns {HTMLInputElement} where the code of another device is typed */
export function codeInput() {
  return el("input", {
    id: "code", type: "text", class: "code-text", maxlength: "300", required: "", dir: "ltr", translate: "no",
    spellcheck: "false", autocomplete: "off", autocapitalize: "characters", autocorrect: "off",
  });
}

/** @param {import("../remote.js").Remote} remote @param {HTMLInputElement} input */
export async function connect(remote, { value }) {
  const place = readAddress(value.trim()); // who copies the whole address means the same
  const code = place?.code ?? readCode(value);
  if (!code) throw new TypedError("malformed_code");
  await remote.pair(code, place);
}
