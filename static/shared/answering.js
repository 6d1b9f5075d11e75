// @ts-check
/** Side B of a pairing, the phone: the digits are typed at it, and only then it says anything that counts. */
import { finishOf, numberOf } from "./channel.js";
import { toBase64url } from "./encoding.js";
import { TRIES, digitsAlone, refused } from "./pairing_channel.js";
import { PairingError } from "./relay.js";

/** @typedef {import("./channel.js").Kind} Kind */
/** @typedef {import("./channel.js").Bytes} Bytes */
/** @typedef {import("./pairing_channel.js").Channel} Channel */

/** A pairing that this side, a phone, answers. */
export class Answering {
  #channel;
  #seen;
  #tries = 0;
  #checked = false;
  #begun = false;
  #number = "";

  /** @param {Channel} channel @param {any} found @param {Bytes} seen */
  constructor(channel, found, seen) {
    this.#channel = channel;
    this.#seen = seen;
    this.kind = /** @type {Kind} */ (found.kind);
    /** Where the other side asked from, and with what, as the repo told it. */
    this.address = /** @type {string} */ (found.address);
    this.browser = /** @type {string} */ (found.browser);
  }

  /**
   * Are these the digits that the other side shows? They are compared here and go nowhere.
   * @param {string} typed
   * @returns {Promise<boolean>} false: they may be typed again, twice
   * @throws {PairingError} `pairing_refused` after the third time
   */
  async check(typed) {
    if (this.#tries >= TRIES) throw new PairingError("pairing_refused");
    if (digitsAlone(typed) !== this.#channel.digits) {
      if (++this.#tries < TRIES) return false;
      throw refused(this.#channel.relay);
    }
    this.#number = numberOf(await finishOf(this.#channel.keys, this.#seen));
    this.#checked = true;
    return true;
  }

  /** Four digits to be typed at the other side; "" while the six were not checked. */
  get finishNumber() {
    return this.#number;
  }

  /** @param {object} words the next message; the first one says that this side accepts */
  async send(words) {
    this.#need();
    const finish = toBase64url(await finishOf(this.#channel.keys, this.#seen));
    await this.#channel.send(this.#begun ? words : { finish, ...words });
    this.#begun = true;
  }

  /** @returns {Promise<any>} the other side's next message */
  receive() {
    this.#need();
    return this.#channel.receive();
  }

  /** What lets this side end the pairing also later. */
  get ticket() {
    return this.#channel.relay.ticket;
  }

  /** Tell the other side that nothing comes of it, and wait for nothing more. */
  async refuse() {
    refused(this.#channel.relay);
    this.#channel.relay.stop();
  }

  end() {
    return this.#channel.relay.end();
  }

  #need() {
    if (!this.#checked) throw new Error("the digits were not checked");
  }
}
