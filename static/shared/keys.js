// @ts-check
/**
 * P-256 signing keys and the compact JWS that they sign (RFC 7515, ES256). A public key is written as its 64 bytes X||Y
 * in base64url; its name, the `kid`, is the RFC 7638 thumbprint.
 */

import { fromBase64url, toBase64url, utf8 } from "./encoding.js";

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const ES256 = { name: "ECDSA", hash: "SHA-256" };

/**
 * A new key pair.
 * @param {{extractable?: boolean}} [how] whether the private half can ever leave WebCrypto; it can not unless asked for
 * @returns {Promise<CryptoKeyPair>}
 */
export async function makeSigningKey({ extractable = false } = {}) {
  return /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey(P256, extractable, ["sign", "verify"]));
}

/** @param {CryptoKey} publicKey @returns {Promise<string>} 86 characters: X||Y in base64url */
export async function publicText(publicKey) {
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  return toBase64url(point.subarray(1)); // the first byte, 4, says "uncompressed"
}

/**
 * @param {string} text a public key, 86 characters
 * @returns {Promise<string>} its RFC 7638 thumbprint, 43 characters
 */
export async function thumbprint(text) {
  const point = fromBase64url(text);
  const x = toBase64url(point.subarray(0, 32));
  const y = toBase64url(point.subarray(32));
  return sha256(utf8(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`));
}

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<string>} the SHA-256 in base64url */
export async function sha256(bytes) {
  return toBase64url(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * A compact JWS over claims.
 * @param {object} claims
 * @param {CryptoKey} privateKey
 * @param {string} [typ] the header's `typ`: a nonce's JWS has none, a proof has its own, so they can't be swapped
 * @returns {Promise<string>}
 */
export async function signJws(claims, privateKey, typ) {
  const header = typ ? { typ, alg: "ES256" } : { alg: "ES256" };
  const input = [header, claims].map((part) => toBase64url(utf8(JSON.stringify(part)))).join(".");
  return `${input}.${toBase64url(await crypto.subtle.sign(ES256, privateKey, utf8(input)))}`;
}

/**
 * @param {CryptoKey} privateKey an extractable one
 * @returns {Promise<Uint8Array<ArrayBuffer>>} PKCS #8, to be sealed
 */
export async function exportAdKey(privateKey) {
  return new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
}

/**
 * @param {Uint8Array<ArrayBuffer>} pkcs8
 * @returns {Promise<CryptoKey>} a private key that can sign and not be exported
 */
export async function importAdKey(pkcs8) {
  return crypto.subtle.importKey("pkcs8", pkcs8, P256, false, ["sign"]);
}

/** @param {JsonWebKey} jwk a private key @returns {Promise<CryptoKey>} it, not to be exported any more */
export async function importPrivateJwk(jwk) {
  return crypto.subtle.importKey("jwk", jwk, P256, false, ["sign"]);
}
