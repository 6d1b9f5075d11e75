// @ts-check
/** A new OneID; and the silent sign-up, which makes one and signs in with one button. */
import { LONGEST_LABEL } from "../accounts.js";
import { button, byId, el, field, ticked } from "../../shared/dom.js";
import { asked, cameFrom, siteCard } from "../parts.js";
import { signUp } from "../signup.js";
import { show } from "../stage.js";
import { harmless, text } from "../words.js";

/** @typedef {import("../popup.js").Popup} Popup */

/** @param {Popup} popup */
export async function create(popup) {
  const { input, make } = await naming(popup, "");
  show({
    name: "create",
    title: text("create.title"),
    parts: [
      ...cameFrom(popup),
      el("p", { class: "lead" }, text("create.lead")),
      field(input, text("create.label"), text("create.hint")),
    ],
    actions: [
      button("create", text("create.go"), "primary", { type: "submit" }),
      button("back", text("app.back"), "quiet"),
    ],
    on: {
      create: async () => popup.go("key", { id: (await make()).id, make: true }),
      back: popup.start,
      cancel: popup.cancel,
    },
  });
}

/** @param {Popup} popup */
export async function silent(popup) {
  const { origin, request } = popup.known();
  const { input, make } = await naming(popup, harmless(request.label, LONGEST_LABEL));
  show({
    name: "silent",
    title: text("silent.title"),
    wary: true,
    parts: [
      siteCard(origin, "site.to"),
      el("p", { class: "lead" }, text("silent.lead")),
      field(input, text("create.label"), text("create.hint")),
      ...asked(request.attr),
      ticked("without-asking", text("consent.silent")),
    ],
    actions: [
      button("create", text("silent.go"), "primary", { type: "submit" }),
      button("have-key", text("welcome.have"), "quiet"),
      button("cancel", text("app.cancel"), "quiet"),
    ],
    on: {
      create: async () => {
        const account = await make();
        const found = await popup.found(account);
        if (found) await popup.signIn(account, found, byId("without-asking").checked);
      },
      "have-key": () => popup.go("recover"),
      cancel: popup.cancel,
    },
  });
}

/**
 * The field for the name, and the making. What the window knows is settled now: made twice from here, it is one.
 * @param {Popup} popup
 * @param {string} wished
 */
async function naming(popup, wished) {
  const known = (await popup.accounts.all()).map(({ id }) => id);
  const usual = known.length ? text("create.next", { number: known.length + 1 }) : text("create.first");
  const maxlength = String(LONGEST_LABEL);
  const input = el("input", { id: "label", type: "text", maxlength, autocomplete: "off", dir: "auto" });
  input.value = wished || usual;
  const make = () => {
    popup.persist();
    const label = harmless(input.value, LONGEST_LABEL) || usual;
    return signUp(popup.accounts, { label, known, deviceName: popup.deviceName, now: Date.now() });
  };
  return { input, make };
}
