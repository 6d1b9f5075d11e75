// @ts-check
/** Cards in their envelopes: only the account's devices open them, each for one account, one card and one version. */
import { isName, ownTexts } from "./attributes.js";
import { fromBase64url, toBase64url, utf8 } from "./encoding.js";
import { pad, unpad } from "./padding.js";
import { BELONGS, LABELS, SealError, deriveSealKey, open, seal } from "./sealing.js";

/** @typedef {import("./merging.js").Content} Content */
/** @typedef {{account: string, id: string, version: number}} Place what an envelope is for */

/** @param {Uint8Array<ArrayBuffer>} secret S @returns {Promise<CryptoKey>} what seals the cards of the account */
export function vaultKey(secret) {
  return deriveSealKey(secret, LABELS.vault);
}

/**
 * @param {CryptoKey} key
 * @param {Place} place
 * @param {Content} content
 * @returns {Promise<string>} as the repo keeps it
 * @throws {import("./padding.js").TooLargeError}
 */
export async function sealCard(key, { account, id, version }, content) {
  const bytes = pad(utf8(JSON.stringify(content)));
  return toBase64url(await seal(key, bytes, BELONGS.card(account, id, version)));
}

/**
 * @param {CryptoKey} key
 * @param {Place} place
 * @param {string} sealed
 * @returns {Promise<Content>}
 * @throws {SealError} if it is not what was sealed for this place
 */
export async function openCard(key, { account, id, version }, sealed) {
  return asContent(await openedJson(key, sealed, BELONGS.card(account, id, version)));
}

/**
 * @param {CryptoKey} key
 * @param {unknown} sealed an envelope in base64url
 * @param {string} belongs
 * @returns {Promise<any>} the JSON in it
 * @throws {SealError}
 */
export async function openedJson(key, sealed, belongs) {
  const bytes = unpad(await open(key, envelope(sealed), belongs));
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new SealError();
  }
}

/** @param {unknown} sealed @returns {Uint8Array<ArrayBuffer>} */
function envelope(sealed) {
  try {
    if (typeof sealed === "string") return fromBase64url(sealed);
  } catch {
    // no base64url: no envelope
  }
  throw new SealError();
}

/** @param {any} value @returns {Content} */
function asContent(value) {
  const { kind, label, preferred, fields, made, changed } = value ?? {};
  const right = isName(kind) && typeof label === "string" && typeof fields === "object" && fields !== null
    && [preferred, made, changed].every(Number.isFinite);
  if (!right) throw new SealError();
  return { kind, label, preferred, fields: Object.fromEntries(ownTexts(fields)), made, changed };
}
