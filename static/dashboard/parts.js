// @ts-check
/** Parts that several screens have. */
import { button, el, p, quiet } from "../shared/dom.js";
import { harmless } from "../shared/harmless.js";
import { text } from "./words.js";

/** @typedef {import("./words.js").Key} Key */
/** @typedef {import("../shared/stage.js").Screen} Screen */

/** @param {...(string | Node)} words @returns {HTMLElement} something to be careful about */
export function warning(...words) {
  return el("div", { class: "card warning", role: "note" }, el("p", {}, ...words));
}

/** @param {HTMLElement[]} items @param {Record<string, string>} [attributes] @returns {HTMLElement} */
export function list(items, attributes = {}) {
  return el("ul", { class: "list", ...attributes }, ...items.map((item) => el("li", {}, item)));
}

/** @param {Key} key @returns {HTMLElement} what stands where there is nothing yet */
export function empty(key) {
  return el("div", { class: "empty" }, p(text(key)));
}

/** @param {Key} key @returns {HTMLElement} */
export function heading(key) {
  return el("h2", {}, text(key));
}

/** @param {Key[]} keys @returns {HTMLElement} what will happen, point by point */
export function points(keys) {
  return el("ul", { class: "points" }, ...keys.map((key) => el("li", {}, text(key))));
}

/**
 * Names and values, none of which can pretend to be a word of ours.
 * @param {[string, string | Node][]} rows
 * @returns {HTMLElement}
 */
export function told(rows) {
  return el("dl", { class: "told" }, ...rows.flatMap(([label, value]) => [
    el("dt", {}, label), el("dd", {}, typeof value === "string" ? el("bdi", {}, harmless(value, 1000)) : value),
  ]));
}

/** @param {string} words @returns {HTMLElement} how something stands, beside its name */
export function mark(words) {
  return el("span", { class: "mark" }, words);
}

/** @param {string} href a page of the service @param {string} label @param {string} [kind] @returns {HTMLElement} */
export function link(href, label, kind = "primary") {
  return el("a", { href, class: `go ${kind}` }, label);
}

/** @param {string} words @returns {HTMLElement} something that has just happened, spoken */
export function news(words) {
  return el("p", { class: "news", role: "status" }, words);
}

/**
 * A screen that takes something away: what will happen is said before, and the way back is the button that stands out.
 * Nothing on it has the focus, and Enter counts on its buttons alone.
 * @param {object} asked
 * @param {string} asked.name
 * @param {string} asked.title
 * @param {Node[]} asked.parts
 * @param {string} asked.go what the button says that does it
 * @param {() => unknown} asked.deed
 * @param {() => unknown} asked.back
 * @param {Key} [asked.keep] what the other one says
 * @returns {Screen}
 */
export function asking({ name, title, parts, go, deed, back, keep = "app.cancel" }) {
  return {
    name, title, parts, wary: true,
    actions: [button("do", go, "plain", { class: "plain final" }), button("back", text(keep), "primary")],
    on: { do: deed, back, cancel: back },
  };
}

export { quiet };
