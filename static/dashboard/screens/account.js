// @ts-check
/** The account as a whole: its OneID Key, a copy of everything, and its end. */
import { button, el, name, p, quiet } from "../../shared/dom.js";
import { makeKey } from "../making_key.js";
import { asking, heading, points, warning } from "../parts.js";
import { day, text } from "../words.js";

/** @typedef {import("../dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../../shared/stage.js").Screen} Screen */
/** @typedef {import("../words.js").Key} Key */

/** @param {Dashboard} dashboard @returns {Screen} */
export function account(dashboard) {
  const { label, created, confirmed, pendingKey, keyed } = dashboard.known();
  const state = confirmed ? "saved" : pendingKey ? "begun" : keyed ? "unsaved" : "none";
  const way = text(confirmed ? "key.another" : pendingKey ? "key.go_on" : "key.make");
  return {
    name: "account",
    title: text("account.title"),
    parts: [
      p(name(label)), quiet(text("account.since", { day: day(created) })),
      heading("key.heading"),
      confirmed ? p(text(`key.state.${state}`)) : warning(text(`key.state.${state}`)),
      el("div", { class: "row" }, button("key", way, confirmed ? "plain" : "primary")),
      heading("export.heading"), p(text("export.lead")),
      el("div", { class: "row" }, button("export", text("export.open"))),
      heading("close.heading"), p(text("close.lead")),
      el("div", { class: "row" }, button("close", text("close.open"), "plain", { class: "plain final" })),
    ],
    on: {
      key: () => (state === "begun" ? makeKey(dashboard) : dashboard.go("new-key")),
      export: () => dashboard.go("export"),
      close: () => dashboard.go("close"),
    },
  };
}

/** @param {Dashboard} dashboard @returns {Screen} a former key ends when a new one is made, and is not given back */
export function key(dashboard) {
  const { keyed } = dashboard.known();
  if (!keyed) return fresh(dashboard);
  return asking({
    name: "new-key",
    title: text("key.title"),
    parts: [points(["key.ends", "key.shown", "key.written"])],
    go: text("key.make"),
    deed: () => makeKey(dashboard),
    back: () => dashboard.go("account"),
  });
}

/** @param {Dashboard} dashboard @returns {Screen} the first one: nothing ends by it */
function fresh(dashboard) {
  const back = () => dashboard.go("account");
  return {
    name: "new-key",
    title: text("key.title"),
    parts: [points(["key.shown", "key.written"])],
    actions: [
      button("do", text("key.make"), "primary", { type: "submit" }), button("back", text("app.cancel"), "quiet"),
    ],
    on: { do: () => makeKey(dashboard), back, cancel: back },
  };
}
