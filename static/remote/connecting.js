// @ts-check
/** From a code that was scanned or typed to the six digits. */
import { answer, look } from "../shared/pairing.js";

/** @typedef {import("./remote.js").Remote} Remote */
/** @typedef {{commitment: string, q: string} | null} Seen what a QR code told beside the code */

/**
 * Look what waits under a code, and answer it where that makes sense.
 * @param {Remote} remote
 * @param {string} code
 * @param {Seen} seen
 * @throws {import("../shared/pairing.js").PairingError}
 */
export async function connect(remote, code, seen) {
  const found = await look(code);
  const go = () => remote.pairing(() => meet(remote, code, seen, found));
  if (found.kind === "browser") return remote.isPaired ? go() : remote.go("pairing-ended", { code: "unpaired" });
  if (!remote.isPaired) return go();
  return remote.go("replace", { go });
}

/**
 * @param {Remote} remote
 * @param {string} code
 * @param {Seen} seen
 * @param {import("../shared/pairing.js").Found} found
 */
async function meet(remote, code, seen, found) {
  const stop = new AbortController();
  await remote.go("meeting", { stop });
  const { signal } = remote.screen;
  try {
    const answering = await answer(code, seen, { signal: stop.signal }, found);
    if (!signal.aborted) await remote.go("digits", { answering });
  } catch (error) {
    if (!signal.aborted) await remote.failed(error);
  }
}
