// @ts-check
/**
 * Holds this site's bundle: in IndexedDB if the person said "without asking next time", else in memory, for one
 * sign-in. Browsers give each embedding site its own storage; where one does not, filing by the pinned origin still
 * keeps sites apart. Other tabs of the site share the storage, so nothing read from it is remembered.
 */

import { randomBytes, toBase64url } from "../shared/encoding.js";

const STORE = "bundles";
const SEEN = "seen";

/** @typedef {import("../shared/messages.js").Bundle} Bundle */
/** @typedef {import("../shared/messages.js").State} State */
/** @typedef {Pick<import("../shared/database.js").Database, "get" | "put" | "delete" | "update">} Records */

export class Holder {
  /**
   * Called after every change of the state, and waited for: the page hears of it before the answer.
   * @type {() => Promise<void>}
   */
  onchange = async () => {};

  #origin;
  #records;
  #id = makeId();
  /** @type {Bundle | null} */
  #once = null;
  #spent = false;

  /**
   * @param {string} origin the pinned one
   * @param {Records | null} records null if this browser gives the frame no storage
   */
  constructor(origin, records) {
    this.#origin = origin;
    this.#records = records;
  }

  /** @returns {Promise<Bundle | null>} read anew each time */
  async bundle() {
    return this.#once ?? (await this.#stored());
  }

  /** Whether the bundle was for one sign-in, and that is done or under way. It can still sign out. */
  get spent() {
    return this.#spent;
  }

  /** @returns {Promise<State>} */
  async state() {
    const bundle = await this.bundle();
    const signs = bundle?.signs === true; // one from before there were others says nothing: the person is asked
    const storage = this.#records !== null;
    const { silent = false, phone = false } = bundle ?? {};
    return { enabled: signs, signedIn: signs, silent, storage, id: storage ? this.#id : null, phone };
  }

  /**
   * Take a bundle that the popup brings, in place of the one held: the person's latest word counts. One that only reads
   * leaves a sign-in that the person allowed before as it is, as long as that one's own session lives.
   * @param {{id: string, origin: string, bundle: Bundle}} delivery
   * @returns {Promise<boolean>} whether it is held now
   */
  async accept({ id, origin, bundle }) {
    if (id !== this.#id || origin !== this.#origin || !this.#records) return false;
    this.#id = makeId(); // before anything is awaited: an id is good for one delivery
    try {
      /** @param {Bundle | undefined} former */
      const taken = (former) => {
        if (bundle.signs || !former?.signs || former.uid !== bundle.uid) return bundle;
        return { ...bundle, signs: true, session: former.session, sessionKey: former.sessionKey };
      };
      if (bundle.silent) await this.#records.update(STORE, this.#origin, taken);
      else await this.#records.delete(STORE, this.#origin);
      this.#once = bundle.silent ? null : bundle;
      this.#spent = false;
    } catch {
      this.#records = null; // storage that fails on writing is none
    }
    await this.onchange();
    return this.#records !== null;
  }

  /** A sign-in with this bundle begins. @param {Bundle} bundle */
  use(bundle) {
    if (bundle === this.#once) this.#spent = true;
  }

  /** It came to nothing, and gave no payload. @param {Bundle} bundle */
  unuse(bundle) {
    if (bundle === this.#once) this.#spent = false;
  }

  /**
   * Let go of a bundle that the repo no longer honours, but not of a newer one that another tab has stored meanwhile.
   * @param {Bundle} bundle
   */
  async forget(bundle) {
    if (bundle === this.#once) {
      this.#once = null;
      this.#spent = false;
    }
    /** @param {Bundle | undefined} former */
    const keepNewer = (former) => (former?.session === bundle.session ? undefined : former);
    try {
      await this.#records?.update(STORE, this.#origin, keepNewer);
    } catch {
      this.#records = null; // what may be left there is good for nothing
    }
    await this.onchange();
  }

  /**
   * The repo said whether the account has a phone.
   * @param {Bundle} bundle
   * @param {boolean} phone
   */
  async know(bundle, phone) {
    if ((bundle.phone ?? false) === phone) return;
    bundle.phone = phone;
    /** @param {Bundle | undefined} former */
    const told = (former) => (former?.session === bundle.session ? { ...former, phone } : former);
    const writing = bundle === this.#once ? null : this.#records?.update(STORE, this.#origin, told);
    await writing?.catch(() => {}); // the next answer tells it again
    await this.onchange();
  }

  /**
   * Releases were read. What another tab has read counts as well.
   * @param {string} uid whose they are
   * @param {Record<string, number>} versions by card
   * @returns {Promise<boolean>} false if one of them is older than what was read here before
   */
  async notice(uid, versions) {
    let newest = true;
    /** @param {Record<string, number> | undefined} former */
    const raised = (former) => {
      const known = new Map(Object.entries(former ?? {}));
      for (const [card, version] of Object.entries(versions)) {
        if (version < (known.get(card) ?? 0)) newest = false;
        else known.set(card, version);
      }
      return Object.fromEntries(known);
    };
    try {
      await this.#records?.update(SEEN, `${this.#origin} ${uid}`, raised);
    } catch {
      this.#records = null; // and what it held is gone with it
    }
    return newest;
  }

  /** @returns {Promise<Bundle | null>} */
  async #stored() {
    try {
      return (await this.#records?.get(STORE, this.#origin)) ?? null;
    } catch {
      this.#records = null; // taken away while the page was open, as "clear site data" does
      return null;
    }
  }
}

function makeId() {
  return toBase64url(randomBytes(16));
}
