/** Stand-ins for the browser's windows: they deliver what a test says, with whatever origin and source it claims. */

export const SERVICE = "https://id.example";
export const SITE = "https://shop.example";

export class FakeWindow {
  #listeners = new Set();
  #frames;
  posted = [];

  constructor(origin = SERVICE) {
    this.location = { origin };
    this.parent = this;
    this.top = this;
    this.opener = null;
    this.frames = {};
  }

  addEventListener(type, listener) {
    if (type === "message") this.#listeners.add(listener);
  }

  removeEventListener(type, listener) {
    this.#listeners.delete(listener);
  }

  /** As browsers have them for a page of another origin: touching a name that no frame has is a SecurityError. */
  set frames(named) {
    this.#frames = new Proxy(named, {
      get(frames, name) {
        if (typeof name === "symbol" || Object.hasOwn(frames, name)) return frames[name];
        throw new DOMException(`Blocked a frame from accessing ${name}`, "SecurityError");
      },
    });
  }

  get frames() {
    return this.#frames;
  }

  postMessage(data, target, ports = []) {
    this.posted.push({ data, target, ports });
  }

  /** What a browser does with a message that reaches this window. */
  deliver({ data, source, origin, ports = [] }) {
    for (const listener of [...this.#listeners]) listener({ data, source, origin, ports });
  }

  get listening() {
    return this.#listeners.size;
  }
}

/** The next message at a port. */
export function nextAt(port) {
  return new Promise((resolve) => {
    port.onmessage = ({ data }) => resolve(data);
  });
}

/** Long enough for every message under way to arrive. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
