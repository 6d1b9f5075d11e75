// @ts-check
/**
 * The cryptography of a pairing, without the network: two sides agree on keys through somebody whom neither trusts.
 *
 * Side A commits to its key and random before it sees those of side B, and reveals them after: so whoever stands
 * between has one try at six digits that come from both keys and both randoms, and not as many as it can compute.
 */
import { fromBase64url, randomBytes, toBase64url, utf8 } from "./encoding.js";
import { LABELS, derive, deriveSealKey } from "./sealing.js";

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/** @typedef {"phone" | "browser"} Kind what comes new */
/** @typedef {{key: string, random: string}} Share what a side tells: its public key and its random, in base64url */
/** @typedef {Share & {secret: CryptoKey}} Side what it has */
/** @typedef {{a: CryptoKey, b: CryptoKey, finish: CryptoKey}} Keys for the messages of each side, and for the end */

const ECDH = { name: "ECDH", namedCurve: "P-256" };
const KEY_BYTES = 64;
const RANDOM_BYTES = 16;

/** @returns {Promise<Side>} a key and a random for one pairing */
export async function makeSide() {
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey(ECDH, false, ["deriveBits"]));
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return {
    key: toBase64url(point.subarray(1)), // the first byte, 4, says "uncompressed"
    random: toBase64url(randomBytes(RANDOM_BYTES)),
    secret: pair.privateKey,
  };
}

/**
 * @param {unknown} told
 * @returns {Share | null} null if it is none
 */
export function readShare(told) {
  const { key, random } = /** @type {any} */ (told ?? {});
  return hasBytes(key, KEY_BYTES) && hasBytes(random, RANDOM_BYTES) ? { key, random } : null;
}

/** @param {Kind} kind @param {Share} share of side A @returns {Promise<string>} 43 characters */
export async function commitment(kind, { key, random }) {
  const said = await sha256(utf8(`oneid/1 pairing ${kind}`), fromBase64url(key), fromBase64url(random));
  return toBase64url(said);
}

/** @param {Kind} kind @param {Share} a @param {Share} b @returns {Promise<Bytes>} what both sides have to agree on */
export function transcript(kind, a, b) {
  return sha256(utf8(kind), ...[a.key, a.random, b.key, b.random].map(fromBase64url));
}

/** @param {Bytes} agreed a transcript @returns {Promise<string>} the six digits */
export async function digitsOf(agreed) {
  return decimals(await sha256(utf8("oneid/1 digits"), agreed), 6);
}

/**
 * The keys of the channel.
 * @param {CryptoKey} secret of our side
 * @param {string} other the other side's key
 * @param {Bytes} agreed the transcript
 * @returns {Promise<Keys>}
 * @throws {DOMException} if the other's key is no point of the curve
 */
export async function channelKeys(secret, other, agreed) {
  const point = new Uint8Array([4, ...fromBase64url(other)]);
  const theirs = await crypto.subtle.importKey("raw", point, ECDH, false, []);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, secret, 256));
  const [a, b, mac] = await Promise.all([
    deriveSealKey(shared, LABELS.channelA, agreed), deriveSealKey(shared, LABELS.channelB, agreed),
    derive(shared, LABELS.finish, agreed),
  ]);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return { a, b, finish: await crypto.subtle.importKey("raw", mac, hmac, false, ["sign", "verify"]) };
}

/** @param {Keys} keys @param {Bytes} seen what only A's screen told, if it did @returns {Promise<Bytes>} 32 bytes */
export async function finishOf({ finish }, seen) {
  return new Uint8Array(await crypto.subtle.sign("HMAC", finish, seen));
}

/** @param {Keys} keys @param {Bytes} seen @param {unknown} told in base64url @returns {Promise<boolean>} */
export async function isFinish({ finish }, seen, told) {
  return hasBytes(told, 32) && crypto.subtle.verify("HMAC", finish, fromBase64url(/** @type {string} */ (told)), seen);
}

/** @param {Bytes} finish @returns {string} the four digits of it that a person can carry over */
export function numberOf(finish) {
  return decimals(finish, 4);
}

/** @param {Bytes} hash @param {number} count @returns {string} its first eight bytes as a number, and that one's end */
function decimals(hash, count) {
  const number = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0) % 10n ** BigInt(count);
  return String(number).padStart(count, "0");
}

/** @param {...Bytes} parts @returns {Promise<Bytes>} */
async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
}

/** @param {unknown} text @param {number} count */
function hasBytes(text, count) {
  try {
    return typeof text === "string" && fromBase64url(text).length === count;
  } catch {
    return false;
  }
}
