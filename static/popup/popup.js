// @ts-check
/**
 * The popup: sign up, sign in, come back with a OneID Key, consent to a site. A small state machine over the screens.
 *
 * What lasts is in IndexedDB (shared/accounts.js), where the window is stands in its address (`#create`), and the site
 * asks again when it hears "ready": so a reload goes on where it was.
 */
import { openAccounts } from "../shared/accounts.js";
import { AttributeError } from "../shared/attributes.js";
import { postCancelled, postDone, postFailed } from "../shared/messages.js";
import { settled } from "../shared/renewed.js";
import { RepoError, about } from "../shared/repo.js";
import { endStrays } from "./arriving.js";
import { deviceName } from "../shared/device.js";
import { find } from "./identities.js";
import { RefusedOpener, asking } from "./opening.js";
import { phonesOf } from "./phones.js";
import { alone } from "./screens/alone.js";
import { check } from "./screens/check.js";
import { choose } from "./screens/choose.js";
import { consent } from "./screens/consent.js";
import { create, silent } from "./screens/create.js";
import { done } from "./screens/done.js";
import { emailCode } from "./screens/email_code.js";
import { error } from "./screens/error.js";
import { key, skip } from "./screens/key.js";
import { locked } from "./screens/locked.js";
import { lost } from "./screens/lost.js";
import { pair, paired, unpaired } from "./screens/pair.js";
import { phoneless, waiting } from "./screens/phone.js";
import { recover } from "./screens/recover.js";
import { misplaced, refused } from "./screens/refused.js";
import { keep, share } from "./screens/share.js";
import { welcome } from "./screens/welcome.js";
import { wantsPhone } from "./signing_in.js";
import { show } from "./stage.js";
import { unpin } from "./unpinning.js";
import { NONE, wishesOf } from "./wishes.js";
import { language, text } from "./words.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("../shared/accounts.js").Accounts} Accounts */
/** @typedef {import("./opening.js").Site} Site */
/** @typedef {import("./words.js").Key} Key */

/** @type {Record<string, (popup: Popup, given: any) => unknown>} */
const SCREENS = {
  alone, choose, consent, create, done, error, keep, key, locked, lost, misplaced, pair, paired, phoneless, recover,
  refused, share, silent, skip, unpaired, waiting, welcome, "email-code": emailCode, "key-check": check,
};
/** @type {Record<string, (given: any) => string>} what a reload opens again: a key, only of the same account */
const LASTING = {
  create: () => "create", recover: () => "recover",
  key: keyOf, skip: keyOf, "key-check": keyOf,
};
/** Codes of what only the site can mend: its address, or its nonce. */
const REFUSING = new Set(["origin_refused", "malformed_nonce"]);

/** What the screens have in common: where they are, and where they can go. */
export class Popup {
  deviceName = deviceName(navigator.userAgent);

  /** @param {Accounts} accounts @param {Site | null} site whom to sign in to; null if nobody asked */
  constructor(accounts, site) {
    this.accounts = accounts;
    this.site = site;
    this.wishes = site ? wishesOf(site.request) : NONE;
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
    const whole = await this.tried(account.id, () => settled(this.accounts, account));
    const found = whole && (await this.found(whole));
    if (!found) return undefined;
    const stale = whole.locked || whole.revoked;
    const ready = stale ? await this.accounts.change(whole.id, { locked: false, revoked: false }) : whole;
    const alone = this.wishes.kept.size > 0 ? "keep" : "share";
    return this.go(this.site.request.name === "attr" ? alone : "consent", { account: ready, ...found });
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
   * What the person decided is done.
   * @param {Account} account
   * @param {import("../shared/messages.js").Done} value for the site
   * @param {Key} title
   */
  async finish(account, value, title) {
    postDone(this.known().port, value);
    await this.accounts.change(account.id, { lastUsed: Date.now() }).catch(() => {}); // what was done is what counts
    return this.#close(title);
  }

  /** It comes to nothing, and the site is told why. @param {string} code */
  async fail(code) {
    postFailed(this.known().port, code);
    return this.#close("done.cancelled");
  }

  async cancel() {
    if (!this.site) return this.start();
    postCancelled(this.site.port);
    return this.#close("done.cancelled");
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

  /** @param {Key} title */
  async #close(title) {
    await this.go("done", { title });
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
  /** @type {Site | null} */
  let asker = null;
  try {
    const [accounts, site, { about: service }] = await Promise.all([openAccounts(), asking(), about()]);
    asker = site;
    const popup = new Popup(accounts, site);
    go = popup.go.bind(popup);
    if (service.origin === location.origin) await popup.resume();
    else await go("misplaced", { origin: service.origin });
  } catch (cause) {
    if (cause instanceof RefusedOpener) await go("refused", { origin: cause.origin });
    else if (asker && cause instanceof AttributeError) {
      postFailed(asker.port, cause.code);
      await go("refused", { origin: asker.origin, cause });
    }
    else await go("error", { error: cause });
  }
}

begin();
