// @ts-check
/** The first screen for somebody who has no OneID in this browser. */
import { button, el } from "../../shared/dom.js";
import { cameFrom } from "../parts.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @param {import("../popup.js").Popup} popup */
export function welcome(popup) {
  show({
    name: "welcome",
    title: text("welcome.title"),
    parts: [
      ...cameFrom(popup),
      el("p", { class: "lead" }, text("welcome.lead")),
    ],
    actions: [
      button("create", text("welcome.create"), "primary", { type: "submit" }),
      button("use-phone", text("welcome.phone")),
      button("have-key", text("welcome.have"), "quiet"),
      button("cancel", text("app.cancel"), "quiet"),
    ],
    on: {
      create: () => popup.go("create"),
      "use-phone": () => popup.go("pair", { kind: "browser" }),
      "have-key": () => popup.go("recover"),
      cancel: popup.cancel,
    },
  });
}
