// @ts-check
/** Two sides of a pairing that know each other's keys: sealed messages, and the word that nothing comes of it. */
import { channelKeys, digitsOf, readShare, transcript } from "./channel.js";
import { utf8 } from "./encoding.js";
import { PairingError } from "./relay.js";
import { BELONGS, SealError, open, seal } from "./sealing.js";

/** @typedef {import("./channel.js").Kind} Kind */
/** @typedef {import("./channel.js").Bytes} Bytes */
/** @typedef {import("./channel.js").Side} Side */
/** @typedef {import("./channel.js").Share} Share */
/** @typedef {import("./relay.js").Relay} Relay */

export const TRIES = 3;

/** What both sides have once they know each other's keys. */
export class Channel {
  #received = 1;

  /** @param {any} parts */
  constructor({ relay, id, side, keys, digits }) {
    this.relay = /** @type {Relay} */ (relay);
    this.keys = /** @type {import("./channel.js").Keys} */ (keys);
    this.digits = /** @type {string} */ (digits);
    this.id = /** @type {string} */ (id);
    this.side = /** @type {"a" | "b"} */ (side);
  }

  /**
   * @param {Kind} kind
   * @param {{a: Share, b: Share, own: Side, relay: Relay, id: string, side: "a" | "b"}} parts
   */
  static async of(kind, { a, b, own, relay, id, side }) {
    const agreed = await transcript(kind, a, b);
    try {
      const keys = await channelKeys(own.secret, side === "a" ? b.key : a.key, agreed);
      return new Channel({ relay, id, side, keys, digits: await digitsOf(agreed) });
    } catch {
      throw attacked(relay); // a key that is none
    }
  }

  /** @param {object} words */
  async send(words) {
    const belongs = BELONGS.pairing(this.id, this.side, this.relay.next);
    await this.relay.send(await seal(this.keys[this.side], utf8(JSON.stringify(words)), belongs));
  }

  /** @returns {Promise<any>} */
  async receive() {
    const other = this.side === "a" ? "b" : "a";
    const envelope = await this.relay.receive();
    if (isRefusal(envelope)) throw new PairingError("pairing_refused");
    try {
      const bytes = await open(this.keys[other], envelope, BELONGS.pairing(this.id, other, this.#received++));
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch (error) {
      throw error instanceof SealError ? attacked(this.relay) : error;
    }
  }
}

/** @param {Relay} relay @param {Bytes} message @returns {Promise<Share>} */
export async function shareFrom(relay, message) {
  if (isRefusal(message)) throw new PairingError("pairing_refused");
  const share = readShare(parsed(message));
  if (!share) throw attacked(relay);
  return share;
}

/** @param {Relay} relay @returns {PairingError} it is over here, whether the other side hears of it or not */
export function refused(relay) {
  relay.send(utf8('{"refused":true}')).catch(() => {});
  return new PairingError("pairing_refused");
}

/** @param {Relay} relay @returns {PairingError} */
export function attacked(relay) {
  refused(relay);
  return new PairingError("pairing_attacked");
}

/** @param {Bytes} message */
function isRefusal(message) {
  return parsed(message)?.refused === true;
}

/** @param {Bytes} message @returns {any} null if it is no JSON, as an envelope is not */
function parsed(message) {
  try {
    return JSON.parse(new TextDecoder().decode(message));
  } catch {
    return null;
  }
}

/** @param {string} text */
export function digitsAlone(text) {
  return text.replace(/\D/g, "");
}
