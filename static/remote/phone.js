// @ts-check
/**
 * What this phone keeps, in its IndexedDB: one account with the keys of this device, and the control keys, one for each
 * site identity. Private keys are `CryptoKey`s that can not be exported; the account secret S is sealed under one.
 *
 * What a pairing brought waits in `pending` until this phone is known to be in: only then it takes the place of what
 * was here before. A control key is stored before the repo hears of it, so that a lost answer changes nothing.
 */
import { open } from "../shared/database.js";
import { withSecret } from "../shared/devices.js";
import { fromBase64url, toBase64url, utf8 } from "../shared/encoding.js";
import { makeSigningKey, publicText, thumbprint } from "../shared/keys.js";
import { RepoError } from "../shared/repo.js";

/** @typedef {import("../shared/devices.js").Keys} Keys */
/** @typedef {import("../shared/devices.js").Device} Device */
/** @typedef {Pick<import("../shared/database.js").Database, "get" | "all" | "put" | "delete" | "update">} Records */
/**
 * The account that this phone belongs to.
 * @typedef {Device & {id: string, label: string, created: number, pinKey: CryptoKey}} Held `pinKey` mixes the PIN, so
 *   that what the repo keeps of it can be tried out on this phone alone
 */
/** @typedef {Held & {since: number, ticket: string}} Stored since when it waits; what ends its pairing */
/** @typedef {{account: string, label: string, s: string}} Told */
/**
 * @typedef {object} Control the key that confirms for one identity
 * @property {string} uid
 * @property {string} origin the site that it was made for
 * @property {CryptoKey} key private
 * @property {string} publicKey X||Y in base64url
 * @property {string} id its thumbprint
 * @property {boolean} pinned whether it is known to be on the identity's record
 */

const DATABASE = "oneid-phone";
const STORES = ["phone", "pending", "control"];
const ONLY = "phone";
const FORMER = "former";

export class Phone {
  #records;

  /** @param {Records} records */
  constructor(records) {
    this.#records = records;
  }

  /** @returns {Promise<Held | undefined>} undefined while no account was brought here */
  held() {
    return this.#records.get("phone", ONLY);
  }

  /** @returns {Promise<Stored | undefined>} an account that came here, while it is not known that this phone is in */
  stored() {
    return this.#records.get("pending", ONLY);
  }

  /**
   * S has come.
   * @param {Keys} keys that were offered in the pairing
   * @param {Told} told
   * @param {{since: number, ticket: string}} pairing
   */
  async store(keys, { account, label, s }, pairing) {
    const device = await withSecret(keys, fromBase64url(s));
    const pinKey = await makePinKey();
    const held = { ...device, id: account, label: String(label), created: pairing.since, pinKey };
    await this.#records.put("pending", ONLY, { ...held, ...pairing });
  }

  /**
   * It is in: this phone belongs to that account, and to no other. What it was before has to leave at the repo.
   * @returns {Promise<Held | undefined>}
   */
  async enter() {
    const { since, ticket, ...entered } = (await this.stored()) ?? {};
    if (!since) return this.held(); // another window was first
    const former = await this.held();
    if (former) await this.#records.put("pending", FORMER, former);
    await this.#forgetControls();
    await this.#records.update("phone", ONLY, () => entered, { store: "pending", key: ONLY });
    return /** @type {Held} */ (entered);
  }

  /** It is not in. What this phone was before, it still is. */
  drop() {
    return this.#records.delete("pending", ONLY);
  }

  /** @returns {Promise<Held | undefined>} what this phone was, while the repo has not heard that it is that no more */
  former() {
    return this.#records.get("pending", FORMER);
  }

  forgetFormer() {
    return this.#records.delete("pending", FORMER);
  }

  /** This phone belongs to nobody any more. */
  async forget() {
    await this.#forgetControls();
    await this.drop();
    await this.#records.delete("phone", ONLY);
  }

  /** @param {string} uid @returns {Promise<Control | undefined>} */
  control(uid) {
    return this.#records.get("control", uid);
  }

  /** @returns {Promise<Control[]>} */
  controls() {
    return this.#records.all("control");
  }

  /**
   * The control key of an identity, made where there is none.
   * @param {string} uid
   * @param {string} origin
   * @returns {Promise<Control>}
   */
  async begunControl(uid, origin) {
    const former = await this.control(uid);
    if (former) return former;
    const { publicKey, privateKey } = await makeSigningKey();
    const text = await publicText(publicKey);
    const made = { uid, origin, key: privateKey, publicKey: text, id: await thumbprint(text), pinned: false };
    await this.#records.put("control", uid, made);
    return made;
  }

  /** @param {Control} control that is on the record now */
  async pinned({ uid, id }) {
    await this.#records.update("control", uid, (former) => (former?.id === id ? { ...former, pinned: true } : former));
  }

  async #forgetControls() {
    for (const { uid } of await this.controls()) await this.#records.delete("control", uid);
  }
}

/** @returns {Promise<Phone>} */
export async function openPhone() {
  try {
    return new Phone(await open(DATABASE, STORES));
  } catch {
    throw new RepoError("storage");
  }
}

/**
 * What proves the PIN to the repo, which learns nothing of it.
 * @param {Held} held
 * @param {string} pin
 * @returns {Promise<string>} 43 characters
 */
export async function pinProof({ pinKey }, pin) {
  return toBase64url(await crypto.subtle.sign("HMAC", pinKey, utf8(pin)));
}

/** @returns {Promise<CryptoKey>} */
function makePinKey() {
  return crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]);
}
