// @ts-check
/**
 * Padding, so that the length of what is sealed says little about it: content, the byte 0x80, and zeros up to the next
 * of a few lengths (ISO/IEC 7816-4). The longest is what an envelope of 16 KiB can hold.
 */
import { SealError } from "./sealing.js";

const LENGTHS = [256, 512, 1024, 2048, 4096, 8192, 16384 - 29];
const MARK = 0x80;

/** More than one envelope holds: the repo would refuse it. */
export class TooLargeError extends Error {
  code = "sealed_too_large";

  constructor() {
    super("this is more than can be sealed at once");
    this.name = "TooLargeError";
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Uint8Array<ArrayBuffer>} of one of the lengths
 * @throws {TooLargeError}
 */
export function pad(bytes) {
  const padded = new Uint8Array(lengthFor(bytes.length));
  padded.set(bytes);
  padded[bytes.length] = MARK;
  return padded;
}

/**
 * @param {Uint8Array<ArrayBuffer>} padded
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {SealError} if it is not what `pad` makes
 */
export function unpad(padded) {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end -= 1;
  const right = end >= 0 && padded[end] === MARK && LENGTHS.includes(padded.length) && lengthFor(end) === padded.length;
  if (!right) throw new SealError();
  return padded.slice(0, end);
}

/** @param {number} length @returns {number} */
function lengthFor(length) {
  const found = LENGTHS.find((one) => length < one);
  if (found === undefined) throw new TooLargeError();
  return found;
}
