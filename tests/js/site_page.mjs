/** A site's page, as little of one as the shim needs: a document, windows, a clock to turn, a callback that answers. */

import { readFileSync } from "node:fs";
import vm from "node:vm";

import { Clock, Element, makeChannel, quiet } from "./page_parts.mjs";
import { FakeWindow, SERVICE, SITE } from "./windows.mjs";

export { quiet };

const source = (file) => readFileSync(new URL(`../../static/${file}`, import.meta.url), "utf8");
const SHIM = source("oneid.js");
/** What the shim loads later, by the ends of its addresses. */
const PARTS = new Map(["attributes", "buttons", "dialogs"].map((name) => [name, source(`shim/${name}.js`)]));

/** What came out of the page's own realm, to be compared with what is of ours. */
export const plain = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

export class SitePage {
  window = new FakeWindow(SITE);
  clock = new Clock();
  activation = { isActive: true };
  opened = [];
  blocked = false;
  posted = [];
  submitted = [];
  went = [];
  lines = [];
  matches = {};
  /** The scripts that the shim loaded; `reachable`: whether they come. */
  scripts = [];
  reachable = true;
  /** What the site's callback answers; null for nothing at all. */
  answer = { status: 200, body: '{"error":"success"}' };
  /** The frame's side. */
  frame = { calls: [], port: null, reply: () => ({ error: "interaction_required" }) };

  constructor({ lang = "", language = "en-GB", loading = false, secure = true, script = `${SERVICE}/js/oneid.js`,
    activation = true, build = "1.0-abc", old = false } = {}) {
    if (!activation) this.activation = undefined;
    const make = (tag) => new Element(tag, this);
    const events = new EventTarget();
    const document = {
      currentScript: script && { src: script },
      baseURI: `${SITE}/shop/page.html?x=1`,
      documentElement: Object.assign(make("html"), { lang }),
      head: make("head"),
      body: make("body"),
      readyState: loading ? "loading" : "complete",
      adoptedStyleSheets: [],
      createElement: make,
      createElementNS: (_, tag) => make(tag),
      addEventListener: (...args) => events.addEventListener(...args),
      querySelector: (selector) => this.#find(selector)[0] ?? null,
      querySelectorAll: (selector) => this.#find(selector),
    };
    document.documentElement.append(document.head, document.body);
    this.parsed = () => {
      document.readyState = "complete";
      events.dispatchEvent(new Event("DOMContentLoaded"));
    };
    this.document = document;
    const page = this;
    const print = (...words) => this.lines.push(words.join(" "));
    Object.assign(this.window, {
      document, URL, Event, crypto, structuredClone, queueMicrotask, isSecureContext: secure,
      AbortSignal: old ? {} : { timeout: (ms) => this.#abortAfter(ms) },
      screenX: 0, screenY: 0, outerWidth: 1200, outerHeight: 900,
      navigator: { language, get userActivation() { return page.activation; } },
      console: { log: print, warn: print },
      CSSStyleSheet: class { replaceSync(text) { this.text = text; } },
      MessageChannel: function MessageChannel() { return makeChannel(); },
      setTimeout: (work, ms, ...args) => this.clock.set(work, ms, args, 0),
      setInterval: (work, ms, ...args) => this.clock.set(work, ms, args, ms),
      clearTimeout: (id) => this.clock.clear(id),
      clearInterval: (id) => this.clock.clear(id),
      open: (...args) => this.#open(args),
      fetch: (url, request) => this.#fetch(url, request),
    });
    this.window.location.assign = (url) => this.went.push(String(url));
    this.window.window = this.window;
    // A window's own methods are globals too.
    const shown = new EventTarget();
    this.window.addEventListener = (type, listener) => {
      if (type === "pageshow") shown.addEventListener(type, listener);
      else FakeWindow.prototype.addEventListener.call(this.window, type, listener);
    };
    this.window.removeEventListener = this.window.removeEventListener.bind(this.window);
    this.show = ({ persisted }) => shown.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
    vm.runInContext(SHIM.replace("{{build}}", build), vm.createContext(this.window));
    this.OneID = this.window.OneID;
  }

  #find(selector) {
    if (/[!(]/.test(selector)) throw new SyntaxError("no selector");
    if (selector.startsWith("meta")) return this.document.head.children.filter((each) => each.name === "viewport");
    return this.matches[selector] ?? [];
  }

  #open(args) {
    if (this.blocked) return null;
    const popup = Object.assign(new FakeWindow(SERVICE), { closed: false, focused: 0, args });
    popup.focus = () => (popup.focused += 1);
    this.opened.push(popup);
    return popup;
  }

  /** A script element was put into the page: it runs a moment later. */
  load(script) {
    this.scripts.push(script);
    setImmediate(() => {
      if (!this.reachable) return script.onerror();
      this.document.currentScript = script;
      vm.runInContext(PARTS.get(/(\w+)\.js$/.exec(script.src.trusted ?? script.src)[1]), this.window);
      this.document.currentScript = null;
      return undefined;
    });
  }

  #abortAfter(ms) {
    const controller = new AbortController();
    this.clock.set(() => controller.abort(new DOMException("too late", "TimeoutError")), ms, [], 0);
    return controller.signal;
  }

  async #fetch(url, { body, method, headers, credentials, signal }) {
    this.posted.push({ url: String(url), method, body, credentials, headers: plain(headers) });
    if (!this.answer) return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    if (this.answer instanceof Error) throw this.answer;
    return new Response(this.answer.body, { status: this.answer.status });
  }

  /** An element of the page that a selector matches. */
  place(selector) {
    const element = new Element("div", this);
    this.document.body.append(element);
    (this.matches[selector] ??= []).push(element);
    return element;
  }

  /** All elements of a tag, those in shadow roots too. */
  all(tag) {
    return [...this.document.documentElement.walk()].filter((element) => element.tag === tag);
  }

  /** Press the shown button with this text. */
  press(label) {
    const button = this.all("button").find((each) => each.textContent === label);
    if (!button) throw new Error(`no button "${label}"`);
    const event = new Event("click", { cancelable: true });
    button.dispatchEvent(event);
    return event;
  }

  /** The frame loads and connects. */
  async connect(state = {}) {
    const [iframe] = this.all("iframe").slice(-1);
    iframe.onload();
    const { data, target, ports } = iframe.contentWindow.posted.pop();
    this.connected = { data: plain(data), target, iframe };
    this.frame.port = ports[0];
    this.frame.port.onmessage = async ({ data: { call, name, args } }) => {
      this.frame.calls.push({ name, args });
      const reply = await this.frame.reply({ name, args });
      this.frame.port.postMessage({ type: "answer", call, ...reply });
    };
    await this.tell(state);
  }

  /** The frame tells its state. */
  async tell(state) {
    const whole = { enabled: false, signedIn: false, silent: false, storage: true, id: "ID", phone: false, ...state };
    this.frame.port.postMessage({ type: "state", state: whole });
    await quiet();
  }

  /** The popup says that it is there; what it then gets. */
  async ready(popup = this.opened.at(-1), forged = {}) {
    this.window.deliver({ data: { oneid: 1, type: "ready" }, source: popup, origin: SERVICE, ...forged });
    await quiet();
    return popup.posted.pop();
  }

  /** The popup says its last word, and closes. */
  async end(word, popup = this.opened.at(-1)) {
    const { ports } = await this.ready(popup);
    ports[0].postMessage(word);
    popup.closed = true;
    await quiet();
  }
}

const NONCES = { ad: { nonce: "a", key: "k" }, repo: { nonce: "r", key: "q" } };
export const SIGNED = { uid: "U", nonces: NONCES, two_factor_token: "T" };
export const PAYLOAD = '{"uid":"U","nonces":{"ad":{"nonce":"a","key":"k"},"repo":{"nonce":"r","key":"q"}},"attr":{},'
  + '"attr_claim_tokens":{},"two_factor_token":"T"}';
/** What the frame and the popup are asked for at a sign-in without wishes. */
export const PLAIN = { nonce: null, level: "ON", message: "", title: "", silent: false };
export const SILENT = { enabled: true, signedIn: true, silent: true };

/** A page whose visitor has keys and is not asked: the way of every later sign-in. */
export async function returning(options) {
  const page = new SitePage(options);
  page.OneID.init();
  await page.connect(SILENT);
  page.frame.reply = () => ({ value: SIGNED });
  return page;
}

export async function newcomer(options) {
  const page = new SitePage(options);
  page.OneID.init();
  await page.connect();
  return page;
}

/** A page with the file of cards already there, as after a first call. */
export async function prepared(make = newcomer, transform = []) {
  const page = await make();
  page.OneID.config({ transform });
  await quiet();
  return page;
}

/** How a promise ended: its value, or its error's code. */
export async function outcome(promise) {
  let ended = "pending";
  promise.then((value) => (ended = { value: plain(value) }), (error) => (ended = { code: error.code, error }));
  await quiet();
  return ended;
}

export const codeOf = async (promise) => (await outcome(promise)).code;
