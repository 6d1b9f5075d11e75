// @ts-check
/**
 * The OneID Key: 128 random bits in a form that people can write down and read back.
 *
 * 26 characters of Crockford's base32 (big-endian, the last two bits zero) and 6 of a checksum, the one of bech32m
 * (BIP 350), shown as eight groups of four. The checksum tells every mistake of up to four characters, so a slip of the
 * pen never leaves the browser. Reading forgives what hands do: lower case, spaces, hyphens, I and L for 1, O for 0.
 */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // pragma: allowlist secret
const CHARACTERS = 32;
const CHECKSUM = 6;
const GROUP = 4;
const BYTES = 16;
const BECH32M = 0x2bc830a3;
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const PREFIX = spread("oneid");

/** A text that is no OneID Key. `reason` says why; `group` (from 1) says where, if that can be known. */
export class OneKeyError extends Error {
  /** @param {"empty" | "letter" | "length" | "checksum"} reason @param {{group?: number, seen?: number}} [where] */
  constructor(reason, where = {}) {
    super(reason);
    this.name = "OneKeyError";
    this.reason = reason;
    this.group = where.group ?? null;
    this.seen = where.seen ?? null;
  }
}

/**
 * The text of a OneID Key: `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`.
 * @param {Uint8Array<ArrayBuffer>} key 16 bytes
 * @returns {string}
 */
export function encode(key) {
  if (key.length !== BYTES) {
    throw new RangeError("a OneID Key is 16 bytes");
  }
  let bits = 0n;
  for (const byte of key) {
    bits = (bits << 8n) | BigInt(byte);
  }
  bits <<= 2n;
  const values = [];
  for (let shift = 5n * BigInt(CHARACTERS - CHECKSUM - 1); shift >= 0n; shift -= 5n) {
    values.push(Number((bits >> shift) & 31n));
  }
  const letters = [...values, ...checksum(values)].map((value) => ALPHABET[value]).join("");
  return groups(letters).join("-");
}

/**
 * The 16 bytes of a OneID Key that somebody typed or pasted.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {OneKeyError} for anything that is not exactly one OneID Key
 */
export function decode(text) {
  const letters = plain(text);
  if (letters.length === 0) {
    throw new OneKeyError("empty");
  }
  const values = [...letters].map((letter) => ALPHABET.indexOf(letter));
  const foreign = values.indexOf(-1);
  if (foreign >= 0) {
    throw new OneKeyError("letter", { group: groupOf(foreign) });
  }
  if (values.length !== CHARACTERS) {
    throw new OneKeyError("length", { seen: values.length });
  }
  if (polymod(values) !== BECH32M) {
    throw new OneKeyError("checksum", { group: suspect(values) });
  }
  let bits = 0n;
  for (const value of values.slice(0, -CHECKSUM)) {
    bits = (bits << 5n) | BigInt(value);
  }
  if ((bits & 3n) !== 0n) {
    // Never written by `encode`: a second spelling of the same key, with a checksum made for it.
    throw new OneKeyError("checksum");
  }
  bits >>= 2n;
  const key = new Uint8Array(BYTES);
  for (let index = BYTES - 1; index >= 0; index--) {
    key[index] = Number(bits & 255n);
    bits >>= 8n;
  }
  return key;
}

/**
 * The groups of four in which a OneID Key is shown.
 * @param {string} text with or without hyphens
 * @returns {string[]}
 */
export function groups(text) {
  return plain(text).match(/.{1,4}/gu) ?? [];
}

/** @param {string} text @returns {string} its characters alone, as the alphabet has them */
function plain(text) {
  const letters = text.toUpperCase().replace(/[\s\p{Dash_Punctuation}\p{Cf}]/gu, "");
  return letters.replace(/[IL]/g, "1").replace(/O/g, "0");
}

/** @param {number} position @returns {number} the group of a character, counted from 1 as people do */
function groupOf(position) {
  return Math.floor(position / GROUP) + 1;
}

/** @param {number[]} values @returns {number[]} the six values that make the whole a code word */
function checksum(values) {
  const rest = polymod([...values, 0, 0, 0, 0, 0, 0]) ^ BECH32M;
  return [25, 20, 15, 10, 5, 0].map((shift) => (rest >>> shift) & 31);
}

/**
 * The group of the one character whose change would mend the checksum.
 *
 * Code words differ in at least five places: with up to three mistakes no change but the right one mends it. It is told
 * as a place to look at, and never applied.
 * @param {number[]} values
 * @returns {number | undefined}
 */
function suspect(values) {
  const tried = [...values];
  for (let position = 0; position < values.length; position++) {
    for (tried[position] = 0; tried[position] < ALPHABET.length; tried[position]++) {
      if (polymod(tried) === BECH32M) return groupOf(position);
    }
    tried[position] = values[position];
  }
  return undefined;
}

/** @param {string} text @returns {number[]} the prefix as bech32 spreads it: high bits, zero, low bits */
function spread(text) {
  const codes = [...text].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

/** @param {number[]} values @returns {number} the checksum polynomial of BIP 173 over prefix and values */
function polymod(values) {
  let rest = 1;
  for (const value of [...PREFIX, ...values]) {
    const top = rest >>> 25;
    rest = ((rest & 0x1ffffff) << 5) ^ value;
    for (let bit = 0; bit < 5; bit++) {
      if ((top >>> bit) & 1) {
        rest ^= GENERATORS[bit];
      }
    }
  }
  return rest;
}
