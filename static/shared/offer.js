// @ts-check
/** Side A of a pairing: it shows a code, then six digits, and wants to know that the right phone accepted. */
import { finishOf, isFinish, numberOf } from "./channel.js";
import { fromBase64url, utf8 } from "./encoding.js";
import { Channel, TRIES, attacked, digitsAlone, refused, shareFrom } from "./pairing_channel.js";
import { PairingError, Relay } from "./relay.js";

/** @typedef {import("./channel.js").Kind} Kind */
/** @typedef {import("./channel.js").Bytes} Bytes */
/** @typedef {import("./channel.js").Side} Side */
/** @typedef {import("./relay.js").Patience} Patience */

/** A pairing that this side shows. */
export class Offer {
  /** @type {Channel | null} */
  #channel = null;
  /** @type {Promise<any> | null} */
  #accepting = null;
  /** @type {Promise<any> | null} what the phone says next, listened for early @see watched */
  #ahead = null;
  /** @type {any} */
  #first = null;
  #tries = 0;
  #finished = false;
  #seen = utf8("");
  #kind;
  #own;
  #made;
  #relay;

  /** @param {Kind} kind @param {Side} own @param {any} made @param {Patience} patience */
  constructor(kind, own, made, patience) {
    this.#kind = kind;
    this.#own = own;
    this.#made = made;
    this.#relay = new Relay(made.ticket, 0, patience);
    /** @type {string} */
    this.code = made.code;
    /** @type {string} until when it can be answered */
    this.expires = made.expires;
    /** What the QR says. Its last part never reaches the repo: browsers do not send what stands behind "#". */
    this.address = `${location.origin}/remote#pair.${made.code.replace("-", "")}.${made.commitment}.${made.q}`;
  }

  /**
   * Wait for the phone, and show it our hand.
   * @returns {Promise<{digits: string}>} to be shown here and typed there. Then the phone shows a number for `finish`
   */
  async digits() {
    const hello = await this.#relay.receive();
    const share = await shareFrom(this.#relay, hello);
    const { scanned } = JSON.parse(new TextDecoder().decode(hello));
    const parts = { a: this.#own, b: share, own: this.#own, relay: this.#relay, id: this.#made.id };
    const channel = await Channel.of(this.#kind, { ...parts, side: "a" });
    if (scanned === true) this.#seen = fromBase64url(this.#made.q);
    const { key, random } = this.#own;
    await this.#relay.send(utf8(JSON.stringify({ key, random })));
    this.#channel = channel;
    return { digits: channel.digits };
  }

  /** @returns {Promise<void>} done when the phone has accepted */
  async accepted() {
    this.#accepting ??= this.#there().receive();
    await this.#accepting;
  }

  /** @returns {Promise<void>} fails when the phone refuses or goes, also after it had accepted: to learn of it early */
  async watched() {
    await this.accepted();
    await this.#next();
  }

  /**
   * Make sure that it was this person's phone that accepted.
   * @param {string} typed the number that the phone shows
   * @throws {PairingError} `wrong_finish` may be typed again, twice
   */
  async finish(typed) {
    const { keys } = this.#there();
    const wanted = numberOf(await finishOf(keys, this.#seen));
    if (digitsAlone(typed) !== wanted) {
      if (++this.#tries < TRIES) throw new PairingError("wrong_finish");
      throw refused(this.#relay);
    }
    await this.accepted();
    const { finish, ...first } = await this.#accepting;
    if (this.#tries >= TRIES) throw new PairingError("pairing_refused");
    if (!(await isFinish(keys, this.#seen, finish))) throw attacked(this.#relay);
    this.#first = first;
    this.#finished = true;
  }

  /** @param {object} words the next message. Before the end is proved, nothing that opens anything */
  async send(words) {
    const channel = this.#there();
    if (this.#kind === "phone" && !this.#finished) throw new Error("the phone has not proved that it accepted");
    await channel.send(words);
  }

  /** @returns {Promise<any>} the phone's next message */
  async receive() {
    if (!this.#finished) throw new Error("the phone has not proved that it accepted");
    const first = this.#first;
    this.#first = null;
    if (first) return first;
    const next = this.#next();
    this.#ahead = null;
    return next;
  }

  /** Tell the phone that nothing comes of it. */
  async refuse() {
    await refused(this.#relay);
  }

  end() {
    return this.#relay.end();
  }

  #next() {
    this.#ahead ??= this.#there().receive();
    this.#ahead.catch(() => {}); // perhaps nobody asks
    return this.#ahead;
  }

  #there() {
    if (!this.#channel) throw new Error("the phone has not answered");
    return this.#channel;
  }
}
