// @ts-check
/** Web Push: what wakes this phone while its page is closed. Without it everything works while the page is open. */
import { signer } from "../shared/devices.js";
import { fromBase64url } from "../shared/encoding.js";
import { call } from "../shared/repo.js";

/** @typedef {import("./phone.js").Held} Held */
/** @typedef {"unsupported" | "denied" | "on" | "off"} Standing */

const SCOPE = "/remote";
const WORKER = "/remote/worker.js";

/** The browser would not subscribe: the person said no, or no push service can be reached. */
export class PushError extends Error {
  /** @param {"push_denied" | "push_unavailable"} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** Start the service worker, which also keeps this page for times without a network. Never worth an error. */
export async function startWorker() {
  const types = /** @type {any} */ (globalThis).trustedTypes;
  const policy = types?.createPolicy("oneid-worker", { createScriptURL: () => WORKER });
  const address = policy ? policy.createScriptURL("") : WORKER;
  await navigator.serviceWorker?.register(address, { scope: SCOPE, updateViaCache: "none" }).catch(() => {});
}

/** @returns {Promise<Standing>} whether this browser would show a notification now */
export async function standing() {
  const registration = await registered();
  if (!registration?.pushManager || !globalThis.Notification) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  const subscribed = (await registration.pushManager.getSubscription()) !== null;
  return subscribed && Notification.permission === "granted" ? "on" : "off";
}

/**
 * Subscribe, and tell the repo where to send. Has to be called in a click.
 * @param {Held} held
 * @param {string} key the repo's VAPID key
 * @throws {PushError | import("../shared/repo.js").RepoError}
 */
export async function turnOn(held, key) {
  if ((await Notification.requestPermission()) !== "granted") throw new PushError("push_denied");
  const registration = await registered();
  let subscription;
  try {
    if (!registration) throw new PushError("push_unavailable");
    await (await registration.pushManager.getSubscription())?.unsubscribe(); // one of another key stands in the way
    const wish = { userVisibleOnly: true, applicationServerKey: fromBase64url(key) };
    subscription = await registration.pushManager.subscribe(wish);
  } catch {
    throw new PushError("push_unavailable");
  }
  try {
    await tell(held, subscription);
  } catch (error) {
    await subscription.unsubscribe();
    throw error;
  }
}

/**
 * Tell the repo once more: browsers change where they want to be sent to. Never worth an error.
 * @param {Held} held
 */
export async function renew(held) {
  try {
    const subscription = await (await registered())?.pushManager?.getSubscription();
    if (subscription && Notification.permission === "granted") await tell(held, subscription);
  } catch {
    // what was told before may still be right, and the page works without
  }
}

/** @param {Held} held */
export async function turnOff(held) {
  await call("/repo/phone/push/end", {}, signer(held));
  await (await (await registered())?.pushManager?.getSubscription())?.unsubscribe();
}

/** This phone wakes for nobody any more. Never worth an error: the repo was told, or will be. */
export async function unsubscribe() {
  try {
    await (await (await registered())?.pushManager?.getSubscription())?.unsubscribe();
  } catch {
    // the repo hears it from the push service
  }
}

/** Take away what was shown to wake the person: they are here. */
export async function clear() {
  const shown = (await (await registered())?.getNotifications?.()) ?? [];
  for (const notification of shown) notification.close();
}

/** @param {Held} held @param {PushSubscription} subscription */
async function tell(held, subscription) {
  const { endpoint, keys } = subscription.toJSON();
  await call("/repo/phone/push", { endpoint, p256dh: keys?.p256dh, auth: keys?.auth }, signer(held));
}

/** @returns {Promise<ServiceWorkerRegistration | undefined>} */
async function registered() {
  return navigator.serviceWorker?.getRegistration(SCOPE);
}
