// @ts-check
/**
 * The one place where screens appear. A screen is a form: its heading takes the focus, one of its buttons takes Enter,
 * its errors are spoken. While it works, nothing on it can be pressed; nor in its first moment, so that the second click
 * of a double click, or a click that was aimed at what stood there before, decides nothing.
 */
import { el, byId } from "./dom.js";
import { explain } from "./explain.js";
import { text } from "./words.js";

/** @typedef {(pressed: HTMLElement) => unknown} Deed may return a promise; the screen waits for it */
/**
 * @typedef {object} Screen
 * @property {string} name
 * @property {string} title
 * @property {Node[]} [parts]
 * @property {HTMLElement[]} [actions]
 * @property {Record<string, Deed>} [on] by action; "cancel" is also what Escape does
 * @property {boolean} [wary] it gives something away: Enter counts on its controls alone, and a window that has just
 *   come to the front waits again
 */

const PAUSE_MS = 350;

/** @type {AbortController | null} */
let current = null;

/** @param {Screen} screen */
export function show({ name, title, parts = [], actions = [], on = {}, wary = false }) {
  current?.abort();
  current = new AbortController();
  const { signal } = current;

  const heading = el("h1", { tabindex: "-1" }, title);
  const alert = el("p", { id: "alert", role: "alert" });
  const fieldset = el("fieldset", {}, ...parts, alert, el("div", { class: "actions" }, ...actions));
  const form = el("form", { novalidate: "", autocomplete: "off" }, heading, fieldset);
  const section = byId("screen");
  section.replaceChildren(form);
  section.dataset.screen = name;
  section.removeAttribute("aria-busy");
  document.title = `${title} · ${text("app.title")}`;

  let busy = false;

  /** @param {HTMLElement | null} pressed */
  async function work(pressed) {
    const action = pressed?.dataset.action ?? "";
    const deed = on[action];
    if (!deed || !pressed || busy || (fieldset.disabled && action !== "cancel")) return;
    const refocus = hold();
    busy = true;
    section.setAttribute("aria-busy", "true");
    alert.textContent = "";
    try {
      await deed(pressed);
    } catch (error) {
      alert.textContent = explain(error);
    }
    if (signal.aborted) return;
    busy = false;
    section.removeAttribute("aria-busy");
    refocus();
  }

  /** @returns {() => void} enables what is disabled from now on, and gives the focus back to where it was */
  function hold() {
    const focused = document.activeElement;
    fieldset.disabled = true;
    return () => {
      fieldset.disabled = false;
      if (focused instanceof HTMLElement && form.contains(focused)) focused.focus();
    };
  }

  function rest() {
    if (busy || fieldset.disabled) return;
    const refocus = hold();
    setTimeout(() => {
      if (!busy && !signal.aborted) refocus();
    }, PAUSE_MS);
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.isComposing || event.repeat) return;
    if (event.key === "Escape") work(form.querySelector("[data-action=cancel]"));
    const enters = event.key === "Enter" && !event.shiftKey
      && (event.target instanceof HTMLTextAreaElement || (!wary && event.target === heading));
    if (!enters) return;
    event.preventDefault();
    form.requestSubmit();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    work(form.querySelector("button[type=submit]"));
  });
  form.addEventListener("click", ({ target }) => {
    const pressed = target instanceof Element ? target.closest("button[type=button]") : null;
    if (pressed instanceof HTMLElement) work(pressed);
  });
  document.addEventListener("keydown", key, { signal });
  if (wary) window.addEventListener("focus", rest, { signal });
  heading.focus();
  rest();
}
