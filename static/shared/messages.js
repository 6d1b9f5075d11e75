// @ts-check
/**
 * Everything that our pages say to other windows and hear from them; no other file of theirs touches `postMessage` or
 * message events. (The shim, which runs in the site's page, has one marked block of its own.)
 *
 * Window messages are `{oneid: 1, type, ...}`: A "connect" shim to frame, B "ready" popup to shim, C "request" shim to
 * popup, D "bundle" popup to frame. A, C and D bring a port, and all the rest is said through ports, which no other
 * window can reach. `receive` is the one receiver: it drops what is not of the exact source, origin, version and type.
 */

import { asRequest, isBundle, isRequest } from "./forms.js";

const VERSION = 1;
const STORING_MS = 5000;

/**
 * @typedef {object} State what the frame tells of itself
 * @property {boolean} enabled
 * @property {boolean} signedIn
 * @property {boolean} silent
 * @property {boolean} storage
 * @property {string | null} id
 * @property {boolean} phone whether the account is known to have one
 */
/** @typedef {{origin: string, port: MessagePort}} Connection a site's page: its origin as the browser told it */
/** @typedef {import("./forms.js").Bundle} Bundle */
/** @typedef {import("./forms.js").SignRequest} SignRequest */
/** @typedef {{call: number, progress: (number: string | null) => void}} Asked a call's number, word of how it goes */
/** @typedef {{oneid: number, type: string} & Record<string, unknown>} Message */

/**
 * May a page of this origin use the service? Over https, or on loopback; not an opaque origin, and not our own pages.
 * @param {string} origin as a message event tells it
 * @param {string} own the service's origin
 */
export function isSiteOrigin(origin, own) {
  if (origin === own || origin.length > 255 || !URL.canParse(origin)) return false; // "null" is no URL
  const { protocol, hostname, origin: canonical } = new URL(origin);
  const loopback = /^(?:(?:[^.]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  return canonical === origin && (protocol === "https:" || (protocol === "http:" && loopback));
}

/**
 * The one receiver of window messages.
 * @param {Window} here
 * @param {object} expected
 * @param {string} expected.type
 * @param {(source: Window) => boolean} expected.source
 * @param {(origin: string) => boolean} expected.origin
 * @param {(message: Message) => boolean} [expected.form] whether the members are what they have to be
 * @param {(heard: Connection & {message: Message}) => void} take
 * @returns {() => void} stops listening
 */
function receive(here, { type, source, origin, form = () => true }, take) {
  /** @param {MessageEvent} event */
  const listener = ({ data, source: from, origin: told, ports }) => {
    if (!from || !source(/** @type {Window} */ (from))) return;
    if (typeof data !== "object" || data?.oneid !== VERSION || data.type !== type) return;
    if (origin(told) && ports.length === 1 && form(data)) take({ message: data, origin: told, port: ports[0] });
  };
  here.addEventListener("message", listener);
  return () => here.removeEventListener("message", listener);
}

/**
 * The same for a message of which only the first counts.
 * @param {Window} here
 * @param {Parameters<typeof receive>[1]} expected
 * @returns {Promise<Connection & {message: Message}>}
 */
function receiveFirst(here, expected) {
  return new Promise((resolve) => {
    const stop = receive(here, expected, (heard) => {
      stop();
      resolve(heard);
    });
  });
}

// ---- In the frame

/**
 * A: wait for the page that embeds this frame, which must be the top window. The first one only.
 * @param {Window} [here]
 * @returns {Promise<Connection>}
 */
export async function receiveConnect(here = window) {
  const { origin, port } = await receiveFirst(here, {
    type: "connect",
    source: (source) => source === here.parent && here.parent === here.top && here.parent !== here,
    origin: (origin) => isSiteOrigin(origin, here.location.origin),
  });
  return { origin, port };
}

/**
 * D: take bundles from popups of our own origin that the embedding page opened.
 * @param {(delivery: {id: string, origin: string, bundle: Bundle}) => Promise<boolean>} take whether it was kept
 * @param {Window} [here]
 * @returns {() => void} stops listening
 */
export function receiveBundles(take, here = window) {
  return receive(here, {
    type: "bundle",
    source: (source) => source !== here && source.opener === here.parent,
    origin: (origin) => origin === here.location.origin,
    form: ({ id, origin, bundle }) => typeof id === "string" && typeof origin === "string" && isBundle(bundle),
  }, async ({ message, port }) => {
    const { id, origin, bundle } = /** @type {any} */ (message);
    port.postMessage({ type: (await take({ id, origin, bundle })) ? "stored" : "unstorable" });
  });
}

/** @param {MessagePort} port @param {State} state */
export function postState(port, state) {
  port.postMessage({ type: "state", state });
}

/**
 * Answer the calls that come through a port, each by its number. One that waits for the phone says so meanwhile.
 * @param {MessagePort} port
 * @param {(name: string, args: Record<string, unknown>, asked: Asked) => Promise<unknown>} handle
 */
export function answerCalls(port, handle) {
  port.onmessage = async ({ data }) => {
    if (data?.type !== "call" || typeof data.name !== "string") return;
    const { call, name, args } = data;
    /** @param {string | null} number what is to be typed on the phone */
    const progress = (number) => port.postMessage({ type: "progress", call, number });
    try {
      port.postMessage({ type: "answer", call, value: await handle(name, args ?? {}, { call, progress }) });
    } catch (error) {
      const code = /** @type {any} */ (error)?.code;
      port.postMessage({ type: "answer", call, error: typeof code === "string" ? code : "internal_fault" });
      if (typeof code !== "string") throw error; // a mistake of ours: let the console have it
    }
  };
}

// ---- In the popup

/**
 * B: tell the page that opened us that we are there. It says nothing, so anyone may hear it.
 * @param {Window} [here]
 */
export function sendReady(here = window) {
  here.opener?.postMessage({ oneid: VERSION, type: "ready" }, "*");
}

/**
 * C: wait for what the opener wants. The first request only; its origin, a fact from the browser, is the site's.
 * @param {(origin: string) => void} [refused] told of an opener that may not use the service, so that the person is too
 * @param {Window} [here]
 * @returns {Promise<Connection & {request: SignRequest}>}
 */
export async function receiveRequest(refused = () => {}, here = window) {
  const { message, origin, port } = await receiveFirst(here, {
    type: "request",
    source: (source) => source === here.opener,
    origin: (origin) => {
      const fits = isSiteOrigin(origin, here.location.origin);
      if (!fits) refused(origin);
      return fits;
    },
    form: ({ request }) => isRequest(request),
  });
  return { origin, port, request: asRequest(message.request) };
}

/**
 * D: hand a bundle to the frame in the opener's page. Only a page of our own origin can receive it.
 * @param {{frame: string, id: string, origin: string, bundle: Bundle}} delivery `origin` is the pinned one
 * @param {Window} [here]
 * @returns {Promise<boolean>} whether the frame holds it now; false also if no frame answers
 */
export async function sendBundle({ frame, id, origin, bundle }, here = window) {
  const target = framed(here.opener, frame);
  if (!target) return false;
  const { port1, port2 } = new MessageChannel();
  let timer;
  try {
    return await new Promise((resolve) => {
      timer = setTimeout(resolve, STORING_MS, false);
      port1.onmessage = ({ data }) => resolve(data?.type === "stored");
      target.postMessage({ oneid: VERSION, type: "bundle", id, origin, bundle }, here.location.origin, [port2]);
    });
  } finally {
    clearTimeout(timer);
    port1.close();
  }
}

/** @param {any} page of another origin, or null @param {string} name @returns {Window | null} its frame of that name */
function framed(page, name) {
  try {
    return page?.frames[name] ?? null;
  } catch {
    return null; // a browser throws a SecurityError where the page has no such frame, or has it no more
  }
}

/**
 * @typedef {object} Done what the popup has for the site
 * @property {{uid: string}} [payload] missing if the frame holds the keys and shall sign
 * @property {object} [attr] what the person handed over, in the request's own words
 * @property {Record<string, string>} [claims] what the service says of it
 * @property {true} [kept] what the site wanted to be kept, is
 */

/** The popup's last word when all went well. @param {MessagePort} port @param {Done} value */
export function postDone(port, value) {
  port.postMessage({ type: "done", value });
}

/** The person does not want to. @param {MessagePort} port */
export function postCancelled(port) {
  port.postMessage({ type: "cancelled" });
}

/** @param {MessagePort} port @param {string} code */
export function postFailed(port, code) {
  port.postMessage({ type: "failed", error: code });
}
