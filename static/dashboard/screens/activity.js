// @ts-check
/** What happened of late: sign-ins, and what a phone was asked to confirm. */
import { address, button, el, p, quiet } from "../../shared/dom.js";
import { harmless } from "../../shared/harmless.js";
import { list } from "../parts.js";
import { moment, text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/stage.js").Screen} Screen */
/** @typedef {{origin: string, uid: string, device: string, at: string}} SignIn */
/** @typedef {{asker: string, kind: string, state: string, at: string, decided: string | null}} Confirmation */

const AT_FIRST = 15;
const STATES = new Set(["pending", "approved", "rejected", "reported", "expired", "cancelled"]);
const KINDS = new Set(["confirm", "signin", "send_2fa"]);

/** @param {Dashboard} dashboard @returns {Promise<Screen>} */
export async function activity(dashboard) {
  const [{ sign_ins: signIns, confirmations }, { devices }] = await Promise.all([
    dashboard.ask("/repo/activity"), dashboard.ask("/repo/devices/list"),
  ]);
  const names = new Map(devices.map((/** @type {any} */ { id, name }) => [id, name]));
  /** @type {Map<string, HTMLElement[]>} */
  const rows = new Map([
    ["sign-ins", signIns.map((/** @type {SignIn} */ told) => signIn(told, names.get(told.device)))],
    ["confirmations", confirmations.map(confirmation)],
  ]);
  return {
    name: "activity",
    title: text("activity.title"),
    parts: [
      p(text("activity.lead")),
      el("h2", {}, text("activity.sign_ins")), ...shown(rows, "sign-ins", "activity.sign_ins.none"),
      el("h2", {}, text("activity.confirmations")), ...shown(rows, "confirmations", "activity.confirmations.none"),
    ],
    on: { more: (pressed) => more(pressed, rows.get(pressed.dataset.of ?? "") ?? []) },
  };
}

/** @param {Map<string, HTMLElement[]>} rows @param {string} id @param {import("../words.js").Key} none */
function shown(rows, id, none) {
  const all = rows.get(id) ?? [];
  if (all.length === 0) return [quiet(text(none))];
  const all_ = button("more", text("activity.more", { number: all.length }), "quiet", { "data-of": id });
  return [list(all.slice(0, AT_FIRST), { id, class: "list log" }), ...(all.length > AT_FIRST ? [all_] : [])];
}

/** @param {HTMLElement} pressed @param {HTMLElement[]} all */
function more(pressed, all) {
  const items = all.slice(AT_FIRST).map((row) => el("li", { tabindex: "-1" }, row));
  pressed.previousElementSibling?.append(...items);
  pressed.remove();
  items[0]?.focus();
}

/** @param {SignIn} told @param {string | undefined} device @returns {HTMLElement} */
function signIn({ origin, at }, device) {
  return el("div", { class: "entry" }, el("p", {}, address(harmless(origin, 255))),
    quiet(moment(at), ...(device ? [" · ", el("bdi", {}, harmless(device))] : [])));
}

/** @param {Confirmation} told @returns {HTMLElement} */
function confirmation({ asker, kind, state, at }) {
  const what = text(/** @type {any} */ (`activity.kind.${KINDS.has(kind) ? kind : "confirm"}`));
  const how = text(/** @type {any} */ (`activity.state.${STATES.has(state) ? state : "unknown"}`));
  const called = harmless(asker, 255);
  const who = called.includes("://") ? address(called) : el("bdi", { class: "origin" }, called);
  return el("div", { class: "entry", "data-state": state }, el("p", {}, who), p(what, " · ", el("strong", {}, how)),
    quiet(moment(at)));
}
