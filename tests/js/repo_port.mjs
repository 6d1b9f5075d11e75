// @ts-check
/**
 * A repo for the tests of the popup's flows, at the port where `fetch` leaves the page: doors and refusals as
 * docs/repo.md has them, in memory. Proofs, nonces and thumbprints are checked with node's own crypto.
 */
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";

export const ORIGIN = "http://id.localhost:8000";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("base64url");
const point = (text) => Buffer.from(text, "base64url");
const jwk = (text) => {
  const [x, y] = [point(text).subarray(0, 32), point(text).subarray(32)].map((half) => half.toString("base64url"));
  return { crv: "P-256", kty: "EC", x, y };
};
export const thumbprint = (text) => sha256(JSON.stringify(jwk(text)));

/** @param {string} jws @param {string} key @returns {{header: any, claims: any} | null} null: a wrong signature */
export function opened(jws, key) {
  const [header, claims, signature] = jws.split(".");
  const by = { key: createPublicKey({ key: jwk(key), format: "jwk" }), dsaEncoding: "ieee-p1363" };
  const holds = verify("sha256", Buffer.from(`${header}.${claims}`), by, point(signature));
  const read = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
  return holds ? { header: read(header), claims: read(claims) } : null;
}

class Refusal extends Error {}
const refuse = (code) => { throw new Refusal(code); };

export class Repo {
  accounts = new Map(); // id -> {id, closed}
  devices = new Map(); // kid -> {account, key, locked, revoked}
  recoveries = new Map(); // sha256(locator) -> {account, key, sealed}
  identities = new Map(); // account + origin -> {uid, ad_key, sealed, minted}
  sessions = [];
  asked = []; // every question: {path, body, text}
  now = () => Date.now();
  /** @type {(path: string, answer: object) => unknown} a test may lose an answer here, after the work was done */
  before = () => {};
  refuse = refuse;

  /** Put this repo where the page's questions go. */
  install() {
    globalThis.location = /** @type {any} */ ({ origin: ORIGIN });
    globalThis.fetch = /** @type {any} */ (async (address, { body = "", headers = {} } = {}) => {
      const path = new URL(address).pathname;
      const text = Buffer.from(body).toString();
      let answer;
      try {
        answer = { errorcode: 0, error: "success", attr_claims: {}, ...this.answer(path, text, headers.Proof) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        answer = { errorcode: -1, error: "no", code: error.message, attr_claims: {} };
      }
      await this.before(path, answer);
      const status = answer.errorcode === 0 ? 200 : 403;
      return new Response(JSON.stringify(answer), { status, headers: { Date: new Date(this.now()).toUTCString() } });
    });
    return this;
  }

  answer(path, text, proof) {
    if (path === "/repo/about") return { about: { origin: ORIGIN, time: this.now() / 1000, optout_window: 600 } };
    const body = JSON.parse(text);
    this.asked.push({ path, body, text });
    const door = this[path] ?? refuse("not_found");
    return door.call(this, body, (key) => this.#prove(path, text, proof, key)) ?? {};
  }

  #prove(path, text, proof, key) {
    const { header, claims } = opened(proof ?? "..", key) ?? refuse("signer_refused");
    const right = header.typ === "proof+jwt" && claims.htm === "POST" && claims.htu === ORIGIN + path
      && claims.bh === sha256(text) && claims.kid === thumbprint(key);
    if (!right) refuse("malformed_proof");
    if (Math.abs(claims.iat - this.now() / 1000) > 60) refuse("proof_not_fresh");
  }

  /** The device that signed; `proven` checks it against the key on record. */
  #device(proven, { locked = false } = {}) {
    for (const [kid, device] of this.devices) {
      try {
        proven(device.key);
      } catch (error) {
        if (error.message === "signer_refused") continue;
        throw error;
      }
      if (device.revoked) refuse("signer_revoked");
      if (device.locked && !locked) refuse("device_locked");
      return { kid, ...device };
    }
    return refuse("signer_refused");
  }

  #join(account, { key }) {
    const kid = thumbprint(key);
    const former = this.devices.get(kid);
    if (former?.revoked) refuse("signer_revoked");
    if (!former) this.devices.set(kid, { account, key, locked: false, revoked: false });
    return { account: { id: former?.account ?? account, device: kid, created: !former } };
  }

  "/repo/accounts"({ device }, proven) {
    proven(device.key);
    return this.#join(randomBytes(16).toString("base64url"), device);
  }

  "/repo/recovery"({ locator, key, sealed }, proven) {
    const { account } = this.#device(proven);
    for (const [name, former] of this.recoveries) if (former.account === account) this.recoveries.delete(name);
    this.recoveries.set(sha256(point(locator)), { account, key, sealed, confirmed: false });
  }

  "/repo/recovery/confirm"(_, proven) {
    const { account } = this.#device(proven);
    for (const recovery of this.recoveries.values()) if (recovery.account === account) recovery.confirmed = true;
  }

  "/repo/recovery/open"({ locator }) {
    const { account, sealed } = this.recoveries.get(sha256(point(locator))) ?? refuse("oneid_key_refused");
    return { recovery: { account, sealed } };
  }

  "/repo/devices"({ device }, proven) {
    for (const { account, key } of this.recoveries.values()) {
      try {
        proven(key);
      } catch {
        continue;
      }
      return this.#join(account, device);
    }
    return refuse("oneid_key_refused");
  }

  "/repo/unlock"(_, proven) {
    this.devices.get(this.#device(proven, { locked: true }).kid).locked = false;
  }

  "/repo/identities/find"({ origin }, proven) {
    return { identity: this.identities.get(this.#device(proven).account + origin) ?? null, phones: [] };
  }

  "/repo/identities"({ origin, ad_key, sealed, ad }, proven) {
    const name = this.#device(proven).account + origin;
    const { claims } = opened(ad, ad_key) ?? refuse("bad_signature");
    this.#fresh(claims.nonce);
    const uid = randomBytes(16).toString("base64");
    if (!this.identities.has(name)) this.identities.set(name, { uid, ad_key, sealed, minted: false });
    const identity = this.identities.get(name);
    if (identity.ad_key === ad_key) identity.minted = true;
    return { identity: { ...identity } };
  }

  "/repo/sessions"({ uid, origin, key, silent }, proven) {
    const { account } = this.#device(proven);
    if (this.identities.get(account + origin)?.uid !== uid) refuse("identity_refused");
    this.sessions.push({ key, silent });
    return { session: { id: thumbprint(key), expires: "2030-01-01T00:00:00Z" } };
  }

  "/repo/cosign"({ uid, origin, nonce }, proven) {
    if (this.identities.get(this.#device(proven).account + origin)?.uid !== uid) refuse("identity_refused");
    this.#fresh(nonce);
    return { signed: { uid, key: "repo-key", nonce: `repo.${nonce}.jws`, two_factor_token: "T", phone: false } };
  }

  #fresh(nonce) {
    const [, time] = /^001(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)[A-Za-z0-9]{12}$/.exec(nonce) ?? refuse("malformed_nonce");
    if (Date.parse(time) < this.now() - 60_000) refuse("nonce_expired");
    if (Date.parse(time) > this.now() + 60_000) refuse("nonce_from_the_future");
  }
}

/** `navigator.locks`, as far as the popup uses them. */
export function installLocks() {
  const waiting = new Map();
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { locks: { request: (name, work) => {
    const turn = (waiting.get(name) ?? Promise.resolve()).catch(() => {}).then(work);
    waiting.set(name, turn);
    return turn;
  } } } });
}

/** A database that lives in memory; a structured clone on every way, as IndexedDB makes one. */
export class Memory {
  #stores = { accounts: new Map(), pending: new Map(), seen: new Map() };

  async get(store, key) {
    return copy(this.#stores[store].get(key));
  }

  async all(store) {
    return [...this.#stores[store].values()].map(copy);
  }

  async put(store, key, record) {
    this.#stores[store].set(key, copy(record));
  }

  async delete(store, key) {
    this.#stores[store].delete(key);
  }

  async update(store, key, change, ended) {
    if (ended) this.#stores[ended.store].delete(ended.key);
    const record = change(copy(this.#stores[store].get(key)));
    if (record === undefined) this.#stores[store].delete(key);
    else this.#stores[store].set(key, copy(record));
  }
}

function copy(record) {
  return record && { ...record }; // CryptoKeys stay what they are
}
