// @ts-check
/** Elements, made one by one: text becomes text, never markup. */
import { harmless } from "./harmless.js";

/** @typedef {string | Node} Child */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} [attributes] set as they are; none of them is ever a handler or a style
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** @param {...Child} children */
export function p(...children) {
  return el("p", {}, ...children);
}

/** @param {...Child} children @returns {HTMLElement} words of less weight */
export function quiet(...children) {
  return el("p", { class: "quiet" }, ...children);
}

/** @param {string} value a name that somebody chose @returns {HTMLElement} apart from the words around it */
export function name(value) {
  return el("bdi", { class: "name" }, harmless(value));
}

/** @param {string} origin as the browser told it, shown whole @returns {HTMLElement} */
export function address(origin) {
  const [scheme, host] = origin.split("://");
  const quieter = el("span", { class: "scheme" }, `${scheme}://`);
  return el("bdi", { class: "origin", dir: "ltr", translate: "no" }, quieter, host);
}

/**
 * A button. What it does is in the screen's `on`, under its action.
 * @param {string} action
 * @param {Child} label
 * @param {"primary" | "plain" | "quiet"} [kind]
 * @param {Record<string, string>} [attributes] `type: "submit"` for the one that Enter presses
 */
export function button(action, label, kind = "plain", attributes = {}) {
  return el("button", { type: "button", "data-action": action, class: kind, ...attributes }, label);
}

/**
 * A labelled field with a hint.
 * @param {HTMLInputElement | HTMLTextAreaElement} input with an id
 * @param {string} label
 * @param {string} hint
 */
export function field(input, label, hint) {
  input.setAttribute("aria-describedby", `${input.id}-hint alert`);
  return el("div", { class: "field" },
    el("label", { for: input.id }, label), input, el("p", { class: "quiet", id: `${input.id}-hint` }, hint));
}

/** @param {string} id @param {string} label @returns {HTMLElement} a box that is ticked until somebody unticks it */
export function ticked(id, label) {
  return el("label", { class: "check" }, el("input", { type: "checkbox", id, checked: "" }), el("span", {}, label));
}

/** @param {string} id @returns {any} the element of this id, which must be there */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element ${id}`);
  return element;
}
