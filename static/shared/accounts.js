// @ts-check
/**
 * The OneIDs of this browser, as its IndexedDB keeps them, and the work that is begun and not yet answered.
 *
 * Private keys are `CryptoKey`s that cannot be exported; the account secret S is sealed under one. A sign-up or a
 * joining keeps its new device in `pending` until the repo has answered, so that it is repeated with the same key. The
 * versions of the cards that were read here are in `seen`, so that no older one is taken for the newest again.
 */
import { open } from "./database.js";
import { makeKeys, withSecret } from "./devices.js";
import { RepoError } from "./repo.js";

export { exclusively, identitiesKey, secretOf, signer } from "./devices.js";

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/**
 * What `open` of shared/database.js gives; the tests bring one that lives in memory.
 * @typedef {object} Database
 * @property {(store: string, key: string) => Promise<any>} get
 * @property {(store: string) => Promise<any[]>} all
 * @property {(store: string, key: string, record: any) => Promise<void>} put
 * @property {(store: string, key: string) => Promise<void>} delete
 * @property {(store: string, key: string, change: (former: any) => any, ended?: {store: string, key: string}) =>
 *   Promise<void>} update
 */
/** @typedef {import("./devices.js").Device} Device */
/**
 * @typedef {object} Naming
 * @property {string} id of the account
 * @property {string} label its name in this browser; the repo never sees it unsealed
 * @property {number} created ms
 * @property {number} lastUsed ms
 * @property {boolean} confirmed whether its OneID Key is known to be saved
 * @property {PendingKey} [pendingKey] the OneID Key while it is being written down
 * @property {boolean} [keyed] a OneID Key was made for it, or brought it here: a new one ends that one
 * @property {boolean} [joined] it came to this browser with its OneID Key, and was not made in it
 * @property {boolean} [locked] signed out of this browser
 * @property {boolean} [revoked] this browser was removed from it
 * @property {Bytes} [nextSealedS] the next S, sealed as the present one, while everything is sealed anew (renewed.js)
 * @property {number} [nextUntil] ms: until then the repo may still take it
 * @property {string[]} [strays] ids of devices that a phone admitted although this browser was in, to be ended
 */
/** @typedef {{sealed: Bytes, registered: boolean, replaces: boolean}} PendingKey `replaces`: it ended a former one */
/** @typedef {Device & Naming} Account */

export const DATABASE = "oneid-accounts";
export const STORES = ["accounts", "pending", "seen"];
export const DATABASE_VERSION = 2; // "seen" came with it; to be passed wherever these stores are opened
export const LONGEST_LABEL = 64;

/** @typedef {Record<string, number>} Versions of cards, by their ids */
/** @typedef {{get: () => Promise<Versions>, put: (versions: Versions) => Promise<void>}} Seen it only ever grows */

/** @returns {Promise<Accounts>} those of this browser @throws {RepoError} `storage` if it lets this page store nothing */
export async function openAccounts() {
  try {
    return new Accounts(await open(DATABASE, STORES, DATABASE_VERSION));
  } catch {
    throw new RepoError("storage");
  }
}

/**
 * Which versions of an account's cards this browser has read.
 * @param {Accounts} accounts
 * @param {{id: string}} account
 * @returns {Seen}
 */
export function seenOf(accounts, account) {
  return accounts.seenOf(account.id);
}

/** The accounts of this browser. */
export class Accounts {
  #db;

  /** @param {Database} db */
  constructor(db) {
    this.#db = db;
  }

  /** @returns {Promise<Account[]>} the one used last comes first */
  async all() {
    const accounts = /** @type {Account[]} */ (await this.#db.all("accounts"));
    return accounts.sort((one, other) => other.lastUsed - one.lastUsed);
  }

  /** @param {string} id @returns {Promise<Account | undefined>} */
  get(id) {
    return this.#db.get("accounts", id);
  }

  /**
   * Change some members; what another window changed meanwhile stays.
   * @param {string} id
   * @param {Partial<Account>} members
   * @returns {Promise<Account>}
   */
  async change(id, members) {
    /** @type {any} */
    let changed;
    await this.#db.update("accounts", id, (former) => (changed = former && { ...former, ...members }));
    if (!changed) throw new GoneError();
    return changed;
  }

  /** @param {string} id */
  remove(id) {
    return this.#db.update("accounts", id, () => undefined, { store: "seen", key: id });
  }

  /** @param {string} id @returns {Seen} two windows may tell what they have read: the newest of both is kept */
  seenOf(id) {
    return {
      get: async () => (await this.#db.get("seen", id)) ?? {},
      put: (versions) => this.#db.update("seen", id, (former = {}) => {
        const newest = Object.entries(versions).filter(([card, version]) => version > (former[card] ?? 0));
        return { ...former, ...Object.fromEntries(newest) };
      }),
    };
  }

  /**
   * The device of a piece of work that was begun, or a new one for it.
   * @param {string} work its name
   * @param {Bytes} secret S, for a new one
   * @returns {Promise<Device>}
   */
  async begun(work, secret) {
    const former = await this.#db.get("pending", work);
    if (former) return former;
    const device = await withSecret(await makeKeys(), secret);
    await this.#db.put("pending", work, device);
    return device;
  }

  /** @param {string} work @returns {Promise<boolean>} */
  async isBegun(work) {
    return (await this.#db.get("pending", work)) !== undefined;
  }

  /** @param {string} work */
  abandon(work) {
    return this.#db.delete("pending", work);
  }

  /**
   * The repo has answered: from now on this device is one of the account's, and no longer begun: both, or neither.
   * @param {string} work
   * @param {Account} account replaces an older device of the same account, and never itself
   * @returns {Promise<Account>}
   */
  async settle(work, account) {
    const same = (/** @type {Account | undefined} */ former) => former?.deviceId === account.deviceId;
    const ended = { store: "pending", key: work };
    await this.#db.update("accounts", account.id, (former) => (same(former) ? former : account), ended);
    return /** @type {Promise<Account>} */ (this.get(account.id));
  }
}

/** The account was removed, in another window perhaps. */
export class GoneError extends Error {
  code = "account_gone";
}
