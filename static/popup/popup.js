// @ts-check
/**
 * The popup: sign up, sign in, come back with a OneID Key, consent to a site. A small state machine over the screens.
 *
 * What lasts is in IndexedDB (accounts.js), where the window is stands in its address (`#create`), and the site asks
 * again when it hears "ready": so a reload goes on where it was.
 */
import { postCancelled, postDone, postFailed } from "../shared/messages.js";
import { RepoError, about } from "../shared/repo.js";
import { endStrays } from "./arriving.js";
import { deviceName } from "../shared/device.js";
import { codeOf } from "./explain.js";
import { find } from "./identities.js";
import { RefusedOpener, asking, stored } from "./opening.js";
import { phonesOf } from "./phones.js";
import { alone } from "./screens/alone.js";
import { check } from "./screens/check.js";
import { choose } from "./screens/choose.js";
import { consent } from "./screens/consent.js";
import { create, silent } from "./screens/create.js";
import { done } from "./screens/done.js";
import { error } from "./screens/error.js";
import { key, skip } from "./screens/key.js";
import { locked } from "./screens/locked.js";
import { lost } from "./screens/lost.js";
import { pair, paired, unpaired } from "./screens/pair.js";
import { phoneless, waiting } from "./screens/phone.js";
import { recover } from "./screens/recover.js";
import { misplaced, refused } from "./screens/refused.js";
import { welcome } from "./screens/welcome.js";
import { signIn, wantsPhone } from "./signing_in.js";
import { show } from "./stage.js";
import { unpin } from "./unpinning.js";
import { language, text } from "./words.js";

/** @typedef {import("./accounts.js").Account} Account */
/** @typedef {import("./accounts.js").Accounts} Accounts */
/** @typedef {import("./opening.js").Site} Site */

/** @type {Record<string, (popup: Popup, given: any) => unknown>} */
const SCREENS = {
  alone, choose, consent, create, done, error, key, locked, lost, misplaced, pair, paired, phoneless, recover, refused,
  silent, skip, unpaired, waiting, welcome, "key-check": check,
};
/** @type {Record<string, (given: any) => string>} what a reload opens again: a key, only of the same account */
const LASTING = {
  create: () => "create", recover: () => "recover",
  key: keyOf, skip: keyOf, "key-check": keyOf,
};
/** Codes of what only the site can mend: its address, or its nonce. */
const REFUSING = new Set(["origin_refused", "malformed_nonce"]);
/** Codes of what the person did or did not do on the phone: the site is told. */
const DECIDED = new Set(["confirmation_denied", "confirmation_timed_out"]);

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
   * What the repo has of the account at the site; null where the person got a screen that says why it goes no further.
   * @param {Account} account
   */
  async found(account) {
    const { origin, request } = this.known();
    const found = await this.tried(account.id, () => find(account, origin));
    if (!found) return null;
    unpin(account);
    endStrays(this.accounts, account);
    if (found.phones.length > 0 || !wantsPhone(request)) return found;
    await this.go("phoneless", { account });
    return null;
  }

  /**
   * An account came here with its OneID Key. A phone that was lost with the former browser can be removed now.
   * @param {Account} account
   */
  async arrived(account) {
    const phones = await phonesOf(account).catch(() => []); // it can be done later as well
    return phones.length > 0 ? this.go("lost", { account, phones }) : this.proceed(account);
  }

  /** Another OneID than this one: one of the others, or a new one. */
  async another() {
    if (!this.site) return this.go("alone");
    return this.go((await this.accounts.all()).length > 1 ? "choose" : "welcome");
  }

  /**
   * Consent is given.
   * @param {Account} account
   * @param {import("./identities.js").Found} found
   * @param {boolean} silently
   */
  async signIn(account, found, silently) {
    const { port } = this.known();
    const signed = await this.tried(account.id, () => signIn(this, account, found, silently));
    if (!signed) return undefined;
    if ("failed" in signed) {
      const code = codeOf(signed.failed);
      return DECIDED.has(code) ? this.fail(code) : this.go("error", { error: signed.failed });
    }
    if ("payload" in signed && signed.payload === null) return this.cancel();
    postDone(port, "payload" in signed ? signed.payload : null);
    await this.accounts.change(account.id, { lastUsed: Date.now() }).catch(() => {}); // signed in is what counts
    return this.#close(false);
  }

  /** It comes to nothing, and the site is told why. @param {string} code */
  async fail(code) {
    postFailed(this.known().port, code);
    return this.#close(true);
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
