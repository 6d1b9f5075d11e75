// @ts-check
/** A new OneID; and the silent sign-up, which makes one and signs in with one button. */
import { LONGEST_LABEL } from "../../shared/accounts.js";
import { button, byId, el, field, quiet, ticked } from "../../shared/dom.js";
import { Asking } from "../asking.js";
import { signsIn, store } from "../deciding.js";
import { called, cameFrom, siteCard, valueList } from "../parts.js";
import { UNSAVED } from "../sharing.js";
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
      ...keepsakes(popup),
    ],
    actions: [
      button("create", text("create.go"), "primary", { type: "submit" }),
      button("back", text("app.back"), "quiet"),
    ],
    on: {
      create: async () => {
        const account = await make();
        if (account) await popup.go("key", { id: account.id, make: true });
      },
      back: popup.start,
      cancel: popup.cancel,
    },
  });
}

/** @param {Popup} popup */
export async function silent(popup) {
  const { origin, request } = popup.known();
  const asking = new Asking(popup.wishes, { cards: newCards(popup) });
  const { input, make } = await naming(popup, harmless(request.label, LONGEST_LABEL));
  show({
    name: "silent",
    title: text("silent.title"),
    wary: true,
    parts: [
      siteCard(origin, "site.to"),
      el("p", { class: "lead" }, text("silent.lead")),
      field(input, text("create.label"), text("create.hint")),
      ...keepsakes(popup, { unasked: true }),
      ...asking.elements,
      ticked("without-asking", text("consent.silent")),
    ],
    actions: [
      button("create", text("silent.go"), "primary", { type: "submit" }),
      button("have-key", text("welcome.have"), "quiet"),
      button("cancel", text("app.cancel"), "quiet"),
    ],
    on: {
      create: async () => {
        const said = { silently: byId("without-asking").checked, choices: asking.read() };
        const account = await make();
        const found = account && (await popup.found(account));
        if (found) await signsIn(popup, account, found, said);
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
  const make = async () => {
    popup.persist();
    const label = harmless(input.value, LONGEST_LABEL) || usual;
    const account = await signUp(popup.accounts, { label, known, deviceName: popup.deviceName, now: Date.now() });
    return (await popup.tried(account.id, () => store(popup, account))) && account;
  };
  return { input, make };
}

/**
 * @param {Popup} popup
 * @param {{unasked: boolean}} [which] `unasked`: without what the site asks for itself, which is shown there
 * @returns {HTMLElement[]} what the site brings for the new OneID
 */
function keepsakes({ wishes }, { unasked } = { unasked: false }) {
  const parts = [...wishes.kept].map(([kind, fields]) => {
    const asked = unasked && wishes.cards.has(kind) ? wishes.cards.get(kind) : new Set();
    const shown = Object.entries(fields).filter(([field]) => asked && !asked.has(field));
    if (shown.length === 0) return null;
    const values = valueList(kind, Object.fromEntries(shown));
    return el("div", { class: "card asked", "data-card": kind }, el("h2", {}, called(kind)), values);
  });
  const there = parts.filter((part) => part !== null);
  return there.length > 0 ? [quiet(text("create.kept")), ...there] : [];
}

/** @param {Popup} popup @returns {import("../../shared/cards.js").Card[]} those that the new OneID will have */
function newCards({ wishes }) {
  const fresh = { id: UNSAVED, version: 0, label: "", default: true, made: 0, changed: 0 };
  return [...wishes.kept].map(([kind, fields]) => ({ ...fresh, kind, fields }));
}
