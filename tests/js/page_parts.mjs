/** What a page is made of, as far as the shim can tell: elements, a clock that tests turn, channels between windows. */

import { FakeWindow, SERVICE } from "./windows.mjs";

/** Long enough for everything that waits for nothing but promises. */
export async function quiet() {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export class Element extends EventTarget {
  children = [];
  attributes = {};
  style = {};
  parentNode = null;
  shadow = null;
  submitted = 0;

  constructor(tag, page) {
    super();
    this.tag = tag;
    this.page = page;
    if (tag === "iframe") this.contentWindow = new FakeWindow(SERVICE);
  }

  append(...nodes) {
    for (const node of nodes) {
      if (node.tag === "script") this.page.load(node);
      if (node instanceof Element) {
        node.parentNode?.children.splice(node.parentNode.children.indexOf(node), 1);
        node.parentNode = this;
      }
      this.children.push(node);
    }
  }

  prepend(node) {
    this.append(node);
    this.children.unshift(this.children.pop());
  }

  remove() {
    this.parentNode?.children.splice(this.parentNode.children.indexOf(this), 1);
    this.parentNode = null;
  }

  get isConnected() {
    let node = this;
    while (node.parentNode || node.host) node = node.parentNode ?? node.host;
    return node === this.page.document.documentElement;
  }

  get shadowRoot() {
    return this.shadow;
  }

  attachShadow() {
    this.shadow = new Element("#shadow", this.page);
    this.shadow.host = this;
    return this.shadow;
  }

  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  removeAttribute(name) {
    delete this.attributes[name];
  }

  set textContent(text) {
    this.children = [String(text)];
  }

  get textContent() {
    return this.children.map((child) => (typeof child === "string" ? child : child.textContent)).join("");
  }

  showModal() {
    this.open = true;
  }

  close() {
    if (!this.open) return;
    this.open = false;
    this.dispatchEvent(new Event("close"));
  }

  submit() {
    const [field] = this.children;
    this.page.submitted.push({ method: this.method, action: this.action, [field.name]: field.value });
  }

  /** Every element at or below this one, shadow roots included. */
  * walk() {
    yield this;
    for (const child of [...this.children, this.shadow]) if (child instanceof Element) yield* child.walk();
  }
}

/** Timers that run when a test turns the clock. */
export class Clock {
  #now = 0;
  #timers = new Map();
  #last = 0;

  set(work, ms, args, every) {
    this.#timers.set(++this.#last, { work: () => work(...args), at: this.#now + ms, every });
    return this.#last;
  }

  clear(id) {
    this.#timers.delete(id);
  }

  async turn(ms) {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (!next) break;
      const [id, timer] = next;
      this.#now = timer.at;
      if (timer.every) timer.at += timer.every;
      else this.#timers.delete(id);
      timer.work();
      await quiet();
    }
    this.#now = end;
    await quiet();
  }
}

/** A channel whose ports keep no test running. */
export function makeChannel() {
  const ports = [{}, {}].map(() => ({ onmessage: null, closed: false }));
  ports.forEach((port, index) => {
    port.postMessage = (data) => {
      const copy = structuredClone(data);
      queueMicrotask(() => ports[1 - index].onmessage?.({ data: copy }));
    };
  });
  return { port1: ports[0], port2: ports[1] };
}
