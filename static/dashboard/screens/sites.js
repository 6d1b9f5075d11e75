// @ts-check
/** The sites that know the person, and what each of them reads. */
import { CARDS } from "../../shared/attributes.js";
import { address, button, el, p, quiet } from "../../shared/dom.js";
import { harmless } from "../../shared/harmless.js";
import { empty, list, news } from "../parts.js";
import { knownSites } from "../reading.js";
import { date, fieldLabel, kindLabel, say, text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../reading.js").Known} Known */
/** @typedef {import("../../shared/stage.js").Screen} Screen */
/** @typedef {import("../words.js").Key} Key */

/** @param {Dashboard} dashboard @param {{done?: Key}} given @returns {Promise<Screen>} */
export async function sites(dashboard, { done }) {
  const all = await knownSites(dashboard);
  return {
    name: "sites",
    title: text("sites.title"),
    parts: [
      ...(done ? [news(text(done))] : []),
      p(text("sites.lead")),
      all.length ? list(all.map(item), { id: "sites" }) : empty("sites.none"),
    ],
    on: { open: ({ dataset }) => dashboard.go("site", { uid: dataset.uid }) },
  };
}

/** @param {Known} known @returns {HTMLElement} */
function item({ uid, origin, created, silent, released }) {
  const read = released.filter(({ fields }) => fields.length > 0);
  return el("div", { class: "card", "data-uid": uid },
    el("p", { class: "head" }, address(harmless(origin, 255))),
    read.length ? p(...say("sites.reads", { cards: el("span", {}, read.map(words).join(" · ")) }))
      : p(text("sites.reads.nothing")),
    quiet(text(silent ? "sites.since.silent" : "sites.since", { day: date(created) })),
    el("div", { class: "row" }, button("open", text("sites.open"), "plain", {
      "data-uid": uid, "aria-label": `${text("sites.open")}: ${harmless(origin, 255)}`,
    })));
}

/** @param {{card: string, fields: string[]}} released @returns {string} such as "E-mail", a part as "Address (City)" */
export function words({ card, fields }) {
  const kind = harmless(kindLabel(card));
  const isWhole = CARDS.get(card)?.every((field) => fields.includes(field));
  return isWhole ? kind : `${kind} (${fields.map((field) => harmless(fieldLabel(field))).join(", ")})`;
}
