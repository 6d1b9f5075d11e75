// @ts-check
/** What the phone knows of its account right now: what waits, how it is set up, and whether the service answers. */
import { now } from "../shared/clock.js";
import { decide, pending } from "./confirmations.js";
import { settleControls } from "./control.js";
import { watch } from "./watch.js";

/** @typedef {import("./phone.js").Phone} Phone */
/** @typedef {import("./phone.js").Held} Held */
/** @typedef {import("./confirmations.js").Asked} Asked */
/**
 * What the repo tells of this phone.
 * @typedef {object} Standing
 * @property {{demands_phone: boolean, numbers: "auto" | "always" | "never"}} settings
 * @property {{set: boolean, locked: boolean}} pin
 * @property {boolean} push
 * @property {string} vapid_key
 * @property {{id: string, name: string, since: string}[]} silenced
 * @property {{id: string, name: string, ends: string | null, current: boolean}[]} phones
 */
/** @typedef {(path: string, body?: object) => Promise<import("../shared/repo.js").Answer>} Ask */

const SLACK_MS = 50;

export class News {
  /** What waits, oldest first. @type {Asked[]} */
  pending = [];
  /** @type {Standing | null} */
  standing = null;
  reached = true;

  #phone;
  #ask;
  #told;
  #late = /** @type {any} */ (0);
  /** What does not wait any more, though an answer that was on its way may still name it. */
  #dropped = new Set();
  /** What the control keys were looked after for. */
  #settled = new Set();

  /** @param {Phone} phone @param {Ask} ask @param {() => unknown} told called when something is new */
  constructor(phone, ask, told) {
    this.#phone = phone;
    this.#ask = ask;
    this.#told = told;
  }

  /**
   * Look for what is new, until the signal ends it.
   * @param {Held} held
   * @param {AbortSignal} signal
   * @param {(error: import("../shared/repo.js").RepoError) => void} onended
   */
  follow(held, signal, onended) {
    const isOurs = async () => (await this.#phone.held())?.deviceId === held.deviceId;
    return watch(held, {
      onchange: async () => (await isOurs()) && this.refresh(held),
      onreached: (reached) => {
        const changed = this.reached !== reached;
        this.reached = reached;
        if (changed) this.#told();
      },
      onended: async (error) => (await isOurs()) && onended(error),
    }, signal);
  }

  /** @param {Held} held */
  async refresh(held) {
    let waiting = await this.#waiting(held);
    const unsettled = waiting.filter(({ id, fits }) => !fits && !this.#settled.has(id));
    if (unsettled.length > 0 || this.#settled.size === 0) {
      let again = false;
      if ((await settleControls(this.#phone, () => (again = true))) > 0) waiting = await this.#waiting(held);
      for (const { id } of again ? [] : [...unsettled, { id: "" }]) this.#settled.add(id);
    }
    await this.refreshStanding();
    this.pending = waiting.filter(({ id }) => !this.#dropped.has(id));
    this.#forgetLate();
    await this.#told();
  }

  /** @returns {Promise<Standing>} */
  async refreshStanding() {
    const { phone } = await this.#ask("/repo/phone");
    this.standing = /** @type {Standing} */ (phone);
    return this.standing;
  }

  /**
   * @param {Held} held
   * @param {Asked} asked
   * @param {import("./confirmations.js").Decision} decision
   * @param {{number?: string, pin?: string}} typed
   */
  async decide(held, asked, decision, typed) {
    const became = await decide(this.#phone, held, asked, decision, typed);
    this.drop(asked.id);
    return became;
  }

  /** @param {string} id of something that does not wait any more */
  drop(id) {
    this.#dropped.add(id);
    this.pending = this.pending.filter((waiting) => waiting.id !== id);
  }

  forget() {
    clearTimeout(this.#late);
    this.pending = [];
    this.standing = null;
    this.#settled.clear();
    this.#dropped.clear();
  }

  /** @param {Held} held */
  async #waiting(held) {
    return (await pending(this.#phone, held)).filter(({ expires }) => expires > now());
  }

  /** What nobody answered goes away by itself, also while no answer comes from anywhere. */
  #forgetLate() {
    clearTimeout(this.#late);
    const first = Math.min(...this.pending.map(({ expires }) => expires));
    if (!Number.isFinite(first)) return;
    this.#late = setTimeout(() => {
      this.pending = this.pending.filter(({ expires }) => expires > now());
      this.#forgetLate();
      this.#told();
    }, Math.max(0, first - now()) + SLACK_MS);
  }
}
