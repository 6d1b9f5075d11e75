// @ts-check
/**
 * A phone comes into an account. It gets the account first and says that it has stored it, and only then it is admitted
 * at the repo: wherever this breaks off, no account has a phone that nobody holds.
 */
import { pause } from "./polling.js";
import { PairingError, isPassing } from "./relay.js";

/** @typedef {import("./offer.js").Offer} Offer */
/** @typedef {{account: string, label: string, s: string}} Told what makes a device one of an account */

/** For so long an admission whose answer was lost is asked for again. The phone reckons with it (joining.js). */
const ADMITTING_MS = 40_000;
const AGAIN_MS = 900;
const LAST_WORD_MS = 3000;

/**
 * @param {Offer} offer whose end is proved
 * @param {() => Promise<Told>} account
 * @param {(device: any) => Promise<unknown>} admit asks the repo; it may be asked again
 * @param {AbortSignal} signal ends it, unless the phone is being admitted already. Only here the phone is told of that:
 *   it must not hear of an end, ask the repo too early, and be admitted after
 * @throws {PairingError | import("./repo.js").RepoError} the phone asks the repo what became of it
 */
export async function handOver(offer, account, admit, signal) {
  try {
    const { device } = await offer.receive();
    await offer.send(await account());
    const { stored } = await offer.receive();
    if (signal.aborted) throw new PairingError("pairing_ended");
    if (stored !== true) throw new PairingError("pairing_attacked");
    await patientlyAdmit(() => admit(device));
  } catch (error) {
    if (!isPassing(error)) offer.refuse();
    throw error;
  }
  // The phone finds out by itself if it does not hear this.
  await Promise.race([offer.send({ in: true }).catch(() => {}), pause(LAST_WORD_MS)]);
}

/** @param {() => Promise<unknown>} admit */
async function patientlyAdmit(admit) {
  const until = Date.now() + ADMITTING_MS;
  for (;;) {
    try {
      return await admit();
    } catch (error) {
      if (!isPassing(error) || Date.now() > until) throw error;
      await pause(AGAIN_MS);
    }
  }
}
