// @ts-check
/** One site: what it reads, whether it asks, and how it is made to forget. */
import { address, button, el, p, quiet } from "../../shared/dom.js";
import { harmless } from "../../shared/harmless.js";
import { asking, list, news, points, warning } from "../parts.js";
import { knownSites } from "../reading.js";
import { date, fieldLabel, kindLabel, say, text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../reading.js").Known} Known */
/** @typedef {import("../reading.js").Released} Released */
/** @typedef {import("../../shared/stage.js").Screen} Screen */
/** @typedef {import("../words.js").Key} Key */

/** @param {Dashboard} dashboard @param {{uid: string, done?: Key}} given @returns {Promise<Screen>} */
export async function site(dashboard, { uid, done }) {
  const known = (await knownSites(dashboard)).find((one) => one.uid === uid);
  if (!known) return gone(dashboard);
  const { origin, silent, released } = known;
  const back = () => dashboard.go("sites");
  return {
    name: "site",
    title: text("site.title"),
    parts: [
      el("div", { class: "card site" }, el("p", { id: "origin" }, address(harmless(origin, 255))),
        quiet(text("site.since", { day: date(known.created) }))),
      ...(done ? [news(text(done))] : []),
      el("h2", {}, text("site.reads")),
      ...reading(released),
      el("h2", {}, text("site.signing")),
      p(text(silent ? "site.silent" : "site.asks")),
      ...(silent ? [el("div", { class: "row" }, button("ask", text("site.ask")))] : []),
    ],
    actions: [
      button("forget", text("site.forget"), "plain", { class: "plain final" }),
      button("back", text("site.back"), "quiet"),
    ],
    on: {
      withdraw: ({ dataset }) => dashboard.go("withdraw", { known, card: dataset.card }),
      again: async ({ dataset }) => {
        await dashboard.ask("/repo/releases/end", { uid, card: dataset.card });
        await dashboard.go("site", { uid, done: "site.asks_again" });
      },
      all: () => dashboard.go("withdraw", { known, card: null }),
      ask: async () => {
        await dashboard.ask("/repo/sessions/end", { uid });
        await dashboard.go("site", { uid, done: "site.asked" });
      },
      forget: () => dashboard.go("forget", { known }),
      back, cancel: back,
    },
  };
}

/** @param {Released[]} released @returns {HTMLElement[]} */
function reading(released) {
  if (released.length === 0) return [p(text("sites.reads.nothing"))];
  const item = (/** @type {Released} */ { card, fields, changed }) => {
    const isGiven = fields.length > 0;
    const [action, way] = isGiven ? ["withdraw", text("site.withdraw")] : ["again", text("site.ask_again")];
    return el("div", { class: "card", "data-card": card },
      el("p", { class: "head" }, el("bdi", { class: "name" }, harmless(kindLabel(card)))),
      isGiven ? p(fields.map((field) => harmless(fieldLabel(field))).join(", ")) : p(text("site.not_given")),
      quiet(text("site.changed", { day: date(changed) })),
      el("div", { class: "row" }, button(action, way, "plain", {
        "data-card": card, "aria-label": `${way}: ${harmless(kindLabel(card))}`,
      })));
  };
  const all = el("div", { class: "row" }, button("all", text("site.withdraw.all")));
  return [list(released.map(item), { id: "released" }), ...(released.length > 1 ? [all] : [])];
}

/** It was forgotten meanwhile, in another window perhaps. @param {Dashboard} dashboard @returns {Screen} */
function gone(dashboard) {
  const back = () => dashboard.go("sites");
  return {
    name: "site",
    title: text("site.gone"),
    actions: [button("back", text("site.back"), "primary", { type: "submit" })],
    on: { back, cancel: back },
  };
}

/** @param {Dashboard} dashboard @param {{known: Known, card: string | null}} given null: all @returns {Screen} */
export function withdraw(dashboard, { known: { uid, origin }, card }) {
  const back = () => dashboard.go("site", { uid });
  const site = address(harmless(origin, 255));
  return asking({
    name: "withdraw",
    title: text("withdraw.title"),
    parts: [
      p(...(card === null ? say("withdraw.lead.all", { site })
        : say("withdraw.lead", { site, card: el("bdi", { class: "name" }, harmless(kindLabel(card))) }))),
      points(["withdraw.next", "withdraw.had"]),
    ],
    go: text(card === null ? "site.withdraw.all" : "site.withdraw"),
    deed: async () => {
      await dashboard.ask("/repo/releases/end", { uid, card });
      await dashboard.go("site", { uid, done: "withdraw.done" });
    },
    back,
  });
}

/** @param {Dashboard} dashboard @param {{known: Known}} given @returns {Screen} */
export function forget(dashboard, { known: { uid, origin } }) {
  return asking({
    name: "forget",
    title: text("forget.title"),
    parts: [
      el("div", { class: "card site" }, el("p", {}, address(harmless(origin, 255)))),
      warning(text("forget.stranger")),
      points(["forget.lost", "forget.keeps", "forget.final"]),
    ],
    go: text("forget.go"),
    deed: async () => {
      await dashboard.ask("/repo/identities/forget", { uid, origin });
      await dashboard.go("sites", { done: "forget.done" });
    },
    back: () => dashboard.go("site", { uid }),
  });
}
