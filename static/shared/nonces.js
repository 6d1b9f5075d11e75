// @ts-check
/** Nonces: `001`, the UTC second of the making, and letters or digits: 12 random ones in those that a browser makes. */

import { randomLetters } from "./encoding.js";

/** @param {number} ms the service's time, see clock.js @returns {string} */
export function makeNonce(ms) {
  return `001${new Date(ms).toISOString().slice(0, 19)}Z${randomLetters(12)}`;
}

/**
 * Does a text look like a nonce? Its freshness is the service's to judge. The device keys sign nothing else.
 * @param {unknown} text
 * @returns {text is string}
 */
export function isNonce(text) {
  return typeof text === "string" && /^001\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ[A-Za-z0-9]{6,41}$/.test(text);
}
