// @ts-check
/**
 * The dashboard of a person's OneID: cards, devices, sites, what happened, and the account itself. A small state
 * machine over the screens; which section is open stands in the address (`#cards=ACCOUNT`), so that reload, back and
 * bookmarks work.
 *
 * All that is read here was opened in this browser, with its keys; what the repo gets is sealed.
 */
import { openAccounts, secretOf, seenOf, signer } from "../shared/accounts.js";
import { Vault } from "../shared/cards.js";
import { byId } from "../shared/dom.js";
import { toBase64url } from "../shared/encoding.js";
import { Releases } from "../shared/releases.js";
import { settled, whileSettled } from "../shared/renewed.js";
import { about, call } from "../shared/repo.js";
import { codeOf } from "./explain.js";
import { addressOf, row } from "./row.js";
import { SCREENS, SECTIONS, sectionOf } from "./screens.js";
import { error as failure } from "./screens/error.js";
import { show } from "./stage.js";
import { language, text } from "./words.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("../shared/accounts.js").Accounts} Accounts */
/** @typedef {import("../shared/stage.js").Deed} Deed */
/** @typedef {import("./screens.js").Section} Section */
/** @typedef {{vault: Vault, releases: Releases}} Opened what the secret opens */

/** Codes that say how this browser stands with the account, and the screen that tells what to do. */
const STANDING = new Map([
  ["device_locked", "locked"], ["signer_revoked", "revoked"], ["signer_refused", "revoked"], ["account_gone", "choose"],
]);

/** What the screens have in common: whose they are, and where they can go. */
export class Dashboard {
  /** @type {Account | null} */
  account = null;
  #turn = 0;
  #count = 0;
  #mended = "";
  /** What was opened last, and with what: a vault knows what was read, and so what a change is held against. */
  #last = { by: "", opened: /** @type {Opened | null} */ (null) };

  /** @param {Accounts} accounts */
  constructor(accounts) {
    this.accounts = accounts;
    this.follow = this.follow.bind(this);
  }

  /** @returns {Account} for the screens that there are with an account alone */
  known() {
    if (!this.account) throw new Error("no account was chosen");
    return this.account;
  }

  /** @param {string} path @param {object} [body] */
  ask(path, body = {}) {
    return call(path, body, signer(this.known()));
  }

  /**
   * Work with what the account secret opens, as it is now and stays until the work is done: no other window gives the
   * account a new secret meanwhile.
   * @template T
   * @param {(opened: Opened) => Promise<T>} work
   * @returns {Promise<T>}
   */
  opened(work) {
    const { id } = this.known();
    return whileSettled(this.accounts, id, async (account) => {
      const by = `${account.deviceId} ${toBase64url(account.sealedS)}`;
      if (this.#last.by !== by) this.#last = { by, opened: await this.#open(account) };
      return work(/** @type {Opened} */ (this.#last.opened));
    });
  }

  /** Let what sites read follow the cards, where a window was closed too early: once, and in nobody's way. */
  mend() {
    const { id } = this.known();
    if (this.#mended === id) return;
    this.#mended = id;
    const mended = this.opened(async ({ vault, releases }) => releases.followAll(() => vault.list()));
    mended.catch(() => {}); // tried again at the next visit
  }

  /** @param {Account} account @returns {Promise<Opened>} */
  async #open(account) {
    const [by, secret] = [signer(account), await secretOf(account)];
    const vault = new Vault({ account: account.id, signer: by, secret, seen: seenOf(this.accounts, account) });
    return { vault, releases: new Releases({ signer: by, secret }) };
  }

  /**
   * Show a screen. Whoever asks for another one while this one is fetched gets that one.
   * @param {string} name
   * @param {object} [given]
   */
  async go(name, given = {}) {
    const turn = ++this.#turn;
    const screen = await SCREENS[name](this, given);
    if (turn !== this.#turn) return;
    const section = sectionOf(name);
    if (section && this.account) history.replaceState(null, "", addressOf(section, this.account));
    row(this.account, section, this.#count > 1);
    show({ ...screen, on: this.#minding(screen.on ?? {}) });
  }

  /** Open what the address says. */
  async follow() {
    const turn = ++this.#turn;
    byId("screen").setAttribute("aria-busy", "true");
    try {
      const [section, id] = location.hash.slice(1).split("=");
      const accounts = await this.accounts.all();
      this.#count = accounts.length;
      const only = accounts.length === 1 ? accounts[0] : null;
      const account = accounts.find((one) => one.id === id) ?? only;
      const at = SECTIONS.find((name) => name === section) ?? SECTIONS[0];
      if (turn !== this.#turn) return;
      if (account) await this.enter(account, at);
      else await this.go(accounts.length ? "choose" : "none", { at });
    } catch (cause) {
      await this.failed(cause);
    }
  }

  /**
   * @param {Account} account
   * @param {Section} [at]
   */
  async enter(account, at = SECTIONS[0]) {
    this.account = account;
    if (account.revoked) return this.go("revoked");
    if (account.locked) return this.go("locked");
    this.account = await settled(this.accounts, account);
    return this.go(at);
  }

  /** Change the account's record here. @param {Partial<Account>} members */
  async change(members) {
    this.account = await this.accounts.change(this.known().id, members);
  }

  /** @param {unknown} cause of something that no screen waits for */
  async failed(cause) {
    if (await this.#stands(cause)) return;
    this.#turn++;
    row(this.account, sectionOf(location.hash.slice(1).split("=")[0]), this.#count > 1);
    show(failure(this, { error: cause }));
  }

  /** @param {Record<string, Deed>} on @returns {Record<string, Deed>} the same; what ends the account here is shown */
  #minding(on) {
    const minded = (/** @type {Deed} */ deed) => async (/** @type {HTMLElement} */ pressed) => {
      try {
        await deed(pressed);
      } catch (cause) {
        if (!(await this.#stands(cause))) throw cause;
      }
    };
    return Object.fromEntries(Object.entries(on).map(([action, deed]) => [action, minded(deed)]));
  }

  /** @param {unknown} cause @returns {Promise<boolean>} whether it said how this browser stands, and that is shown */
  async #stands(cause) {
    const screen = STANDING.get(codeOf(cause));
    if (!screen) return false;
    if (screen === "choose" || !this.account) {
      this.account = null;
      await this.follow();
      return true;
    }
    this.account = await this.accounts.change(this.account.id, { [screen]: true });
    await this.go(screen);
    return true;
  }
}

async function begin() {
  document.documentElement.lang = language;
  show({ name: "connecting", title: text("connecting.title") });
  try {
    const [accounts, { about: service }] = await Promise.all([openAccounts(), about()]);
    const dashboard = new Dashboard(accounts);
    if (service.origin !== location.origin) return await dashboard.go("misplaced", { origin: service.origin });
    window.addEventListener("hashchange", dashboard.follow);
    byId("sections").addEventListener("click", (/** @type {MouseEvent} */ { target }) => {
      // The section that is open is opened again: it may show one of its other screens.
      if (target instanceof HTMLAnchorElement && target.hash === location.hash) dashboard.follow();
    });
    return await dashboard.follow();
  } catch (cause) {
    return show(failure(null, { error: cause }));
  }
}

begin();
