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
   * @property {unknown} [likes]
   * @property {boolean} [shared] whether it waits for the outcome of another call
   * @property {URL} [url] the site's callback
   * @property {Plan} [plan]
   * @property {Promise<unknown>} [planning] until the plan is there
   */
  /**
   * @typedef {object} Plan what a call wants of the person's cards
   * @property {string} attr the names of what is asked for, "" if nothing is
   * @property {object | null} set what is to be kept
   * @property {string} [label] a name to fill in beforehand
   * @property {(given: any) => any} finish makes the call's value of what was given
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
  const OF_CARDS = ["attr", "quickfill", "collect"]; // the calls that are about cards alone
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
  function embed() {
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
  function converse(opened, call) {
    return new Promise((resolve, reject) => {
      let spoke = false;
      let gone = 0;
      const stop = receiveReady(opened, async () => { // again after each reload of the popup
        spoke = true;
        try {
          await Promise.all([call.planning, frameWithin(READY_MS)]);
        } catch (error) {
          opened.close();
          return end(reject, error);
        }
        const { attr, set, label = "" } = /** @type {Plan} */ (call.plan);
        const request = {
          name: OF_CARDS.includes(call.name) ? "attr" : call.name,
          attr,
          set,
          ...wishesOf(call.options),
          frame: (state.chanReady && frame?.name) || null,
          id: state.chanReady ? keys.id : null,
          label,
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
    const ofCards = OF_CARDS.includes(name);
    try {
      check(call);
      plan(call);
      // Nothing more is awaited between the click and the window, or the browser would block it.
      if (name !== "signup" && (waiting || !call.plan)) await gather(call);
      if (ofCards && call.plan && !call.plan.attr && !call.plan.set) return call.plan.finish({}); // nothing to ask for
      const may = state.chanReady && keys.silent && (ofCards || keys.signedIn);
      const silent = may && name !== "signup" && call.plan && !call.plan.set;
      let payload = silent ? await askSilently(call) : undefined;
      if (payload === undefined) payload = await throughPopup(call);
      if (payload === null || (name === "signup" && !challenge)) return payload && true;
      const { finish } = /** @type {Plan} */ (call.plan);
      if (ofCards) return finish(payload);
      const { uid, nonces, two_factor_token, confirm, attr = {}, attr_claim_tokens = {} } = payload;
      if (confirm === false) return { confirm, uid };
      const { message, title } = wishesOf(options);
      const words = confirm && { confirm, message, title };
      const whole = { uid, nonces, attr: finish(attr), attr_claim_tokens, two_factor_token, ...words };
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

  /** Know what the call wants of the person's cards, now or soon. @param {Call} call */
  function plan(call) {
    const { challenge, userData } = call.options;
    const attr = [challenge?.attr ?? ""].flat().join(" ");
    if (there.attributes) call.plan = there.attributes(call, attr);
    else if (userData || OF_CARDS.includes(call.name) || (attr && settings.transform)) {
      call.planning = load("attributes").then((made) => {
        if (!made) throw new OneIDError("network");
        call.plan = made(call, attr);
      });
      call.planning.catch(() => {}); // who waits for it hears of it
    } else call.plan = { attr, set: null, finish: (given) => given };
  }

  /** Wait for the frame and for the plan, but with a click behind it no longer than it lasts. @param {Call} call */
  async function gather(call) {
    const all = Promise.all([call.planning, frameSettled()]);
    if (!call.clicked) await Promise.race([all, new Promise((resolve) => (call.hurry = resolve))]);
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, CLICK_MS))]);
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

  /** @param {Call} call @param {{attr: string}} [wanted] @returns {Promise<any>} what it gives, null if cancelled */
  function askToSign({ name, options, plan, clicked }, { attr } = /** @type {Plan} */ (plan)) {
    if (name === "confirm") return ask(name, wishesOf(options));
    if (OF_CARDS.includes(name)) return ask("attr", { attr, again: clicked }); // also for what was not given before
    return ask("signin", { ...wishesOf({ challenge: options.challenge }), ...(attr && { attr }) });
  }

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
    if (!done || OF_CARDS.includes(call.name)) return done;
    if (call.name === "signup" && !call.options.challenge) return true;
    const payload = done.payload ?? (await askToSign(call, { attr: "" })); // the window brought what the cards say
    return payload && { ...payload, attr: done.attr, attr_claim_tokens: done.claims };
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

  // ---- What is loaded when it is needed -----------------------------------------------------------------------------

  const HASHES = {
    attributes: "{{integrity shim/attributes.js}}",
    buttons: "{{integrity shim/buttons.js}}",
    dialogs: "{{integrity shim/dialogs.js}}",
  };
  /** @typedef {keyof typeof HASHES} Part */
  /** @type {Partial<Record<Part, Promise<any> | null>>} */
  const parts = {};
  /** What they brought. @type {Partial<Record<Part, any>>} */
  const there = {};
  const pinned = script.src.includes("/static/");
  /** @param {string} name */
  const addressOf = (name) => new URL(pinned ? `shim/${name}.js` : `/oneid-${name}.js`, script.src).href;
  /** @type {any} */
  let policy; // it is made once
  /**
   * Load one, once; null if it does not come. It gives what it brings to the `take` of its script element. Who pinned
   * this build pinned it, too; other pages stay open for longer than a build is served.
   * @param {Part} name
   */
  const load = (name) => parts[name] ??= new Promise((resolve, reject) => {
    policy ??= page.trustedTypes?.createPolicy("oneid", { createScriptURL: addressOf });
    document.head.append(Object.assign(document.createElement("script"), {
      src: policy?.createScriptURL(name) ?? addressOf(name),
      integrity: pinned ? HASHES[name] : "",
      crossOrigin: "anonymous",
      nonce: script.nonce, // for sites whose content policy goes by it
      take: (/** @type {Callback} */ make) => resolve(there[name] = make({ ...tools, ...there.buttons })),
      onerror: reject,
    }));
    setTimeout(reject, FRAME_MS);
  }).catch(() => parts[name] = null); // the next one tries again
  /** They are made of what buttons are made of. @returns {Promise<any>} */
  const loadDialogs = async () => (await load("buttons")) && load("dialogs");

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
   * @param {unknown} [likes] calls that are alike in it share one outcome
   * @returns {Promise<any>}
   */
  function run(name, work, options, callback, likes) {
    if (typeof options === "function") [options, callback] = [{}, options];
    log(name);
    const call = { name, options: options ?? {}, callback, likes, clicked: clickedNow(), shared: false };
    const outcome = work(call);
    /** @param {any} value */
    const tell = (value) => {
      if (callback) hand(callback, value);
      if (!call.shared) emit(name, value);
    };
    outcome.then(tell, (error) => tell(error.answer ?? null)); // marks the promise as handled,
    return callback ? outcome : outcome.then((value) => value); // which is right only for who gave a callback
  }

  /** What the page said of buttons and was not drawn yet. @type {any[]} */
  const buttons = [];

  /** @param {any} options */
  function configure(options) {
    if ("debug" in options) state.debug = !!options.debug;
    for (const [key, value] of Object.entries(options)) {
      if (key === "buttons") buttons.push(value);
      else if (key === "ready") listen("apiReady", value, true);
      else if (key === "transform" || key === "viewport") settings[key] = value;
      else if (key !== "debug") log(`unknown setting: ${key}`);
    }
    if (options.buttons || options.ready) embed();
    if (buttons.length && state.browserSupport) load("buttons").then(drawButtons);
    if (options.transform) load("attributes"); // soon needed
  }

  /** Those that the page wants since they were last drawn, and those that it has lost. @param {any} drawing */
  function drawButtons(drawing) {
    if (!drawing) return;
    buttons.splice(0, buttons.length, {}).forEach(drawing.want);
    whenParsed(drawing.draw);
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
    embed();
    whenParsed(addViewport);
    return ready;
  }

  /** @param {Call} call */
  async function askFrame({ name }) {
    embed();
    if (!state.browserSupport) throw new OneIDError("browser_unsupported");
    await frameSettled();
    return ask(name);
  }

  /** @param {Call} call */
  async function enter(call) {
    embed();
    if (call.clicked && popup?.closed) hangUp(); // closed a moment ago: this click wants another one
    while (pending && pending.call.likes !== call.likes) await pending.promise.catch(() => {});
    return begin(call);
  }

  /** Make a form's values of it, without a window. @param {Call} call */
  async function readForm(call) {
    plan(call);
    await call.planning;
    return call.plan?.finish({});
  }

  /** @param {string} name one of those of cards @param {any[]} given to it, maybe with a callback at the end */
  function useCards(name, given) {
    const callback = typeof given.at(-1) === "function" ? given.pop() : undefined;
    const options = Object(given[0]);
    const work = name === "collect" && options.save !== true ? readForm : enter;
    return run(name, (call) => {
      call.clicked &&= options.silent !== true;
      return work(call);
    }, { given }, callback, likesOf([name, ...given]));
  }

  /** Elements, by what they are called when calls are compared. @type {WeakMap<object, number>} */
  const met = new WeakMap();

  /** The same for the two calls of a double click. @param {any} given */
  function likesOf(given) {
    try {
      return JSON.stringify(given, (_, value) => {
        if (!value?.nodeType) return typeof value === "function" ? String(value) : value;
        if (!met.has(value)) met.set(value, Math.random());
        return met.get(value);
      });
    } catch {
      return Math.random();
    }
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
    confirm: (words, callback) =>
      run("confirm", enter, Object(words) === words ? words : { message: words }, callback, Math.random()),
    /** @param {any[]} given names, or options, or what to keep; a callback */
    attr: (...given) => useCards("attr", given),
    /** @param {any[]} given a map, or options; a callback */
    quickfill: (...given) => useCards("quickfill", given),
    /** @param {any[]} given a map and maybe a context, or options; a callback */
    collect: (...given) => useCards("collect", given),
    /** @param {Callback} [callback] */
    signout: (callback) => run("signout", askFrame, {}, callback),
    /** @param {Callback} [callback] */
    optout: (callback) => run("optout", askFrame, {}, callback),
  };
  const tools = { SERVICE, OneID, OneIDError, settings, log, load };
  page.OneID = OneID;
})();
