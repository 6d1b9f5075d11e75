// OneID for websites; docs/javascript.md is its reference. It stores nothing and holds no secret: keys live in the
// frame and the popup, pages of the service's own origin, and this file carries words between them and your page.
// @ts-check
(() => {
  "use strict";

  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const page = /** @type {any} */ (window);
  if (page.OneID?.OneIDError) return; // included twice: the first one has the listeners and the buttons
  if (!script?.src) throw new Error("OneID: the script needs an address (src): that is where the service is");

  const SERVICE = new URL(script.src).origin;
  const VERSION = 1;
  const FRAME_MS = 10_000; // for the frame to answer; later calls go on with the popup alone
  const CALL_MS = 30_000; // for the frame, or the site's callback, to do what it was asked
  const PHONE_MS = 130_000; // for the frame while the phone is asked
  const CLICK_MS = 700; // for the frame after a click: some browsers block a window a second later
  const READY_MS = 3_000; // for the frame with the window open: without it nothing is kept for the next time
  const TICK_MS = 250;
  const SEVERED_TICKS = 12; // a window that reads closed and never said a word: the site's own headers cut the tie
  const CLOSED_TICKS = 4; // one that did speak: for its last word to arrive

  /** @typedef {(value?: any) => any} Callback */
  /**
   * @typedef {object} Call
   * @property {string} name
   * @property {any} options
   * @property {Callback} [callback]
   * @property {boolean} clicked whether a click of the visitor is behind it
   * @property {Callback} [hurry] tells it, while it waits for the frame, that there is a click now
   * @property {boolean} [shared] whether it waits for the outcome of another call
   * @property {URL} [url] the site's callback
   */

  /** A failure, told by `code`; docs/javascript.md lists them. `answer` is what the site's callback said, if it did. */
  class OneIDError extends Error {
    /** @param {string} code @param {any} [answer] */
    constructor(code, answer) {
      super(`OneID: ${code}`);
      this.name = "OneIDError";
      this.code = code;
      this.answer = answer;
    }
  }

  const state = {
    apiHost: SERVICE,
    apiReady: false,
    // The youngest that we need.
    browserSupport: window.isSecureContext && "adoptedStyleSheets" in document && "timeout" in AbortSignal,
    buildVersion: "{{build}}",
    chanReady: false,
    debug: false,
    enabled: false,
    getMobileUrl: `${SERVICE}/remote`,
    keychainHost: SERVICE,
    mobileEnabled: false,
    oneIdHost: SERVICE,
    repoHost: SERVICE,
    signedIn: false,
  };
  /** @type {{transform?: any, viewport?: boolean | string}} */
  const settings = {};
  if (!window.isSecureContext) console.warn("OneID: this page has to be served over https");

  /** @param {unknown[]} words what happens, never what is in it */
  const log = (...words) => state.debug && console.log("OneID:", ...words);
  const clickedNow = () => navigator.userActivation?.isActive ?? true; // older browsers can't tell: try, and see
  /** @param {() => void} work */
  const whenParsed = (work) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", work, { once: true });
    else work();
  };

  // ---- Messages: the one block that touches postMessage and message events ------------------------------------------

  /**
   * The one receiver of window messages. Only a popup of ours, from the service's origin, has something to say here.
   * @param {Window} popup
   * @param {() => void} take
   * @returns {() => void} stops listening
   */
  function receiveReady(popup, take) {
    /** @param {MessageEvent} event */
    const listener = ({ source, origin, data }) => {
      if (source === popup && origin === SERVICE && data?.oneid === VERSION && data.type === "ready") take();
    };
    window.addEventListener("message", listener);
    return () => window.removeEventListener("message", listener);
  }

  /**
   * Give a window of the service a message and one end of a channel; the target origin keeps others from having it.
   * @param {Window} target
   * @param {object} message
   * @param {(word: any) => void} take what comes back through the channel
   */
  function sendWithPort(target, message, take) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => take(data ?? {});
    target.postMessage({ oneid: VERSION, ...message }, SERVICE, [port2]);
    return port1;
  }

  /** @type {HTMLIFrameElement | undefined} */
  let frame;
  /** @type {MessagePort | null} */
  let channel = null;
  /** What the frame last said of itself. @type {any} */
  let keys = {};
  /** @type {Map<number, Callback>} */
  const asked = new Map();
  let calls = 0;
  /** Whether the frame that is in the page has answered, or had its time to. */
  let settled = Promise.resolve();
  let waiting = false;
  let settle = () => {};
  /** @type {() => void} */
  let becomeReady;
  const ready = new Promise((resolve) => {
    becomeReady = () => {
      if (state.apiReady) return;
      state.apiReady = true;
      log("ready", state.chanReady ? "" : "without the frame");
      resolve(true);
      emit("apiReady", true);
    };
  });

  /** Put the frame into the page, unless it is there. A page may have replaced its whole body. */
  function load() {
    if (!state.browserSupport) return becomeReady();
    if (frame && (frame.isConnected || document.readyState === "loading")) return;
    const made = document.createElement("iframe");
    frame = made;
    state.chanReady = false;
    waiting = true;
    const former = settle;
    settled = new Promise((resolve) => {
      settle = () => {
        resolve();
        if (made !== frame) return; // one that was thrown out since
        waiting = false;
        becomeReady();
      };
    });
    former(); // whoever waited for that one waits for this one now; what it was asked it will not answer
    for (const call of asked.keys()) hear({ type: "answer", call, error: "network" });
    made.name = `oneid-${crypto.randomUUID()}`;
    made.title = "OneID";
    made.referrerPolicy = "no-referrer"; // who merely shows a button is nobody's business
    made.tabIndex = -1;
    made.setAttribute("aria-hidden", "true");
    made.style.cssText = "position:fixed;width:0;height:0;border:0;visibility:hidden";
    made.src = `${SERVICE}/frame`;
    made.onload = () => {
      if (!made.contentWindow) return;
      channel = sendWithPort(made.contentWindow, { type: "connect" }, (word) => made === frame && hear(word));
    };
    whenParsed(() => {
      document.body.append(made);
      setTimeout(settle, FRAME_MS);
    });
  }

  async function frameSettled() {
    while (waiting) await settled; // in a loop: another frame may have taken its place
  }
  /** @param {number} ms */
  const frameWithin = (ms) => Promise.race([frameSettled(), new Promise((resolve) => setTimeout(resolve, ms))]);

  /** @param {any} word from the frame */
  function hear(word) {
    if (word.type === "state") {
      keys = word.state;
      const { enabled, signedIn, phone } = keys;
      Object.assign(state, { chanReady: true, enabled: !!enabled, signedIn: !!signedIn, mobileEnabled: !!phone });
      if (phone) loadDialogs(); // soon needed, perhaps
      settle();
    } else asked.get(word.call)?.(word);
  }

  /** @param {string} name @param {any} [args] @returns {Promise<any>} what the frame answers */
  function ask(name, args = {}) {
    const call = ++calls;
    const answered = new Promise((resolve, reject) => {
      if (!state.chanReady) throw new OneIDError("frame_unavailable");
      let timer = 0;
      /** @param {number} ms */
      const wait = (ms) => {
        clearTimeout(timer);
        timer = setTimeout(hear, ms, { type: "answer", call, error: "network" });
      };
      wait(CALL_MS);
      asked.set(call, ({ type, value, error, number }) => {
        if (type === "progress") {
          wait(PHONE_MS);
          checkPhone(number).catch(() => {});
          return;
        }
        asked.delete(call);
        clearTimeout(timer);
        if (error) reject(new OneIDError(error));
        else resolve(value);
      });
      channel?.postMessage({ type: "call", call, name, args });
    });
    /** The phone asks now. @param {string | null} number to be typed there */
    const checkPhone = async (number) => {
      if (args.silent && !number) return;
      const drawn = await loadDialogs();
      const cancelled = drawn ? await drawn.checkPhone(args, number, answered) : number;
      if (!drawn && number) hear({ type: "answer", call, error: "network" });
      if (cancelled) channel?.postMessage({ type: "call", call: ++calls, name: "cancel", args: { call } });
    };
    return answered;
  }

  /** Notice at once that the person closed the popup. */
  let hangUp = () => {};

  /**
   * Talk with an open popup until it has said its last word.
   * @param {Window} opened
   * @param {Call} call
   * @returns {Promise<any>} the popup's value, null if the person closed it
   */
  function converse(opened, { name, options }) {
    return new Promise((resolve, reject) => {
      let spoke = false;
      let gone = 0;
      const stop = receiveReady(opened, async () => { // again after each reload of the popup
        spoke = true;
        await frameWithin(READY_MS);
        const request = {
          name,
          attr: String(options.challenge?.attr ?? ""),
          ...wishesOf(options),
          frame: (state.chanReady && frame?.name) || null,
          id: state.chanReady ? keys.id : null,
          label: labelOf(options.userData),
        };
        sendWithPort(opened, { type: "request", request }, (word) => {
          if (word.type === "done") end(resolve, word.value ?? {});
          else if (word.type === "cancelled") end(resolve, null);
          else if (word.type === "failed") end(reject, new OneIDError(String(word.error)));
        });
      });
      const timer = setInterval(() => {
        gone = opened.closed ? gone + 1 : 0;
        if (spoke && gone >= CLOSED_TICKS) end(resolve, null);
        else if (!spoke && gone >= SEVERED_TICKS) end(reject, new OneIDError("opener_severed"));
      }, TICK_MS);
      /** @param {(value: any) => void} settle @param {any} value */
      const end = (settle, value) => {
        if (popup === opened) popup = null;
        clearInterval(timer);
        stop();
        settle(value);
      };
      hangUp = () => {
        pending = null;
        end(resolve, null);
      };
    });
  }

  // ---- end of the block that touches postMessage --------------------------------------------------------------------

  /** What is to be signed, and how. @param {any} options */
  function wishesOf(options) {
    const { challenge, message, title, silent } = options;
    const nonce = challenge?.nonce ? String(challenge.nonce) : null; // one that the site chose
    const level = challenge?.auth_level ?? "ON";
    return { nonce, level, message: String(message ?? ""), title: String(title ?? ""), silent: !!silent };
  }

  /** A name to fill in beforehand, of the older vocabulary's fields. @param {any} userData */
  function labelOf(userData) {
    const fields = ["first_name", "last_name"].map((field) => userData?.[`name[${field}]`] ?? userData?.name?.[field]);
    return fields.filter((text) => typeof text === "string").join(" ").slice(0, 64);
  }

  // ---- Signing in ---------------------------------------------------------------------------------------------------

  /** The call that is under way: a double click must not open two windows. @type {any} */
  let pending = null;
  /** The window that its call talks with. @type {Window | null} */
  let popup = null;

  /** @param {Call} call @returns {Promise<any>} */
  function begin(call) {
    if (pending) {
      call.shared = true;
      pending.call.clicked ||= call.clicked;
      if (call.clicked) pending.call.hurry?.();
      popup?.focus();
    } else {
      const mine = { call, promise: signIn(call) };
      pending = mine;
      const free = () => {
        if (pending === mine) pending = popup = null;
      };
      mine.promise.then(free, free);
    }
    return pending.promise;
  }

  /** @param {Call} call */
  async function signIn(call) {
    const { name, options } = call;
    const { challenge } = options;
    try {
      check(call);
      // Nothing more is awaited between the click and the window, or the browser would block it.
      if (waiting && name !== "signup") await waitForFrame(call);
      const silent = name !== "signup" && state.chanReady && keys.silent;
      let payload = silent ? await askSilently(call) : undefined;
      if (payload === undefined) payload = await throughPopup(call);
      if (payload === null || (name === "signup" && !challenge)) return payload && true;
      const { uid, nonces, two_factor_token, confirm } = payload;
      if (confirm === false) return { confirm, uid };
      const { message, title } = wishesOf(options);
      const words = confirm && { confirm, message, title };
      const whole = { uid, nonces, attr: {}, attr_claim_tokens: {}, two_factor_token, ...words };
      return call.url ? await deliver(call, call.url, whole) : whole;
    } catch (error) {
      // Without a callback of the page the outcome is ours to show, unless no click is behind it.
      const { code, answer } = /** @type {OneIDError} */ (error);
      log(name, code ?? error);
      const ours = challenge?.callback && !call.callback && code !== "interaction_required";
      if (ours) loadDialogs().then((drawn) => drawn?.fail(code, answer)).catch(() => {});
      throw error;
    }
  }

  /** @param {Call} call */
  async function waitForFrame(call) {
    if (!call.clicked) await Promise.race([frameSettled(), new Promise((resolve) => (call.hurry = resolve))]);
    await frameWithin(CLICK_MS);
  }

  /** What can be known to be wrong before anything is opened. @param {Call} call */
  function check(call) {
    const { callback } = call.options.challenge ?? {};
    const { level, message } = wishesOf(call.options);
    if (!state.browserSupport) throw new OneIDError("browser_unsupported");
    if (!["ON", "OOB", "OOBPIN"].includes(level)) throw new OneIDError("not_supported");
    if (call.name === "confirm" && !/^.{1,10000}$/su.test(message)) throw new OneIDError("malformed_words");
    if (!callback) return;
    const url = webAddress(callback);
    if (!url) throw new OneIDError("invalid_callback");
    call.url = url;
  }

  /** @param {unknown} address as seen from the page @returns {URL | null} */
  function webAddress(address) {
    try {
      const url = new URL(String(address), document.baseURI);
      return /^https?:$/.test(url.protocol) ? url : null;
    } catch {
      return null;
    }
  }

  /** @param {Call} call @returns {Promise<any>} a payload, null if cancelled */
  const askToSign = ({ name, options }) =>
    name === "confirm" ? ask(name, wishesOf(options)) : ask("signin", wishesOf({ challenge: options.challenge }));

  /** @param {Call} call @returns {Promise<any>} undefined if the person has to be asked */
  async function askSilently(call) {
    try {
      return await askToSign(call);
    } catch (error) {
      if (/** @type {OneIDError} */ (error).code !== "interaction_required") throw error;
      return undefined;
    }
  }

  /** @param {Call} call @returns {Promise<any>} a payload, `true` after a signup, null if cancelled */
  async function throughPopup(call) {
    if (!call.clicked) throw new OneIDError("interaction_required");
    popup = clickedNow() ? openPopup() : null;
    if (!popup) {
      log("window blocked");
      const drawn = await loadDialogs();
      if (drawn && !(await drawn.goOn(() => (popup = openPopup())))) return null;
      if (!popup) throw new OneIDError("popup_blocked");
    }
    const done = await converse(/** @type {Window} */ (popup), call);
    if (!done || done.payload) return done && done.payload;
    return call.name === "signup" && !call.options.challenge ? true : askToSign(call);
  }

  function openPopup() {
    const [width, height] = [460, 780];
    const left = Math.round(screenX + Math.max(0, (outerWidth - width) / 2));
    const top = Math.round(screenY + Math.max(0, (outerHeight - height) / 2));
    log("opening the window");
    return window.open(`${SERVICE}/popup`, "_blank", `popup,width=${width},height=${height},left=${left},top=${top}`);
  }

  // ---- The way to the site ------------------------------------------------------------------------------------------

  /** @param {Call} call @param {URL} url @param {object} payload @returns {Promise<any>} what the site answers */
  function deliver(call, url, payload) {
    log("to the site's callback");
    const body = JSON.stringify(payload); // one line: some callbacks read no further
    const method = call.options.challenge.request_method;
    return method === "HTTP_POST" || method === "POST" ? submit(url, body) : post(url, body, !call.callback);
  }

  /**
   * The next page is the answer. Where this one stays (for a download) or comes back, the call ends without one.
   * @param {URL} url
   * @param {string} body
   * @returns {Promise<null>}
   */
  function submit(url, body) {
    const form = document.createElement("form");
    const field = document.createElement("input");
    Object.assign(form, { method: "post", action: url.href, acceptCharset: "utf-8", hidden: true });
    Object.assign(field, { type: "hidden", name: "json_data", value: body });
    form.append(field);
    document.body.append(form);
    form.submit();
    form.remove();
    pending = null; // if the answer is no page, the next click counts again
    return new Promise((resolve) => {
      window.addEventListener("pageshow", ({ persisted }) => persisted && resolve(null));
      setTimeout(resolve, CALL_MS, null);
    });
  }

  /** @param {URL} url @param {string} body @param {boolean} follow whether to go where the answer says */
  async function post(url, body, follow) {
    let response, said;
    try {
      const headers = { "Content-Type": "application/json" };
      const signal = AbortSignal.timeout(CALL_MS);
      response = await fetch(url, { method: "POST", headers, body, credentials: "same-origin", signal });
      said = (await response.text()).trim();
    } catch {
      throw new OneIDError("callback_unreachable");
    }
    const answer = response.ok && said === "OK" ? {} : read(said); // "OK" is what a sample for Node says
    if (!response.ok) throw new OneIDError("site_refused", answer);
    if (!answer) throw new OneIDError("callback_unreadable");
    const { error = "success", errorcode = 0 } = answer;
    if (error !== "success" || (errorcode !== 0 && errorcode !== "0")) throw new OneIDError("site_refused", answer);
    if (follow && (answer.url ?? null) !== null) {
      const next = webAddress(answer.url);
      if (!next) throw new OneIDError("callback_unreadable");
      location.assign(next);
    }
    return answer;
  }

  /**
   * The site's answer, whatever content type it has. What is no JSON object may be an error page, and is no answer.
   * @param {string} said
   */
  function read(said) {
    try {
      const answer = JSON.parse(said);
      return typeof answer === "object" && !Array.isArray(answer) ? answer : null;
    } catch {
      return null;
    }
  }

  // ---- What the page shows: a shadow root each, so that the site's style and policy do not break it -----------------

  const TEXTS = {
    en: { signin: "Sign in with OneID", signup: "Create a OneID" },
    de: { signin: "Mit OneID anmelden", signup: "OneID erstellen" },
  };
  const language = () => (/^de\b/i.test(document.documentElement.lang || navigator.language) ? "de" : "en");

  const STYLE = /* in em: rem would be the site's */ `
    :host { all: initial !important; display: inline-block !important; color-scheme: light dark !important; }
    button { display: inline-flex; align-items: center; gap: .6em; min-height: max(44px, 2.75em); padding: .5em 1.1em;
      border: 1px solid #1f6f5c; border-radius: .5em; background: #1f6f5c; color: #fff; cursor: pointer;
      font: 500 1em/1.25 system-ui, sans-serif; transition: background .15s; }
    button:hover { background: #185848; }
    button:focus-visible { box-shadow: 0 0 0 3px #fff; outline: 3px solid #1f6f5c; outline-offset: 3px; }
    button[aria-busy=true] { opacity: .7; cursor: progress; }
    svg { width: 1.4em; height: 1.4em; fill: none; stroke: currentColor; stroke-width: 3; }
    @media (prefers-reduced-motion: reduce) { button { transition: none; } }`;
  /** @type {CSSStyleSheet | undefined} */
  let sheet;

  /** @param {Element} parent @param {Element} child @param {CSSStyleSheet[]} more */
  function shelter(parent, child, ...more) {
    if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLE);
    const host = document.createElement("oneid-box");
    host.lang = language();
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet, ...more];
    root.append(child);
    parent.append(host);
    return host;
  }

  /** @param {string} label @param {(event: Event) => void} act */
  function makeButton(label, act) {
    const button = document.createElement("button");
    button.type = "button"; // inside a form of the page it must not submit that form
    button.append(label);
    button.addEventListener("click", act);
    return button;
  }

  function drawMark() {
    const [mark, rings] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    mark.setAttribute("viewBox", "5.5 5.5 37 35");
    mark.setAttribute("aria-hidden", "true");
    const tops = ["24 7", "16 21", "32 21"];
    rings.setAttribute("d", tops.map((top) => `M${top}a9 9 0 1 1-.01 0z`).join(""));
    mark.append(rings);
    return mark;
  }

  /** The file that draws dialogs. @type {Promise<any> | null} */
  let dialogs = null;
  /** @type {any} */
  let source; // a policy is made once
  /**
   * Load it, once; null if it does not come. It gives what it brings to the `take` of its script element. Who pinned
   * this build pinned it, too; other pages stay open for longer than a build is served.
   */
  const loadDialogs = () => dialogs ??= new Promise((resolve, reject) => {
    const pinned = script.src.includes("/static/");
    const address = new URL(pinned ? "shim/dialogs.js" : "/oneid-dialogs.js", script.src).href;
    source ??= page.trustedTypes?.createPolicy("oneid", { createScriptURL: () => address }).createScriptURL("");
    document.head.append(Object.assign(document.createElement("script"), {
      src: source ?? address,
      integrity: pinned ? "{{integrity shim/dialogs.js}}" : "",
      crossOrigin: "anonymous",
      nonce: script.nonce, // for sites whose content policy goes by it
      take: (/** @type {Callback} */ make) => resolve(make({ shelter, makeButton, language, SERVICE })),
      onerror: reject,
    }));
    setTimeout(reject, FRAME_MS);
  }).catch(() => dialogs = null); // the next one tries again

  /** @typedef {{name: "signin" | "signup", selector: string, args: any[]}} Wish a button that the page wants */
  /** @type {Map<string, Wish>} */
  const wishes = new Map();
  /** @type {Record<string, WeakMap<Element, {host: Element, wish: Wish}>>} */
  const drawn = { signin: new WeakMap(), signup: new WeakMap() };

  function draw() {
    for (const wish of wishes.values()) {
      for (const element of document.querySelectorAll(wish.selector)) {
        const there = drawn[wish.name].get(element);
        if (there?.host.parentNode === element) there.wish = wish; // only its arguments may be new
        else drawButton(element, wish);
      }
    }
  }

  /** @param {Element} element @param {Wish} wish */
  function drawButton(element, wish) {
    const button = makeButton(TEXTS[language()][wish.name], (event) => {
      event.preventDefault(); // an element around it may be a link
      const free = () => button.removeAttribute("aria-busy");
      const [options, callback] = here.wish.args;
      button.setAttribute("aria-busy", "true");
      OneID[wish.name](options, callback).then(free, free);
    });
    button.prepend(drawMark());
    const here = { host: shelter(element, button), wish };
    drawn[wish.name].set(element, here);
  }

  /** @param {Record<string, any>} buttons */
  function wantButtons(buttons) {
    for (const [key, args] of Object.entries(buttons)) {
      const [, name, selector] = /** @type {any} */ (/^\s*(signin|signup)\s+(.+)$/s.exec(key) ?? []);
      if (name && isSelector(selector)) wishes.set(key, { name, selector, args: [args].flat() });
      else log(`not a button: "${key}"`);
    }
  }

  /** @param {string} selector */
  function isSelector(selector) {
    try {
      document.querySelector(selector);
      return true;
    } catch {
      return false;
    }
  }

  // ---- The functions ------------------------------------------------------------------------------------------------

  /** @type {Map<string, {handler: Callback, once: boolean}[]>} */
  const listeners = new Map();

  /** Runs what belongs to the page; its mistakes are reported as its own. @param {Callback} work @param {any} value */
  const hand = (work, value) => queueMicrotask(() => work(value));

  /** @param {string} name @param {any} value */
  function emit(name, value) {
    const all = listeners.get(name) ?? [];
    listeners.set(name, all.filter(({ once }) => !once));
    for (const { handler } of all) hand(handler, value);
  }

  /** @param {string} name @param {Callback} handler @param {boolean} once */
  function listen(name, handler, once) {
    const late = name === "apiReady" && state.apiReady;
    if (late) hand(handler, true);
    if (!(late && once)) listeners.set(name, [...(listeners.get(name) ?? []), { handler, once }]);
  }

  /**
   * Run a documented function: its callback and its listeners hear the value, or null on cancel and on error (or what
   * the site answered); the promise tells errors by their code.
   * @param {string} name
   * @param {(call: Call) => Promise<any>} work
   * @param {any} options
   * @param {Callback} [callback]
   * @returns {Promise<any>}
   */
  function run(name, work, options, callback) {
    if (typeof options === "function") [options, callback] = [{}, options];
    log(name);
    const call = { name, options: options ?? {}, callback, clicked: clickedNow(), shared: false };
    const outcome = work(call);
    /** @param {any} value */
    const tell = (value) => {
      if (callback) hand(callback, value);
      if (!call.shared) emit(name, value);
    };
    outcome.then(tell, (error) => tell(error.answer ?? null)); // marks the promise as handled,
    return callback ? outcome : outcome.then((value) => value); // which is right only for who gave a callback
  }

  /** @param {any} options */
  function configure(options) {
    if ("debug" in options) state.debug = !!options.debug;
    for (const [key, value] of Object.entries(options)) {
      if (key === "buttons") wantButtons(value);
      else if (key === "ready") listen("apiReady", value, true);
      else if (key === "transform" || key === "viewport") settings[key] = value;
      else if (key !== "debug") log(`unknown setting: ${key}`);
    }
    if (options.buttons || options.ready) load();
    if (wishes.size && state.browserSupport) whenParsed(draw);
  }

  function addViewport() {
    const { viewport = true } = settings;
    if (!viewport || document.querySelector("meta[name=viewport i]")) return;
    const content = viewport === true ? "width=device-width, initial-scale=1" : viewport;
    document.head.append(Object.assign(document.createElement("meta"), { name: "viewport", content }));
  }

  /** @param {Call} call @returns {Promise<any>} */
  async function start({ options }) {
    configure(options);
    load();
    whenParsed(addViewport);
    return ready;
  }

  /** @param {Call} call */
  async function askFrame({ name }) {
    load();
    if (!state.browserSupport) throw new OneIDError("browser_unsupported");
    await frameSettled();
    return ask(name);
  }

  /** @param {Call} call */
  async function enter(call) {
    load();
    if (call.clicked && popup?.closed) hangUp(); // closed a moment ago: this click wants another one
    // A confirmation has words of its own: it joins nothing, and nothing joins it.
    const apart = () => pending && (call.name === "confirm" || pending.call.name === "confirm");
    while (apart()) await pending.promise.catch(() => {});
    return begin(call);
  }

  const OneID = {
    OneIDError,
    /** @param {any} [options] @param {Callback} [callback] */
    init: (options, callback) => run("init", start, options, callback),
    /** @param {any} options @param {Callback} [callback] */
    config: (options, callback) => run("config", async (call) => (configure(call.options), true), options, callback),
    /** @param {keyof state} [name] */
    get: (name) => (name === undefined ? { ...state } : state[name]),
    /** @param {string} name @param {Callback} handler */
    on: (name, handler) => listen(name, handler, false),
    /** @param {string} name @param {Callback} handler */
    once: (name, handler) => listen(name, handler, true),
    /** @param {string} name @param {Callback} [handler] without one, all of them */
    off(name, handler) {
      listeners.set(name, (listeners.get(name) ?? []).filter((each) => handler && each.handler !== handler));
    },
    /** @param {any} [options] @param {Callback} [callback] */
    signin: (options, callback) => run("signin", enter, options, callback),
    /** @param {any} [options] @param {Callback} [callback] */
    signup: (options, callback) => run("signup", enter, options, callback),
    /** @param {any} words the message, or more in an object @param {Callback} [callback] */
    confirm: (words, callback) => run("confirm", enter, Object(words) === words ? words : { message: words }, callback),
    /** @param {Callback} [callback] */
    signout: (callback) => run("signout", askFrame, {}, callback),
    /** @param {Callback} [callback] */
    optout: (callback) => run("optout", askFrame, {}, callback),
  };
  page.OneID = OneID;
})();
