// @ts-check
/**
 * The OneID app on a phone: it waits for what is asked, shows it, and signs what the person approves. A small state
 * machine over the screens; what lasts is in IndexedDB (phone.js).
 */
import { deviceName } from "../shared/device.js";
import { signer } from "../shared/devices.js";
import { readAddress } from "../shared/pairing.js";
import { pause } from "../shared/polling.js";
import { RepoError, about, call } from "../shared/repo.js";
import { bar } from "./bar.js";
import { connect } from "./connecting.js";
import { isOver } from "./explain.js";
import { leave, leaveFormer } from "./joining.js";
import { News } from "./news.js";
import { openPhone } from "./phone.js";
import { clear, renew, startWorker, unsubscribe } from "./push.js";
import { SCREENS } from "./screens.js";
import { error } from "./screens/error.js";
import { show } from "./stage.js";
import { whileSeen } from "./watch.js";
import { language, text } from "./words.js";

/** @typedef {import("./phone.js").Held} Held */
/** @typedef {import("./phone.js").Phone} Phone */

const PATIENCE_MS = 3000;
const REVOKED = new Set(["signer_revoked", "signer_refused"]);

/** What the screens have in common: what is known, and where they can go. */
export class Remote {
  deviceName = deviceName(navigator.userAgent);
  /** Ends when the screen that is shown is left. */
  screen = new AbortController();
  /** What the screen that is shown does when something is new. @type {() => unknown} */
  onnews = () => undefined;

  /** @type {Held | undefined} */
  #held;
  #at = "";
  #opened = new Set();
  /** @type {AbortSignal | null} */
  #seen = null;
  #watching = new AbortController();
  /** What is on the screen to be decided. */
  #open = "";

  /** @param {Phone} phone */
  constructor(phone) {
    this.phone = phone;
    this.news = new News(phone, this.ask.bind(this), () => this.#tell());
    this.home = this.home.bind(this);
    this.failed = this.failed.bind(this);
  }

  /** Whether this phone belongs to an account. */
  get isPaired() {
    return this.#held !== undefined;
  }

  /** @returns {Held} for the screens that there are with an account alone */
  known() {
    if (!this.#held) throw new Error("this phone belongs to no account");
    return this.#held;
  }

  /** @param {string} name @param {object} [given] */
  async go(name, given = {}) {
    const { screen, onnews } = this;
    const at = this.#at;
    const fresh = new AbortController();
    this.screen = fresh;
    this.onnews = () => undefined;
    this.#at = ""; // on the way: nothing opens by itself
    try {
      await SCREENS[name](this, given);
    } catch (cause) {
      if (this.screen === fresh) { // the former screen stays, and says why
        Object.assign(this, { screen, onnews });
        this.#at = at;
      }
      throw cause;
    }
    screen.abort();
    if (this.screen === fresh) {
      this.#at = name;
      this.#mind();
    }
  }

  /**
   * Where the phone waits; straight to the one thing that waits, where it was not shown yet.
   * @returns {Promise<void>}
   */
  async home() {
    if (!this.#held) return this.go("start");
    const only = this.#onlyNew();
    return only ? this.open(only.id) : this.go("home");
  }

  /** @param {string} id of something that waits @returns {Promise<void>} */
  async open(id) {
    const asked = this.news.pending.find((waiting) => waiting.id === id);
    this.#opened.add(id);
    this.#open = id;
    return asked ? this.go("confirmation", { asked }) : this.home();
  }

  /** @param {string} path @param {object} [body] @returns {Promise<import("../shared/repo.js").Answer>} */
  async ask(path, body = {}) {
    try {
      return await call(path, body, signer(this.known()));
    } catch (cause) {
      if (cause instanceof RepoError && REVOKED.has(cause.code)) await this.#removed(cause);
      throw cause;
    }
  }

  /** @param {string} code @param {import("./connecting.js").Seen} seen */
  pair(code, seen) {
    return this.pairing(() => connect(this, code, seen));
  }

  /**
   * Work of a pairing: where it is over, the person gets the screen that says why.
   * @param {() => Promise<unknown>} work
   */
  async pairing(work) {
    try {
      await work();
    } catch (cause) {
      if (!isOver(cause)) throw cause;
      await this.failed(cause);
    }
  }

  /** An account was brought here. */
  async paired() {
    this.#held = await this.phone.held();
    this.news.forget();
    if (await this.phone.former()) await unsubscribe(); // that was for another account, and nobody was asked for this
    leaveFormer(this.phone).catch(() => {}); // at the next start
    this.#watch();
  }

  /** The repo says that this phone is none of the account's. @param {RepoError} cause */
  async #removed({ code }) {
    if (code === "signer_revoked") await this.forget(); // for good: its keys are of no use to anybody who finds it
    await this.go("removed");
  }

  /** This phone leaves its account, at the repo and here. */
  async leave() {
    await leave(this.phone);
    await this.forget();
  }

  /** It was removed there already: nothing is left to keep here. */
  async forget() {
    await this.phone.forget();
    this.#held = undefined;
    this.#watching.abort();
    this.news.forget();
    await unsubscribe();
  }

  /** @param {unknown} cause of something that no screen waits for */
  async failed(cause) {
    if (isOver(cause)) await this.go("pairing-ended", { code: cause.code });
    else await this.go("error", { error: cause });
  }

  /** Ask the browser to keep what is stored here; a click has to come before. */
  persist() {
    navigator.storage?.persist?.().catch(() => {}); // a wish, and no more
  }

  async begin() {
    this.#held = await this.phone.held();
    const service = await Promise.race([about().catch(() => null), pause(PATIENCE_MS).then(() => null)]);
    this.news.reached = service !== null;
    if (service && service.about.origin !== location.origin) {
      return this.go("misplaced", { origin: service.about.origin });
    }
    whileSeen((signal) => {
      this.#seen = signal;
      this.#reread().catch(this.failed);
    });
    window.addEventListener("hashchange", () => this.#followAddress().catch(this.failed));
    if (await this.phone.stored()) return this.go("joining");
    leaveFormer(this.phone).catch(() => {});
    if (!(await this.#followAddress())) await this.home();
    return undefined;
  }

  /** Another window may have connected this phone, or taken it away. */
  async #reread() {
    const held = await this.phone.held();
    if (held?.deviceId !== this.#held?.deviceId) {
      this.#held = held;
      this.news.forget();
      await this.home();
    }
    this.#watch();
    if (held) await renew(held);
  }

  /** @returns {Promise<boolean>} whether the address says where a pairing waits, as the QR code's does */
  async #followAddress() {
    const place = readAddress(location.hash);
    if (location.hash) history.replaceState(null, "", location.pathname);
    if (place) await this.pair(place.code, place);
    return place !== null;
  }

  #watch() {
    this.#watching.abort(); // never two at once
    if (!this.#held || !this.#seen || this.#seen.aborted) return;
    this.#watching = new AbortController();
    this.news.follow(this.#held, AbortSignal.any([this.#seen, this.#watching.signal]), (cause) => {
      return REVOKED.has(cause.code) ? this.#removed(cause) : this.failed(cause);
    }).catch(this.failed);
  }

  /** Something is new: the screen is told; where the phone waits, the one thing that is asked is opened. */
  async #tell() {
    const only = this.#onlyNew();
    if (this.#at === "home" && only) await this.open(only.id);
    else await this.onnews();
    this.#mind();
  }

  /** Whatever waits and is not to be seen on the screen is told of. What is to be seen needs no notification. */
  #mind() {
    const open = this.#at === "confirmation" ? this.#open : "";
    const hidden = this.#at === "home" ? [] : this.news.pending.filter(({ id }) => id !== open);
    bar(hidden.length > 0, this.home);
    const shown = this.#at === "home" || (open !== "" && hidden.length === 0);
    if (shown && document.visibilityState === "visible") clear().catch(() => {});
  }

  #onlyNew() {
    const [only] = this.news.pending;
    return this.news.pending.length === 1 && !this.#opened.has(only.id) ? only : null;
  }
}

async function begin() {
  document.documentElement.lang = language;
  show({ name: "connecting", title: text("connecting.title") });
  startWorker();
  try {
    await new Remote(await openPhone()).begin();
  } catch (cause) {
    await error(null, { error: cause });
  }
}

begin();
