// @ts-check
/**
 * One side of a pairing at the repo, which carries messages between the two and reads none. Messages of a side have
 * numbers, so one whose answer was lost is sent again and counts once.
 */
import { fromBase64url, toBase64url } from "./encoding.js";
import { pause, poll } from "./polling.js";
import { RepoError, call } from "./repo.js";

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/** @typedef {{every?: number, signal?: AbortSignal}} Patience ms between two questions, and what ends the waiting */
/**
 * @typedef {"pairing_refused" | "pairing_attacked" | "pairing_expired" | "pairing_ended" | "wrong_digits"
 *   | "wrong_finish" | "taken_back" | "not_taken_back" | "refused_here"} PairingCode the last three:
 *   what came of a device that was to be let in
 */

/** Refusals that another try a moment later may not meet. */
const PASSING = new Set(["network", "unreadable_answer", "unavailable", "internal_fault", "too_many_requests"]);
/** What the repo says of a pairing, as the people at its sides understand it. */
const SAID = new Map([["ticket_refused", "pairing_expired"], ["pairing_refused", "pairing_ended"]]);
const TRIES = 8;
const LONGEST_MS = 600_000;

/** @param {unknown} error @returns {boolean} whether nothing was decided: another try a moment later may be answered */
export function isPassing(error) {
  return error instanceof RepoError && PASSING.has(error.code);
}

/** A pairing that came to nothing, or something wrong in it that can be typed once more. */
export class PairingError extends Error {
  /** @param {PairingCode} code */
  constructor(code) {
    super(code);
    this.name = "PairingError";
    this.code = code;
  }
}

/**
 * Ask something that can be asked again until it is answered.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {Patience} patience
 * @param {Map<string, string>} [said] refusals that are told as a PairingError
 * @returns {Promise<T>}
 * @throws {PairingError | RepoError}
 */
export async function patiently(ask, { every = 900, signal }, said = SAID) {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const code = error instanceof RepoError ? error.code : "";
      if (said.has(code)) throw new PairingError(/** @type {PairingCode} */ (said.get(code)));
      if (!isPassing(error) || tries === TRIES) throw error;
      await pause(Math.min(5000, every * tries), signal);
      if (signal?.aborted) throw new PairingError("pairing_ended");
    }
  }
}

export class Relay {
  /** @type {Bytes[]} */
  #arrived = [];
  #read = 0;
  #sent;
  #by;
  #patience;
  #over = new AbortController();

  /** @param {string} ticket @param {number} sent how many messages of ours are there @param {Patience} patience */
  constructor(ticket, sent, patience) {
    this.ticket = ticket;
    this.#by = { ticket };
    this.#sent = sent;
    this.#patience = patience;
  }

  /** The number of our next message. */
  get next() {
    return this.#sent;
  }

  /** @param {Bytes} bytes our next message */
  async send(bytes) {
    const question = { number: this.#sent, message: toBase64url(bytes) };
    await patiently(() => call("/repo/pairings/send", question, this.#by), this.#patience);
    this.#sent++;
  }

  /**
   * The other side's next message, as soon as it is there.
   * @param {number} [longest] ms to wait for it
   * @returns {Promise<Bytes>}
   * @throws {PairingError | RepoError}
   */
  async receive(longest = LONGEST_MS) {
    const { every, signal } = this.#patience;
    const ends = [this.#over.signal, ...(signal ? [signal] : [])];
    const either = AbortSignal.any([...ends, AbortSignal.timeout(longest)]);
    try {
      for await (const _ of poll(this.#by.ticket, { every, signal: either })) {
        if (this.#arrived.length === 0) await this.#fetch();
        const message = this.#arrived.shift();
        if (message) return message;
      }
    } catch (error) {
      const code = error instanceof RepoError ? SAID.get(error.code) : undefined;
      throw code ? new PairingError(/** @type {PairingCode} */ (code)) : error;
    }
    throw new PairingError(ends.some(({ aborted }) => aborted) ? "pairing_ended" : "pairing_expired");
  }

  /** Whoever waits for a message waits no longer. */
  stop() {
    this.#over.abort();
  }

  /** Nothing more can be sent or read from now on. Not worth an error: it ends by itself soon. */
  async end() {
    await call("/repo/pairings/end", {}, this.#by).catch(() => {});
  }

  async #fetch() {
    const ask = () => call("/repo/pairings/read", { after: this.#read }, this.#by);
    const { messages, ended } = await patiently(ask, this.#patience);
    this.#read += messages.length;
    this.#arrived.push(...messages.map(fromBase64url));
    if (ended && this.#arrived.length === 0) throw new PairingError("pairing_ended");
  }
}
