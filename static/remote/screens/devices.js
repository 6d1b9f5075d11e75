// @ts-check
/** The account's devices, and how one is ended. */
import { now } from "../../shared/clock.js";
import { button, el, name, p, quiet } from "../../shared/dom.js";
import { harmless } from "../../shared/harmless.js";
import { list, warning } from "../parts.js";
import { show } from "../stage.js";
import { day, moment, say, text } from "../words.js";

/** @typedef {import("../remote.js").Remote} Remote */
/**
 * @typedef {{id: string, name: string, created: string, last_used: string, current: boolean, revoked: string | null,
 *   phone: boolean, ends: string | null}} Listed
 */

/** @param {Remote} remote */
export async function devices(remote) {
  const { signal } = remote.screen;
  /** @type {Listed[]} */
  const all = (await remote.ask("/repo/devices/list")).devices;
  const living = all.filter(({ revoked, ends }) => !revoked && !(ends && Date.parse(ends) <= now()));
  if (signal.aborted) return;
  show({
    name: "devices",
    title: text("devices.title"),
    parts: [list(living.map(item))],
    actions: [button("add", text("home.add")), button("home", text("app.back"), "quiet")],
    on: {
      revoke: (pressed) => remote.go("revoke", { device: living.find(({ id }) => id === pressed.dataset.id) }),
      add: () => remote.go("add"), home: remote.home, cancel: remote.home,
    },
  });
}

/** @param {Listed} device @returns {HTMLElement} */
function item(device) {
  const { id, name: called, created, last_used: used, current, phone, ends } = device;
  const kind = text(current ? "devices.this" : phone ? "devices.phone" : "devices.browser");
  const remove = text(current ? "devices.leave" : "devices.revoke");
  return el("div", { class: "card", "data-device": id },
    el("p", {}, name(called), " ", quietSpan(kind)),
    quiet(text("devices.times", { created: day(Date.parse(created)), used: day(Date.parse(used)) })),
    ...(ends ? [quiet(text("devices.ends", { when: moment(Date.parse(ends)) }))] : []),
    el("div", { class: "row" },
      button("revoke", remove, "plain", { "data-id": id, "aria-label": `${remove}: ${harmless(called)}` })));
}

/** @param {string} words */
function quietSpan(words) {
  return el("span", { class: "quiet" }, `· ${words}`);
}

/** @param {Remote} remote @param {{device?: Listed}} given */
export function revoke(remote, { device }) {
  if (!device) return remote.go("devices");
  const back = () => remote.go("devices");
  show({
    name: "revoke",
    title: text(device.current ? "revoke.title.this" : "revoke.title"),
    wary: true,
    parts: [
      p(...say(device.current ? "revoke.lead.this" : "revoke.lead", { name: name(device.name) })),
      warning(text(device.current ? "replace.loss" : "revoke.read")),
    ],
    actions: [
      button("revoke", text(device.current ? "devices.leave" : "devices.revoke")),
      button("back", text("app.cancel"), "primary"),
    ],
    on: {
      revoke: async () => {
        if (device.current) await remote.leave();
        else await remote.ask("/repo/devices/revoke", { device: device.id });
        await (device.current ? remote.home() : remote.go("devices"));
      },
      back, cancel: back,
    },
  });
  return undefined;
}
