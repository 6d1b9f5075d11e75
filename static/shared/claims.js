// @ts-check
/**
 * What the service says of an address, before a site gets it. A claim token has a salt and a hash of the address that
 * the person proved: beside another address it would only let the site try its guesses at the proved one.
 */
import { fromBase64url, utf8 } from "./encoding.js";
import { sha256 } from "./keys.js";

/** @typedef {Record<string, string>} Claims tokens, by what they speak of */

/**
 * @param {Claims} claims as the repo told them
 * @param {string | undefined} email the address that the site gets
 * @returns {Promise<Claims>} those that speak of this very address
 */
export async function vouching({ email: token }, email) {
  if (typeof token !== "string" || email === undefined) return {};
  try {
    const { salt, hash } = JSON.parse(new TextDecoder().decode(fromBase64url(token.split(".")[1])));
    return (await saltedHash(salt, email)) === hash ? { email: token } : {};
  } catch {
    return {}; // no token at all
  }
}

/** @param {string} salt in base64url @param {string} address @returns {Promise<string>} SHA-256 in base64url */
export function saltedHash(salt, address) {
  return sha256(new Uint8Array([...fromBase64url(salt), ...utf8(address)]));
}
