// @ts-check
/** Bytes and texts: unpadded base64url as on the wire, UTF-8, and randomness. Pure but for the random numbers. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** @param {ArrayBuffer | Uint8Array} bytes @returns {string} unpadded base64url */
export function toBase64url(bytes) {
  const octets = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  let text = "";
  for (const octet of octets) text += String.fromCharCode(octet);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * The bytes of an unpadded base64url text. Each value has one text: padding, the other alphabet, white space and
 * bits that carry nothing are refused.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {SyntaxError} if it is none
 */
export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new SyntaxError("not base64url");
  const octets = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  if (toBase64url(octets) !== text) throw new SyntaxError("not the one base64url text of its value");
  return octets;
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function utf8(text) {
  return /** @type {Uint8Array<ArrayBuffer>} */ (new TextEncoder().encode(text));
}

/** @param {number} count @returns {Uint8Array<ArrayBuffer>} */
export function randomBytes(count) {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** @param {number} count @returns {string} that many letters and digits, each of the 62 equally likely */
export function randomLetters(count) {
  let letters = "";
  while (letters.length < count) {
    const [octet] = randomBytes(1);
    if (octet < 248) letters += ALPHABET[octet % 62]; // 248 = 4 * 62: the rest would favour the first letters
  }
  return letters;
}
