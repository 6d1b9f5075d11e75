// @ts-check
/**
 * Waiting for the repo to have something new: a ticket is asked again and again for a counter, which is all that it
 * tells. A network that goes away is waited out; only a ticket that the repo refuses ends it.
 */
import { RepoError, changesOf } from "./repo.js";

/** Refusals that stay: the ticket is not good any more, or whoever it was for has ended. */
const FINAL = new Set(["ticket_refused", "signer_revoked", "signer_refused", "malformed_member", "origin_refused"]);
const SLOWEST_MS = 5000;

/**
 * The counter of a ticket's topic: once at the beginning, and then each time that it has grown.
 * @param {string} ticket
 * @param {object} [how]
 * @param {number} [how.every] ms between two questions
 * @param {AbortSignal} [how.signal] ends it quietly
 * @param {(reached: boolean) => void} [how.onreached] told after each question whether it was answered
 * @returns {AsyncGenerator<number, void, void>}
 * @throws {RepoError} `ticket_refused`, `signer_revoked`
 */
export async function* poll(ticket, { every = 900, signal, onreached } = {}) {
  let known = -1;
  let wait = every;
  while (!signal?.aborted) {
    try {
      const change = await changesOf(ticket);
      wait = every;
      if (signal?.aborted) return;
      onreached?.(true);
      if (change !== known) yield (known = change);
    } catch (error) {
      if (!(error instanceof RepoError) || FINAL.has(error.code)) throw error;
      onreached?.(false);
      wait = Math.min(SLOWEST_MS, 2 * wait);
    }
    await pause(wait, signal);
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} [signal] ends it early
 * @returns {Promise<void>}
 */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
