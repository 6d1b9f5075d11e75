// @ts-check
/**
 * The popup: sign up, sign in, come back with a OneID Key, consent to a site. A small state machine over the screens.
 *
 * What lasts is in IndexedDB (accounts.js), where the window is stands in its address (`#create`), and the site asks
 * again when it hears "ready": so a reload goes on where it was.
 */
import { open } from "../shared/database.js";
import { postCancelled, postDone, postFailed, receiveRequest, sendBundle, sendReady } from "../shared/messages.js";
import { RepoError, about } from "../shared/repo.js";
import { Accounts, DATABASE, STORES } from "./accounts.js";
import { deviceName } from "./device.js";
import { bundle, find, obtain, payload } from "./identities.js";
import { alone } from "./screens/alone.js";
import { check } from "./screens/check.js";
import { choose } from "./screens/choose.js";
import { consent } from "./screens/consent.js";
import { create, silent } from "./screens/create.js";
import { done } from "./screens/done.js";
import { error } from "./screens/error.js";
import { key, skip } from "./screens/key.js";
import { locked } from "./screens/locked.js";
import { recover } from "./screens/recover.js";
import { misplaced, refused } from "./screens/refused.js";
import { welcome } from "./screens/welcome.js";
import { show } from "./stage.js";
import { language, text } from "./words.js";

/** @typedef {import("./accounts.js").Account} Account */
/** @typedef {import("../shared/messages.js").Connection} Connection */
/** @typedef {Connection & {request: import("../shared/messages.js").SignRequest}} Site */

/** @type {Record<string, (popup: Popup, given: any) => unknown>} */
const SCREENS = {
  alone, choose, consent, create, done, error, key, locked, misplaced, recover, refused, silent, skip, welcome,
  "key-check": check,
};
/** @type {Record<string, (given: any) => string>} what a reload opens again: a key, only of the same account */
const LASTING = {
  create: () => "create", recover: () => "recover",
  key: keyOf, skip: keyOf, "key-check": keyOf,
};
/** Codes of what only the site can mend: its address, or its nonce. */
const REFUSING = new Set(["origin_refused", "malformed_nonce"]);
const ANSWER_MS = 10_000;

/** What the screens have in common: where they are, and where they can go. */
export class Popup {
  deviceName = deviceName(navigator.userAgent);

  /** @param {Accounts} accounts @param {Site | null} site whom to sign in to; null if nobody asked */
  constructor(accounts, site) {
    this.accounts = accounts;
    this.site = site;
    this.start = this.start.bind(this);
    this.cancel = this.cancel.bind(this);
    this.another = this.another.bind(this);
  }

  /** @returns {Site} for the screens that there are for a site alone */
  known() {
    if (!this.site) throw new Error("there is no site");
    return this.site;
  }

  /** @param {string} name @param {object} [given] */
  async go(name, given = {}) {
    history.replaceState(null, "", Object.hasOwn(LASTING, name) ? `#${LASTING[name](given)}` : location.pathname);
    await SCREENS[name](this, given);
  }

  /** The screen that fits what this browser has. */
  async start() {
    const accounts = await this.accounts.all();
    if (!this.site) return this.go("alone");
    if (accounts.length === 0) {
      const { name, silent: quick } = this.site.request;
      return this.go(name === "signup" && quick ? "silent" : "welcome");
    }
    return accounts.length === 1 && !accounts[0].revoked ? this.proceed(accounts[0]) : this.go("choose");
  }

  /** Open again what was open before a reload, or begin. */
  async resume() {
    const [name, id] = location.hash.slice(1).split("=");
    if (name === "create" || name === "recover") return this.go(name);
    const account = name === "key" && id ? await this.accounts.get(id) : undefined;
    return account?.pendingKey && !account.revoked ? this.go("key", { id }) : this.start();
  }

  /** @param {Account} account one that is ready: on to the site's consent */
  async proceed(account) {
    if (!this.site) return this.go("alone");
    const found = await this.found(account);
    if (!found) return undefined;
    const stale = account.locked || account.revoked;
    const ready = stale ? await this.accounts.change(account.id, { locked: false, revoked: false }) : account;
    return this.go("consent", { account: ready, ...found });
  }

  /**
   * What the repo has of the account at the site; null where the person got a screen that says why it told nothing.
   * @param {Account} account
   */
  async found(account) {
    const { origin } = this.known();
    return this.tried(account.id, async () => ({ filed: await find(account, origin) }));
  }

  /** Another OneID than this one: one of the others, or a new one. */
  async another() {
    if (!this.site) return this.go("alone");
    return this.go((await this.accounts.all()).length > 1 ? "choose" : "welcome");
  }

  /**
   * Consent is given: the frame gets its keys, or where it can not keep them, this window signs.
   * @param {Account} account
   * @param {import("./identities.js").Filed | null} filed
   * @param {boolean} silently
   */
  async signIn(account, filed, silently) {
    const { origin, port, request } = this.known();
    const { frame, id, nonce } = request;
    const signed = await this.tried(account.id, async () => {
      const identity = await obtain(account, origin, filed);
      const handed = frame !== null && id !== null
        && (await sendBundle({ frame, id, origin, bundle: await bundle(account, origin, identity, silently) }));
      return { payload: handed ? null : await payload(account, origin, identity, nonce) };
    });
    if (!signed) return;
    postDone(port, /** @type {any} */ (signed.payload));
    await this.accounts.change(account.id, { lastUsed: Date.now() }).catch(() => {}); // signed in is what counts
    await this.#close(false);
  }

  async cancel() {
    if (!this.site) return this.start();
    postCancelled(this.site.port);
    return this.#close(true);
  }

  /**
   * Ask something for an account. Where the repo says that it is signed out here, or no longer here, or that it takes
   * nothing from this site, the person gets the screen that helps, and the caller gets null.
   * @template T
   * @param {string} id
   * @param {() => Promise<T>} work
   * @returns {Promise<T | null>}
   */
  async tried(id, work) {
    try {
      return await work();
    } catch (cause) {
      const code = cause instanceof RepoError ? cause.code : "";
      if (code === "device_locked") {
        await this.go("locked", { account: await this.accounts.change(id, { locked: true }) });
      } else if (code === "signer_revoked" || code === "signer_refused") {
        await this.accounts.change(id, { revoked: true });
        await this.go(this.site ? "choose" : "alone");
      } else if (this.site && REFUSING.has(code)) {
        if (code === "malformed_nonce") postFailed(this.site.port, code);
        await this.go("refused", { origin: this.site.origin, cause });
      } else {
        throw cause;
      }
      return null;
    }
  }

  /** Ask the browser to keep what is stored here; a click has to come before. */
  persist() {
    navigator.storage?.persist?.().catch(() => {}); // a wish, and no more
  }

  /** @param {boolean} cancelled */
  async #close(cancelled) {
    await this.go("done", { cancelled });
    window.close();
  }
}

/** @param {{id: string}} given the account of a OneID Key @returns {string} the place where it is shown */
function keyOf({ id }) {
  return `key=${id}`;
}

/** An opener that may not use the service. */
class RefusedOpener extends Error {
  /** @param {string} origin */
  constructor(origin) {
    super("this origin is refused");
    this.origin = origin;
  }
}

/** @returns {Promise<Site | null>} who opened this window and what for; null if nobody did */
async function asking() {
  if (!window.opener) return null;
  const request = new Promise((resolve, reject) => {
    receiveRequest((origin) => reject(new RefusedOpener(origin))).then(resolve);
    setTimeout(() => reject(new RepoError("site_silent")), ANSWER_MS);
  });
  sendReady();
  return request;
}

/** @returns {Promise<Accounts>} */
async function stored() {
  try {
    return new Accounts(await open(DATABASE, STORES));
  } catch {
    throw new RepoError("storage");
  }
}

async function begin() {
  document.documentElement.lang = language;
  show({ name: "connecting", title: text("connecting.title") });
  /** @type {(name: string, given: object) => unknown} */
  let go = (name, given) => SCREENS[name](/** @type {any} */ ({ site: null }), given);
  try {
    const [accounts, site, { about: service }] = await Promise.all([stored(), asking(), about()]);
    const popup = new Popup(accounts, site);
    go = popup.go.bind(popup);
    if (service.origin === location.origin) await popup.resume();
    else await go("misplaced", { origin: service.origin });
  } catch (cause) {
    if (cause instanceof RefusedOpener) await go("refused", { origin: cause.origin });
    else await go("error", { error: cause });
  }
}

begin();
