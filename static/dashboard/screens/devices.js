// @ts-check
/** The account's devices, and how one is ended. */
import { now } from "../../shared/clock.js";
import { button, el, name, p, quiet } from "../../shared/dom.js";
import { harmless } from "../../shared/harmless.js";
import { asking, list, mark, news, points, warning } from "../parts.js";
import { date, moment, say, text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/stage.js").Screen} Screen */
/** @typedef {import("../words.js").Key} Key */
/**
 * @typedef {{id: string, name: string, created: string, last_used: string, current: boolean, revoked: string | null,
 *   phone: boolean, ends: string | null}} Listed
 */

/** @param {Dashboard} dashboard @returns {Promise<Listed[]>} those that live */
export async function living(dashboard) {
  /** @type {Listed[]} */
  const all = (await dashboard.ask("/repo/devices/list")).devices;
  return all.filter(({ revoked, ends }) => !revoked && !(ends && Date.parse(ends) <= now()));
}

/** @param {Dashboard} dashboard @param {{done?: string}} given @returns {Promise<Screen>} */
export async function devices(dashboard, { done }) {
  const all = await living(dashboard);
  return {
    name: "devices",
    title: text("devices.title"),
    parts: [
      ...(done ? [news(done)] : []),
      p(text("devices.lead")),
      list(all.map(item)),
      el("h2", {}, text("renew.heading")),
      p(text("renew.when")),
      el("div", { class: "row" }, button("renew", text("renew.open"))),
    ],
    on: {
      revoke: ({ dataset }) => dashboard.go("revoke", {
        device: all.find(({ id }) => id === dataset.id), count: all.length,
      }),
      renew: () => dashboard.go("renew"),
    },
  };
}

/** @param {Listed} device @returns {HTMLElement} */
function item({ id, name: called, created, last_used: used, current, phone, ends }) {
  const remove = text(current ? "devices.leave" : "devices.revoke");
  const kind = text(phone ? "devices.phone" : "devices.browser");
  return el("div", { class: "card", "data-device": id },
    el("p", { class: "head" }, name(called), " ", el("span", { class: "quiet" }, kind),
      ...(current ? [" ", mark(text("devices.this"))] : [])),
    quiet(text("devices.times", { created: date(created), used: date(used) })),
    ...(ends ? [el("p", { class: "ends" }, text("devices.ends", { when: moment(ends) }))] : []),
    ...(ends ? [] : [el("div", { class: "row" }, button("revoke", remove, "plain", {
      "data-id": id, "aria-label": `${remove}: ${harmless(called)}`,
    }))]));
}

/** @param {Dashboard} dashboard @param {{device: Listed, count: number}} given @returns {Screen} */
export function revoke(dashboard, { device, count }) {
  const { id, current, phone } = device;
  const kind = current ? "this" : phone ? "phone" : "browser";
  /** @type {Record<typeof kind, Key[]>} */
  const what = {
    this: ["revoke.this.signs", count > 1 ? "revoke.this.others" : "revoke.this.key"],
    phone: ["revoke.phone.ends", "revoke.phone.objects", "revoke.phone.confirms"],
    browser: ["revoke.browser.signs", "revoke.browser.read"],
  };
  return asking({
    name: "revoke",
    title: text(`revoke.title.${kind}`),
    parts: [
      p(...say("revoke.lead", { name: name(device.name) })),
      points(what[kind]),
      ...(current && count === 1 && !dashboard.known().confirmed ? [warning(text("revoke.this.lost"))] : []),
    ],
    go: text(current ? "devices.leave" : "devices.revoke"),
    deed: async () => {
      const { device: ended } = await dashboard.ask("/repo/devices/revoke", { device: id });
      if (current) {
        await dashboard.change({ revoked: true });
        await dashboard.go("revoked");
      } else if (ended?.ends) {
        const when = moment(ended.ends);
        await dashboard.go("devices", { done: text("revoke.ends", { name: harmless(device.name), when }) });
      } else {
        await dashboard.go("revoked-device", { device });
      }
    },
    back: () => dashboard.go("devices"),
  });
}

/** @param {Dashboard} dashboard @param {{device: Listed}} given one that is out @returns {Screen} */
export function revokedDevice(dashboard, { device }) {
  const back = () => dashboard.go("devices");
  return {
    name: "revoked-device",
    title: text("ended.title"),
    parts: [
      el("p", { class: "lead" }, ...say("ended.lead", { name: name(device.name) })),
      p(text("ended.offer")),
    ],
    actions: [button("back", text("ended.enough"), "primary"), button("renew", text("renew.open"))],
    on: { renew: () => dashboard.go("renew"), back, cancel: back },
  };
}
