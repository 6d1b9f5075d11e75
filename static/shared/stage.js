// @ts-check
/**
 * The one place where screens appear. A screen is a form: its heading takes the focus, one of its buttons takes Enter,
 * its errors are spoken. While it works, nothing on it can be pressed; nor in its first moment, so that the second
 * click of a double click, or a click that was aimed at what stood there before, decides nothing. In that moment the
 * controls are there all the same, so that Tab goes on from where it was.
 */
import { byId, el } from "./dom.js";

/** @typedef {(pressed: HTMLElement) => unknown} Deed may return a promise; the screen waits for it */
/**
 * @typedef {object} Screen
 * @property {string} name
 * @property {string} title
 * @property {Node[]} [parts]
 * @property {HTMLElement[]} [actions]
 * @property {Record<string, Deed>} [on] by action; "cancel" is also what Escape does, with or without a button
 * @property {boolean} [wary] it gives something away: Enter counts on its controls alone, and a window that has just
 *   come to the front waits again
 */

/**
 * @typedef {object} Telling how a page speaks of what happens on its screens
 * @property {string} page its name, for the window's title
 * @property {(error: unknown) => string} explain
 * @property {(error: unknown) => boolean} isOfField whether an error is about what somebody has written in a field
 */

const PAUSE_MS = 350;

/** @type {AbortController | null} */
let current = null;

/** @param {Telling} telling @returns {(screen: Screen) => void} what shows the screens of a page */
export function stage(telling) {
  return (screen) => show(screen, telling);
}

/** @param {Screen} screen @param {Telling} telling */
function show({ name, title, parts = [], actions = [], on = {}, wary = false }, { page, explain, isOfField }) {
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
  document.title = `${title} · ${page}`;

  let busy = false;
  let resting = 0;

  /** @param {HTMLElement} pressed the form itself for a key that counts also while it rests @param {string} [action] */
  async function work(pressed, action = pressed.dataset.action ?? "") {
    const deed = on[action];
    if (!deed || busy || (resting && pressed !== form)) return;
    const refocus = hold();
    busy = true;
    section.setAttribute("aria-busy", "true");
    alert.textContent = "";
    mark(false);
    try {
      await deed(pressed);
    } catch (error) {
      alert.textContent = explain(error);
      if (isOfField(error)) mark(true); // else it may have marked its own field
    }
    if (signal.aborted) return;
    busy = false;
    section.removeAttribute("aria-busy");
    refocus();
  }

  /** @returns {() => void} enables what is disabled from now on, and gives the focus to what was refused, or back */
  function hold() {
    const focused = document.activeElement;
    fieldset.disabled = true;
    return () => {
      fieldset.disabled = false;
      const wrong = form.querySelector("[aria-invalid=true]");
      if (wrong instanceof HTMLElement) wrong.focus(); // what has to be written anew
      else if (focused instanceof HTMLElement && form.contains(focused)) focused.focus();
    };
  }

  /** @param {boolean} refused whether what is written in the field is what was refused */
  function mark(refused) {
    for (const field of form.querySelectorAll("input[type=text], input[type=password], textarea")) {
      if (refused) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  /** Take no presses for a moment, counted from the last time that this was called. */
  function rest() {
    clearTimeout(resting);
    fieldset.setAttribute("aria-disabled", "true");
    resting = setTimeout(() => {
      resting = 0;
      fieldset.removeAttribute("aria-disabled");
    }, PAUSE_MS);
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.isComposing || event.repeat) return;
    if (event.key === "Escape") work(form, "cancel");
    const enters = event.key === "Enter" && !event.shiftKey
      && (event.target instanceof HTMLTextAreaElement || (!wary && event.target === heading));
    if (!enters) return;
    event.preventDefault();
    form.requestSubmit();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pressed = form.querySelector("button[type=submit]");
    if (pressed instanceof HTMLElement) work(pressed);
  });
  form.addEventListener("click", (event) => {
    const { target } = event;
    // A box is not ticked or unticked either, nor does Enter in a field send the form.
    if (resting) event.preventDefault();
    const pressed = target instanceof Element ? target.closest("button[type=button]") : null;
    if (pressed instanceof HTMLElement) work(pressed);
  });
  document.addEventListener("keydown", key, { signal });
  if (wary) window.addEventListener("focus", rest, { signal });
  heading.focus();
  rest();
}
