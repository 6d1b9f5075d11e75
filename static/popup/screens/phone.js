// @ts-check
/** A site that wants the person's phone: there is none yet, or it is asked now. */
import { button, el, p } from "../../shared/dom.js";
import { siteCard } from "../parts.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @typedef {import("../popup.js").Popup} Popup */

/** @param {Popup} popup @param {{account: import("../../shared/accounts.js").Account}} given */
export function phoneless(popup, { account }) {
  show({
    name: "phoneless",
    title: text("phoneless.title"),
    parts: [siteCard(popup.known().origin, "site.for"), el("p", { class: "lead" }, text("phoneless.lead"))],
    actions: [
      button("connect", text("phone.connect"), "primary", { type: "submit" }),
      button("use-another", text("choose.another"), "quiet"),
      button("cancel", text("app.cancel"), "quiet"),
    ],
    on: {
      connect: () => popup.go("pair", { kind: "phone", account }),
      "use-another": popup.another,
      cancel: () => popup.fail("no_phone"),
    },
  });
}

/**
 * The phone is asked: what it shows, it shows by itself.
 * @param {Popup} popup
 * @param {{number: string | null, stop: () => void}} given a number to be typed there; what takes the question back
 */
export function waiting(popup, { number, stop }) {
  const shown = number ? [p(text("waiting.number")), el("p", { class: "code", id: "number" }, number)] : [];
  show({
    name: "waiting",
    title: text("waiting.title"),
    parts: [siteCard(popup.known().origin, "site.for"), p(text("waiting.lead")), ...shown],
    actions: [button("cancel", text("app.cancel"))],
    on: { cancel: stop },
  });
}
