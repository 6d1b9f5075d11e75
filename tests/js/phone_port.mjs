// @ts-check
/** The repo as a phone asks it, at the port where `fetch` leaves the page: doors that a test fills. */
import { makeKeys } from "../../static/shared/devices.js";
import { opened, thumbprint } from "./repo_port.mjs";

export const ORIGIN = "http://id.localhost:8000";

export class PhoneRepo {
  /** @type {Record<string, (question: any) => object | void>} */
  doors = {};
  asked = [];
  /** @type {string | null} the device key that has to sign */
  signer = null;
  /** @type {(path: string) => unknown} a test may lose an answer here, after the work was done */
  before = () => {};

  install() {
    globalThis.location = /** @type {any} */ ({ origin: ORIGIN });
    globalThis.fetch = /** @type {any} */ (async (address, { body = "", headers = {} } = {}) => {
      const path = new URL(address).pathname;
      const text = Buffer.from(body).toString();
      const question = text ? JSON.parse(text) : {};
      this.asked.push({ path, question, text });
      let answer;
      try {
        if (this.signer && headers.Proof) {
          const { claims } = opened(headers.Proof, this.signer) ?? refuse("signer_refused");
          if (claims.kid !== thumbprint(this.signer) || claims.htu !== ORIGIN + path) refuse("malformed_proof");
        }
        const door = this.doors[path] ?? (() => refuse("not_found"));
        answer = { errorcode: 0, error: "success", attr_claims: {}, ...door(question) };
      } catch (error) {
        if (!error.code) throw error;
        answer = { errorcode: -1, error: "no", code: error.code, attr_claims: {} };
      }
      await this.before(path);
      return new Response(JSON.stringify(answer), { status: answer.errorcode === 0 ? 200 : 403 });
    });
    return this;
  }

  of(path) {
    return this.asked.filter((question) => question.path === path).map(({ question }) => question);
  }
}

/** @param {string} code @returns {never} */
export function refuse(code) {
  throw Object.assign(new Error(code), { code });
}

/** A database that lives in memory; records are copied on every way, as IndexedDB copies them. */
export class Records {
  stores = new Map();

  #of(store) {
    if (!this.stores.has(store)) this.stores.set(store, new Map());
    return this.stores.get(store);
  }

  async get(store, key) {
    return copy(this.#of(store).get(key));
  }

  async all(store) {
    return [...this.#of(store).values()].map(copy);
  }

  async put(store, key, record) {
    this.#of(store).set(key, copy(record));
  }

  async delete(store, key) {
    this.#of(store).delete(key);
  }

  async update(store, key, change, ended) {
    if (ended) this.#of(ended.store).delete(ended.key);
    const record = change(copy(this.#of(store).get(key)));
    if (record === undefined) this.#of(store).delete(key);
    else this.#of(store).set(key, copy(record));
  }
}

function copy(record) {
  return record && { ...record }; // CryptoKeys stay what they are
}

/** A phone that a pairing has brought into an account. */
export async function adopted(phone, told, since = 1) {
  await phone.store(await makeKeys(), told, { since, ticket: "a ticket" });
  return phone.enter();
}
