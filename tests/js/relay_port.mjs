// @ts-check
/** The doors of a pairing at the port where `fetch` leaves the page, in memory: honest, unless a test bends them. */
import { randomBytes } from "node:crypto";

export const ORIGIN = "http://id.localhost:8000";
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // pragma: allowlist secret
const text = (count) => randomBytes(count).toString("base64url");
const refuse = (code) => Object.assign(new Error(code), { code });

export class RelayPort {
  pairings = new Map(); // id -> {id, code, kind, commitment, used, ended, changes, a: [], b: []}
  seen = []; // every question's path and body
  /** @type {(path: string, answer: any) => unknown} a test may lose an answer here, or bend it */
  before = () => {};
  expired = false;

  install() {
    globalThis.location = /** @type {any} */ ({ origin: ORIGIN });
    globalThis.fetch = /** @type {any} */ (async (address, { body = "", headers = {} } = {}) => {
      const path = new URL(address).pathname;
      const question = body.length ? JSON.parse(Buffer.from(body).toString()) : {};
      let answer;
      try {
        this.seen.push({ path, question });
        answer = { errorcode: 0, error: "success", attr_claims: {}, ...this[path](question, headers.Ticket) };
      } catch (error) {
        if (!error.code) throw error;
        answer = { errorcode: -1, error: "no", code: error.code, attr_claims: {} };
      }
      await this.before(path, answer);
      return new Response(JSON.stringify(answer), { status: answer.errorcode === 0 ? 200 : 403 });
    });
    return this;
  }

  "/repo/pairings"({ kind, commitment }) {
    const letters = [...randomBytes(8)].map((octet) => LETTERS[octet % 32]).join("");
    const code = `${letters.slice(0, 4)}-${letters.slice(4)}`;
    const pairing = { id: text(16), code, kind, commitment, used: false, ended: false, changes: 0, a: [], b: [] };
    this.pairings.set(pairing.id, pairing);
    return { pairing: { id: pairing.id, code, expires: "2030-01-01T00:00:00Z", ticket: `${pairing.id}:a` } };
  }

  #of(code) {
    const pairing = [...this.pairings.values()].find((known) => known.code === code);
    if (!pairing || pairing.used || pairing.ended || this.expired) throw refuse("pairing_refused");
    return pairing;
  }

  "/repo/pairings/find"({ code }) {
    const { kind, commitment } = this.#of(code);
    return { pairing: { kind, commitment, expires: "2030-01-01T00:00:00Z", address: "127.0.0.1", browser: "Firefox" } };
  }

  "/repo/pairings/open"({ code, message }) {
    const pairing = this.#of(code);
    pairing.used = true;
    pairing.b.push(message);
    pairing.changes++;
    return { pairing: { id: pairing.id, ticket: `${pairing.id}:b` } };
  }

  #side(ticket) {
    const [id, side] = (ticket ?? "").split(":");
    const pairing = this.pairings.get(id);
    if (!pairing || this.expired) throw refuse("ticket_refused");
    return { pairing, side, other: side === "a" ? "b" : "a" };
  }

  "/repo/pairings/send"({ number, message }, ticket) {
    const { pairing, side } = this.#side(ticket);
    if (pairing.ended) throw refuse("pairing_refused");
    if (pairing[side][number] !== undefined && pairing[side][number] !== message) throw refuse("already_taken");
    if (number > pairing[side].length) throw refuse("malformed_member");
    pairing[side][number] = message;
    pairing.changes++;
  }

  "/repo/pairings/read"({ after }, ticket) {
    const { pairing, other } = this.#side(ticket);
    return { messages: pairing.ended ? [] : pairing[other].slice(after), ended: pairing.ended };
  }

  "/repo/pairings/end"(_, ticket) {
    const { pairing } = this.#side(ticket);
    pairing.ended = true;
    pairing.changes++;
  }

  "/repo/poll"(_, ticket) {
    return { change: this.#side(ticket).pairing.changes };
  }
}
