/** A page for tests of forms: the elements of page_parts.mjs with ids, values and a focus. */
import { Element } from "./page_parts.mjs";

export class FormElement extends Element {
  #value = null;

  get id() {
    return this.attributes.id ?? "";
  }

  get value() {
    if (this.#value !== null) return this.#value;
    if (this.tag !== "select") return this.attributes.value ?? "";
    const chosen = this.children.find((option) => "selected" in option.attributes) ?? this.children[0];
    return chosen?.attributes.value ?? "";
  }

  set value(text) {
    const known = this.tag !== "select" || this.children.some((option) => option.attributes.value === text);
    this.#value = known ? text : "";
  }

  replaceWith(next) {
    const { children } = this.parentNode;
    children[children.indexOf(this)] = next;
    [next.parentNode, this.parentNode] = [this.parentNode, null];
  }

  focus() {
    globalThis.document.activeElement = this;
  }
}

/** Put a document where `el` of shared/dom.js makes its elements, and say which languages the person reads. */
export function installDocument(languages = ["en-US"]) {
  globalThis.document = { createElement: (tag) => new FormElement(tag, null), activeElement: null };
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { languages } });
}

/** @param {Element} element @returns {Map<string, FormElement>} its controls by name */
export function controlsOf(element) {
  const controls = [...element.walk()].filter(({ tag }) => tag === "input" || tag === "select");
  return new Map(controls.map((control) => [control.attributes.name, control]));
}
