// @ts-check
/**
 * What the frame does for its page: sign in, read what is released, have something confirmed, sign out, opt out. The
 * device's signature is made here and goes to the site alone; the repo is asked for its own and never sees ours, or a
 * broken repo could sign in before the person does. It signs a nonce and nothing else: words are signed by the phone
 * that showed them, so a page that swaps them is caught by its own server.
 */

import { now } from "../shared/clock.js";
import { confirmed } from "../shared/confirming.js";
import { signJws } from "../shared/keys.js";
import { isNonce, makeNonce } from "../shared/nonces.js";
import { RepoError, call } from "../shared/repo.js";

/** @typedef {import("../shared/messages.js").Asked} Asked */
/** @typedef {import("../shared/messages.js").Bundle} Bundle */
/** @typedef {import("../shared/confirming.js").Wanted} Wanted */
/** @typedef {Omit<Wanted, "uid" | "origin" | "nonce">} Words what the phone shall show */
/** @typedef {import("./holder.js").Holder} Holder */

/** The repo no longer honours this bundle: only the person, in a popup, can get another. */
const DEAD = new Set([
  "signer_refused", "signer_revoked", "device_locked", "interaction_required", "identity_refused", "origin_refused",
]);
/** What a sign-in says on the phone is the phone's to say. */
const SIGN_IN = /** @type {const} */ ({ kind: "signin", title: "", message: "", showsNumber: true });

/** What reads cards. Most pages ask for none, and all wait for this frame: so it comes when it is needed. */
const reading = () => import("./reading.js").catch(() => {
  throw new RepoError("network");
});

export class Signing {
  #holder;
  #origin;
  /** What waits for the phone, by the number of its call. @type {Map<number, AbortController>} */
  #waiting = new Map();

  /** @param {Holder} holder @param {string} origin the pinned one */
  constructor(holder, origin) {
    this.#holder = holder;
    this.#origin = origin;
  }

  /**
   * @param {string} name
   * @param {Record<string, unknown>} args
   * @param {Asked} [asked]
   * @returns {Promise<unknown>}
   * @throws {RepoError} also for what never reached the repo
   */
  async call(name, args, asked = { call: 0, progress: () => {} }) {
    if (name === "signin") return this.#signIn(args, asked);
    if (name === "confirm") return this.#confirm(args, asked);
    if (name === "attr") return this.#attr(args);
    if (name === "cancel") return this.#cancel(args.call);
    if (name === "signout" || name === "optout") return this.#leave(name);
    throw new RepoError("not_supported");
  }

  /** @param {Record<string, unknown>} args @param {Asked} asked */
  async #signIn({ nonce, level = "ON", attr = "" }, asked) {
    if (level !== "ON" && level !== "OOB" && level !== "OOBPIN") throw new RepoError("not_supported");
    const wanted = attr === "" ? [] : (await reading()).wantedOf(attr);
    return this.#once(nonce ?? null, async (bundle, given) => {
      // Nobody is signed in before it is clear that no window is needed.
      const handed = wanted.length > 0 ? await this.#read(bundle, wanted) : null;
      const payload = await this.#signAt(level, bundle, given, asked);
      return handed ? { ...payload, attr: handed.attr, attr_claim_tokens: handed.claims } : payload;
    });
  }

  /** @param {"ON" | "OOB" | "OOBPIN"} level @param {Bundle} bundle @param {string | null} given @param {Asked} asked */
  async #signAt(level, bundle, given, asked) {
    if (level !== "ON") return this.#throughPhone(bundle, given, { ...SIGN_IN, level }, asked);
    try {
      return await this.#sign(bundle, given);
    } catch (error) {
      if (!(error instanceof RepoError) || error.code !== "phone_required") throw error;
      return this.#throughPhone(bundle, given, { ...SIGN_IN, level: "OOB" }, asked); // the account wants it so
    }
  }

  /** What the page may read, without signing anybody in. @param {Record<string, unknown>} args */
  async #attr({ attr, again }) {
    const wanted = (await reading()).wantedOf(attr);
    const bundle = await this.#holder.bundle();
    if (!bundle) throw new RepoError("interaction_required");
    return this.#read(bundle, wanted, again === true);
  }

  /** @param {Bundle} bundle @param {import("./reading.js").Wanted[]} wanted @param {boolean} [again] */
  async #read(bundle, wanted, again) {
    const { uid } = bundle;
    const { read } = await reading();
    const ask = async (/** @type {string[]} */ cards) => {
      const body = { uid, origin: this.#origin, cards };
      const told = await this.#honoured(bundle, () => call("/repo/releases/read", body, signerOf(bundle)));
      return /** @type {import("./reading.js").Told} */ (/** @type {unknown} */ (told));
    };
    return read(bundle, wanted, ask, (versions) => this.#holder.notice(uid, versions), again);
  }

  /** @param {Record<string, unknown>} args @param {Asked} asked */
  async #confirm({ nonce, level, message, title, silent }, asked) {
    if (typeof message !== "string" || typeof title !== "string") throw new RepoError("malformed_words");
    const words = { kind: /** @type {const} */ ("confirm"), title, message, showsNumber: silent !== true };
    const asks = level === "OOBPIN" ? level : "OOB";
    return this.#once(nonce ?? null, (bundle, given) => {
      return this.#throughPhone(bundle, given, { ...words, level: asks }, asked);
    });
  }

  /**
   * Sign with the bundle that is held: one consent gives one payload.
   * @template T
   * @param {unknown} given the site's nonce, or null
   * @param {(bundle: Bundle, given: string | null) => Promise<T>} sign
   * @returns {Promise<T>}
   */
  async #once(given, sign) {
    if (given !== null && !isNonce(given)) throw new RepoError("malformed_nonce");
    const bundle = await this.#holder.bundle();
    if (!bundle?.signs || this.#holder.spent) throw new RepoError("interaction_required");
    this.#holder.use(bundle); // before anything is awaited
    try {
      return await sign(bundle, given);
    } catch (error) {
      this.#holder.unuse(bundle);
      throw error;
    }
  }

  /** @param {Bundle} bundle @param {string | null} given */
  async #sign(bundle, given) {
    const { uid, adKey, adPublic } = bundle;
    let nonce = "";
    const ask = () => {
      nonce = given ?? makeNonce(now());
      return { uid, origin: this.#origin, nonce };
    };
    // A stale nonce of ours is made anew, with the clock corrected; a stale one of the site's is the site's to renew.
    const body = given === null ? ask : ask();
    const { signed } = await this.#honoured(bundle, () => call("/repo/cosign", body, signerOf(bundle)));
    await this.#holder.know(bundle, signed.phone);
    const ad = { nonce: await signJws({ nonce }, adKey), key: adPublic };
    const nonces = { ad, repo: { nonce: signed.nonce, key: signed.key } };
    return { uid, nonces, two_factor_token: signed.two_factor_token };
  }

  /** @param {Bundle} bundle @param {string | null} nonce @param {Words} words @param {Asked} asked */
  async #throughPhone(bundle, nonce, words, { call: number, progress }) {
    const { uid, adKey, adPublic } = bundle;
    const ending = new AbortController();
    this.#waiting.set(number, ending);
    const wanted = { uid, origin: this.#origin, nonce, ...words };
    const by = { signer: signerOf(bundle), adKey, adPublic };
    const how = { onwaiting: progress, signal: ending.signal };
    try {
      const value = await this.#honoured(bundle, () => confirmed(wanted, by, how));
      await this.#holder.know(bundle, true);
      if (!value || !("nonces" in value)) this.#holder.unuse(bundle); // it gave no payload
      return value;
    } catch (error) {
      if (error instanceof RepoError && error.code === "no_phone") await this.#holder.know(bundle, false);
      throw error;
    } finally {
      this.#waiting.delete(number);
    }
  }

  /** @param {unknown} call the number of one that waits for the phone @returns {boolean} whether there was one */
  #cancel(call) {
    const ending = this.#waiting.get(/** @type {number} */ (call));
    ending?.abort();
    return ending !== undefined;
  }

  /** @param {"signout" | "optout"} name @returns {Promise<true>} */
  async #leave(name) {
    const bundle = await this.#holder.bundle();
    if (!bundle) throw new RepoError("not_signed_in");
    if (!bundle.signs) throw new RepoError("interaction_required"); // to read is no say over the whole OneID
    // A session that has ended is no success: it may have run out, and the OneID is open in this browser all the same.
    await this.#honoured(bundle, () => call(`/repo/${name}`, {}, signerOf(bundle)));
    await this.#holder.forget(bundle);
    return true;
  }

  /**
   * @template T
   * @param {Bundle} bundle
   * @param {() => Promise<T>} ask as its session
   * @returns {Promise<T>}
   */
  async #honoured(bundle, ask) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RepoError) || !DEAD.has(error.code)) throw error;
      await this.#holder.forget(bundle);
      throw new RepoError("interaction_required");
    }
  }
}

/** @param {Bundle} bundle @returns {import("../shared/repo.js").Signer} */
function signerOf({ sessionKey, session }) {
  return { key: sessionKey, kid: session };
}
