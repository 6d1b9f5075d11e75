// @ts-check
/** How this phone is woken, what it asks, and whom it does not hear. */
import { button, byId, el, p, quiet } from "../../shared/dom.js";
import { harmless } from "../../shared/harmless.js";
import { list } from "../parts.js";
import { standing, turnOff, turnOn } from "../push.js";
import { show } from "../stage.js";
import { day, text } from "../words.js";

/** @typedef {import("../remote.js").Remote} Remote */
/** @typedef {import("../news.js").Standing} Standing */

const NUMBERS = /** @type {const} */ (["auto", "always", "never"]);

/** @param {Remote} remote */
export async function settings(remote) {
  const { signal } = remote.screen;
  const [known, push] = await Promise.all([remote.news.refreshStanding(), standing()]);
  const again = () => remote.go("settings");
  if (signal.aborted) return;
  const saved = el("p", { class: "quiet", role: "status" });
  show({
    name: "settings",
    title: text("settings.title"),
    parts: [
      ...notifications(push === "on" && !known.push ? "off" : push),
      ...pinPart(known),
      ...asking(known), saved,
      ...silenced(known),
    ],
    actions: [button("home", text("app.back"), "quiet")],
    on: {
      "push-on": async () => {
        await turnOn(remote.known(), known.vapid_key);
        await again();
      },
      "push-off": async () => {
        await turnOff(remote.known());
        await again();
      },
      pin: () => remote.go("pin", { then: again }),
      save: async () => {
        saved.textContent = "";
        const numbers = NUMBERS.find((way) => byId(`numbers-${way}`).checked) ?? "auto";
        await remote.ask("/repo/phone/settings", { demands_phone: byId("demands").checked, numbers });
        saved.textContent = text("settings.saved");
      },
      unsilence: async (pressed) => {
        await remote.ask("/repo/phone/unsilence", { id: pressed.dataset.id });
        await again();
      },
      home: remote.home, cancel: remote.home,
    },
  });
}

/** @param {import("../push.js").Standing} push */
function notifications(push) {
  const way = push === "off" ? [button("push-on", text("settings.push.turn_on"))]
    : push === "on" ? [button("push-off", text("settings.push.turn_off"))] : [];
  return [
    el("h2", {}, text("settings.push")),
    el("div", { class: "card", id: "push", "data-push": push }, p(text(`settings.push.${push}`)),
      ...(way.length ? [el("div", { class: "row" }, ...way)] : [])),
  ];
}

/** @param {Standing} known */
function pinPart({ pin: { set, locked } }) {
  const words = text(locked ? "error.pin_locked" : set ? "settings.pin.set" : "settings.pin.unset");
  const go = text(set ? "settings.pin.change" : "settings.pin.make");
  return [
    el("h2", {}, text("settings.pin")),
    el("div", { class: "card" }, p(words), ...(locked ? [] : [el("div", { class: "row" }, button("pin", go))])),
  ];
}

/** @param {Standing} known */
function asking({ settings: { demands_phone: demands, numbers } }) {
  const radio = (/** @type {typeof NUMBERS[number]} */ way) => el("label", { class: "check" },
    el("input", {
      type: "radio", name: "numbers", id: `numbers-${way}`, ...(numbers === way ? { checked: "" } : {}),
    }), el("span", {}, text(`settings.numbers.${way}`)));
  return [
    el("h2", {}, text("settings.asking")),
    el("label", { class: "check" },
      el("input", { type: "checkbox", id: "demands", ...(demands ? { checked: "" } : {}) }),
      el("span", {}, text("settings.demands"))),
    el("fieldset", { id: "numbers" }, el("legend", {}, text("settings.numbers")), quiet(text("settings.numbers.hint")),
      ...NUMBERS.map(radio)),
    el("div", { class: "row" }, button("save", text("settings.save"), "primary")),
  ];
}

/** @param {Standing} known */
function silenced({ silenced: askers }) {
  const item = (/** @type {Standing["silenced"][number]} */ { id, name: called, since }) => el("div", { class: "card" },
    el("p", {}, el("bdi", { class: "name" }, harmless(called, 255))),
    quiet(text("settings.silenced.since", { day: day(Date.parse(since)) })),
    el("div", { class: "row" }, button("unsilence", text("settings.unsilence"), "plain", {
      "data-id": id, "aria-label": `${text("settings.unsilence")}: ${harmless(called, 255)}`,
    })));
  return [
    el("h2", {}, text("settings.silenced")),
    askers.length ? list(askers.map(item)) : quiet(text("settings.silenced.none")),
  ];
}
