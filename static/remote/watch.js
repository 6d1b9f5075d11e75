// @ts-check
/**
 * Watches the account while the page is to be seen: a ticket is asked for, polled, and renewed when it has run out. A
 * hidden page asks nothing; a push wakes it.
 */
import { signer } from "../shared/devices.js";
import { pause, poll } from "../shared/polling.js";
import { RepoError, call } from "../shared/repo.js";

/** @typedef {import("./phone.js").Held} Held */
/**
 * @typedef {object} Watching
 * @property {() => Promise<unknown>} onchange something changed, or may have; what it throws is tried again
 * @property {(reached: boolean) => void} onreached whether the service answers
 * @property {(error: RepoError) => void} onended this phone may no longer ask
 */

const EVERY_MS = 900;
const AGAIN_MS = 3000;
const ENDED = new Set(["signer_revoked", "signer_refused", "device_locked", "phone_required"]);

/**
 * @param {Held} held
 * @param {Watching} watching
 * @param {AbortSignal} signal
 */
export async function watch(held, { onchange, onreached, onended }, signal) {
  while (!signal.aborted) {
    try {
      const { ticket } = await call("/repo/ticket", {}, signer(held));
      for await (const _ of poll(ticket.ticket, { every: EVERY_MS, signal, onreached })) await onchange();
    } catch (error) {
      if (!(error instanceof RepoError)) throw error;
      if (ENDED.has(error.code)) return onended(error);
      onreached(error.code === "ticket_refused");
      await pause(error.code === "ticket_refused" ? EVERY_MS : AGAIN_MS, signal);
    }
  }
}

/**
 * Do something whenever the page comes to be seen, until it is hidden.
 * @param {(signal: AbortSignal) => void} work
 */
export function whileSeen(work) {
  /** @type {AbortController | null} */
  let seen = null;
  const look = () => {
    if (document.visibilityState === "hidden") {
      seen?.abort();
      seen = null;
    } else if (!seen) {
      seen = new AbortController();
      work(seen.signal);
    }
  };
  document.addEventListener("visibilitychange", look);
  look();
}
