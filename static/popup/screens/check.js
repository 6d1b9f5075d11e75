// @ts-check
/** The OneID Key typed back once, so that nobody keeps one that was written down wrong. */
import { button, el } from "../../shared/dom.js";
import { confirmKey } from "../recovery.js";
import { decode } from "../../shared/onekey.js";
import { keyField, keyInput, keyText } from "../parts.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @param {import("../popup.js").Popup} popup @param {import("./key.js").Given} given */
export function check(popup, given) {
  const input = keyInput();
  show({
    name: "key-check",
    title: text("check.title"),
    parts: [el("p", { class: "lead" }, text("check.lead")), keyField(input)],
    actions: [
      button("check", text("check.go"), "primary", { type: "submit" }),
      button("back", text("app.back"), "quiet"),
    ],
    on: {
      check: async () => {
        const typed = decode(keyText(input));
        const confirmed = await popup.tried(given.id, () => confirmKey(popup.accounts, given.id, typed));
        if (confirmed) await popup.proceed(confirmed);
      },
      back: () => popup.go("key", given),
      cancel: popup.cancel,
    },
  });
}
