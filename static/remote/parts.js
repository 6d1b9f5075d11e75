// @ts-check
/** Parts that several screens have. */
import { address, el, field, quiet } from "../shared/dom.js";
import { harmless, marked } from "../shared/harmless.js";
import { text } from "./words.js";

/** @typedef {import("./words.js").Key} Key */

/** @param {string} origin @param {Key} role @returns {HTMLElement} the site, large and exact */
export function siteCard(origin, role) {
  return el("div", { class: "card site" }, quiet(text(role)), el("p", { id: "origin" }, address(origin)));
}

/**
 * Words that are about to be signed, exactly: nothing left out, nothing turned round, never markup.
 * @param {string} words
 * @param {Record<string, string>} attributes
 * @returns {HTMLElement}
 */
export function exactly(words, attributes) {
  const mark = (/** @type {string} */ part) => el("code", { class: "mark", dir: "ltr" }, part);
  const parts = marked(words).map(({ text: part, code }) => (code ? mark(part) : part));
  return el("div", { dir: "auto", translate: "no", ...attributes }, ...parts);
}

/**
 * A field for digits that are shown elsewhere, or that nobody shall see.
 * @param {string} id
 * @param {number} most digits, and room for a space
 * @param {Key} label
 * @param {Key} hint
 * @param {"digits" | "digits secret"} [looks] a secret one is covered. No password field: browsers would offer to keep
 *   what is typed into one, and to fill it in, and then it proves nobody
 */
export function digitsField(id, most, label, hint, looks = "digits") {
  const input = el("input", {
    id, type: "text", class: looks, inputmode: "numeric", maxlength: String(most), autocomplete: "off", required: "",
    dir: "ltr",
  });
  return { input, part: field(input, text(label), text(hint)) };
}

/** @param {string} digits shown large, in groups that are easy to carry over @param {Key} label */
export function largeDigits(digits, label) {
  const half = digits.length > 4 ? digits.length / 2 : digits.length;
  const shown = el("p", { class: "large", id: "digits", dir: "ltr", translate: "no" },
    el("span", {}, digits.slice(0, half)), el("span", {}, digits.slice(half)));
  return el("div", { class: "card" }, quiet(text(label)), shown);
}

/** @param {[Key, string][]} rows @returns {HTMLElement} what was told about somebody, without a word of ours in it */
export function told(rows) {
  const shown = rows.filter(([, value]) => value !== "");
  return el("dl", { class: "told" }, ...shown.flatMap(([key, value]) => [
    el("dt", {}, text(key)), el("dd", {}, el("bdi", {}, harmless(value, 200))),
  ]));
}

/** @param {...(string | Node)} words @returns {HTMLElement} something to be careful about */
export function warning(...words) {
  return el("div", { class: "card warning", role: "note" }, el("p", {}, ...words));
}

/** @param {HTMLElement[]} items @returns {HTMLElement} */
export function list(items) {
  return el("ul", { class: "list" }, ...items.map((item) => el("li", {}, item)));
}
