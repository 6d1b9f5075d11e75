// @ts-check
/**
 * Secrets derived and sealed: HKDF-SHA256 (RFC 5869) and AES-256-GCM, both of WebCrypto.
 *
 * An envelope is the byte 0x01, a random IV of 12 bytes, and the ciphertext with its tag. The associated data says what
 * the envelope is for and whose it is, so that one from another place does not open here.
 */
import { randomBytes, utf8 } from "./encoding.js";

const VERSION = 1;
const IV = 12;
const TAG = 16;

/** What each derived secret is for: the `info` of HKDF. */
export const LABELS = Object.freeze({
  locator: "oneid/1 locator",
  recovery: "oneid/1 recovery",
  identities: "oneid/1 identities",
  vault: "oneid/1 vault",
  release: "oneid/1 release",
  channelA: "oneid/1 channel a",
  channelB: "oneid/1 channel b",
  finish: "oneid/1 channel finish",
});

/** What an envelope belongs to: the associated data. */
export const BELONGS = Object.freeze({
  /** @param {string} account */
  recovery: (account) => `oneid/1 recovery ${account}`,
  /** @param {string} account @param {string} origin */
  ad: (account, origin) => `oneid/1 ad ${account} ${origin}`,
  /** @param {string} account @param {string} id @param {number} version */
  card: (account, id, version) => `oneid/1 card ${account} ${id} ${version}`,
  /** @param {string} uid @param {string} card @param {string[]} fields sorted @param {number} version */
  release: (uid, card, fields, version) => `oneid/1 release ${uid} ${card} ${fields.join(",")} ${version}`,
  /** @param {string} device */
  device: (device) => `oneid/1 device ${device}`,
  /** @param {string} device */
  pendingKey: (device) => `oneid/1 pending-key ${device}`,
  /** @param {string} id @param {"a" | "b"} side who sends @param {number} number the message's, from 0 */
  pairing: (id, side, number) => `oneid/1 pairing ${id} ${side} ${number}`,
});

/** An envelope that does not open: another key, another purpose, another version, or changed on its way. */
export class SealError extends Error {
  code = "seal_broken";

  constructor() {
    super("this envelope does not open");
    this.name = "SealError";
  }
}

/**
 * 32 bytes derived from a secret.
 * @param {Uint8Array<ArrayBuffer>} secret
 * @param {string} label one of LABELS
 * @param {Uint8Array<ArrayBuffer>} [salt]
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function derive(secret, label, salt) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits(hkdf(label, salt), key, 256));
}

/**
 * The AES-GCM key derived from a secret; it cannot be exported.
 * @param {Uint8Array<ArrayBuffer>} secret
 * @param {string} label one of LABELS
 * @param {Uint8Array<ArrayBuffer>} [salt]
 * @returns {Promise<CryptoKey>}
 */
export async function deriveSealKey(secret, label, salt) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const aes = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(hkdf(label, salt), key, aes, false, ["encrypt", "decrypt"]);
}

/**
 * A fresh AES-GCM key that cannot be exported: it lives in this browser's IndexedDB and nowhere else.
 * @returns {Promise<CryptoKey>}
 */
export function makeSealKey() {
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/**
 * Put bytes into an envelope.
 * @param {CryptoKey} key
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} belongs the associated data, of BELONGS
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function seal(key, bytes, belongs) {
  const iv = randomBytes(IV);
  const sealed = new Uint8Array(await crypto.subtle.encrypt(gcm(iv, belongs), key, bytes));
  const envelope = new Uint8Array(1 + IV + sealed.length);
  envelope[0] = VERSION;
  envelope.set(iv, 1);
  envelope.set(sealed, 1 + IV);
  return envelope;
}

/**
 * Take the bytes out of an envelope.
 * @param {CryptoKey} key
 * @param {Uint8Array<ArrayBuffer>} envelope
 * @param {string} belongs the associated data it was sealed with
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {SealError}
 */
export async function open(key, envelope, belongs) {
  if (envelope.length < 1 + IV + TAG || envelope[0] !== VERSION) {
    throw new SealError();
  }
  const iv = envelope.slice(1, 1 + IV);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(gcm(iv, belongs), key, envelope.slice(1 + IV)));
  } catch (error) {
    if (error instanceof DOMException && error.name === "OperationError") {
      throw new SealError();
    }
    throw error;
  }
}

/** @param {string} label @param {Uint8Array<ArrayBuffer>} [salt] */
function hkdf(label, salt = new Uint8Array(0)) {
  return { name: "HKDF", hash: "SHA-256", salt, info: utf8(label) };
}

/** @param {Uint8Array<ArrayBuffer>} iv @param {string} belongs */
function gcm(iv, belongs) {
  return { name: "AES-GCM", iv, additionalData: utf8(belongs), tagLength: 128 };
}

