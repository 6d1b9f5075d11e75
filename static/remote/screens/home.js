// @ts-check
/** Where the phone waits: calm while nothing is asked, and a list of what is. */
import { address, button, el, name, p, quiet } from "../../shared/dom.js";
import { now } from "../../shared/clock.js";
import { harmless } from "../../shared/harmless.js";
import { list } from "../parts.js";
import { show } from "../stage.js";
import { clockTime, moment, say, text } from "../words.js";

/** @typedef {import("../remote.js").Remote} Remote */
/** @typedef {import("../confirmations.js").Asked} Asked */

/** @param {Remote} remote */
export function home(remote) {
  const status = el("p", { class: "quiet", id: "status", role: "status" });
  const waiting = el("div", { id: "waiting" });
  const news = el("div", { id: "news" });
  /** @param {string} ids @param {Asked[]} pending */
  const refill = (ids, pending) => {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.id;
    waiting.dataset.ids = ids;
    waiting.replaceChildren(...(pending.length ? [list(pending.map(item))] : []));
    const again = [...waiting.querySelectorAll("button")].find(({ dataset }) => dataset.id === focused);
    if (focused && again) again.focus();
  };
  const fill = () => {
    const { pending, reached } = remote.news;
    const words = text(!reached ? "home.offline" : pending.length ? "home.asked" : "home.calm");
    if (status.textContent !== words) status.textContent = words;
    const ids = pending.map(({ id }) => id).join(" ");
    if (waiting.dataset.ids !== ids) refill(ids, pending);
    news.replaceChildren(...told(remote));
  };
  show({
    name: "home",
    title: text("home.title"),
    parts: [p(...say("home.of", { label: name(remote.known().label) })), status, waiting, news],
    actions: [
      button("add", text("home.add")),
      button("devices", text("home.devices")),
      button("settings", text("home.settings")),
    ],
    on: {
      open: (pressed) => remote.open(pressed.dataset.id ?? ""),
      keep: async () => {
        await remote.ask("/repo/devices/keep");
        await remote.news.refresh(remote.known());
      },
      add: () => remote.go("add"), devices: () => remote.go("devices"), settings: () => remote.go("settings"),
    },
  });
  remote.onnews = fill;
  fill();
}

/** @param {Asked} asked @returns {HTMLElement} */
function item({ id, kind, origin, asked }) {
  return button("open", el("span", { class: "asking" }, el("span", { class: "name" }, text(`asks.${kind}`)),
    address(harmless(origin, 255)), el("span", { class: "quiet" }, clockTime(asked))), "plain", { "data-id": id });
}

/** @param {Remote} remote @returns {HTMLElement[]} what happens to the account's phones */
function told({ news: { standing } }) {
  const leaving = (standing?.phones ?? []).filter(({ ends }) => ends && Date.parse(ends) > now());
  return leaving.map(({ name: phone, ends, current }) => el("div", { class: "card warning", role: "note" },
    p(...say(current ? "news.this" : "news.other", { name: name(phone), when: moment(Date.parse(ends ?? "")) })),
    ...(current ? [quiet(text("news.keep")), el("div", { class: "row" }, button("keep", text("news.go")))] : [])));
}
