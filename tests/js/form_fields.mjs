/** Fields of a site's form, as far as the shim can tell; `test_quickfill.py` has real ones. */

import { Element } from "./page_parts.mjs";

class ClassList extends Set {
  toggle(name, on) {
    if (on) this.add(name);
    else this.delete(name);
  }
}

export class Field extends Element {
  classList = new ClassList();
  heard = [];
  disabled = false;
  readOnly = false;
  #value = "";
  #checked = false;

  constructor(page, localName, type, members = {}) {
    super(localName, page);
    Object.assign(this, { localName, type }, members);
  }

  get value() {
    return this.#value;
  }

  set value(text) {
    this.#value = this.type === "number" && Number.isNaN(Number(text)) ? "" : String(text);
  }

  get checked() {
    return this.#checked;
  }

  set checked(on) {
    this.#checked = on;
  }

  click() {
    this.heard.push("click");
    this.#checked = this.type === "radio" || !this.#checked;
  }

  dispatchEvent(event) {
    this.heard.push(`${event.type}${event.bubbles ? "" : " unheard of"}`);
    return super.dispatchEvent(event);
  }

  matches() {
    return this.disabled; // `:disabled` is all that is asked
  }
}

/** Put a field where a selector of the page finds it. */
export function placeField(page, selector, localName = "input", type = "text", members = {}) {
  const field = new Field(page, localName, type, members);
  (page.matches[selector] ??= []).push(field);
  return field;
}
