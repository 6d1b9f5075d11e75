// @ts-check
/**
 * The repo's API: one signed POST per question. Each request carries a `Proof`, a JWS in the manner of RFC 9449 over
 * its method, address, time, unique id and body. A wrong local clock is corrected by the answer's `Date`, and the
 * request is repeated once for that reason and no other.
 */

import { learn, now } from "./clock.js";
import { randomBytes, toBase64url, utf8 } from "./encoding.js";
import { sha256, signJws } from "./keys.js";

/** @typedef {{key: CryptoKey, kid: string}} Signer a private key and the thumbprint of its public half */
/** @typedef {{ticket: string}} Ticketed who asks with a ticket, in the header `Ticket`, instead of a proof */
/** @typedef {Record<string, any>} Answer */

const ANSWER_MS = 30_000;

/** Refusals that only say that the clock was wrong. The last two help only a caller that makes a new nonce. */
const CLOCK_CODES = new Set(["proof_not_fresh", "nonce_expired", "nonce_from_the_future"]);

/** A refusal by its code; `network` when no answer came, `unreadable_answer` when something else answered. */
export class RepoError extends Error {
  /** @param {string} code @param {string} [message] */
  constructor(code, message = code) {
    super(message);
    this.name = "RepoError";
    this.code = code;
  }
}

/**
 * Ask the repo.
 * @param {string} path such as "/repo/cosign"
 * @param {object | (() => object | Promise<object>)} body a function is called anew for the one repetition: for a body
 *   with a nonce of our own making
 * @param {Signer | Ticketed | null} signer null where the door asks for no proof
 * @returns {Promise<Answer>}
 * @throws {RepoError}
 */
export async function call(path, body, signer) {
  const make = typeof body === "function" ? body : () => body;
  try {
    return await post(path, await make(), signer);
  } catch (error) {
    const repeats = error instanceof RepoError && CLOCK_CODES.has(error.code)
      && (error.code === "proof_not_fresh" || make === body);
    if (!repeats) throw error;
    return post(path, await make(), signer);
  }
}

/** @returns {Promise<Answer>} what the repo says of itself; sets the clock by the way */
export async function about() {
  return send("/repo/about", { method: "GET", cache: "no-store" });
}

/**
 * What a ticket tells: a number that grows when something changed.
 * @param {string} ticket
 * @returns {Promise<number>}
 */
export async function changesOf(ticket) {
  return (await send("/repo/poll", { method: "GET", cache: "no-store", headers: { Ticket: ticket } })).change;
}

/** @param {string} path @param {object} body @param {Signer | Ticketed | null} signer */
async function post(path, body, signer) {
  const bytes = utf8(JSON.stringify(body));
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json" };
  if (signer && "ticket" in signer) headers["Ticket"] = signer.ticket;
  else if (signer) headers["Proof"] = await prove(path, bytes, signer);
  return send(path, { method: "POST", body: bytes, headers });
}

/** @param {string} path @param {Uint8Array<ArrayBuffer>} bytes @param {Signer} signer */
async function prove(path, bytes, { key, kid }) {
  const claims = {
    htm: "POST",
    htu: location.origin + path,
    iat: Math.floor(now() / 1000),
    jti: toBase64url(randomBytes(16)),
    bh: await sha256(bytes),
    kid,
  };
  return signJws(claims, key, "proof+jwt");
}

/** @param {string} path @param {RequestInit} request @returns {Promise<Answer>} */
async function send(path, request) {
  let response, text;
  try {
    const signal = AbortSignal.timeout(ANSWER_MS); // a line that is dead without a word: no promise waits for ever
    response = await fetch(location.origin + path, { ...request, credentials: "omit", redirect: "error", signal });
    text = await response.text();
  } catch (error) {
    throw new RepoError("network", String(error));
  }
  learn(response.headers.get("Date"));
  const answer = parse(text);
  if (answer?.errorcode === 0 && response.ok) return answer;
  throw new RepoError(typeof answer?.code === "string" ? answer.code : "unreadable_answer", answer?.error);
}

/** @param {string} text @returns {Answer | null} */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
