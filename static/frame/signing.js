// @ts-check
/**
 * What the frame does for its page: sign in, sign out, opt out. The device's signature is made here and goes to the
 * site alone; the repo is asked for its own and never sees ours, or a broken repo could sign in before the person does.
 */

import { now } from "../shared/clock.js";
import { signJws } from "../shared/keys.js";
import { isNonce, makeNonce } from "../shared/nonces.js";
import { RepoError, call } from "../shared/repo.js";

/** @typedef {import("../shared/messages.js").Bundle} Bundle */
/** @typedef {import("./holder.js").Holder} Holder */

/** The repo no longer honours this bundle: only the person, in a popup, can get another. */
const DEAD = new Set([
  "signer_refused", "signer_revoked", "device_locked", "interaction_required", "identity_refused", "origin_refused",
]);

export class Signing {
  #holder;
  #origin;

  /** @param {Holder} holder @param {string} origin the pinned one */
  constructor(holder, origin) {
    this.#holder = holder;
    this.#origin = origin;
  }

  /**
   * @param {string} name
   * @param {Record<string, unknown>} args
   * @returns {Promise<unknown>}
   * @throws {RepoError} also for what never reached the repo
   */
  async call(name, args) {
    if (name === "signin") return this.#signIn(args.nonce ?? null);
    if (name === "signout" || name === "optout") return this.#leave(name);
    throw new RepoError("not_supported");
  }

  /** @param {unknown} given the site's nonce, or null @returns {Promise<{uid: string, nonces: object}>} */
  async #signIn(given) {
    if (given !== null && !isNonce(given)) throw new RepoError("malformed_nonce");
    const bundle = await this.#holder.bundle();
    if (!bundle || this.#holder.spent) throw new RepoError("interaction_required");
    this.#holder.use(bundle); // before anything is awaited: one consent gives one payload
    try {
      return await this.#sign(bundle, given);
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
    const { signed } = await this.#ask(bundle, "/repo/cosign", given === null ? ask : ask());
    const ad = { nonce: await signJws({ nonce }, adKey), key: adPublic };
    return { uid, nonces: { ad, repo: { nonce: signed.nonce, key: signed.key } } };
  }

  /** @param {"signout" | "optout"} name @returns {Promise<true>} */
  async #leave(name) {
    const bundle = await this.#holder.bundle();
    if (!bundle) throw new RepoError("not_signed_in");
    // A session that has ended is no success: it may have run out, and the OneID is open in this browser all the same.
    await this.#ask(bundle, `/repo/${name}`, {});
    await this.#holder.forget(bundle);
    return true;
  }

  /**
   * @param {Bundle} bundle
   * @param {string} path
   * @param {object | (() => object)} body
   */
  async #ask(bundle, path, body) {
    try {
      return await call(path, body, { key: bundle.sessionKey, kid: bundle.session });
    } catch (error) {
      if (!(error instanceof RepoError) || !DEAD.has(error.code)) throw error;
      await this.#holder.forget(bundle);
      throw new RepoError("interaction_required");
    }
  }
}
