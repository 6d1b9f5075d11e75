// @ts-check
/** What the person keeps: cards by kind. The number of a payment card stays covered until somebody wants to see it. */
import { maskedNumber } from "../../shared/card_form.js";
import { button, el, name, p, quiet } from "../../shared/dom.js";
import { harmless } from "../../shared/harmless.js";
import { empty, list, mark, news, told } from "../parts.js";
import { KINDS, byKind, called, rowsOf, vaultOf } from "../vault.js";
import { kindLabel, moment, text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/cards.js").Broken} Broken */
/** @typedef {import("../../shared/cards.js").Card} Card */
/** @typedef {import("../../shared/stage.js").Screen} Screen */
/** @typedef {import("../words.js").Key} Key */

/** @param {Dashboard} dashboard @param {{done?: Key}} given what has just been done @returns {Promise<Screen>} */
export async function cards(dashboard, { done }) {
  const { cards: all, broken, proved } = await vaultOf(dashboard);
  const kinds = byKind(all);
  const of = (/** @type {HTMLElement} */ { dataset }) => all.find(({ id }) => id === dataset.id);
  const shown = [...kinds].flatMap(([kind, those]) => [
    el("h2", {}, el("bdi", {}, kindLabel(kind))),
    list(those.map((card) => item(card, { alone: those.length === 1, proved: card === proved })), {
      "data-kind": kind,
    }),
  ]);
  return {
    name: "cards",
    title: text("cards.title"),
    parts: [
      ...(done ? [news(text(done))] : []),
      p(text("cards.lead")),
      ...broken.map(unreadable),
      ...(shown.length || broken.length ? shown : [empty("cards.none")]),
    ],
    actions: [button("add", text("cards.add"), shown.length ? "plain" : "primary")],
    on: {
      add: () => dashboard.go("add"),
      edit: (pressed) => dashboard.go("edit", { card: of(pressed) }),
      remove: (pressed) => dashboard.go("remove", { card: of(pressed) }),
      discard: ({ dataset }) => dashboard.go("discard", broken.find(({ id }) => id === dataset.id)),
      verify: (pressed) => dashboard.go("email", { card: of(pressed), proved }),
      prefer: async ({ dataset }) => {
        await dashboard.opened(({ vault }) => vault.makeDefault(dataset.id ?? ""));
        await dashboard.go("cards", { done: "cards.preferred" });
      },
      uncover: (pressed) => uncover(pressed, of(pressed)?.fields.cc_number ?? ""),
    },
  };
}

/** @param {Card} card @param {{alone: boolean, proved: boolean}} standing @returns {HTMLElement} */
function item(card, { alone, proved }) {
  const { id, kind, label } = card;
  const way = (/** @type {string} */ action, /** @type {Key} */ key, quietly = false) => {
    return button(action, text(key), quietly ? "quiet" : "plain", {
      "data-id": id, "aria-label": `${text(key)}: ${harmless(called(card))}`,
    });
  };
  const isKnown = KINDS.includes(kind);
  const marks = [
    ...(card.default && !alone ? [mark(text("cards.default"))] : []),
    ...(kind === "email" && proved ? [mark(text("email.verified"))] : []),
  ];
  const ways = [
    ...(isKnown ? [way("edit", "cards.edit")] : []),
    ...(kind === "email" && !proved ? [way("verify", "email.verify")] : []),
    ...(card.default || alone ? [] : [way("prefer", "cards.prefer")]),
    way("remove", "cards.delete", true),
  ];
  const head = [...(label ? [name(label)] : []), ...marks];
  return el("div", { class: "card", "data-card": id },
    ...(head.length ? [el("p", { class: "head" }, ...spaced(head))] : []),
    told(rowsOf(card, (number) => covered(card, number))),
    ...(kind === "email" && !proved ? [quiet(text("email.unverified"))] : []),
    ...(isKnown ? [] : [quiet(text("cards.of_site"))]),
    el("div", { class: "row" }, ...ways));
}

/** @param {Broken} card @returns {HTMLElement} what there is to say of a card that does not open */
function unreadable({ id, changed }) {
  const way = { "data-id": id, "aria-label": text("cards.broken.delete", { when: moment(changed) }) };
  return el("div", { class: "card warning", "data-broken": id },
    el("p", { class: "head" }, text("cards.broken")), p(text("cards.broken.lead", { when: moment(changed) })),
    el("div", { class: "row" }, button("discard", text("cards.delete"), "plain", way)));
}

/** @param {HTMLElement[]} parts @returns {(HTMLElement | string)[]} */
function spaced(parts) {
  return parts.flatMap((part, index) => (index ? [" ", part] : [part]));
}

/** @param {Card} card @param {string} number @returns {HTMLElement} its last digits, and a way to the others */
function covered({ id }, number) {
  return el("span", { class: "covered" }, el("bdi", { class: "number", dir: "ltr" }, maskedNumber(number)),
    button("uncover", text("cards.uncover"), "quiet", { "data-id": id, "aria-label": wholeNumber("cards.uncover") }));
}

/** @param {HTMLElement} pressed @param {string} number */
function uncover(pressed, number) {
  const place = pressed.parentElement?.querySelector(".number");
  const opens = place?.textContent === maskedNumber(number);
  const next = opens ? "cards.cover" : "cards.uncover";
  pressed.textContent = text(next);
  pressed.setAttribute("aria-label", wholeNumber(next));
  if (place) place.textContent = opens ? number.replace(/(.{4})(?=.)/g, "$1 ") : maskedNumber(number);
}

/** @param {"cards.cover" | "cards.uncover"} way @returns {string} the way, and what it is for */
function wholeNumber(way) {
  return text("cards.number", { way: text(way) });
}
