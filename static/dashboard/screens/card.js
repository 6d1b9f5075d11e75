// @ts-check
/** One card: made, changed, deleted. */
import { cardForm, maskedNumber } from "../../shared/card_form.js";
import { button, el, field, name, p } from "../../shared/dom.js";
import { TypedError } from "../explain.js";
import { asking, list, told, warning } from "../parts.js";
import { KINDS, rowsOf } from "../vault.js";
import { kindLabel, moment, say, text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/cards.js").Broken} Broken */
/** @typedef {import("../../shared/cards.js").Card} Card */
/** @typedef {import("../../shared/stage.js").Screen} Screen */

const LONGEST_LABEL = 64;

/** @param {Dashboard} dashboard @returns {Screen} which kind? */
export function add(dashboard) {
  const pick = (/** @type {string} */ kind) => button("pick", kindLabel(kind), "plain", { "data-kind": kind });
  return {
    name: "add",
    title: text("add.title"),
    parts: [list(KINDS.map(pick), { class: "list kinds" })],
    actions: [button("back", text("app.cancel"), "quiet")],
    on: {
      pick: ({ dataset }) => dashboard.go("edit", { kind: dataset.kind }),
      back: () => dashboard.go("cards"), cancel: () => dashboard.go("cards"),
    },
  };
}

/**
 * @param {Dashboard} dashboard
 * @param {{card?: Card, kind?: string}} given a card, or the kind of a new one
 * @returns {Screen}
 */
export function edit(dashboard, { card, kind = card?.kind ?? "" }) {
  const form = cardForm(kind, card?.fields ?? {});
  const label = el("input", {
    id: "label", type: "text", maxlength: String(LONGEST_LABEL), value: card?.label ?? "", autocomplete: "off",
  });
  const back = () => dashboard.go("cards");
  return {
    name: "edit",
    title: text(card ? "edit.title" : "edit.title.new", { kind: kindLabel(kind) }),
    parts: [form.element, field(label, text("edit.label"), text("edit.label.hint"))],
    actions: [
      button("save", text("edit.go"), "primary", { type: "submit" }), button("back", text("app.cancel"), "quiet"),
    ],
    on: {
      save: async () => {
        const fields = read(form);
        await keep(dashboard, { ...(card ?? { kind }), label: label.value.trim(), fields });
        await dashboard.go("cards", { done: card ? "edit.saved" : "edit.saved.new" });
      },
      back, cancel: back,
    },
  };
}

/** @param {Dashboard} dashboard @param {{card: Card}} given @returns {Screen} */
export function remove(dashboard, { card }) {
  const { id, kind, label, version } = card;
  return asking({
    name: "remove",
    title: text("remove.title"),
    parts: [
      p(...say("remove.lead", { kind: el("bdi", {}, kindLabel(kind)) })),
      el("div", { class: "card" }, ...(label ? [p(name(label))] : []), told(rowsOf(card, maskedNumber))),
      warning(text("remove.loss")),
    ],
    go: text("cards.delete"),
    deed: async () => {
      const stayed = await dashboard.opened(async ({ vault, releases }) => {
        const left = await vault.remove(id, version); // changed elsewhere meanwhile: what was written is not lost
        await releases.follow(id, () => vault.list(id));
        return left;
      });
      await dashboard.go("cards", { done: stayed ? "remove.stayed" : "remove.done" });
    },
    back: () => dashboard.go("cards"),
  });
}

/** A card that does not open. @param {Dashboard} dashboard @param {Broken} given @returns {Screen} */
export function discard(dashboard, { id, version, changed }) {
  return asking({
    name: "discard",
    title: text("remove.title"),
    parts: [p(text("discard.lead", { when: moment(changed) })), p(text("discard.key")), warning(text("remove.loss"))],
    go: text("cards.delete"),
    deed: async () => {
      await dashboard.opened(async ({ vault, releases }) => {
        await vault.remove(id, version);
        await releases.follow(id, () => vault.list(id));
      });
      await dashboard.go("cards", { done: "remove.done" });
    },
    back: () => dashboard.go("cards"),
  });
}

/**
 * Save a card, and let what sites read of it follow.
 * @param {Dashboard} dashboard
 * @param {any} card
 */
function keep(dashboard, card) {
  return dashboard.opened(async ({ vault, releases }) => {
    const { id } = await vault.save(card);
    await releases.follow(id, () => vault.list(id));
  });
}

/** @param {ReturnType<typeof cardForm>} form @returns {Record<string, string>} what is written in it */
function read(form) {
  const fields = form.read();
  if (Object.keys(fields).length === 0) throw new TypedError("empty_card");
  return fields;
}
