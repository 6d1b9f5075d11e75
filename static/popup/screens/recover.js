// @ts-check
/** A OneID comes to this browser with its OneID Key. */
import { button, el } from "../../shared/dom.js";
import { decode } from "../../shared/onekey.js";
import { cameFrom, keyField, keyInput, keyText } from "../parts.js";
import { joinWithKey } from "../recovery.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @param {import("../popup.js").Popup} popup */
export function recover(popup) {
  const input = keyInput();
  show({
    name: "recover",
    title: text("recover.title"),
    parts: [...cameFrom(popup), el("p", { class: "lead" }, text("recover.lead")), keyField(input)],
    actions: [
      button("recover", text("recover.go"), "primary", { type: "submit" }),
      button("back", text("app.back"), "quiet"),
    ],
    on: {
      recover: async () => {
        const key = decode(keyText(input));
        popup.persist();
        await popup.arrived(await joinWithKey(popup.accounts, key, { deviceName: popup.deviceName, now: Date.now() }));
      },
      back: popup.start,
      cancel: popup.cancel,
    },
  });
}
