// @ts-check
/**
 * Asking for a confirmation: made at the repo, waited for, and fetched, or taken back. What the phone shows and signs
 * is between the phone and the site's server; whoever asks here only carries the words.
 *
 * A network that goes away is waited out until the confirmation has ended; then the repo is asked what became of it.
 */
import { now } from "./clock.js";
import { signJws } from "./keys.js";
import { isNonce, makeNonce } from "./nonces.js";
import { pause, poll } from "./polling.js";
import { RepoError, call } from "./repo.js";

/** @typedef {import("./repo.js").Signer} Signer */
/** @typedef {"OOB" | "OOBPIN"} PhoneLevel whether the phone asks for its PIN, too */
/**
 * @typedef {object} Wanted
 * @property {string} uid
 * @property {string} origin
 * @property {string | null} nonce the site's; null: one is made
 * @property {"confirm" | "signin"} kind
 * @property {PhoneLevel} level
 * @property {string} title
 * @property {string} message "" for a sign-in
 * @property {boolean} showsNumber whether there is a screen to show a number on, which is then typed on the phone
 */
/**
 * @typedef {object} How
 * @property {(number: string | null) => void} [onwaiting] called once the phone is asked; the number to show, if any
 * @property {AbortSignal} [signal] takes it back
 * @property {number} [every] ms between two looks
 */
/** @typedef {"approved" | "rejected" | "reported" | "expired" | "cancelled"} Ended */
/** @typedef {{uid: string, key: string, nonce: string, two_factor_token: string}} Signed by the repo */
/** @typedef {{state: Ended, signed: Signed | null, cd: {nonce: string, key: string} | null, nonce: string}} Outcome */
/** @typedef {{uid: string, nonces: object, two_factor_token: string, confirm?: boolean}} Payload */

const PATH = "/repo/confirmations";
const STALE = new Set(["nonce_expired", "nonce_from_the_future"]);
const PASSING = new Set(["network", "unreadable_answer", "unavailable", "internal_fault", "too_many_requests"]);
const GRACE_MS = 3000; // as far as the clocks may differ
const TRIES = 4;

/**
 * Have something confirmed, and sign it here as well: the payload that the site gets.
 * @param {Wanted} wanted
 * @param {{signer: Signer, adKey: CryptoKey, adPublic: string}} by
 * @param {How} how
 * @returns {Promise<Payload | {confirm: false, uid: string} | null>} null if it was taken back
 * @throws {RepoError} `confirmation_timed_out`; `confirmation_denied` for a sign-in
 */
export async function confirmed(wanted, { signer, adKey, adPublic }, how) {
  const { uid, kind } = wanted;
  const { state, signed, cd, nonce } = await confirm(wanted, signer, how);
  if (state === "cancelled") return null;
  if (state === "expired") throw new RepoError("confirmation_timed_out");
  if (state !== "approved" || !signed) {
    if (kind === "signin") throw new RepoError("confirmation_denied");
    return { confirm: false, uid };
  }
  // Signed last, and over the nonce alone: the words are the phone's to sign.
  const ad = { nonce: await signJws({ nonce }, adKey), key: adPublic };
  const nonces = { ad, repo: { nonce: signed.nonce, key: signed.key }, cd };
  const payload = { uid, nonces, two_factor_token: signed.two_factor_token };
  return kind === "signin" ? payload : { confirm: true, ...payload };
}

/**
 * Ask for a confirmation, and wait until it has ended.
 * @param {Wanted} wanted
 * @param {Signer} signer
 * @param {How} [how]
 * @returns {Promise<Outcome>} `nonce` is the one that was signed
 * @throws {RepoError} `no_phone`, `malformed_words`, `asker_silenced`, `too_many_confirmations`, or `network` if it was
 *   not known to be made
 */
export async function confirm(wanted, signer, { onwaiting = () => {}, signal, every = 900 } = {}) {
  const made = await create(wanted, signer);
  if (!signal?.aborted) onwaiting(made.number);
  const told = await waited(made, signer, every, signal);
  return { ...(told ?? (await takenBack(made, signer, signal?.aborted ? "cancelled" : "expired"))), nonce: made.nonce };
}

/**
 * @param {Wanted} wanted
 * @param {Signer} signer
 * @returns {Promise<{id: string, number: string | null, expires: string, ticket: string, nonce: string}>}
 */
async function create({ nonce: given, showsNumber, ...wanted }, signer) {
  if (given !== null && !isNonce(given)) throw new RepoError("malformed_nonce");
  let nonce = given ?? makeNonce(now());
  let shows = showsNumber;
  for (let tries = 1; ; tries++) {
    try {
      const { confirmation } = await call(PATH, { ...wanted, nonce, shows_number: shows }, signer);
      return { ...confirmation, nonce };
    } catch (error) {
      const code = error instanceof RepoError ? error.code : "";
      if (tries === TRIES) throw error;
      if (code === "number_required" && !shows) shows = true;
      else if (STALE.has(code) && given === null) nonce = makeNonce(now()); // the clock is corrected by now
      else if (code !== "network") throw error; // asked again with the same nonce, it is the same confirmation
    }
  }
}

/**
 * @param {{id: string, ticket: string, expires: string}} made
 * @param {Signer} signer
 * @param {number} every
 * @param {AbortSignal} [signal]
 * @returns {Promise<Omit<Outcome, "nonce"> | null>} null if it did not end in its time, or was taken back
 */
async function waited({ id, ticket, expires }, signer, every, signal) {
  const over = new AbortController();
  const end = () => over.abort();
  const timer = setTimeout(end, Date.parse(expires) - now() + GRACE_MS);
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end);
  try {
    for await (const _ of poll(ticket, { every, signal: over.signal })) {
      const told = await patiently(() => result(id, signer), every, over.signal);
      if (told && told.state !== "pending") return told;
    }
  } catch (error) {
    if (!(error instanceof RepoError) || error.code !== "ticket_refused") throw error; // else it is long over
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
  return null;
}

/**
 * Nobody waits for it any more. What the phone decided in this moment counts all the same.
 * @param {{id: string}} made
 * @param {Signer} signer
 * @param {Ended} otherwise what it counts as if nobody can be asked
 * @returns {Promise<Omit<Outcome, "nonce">>}
 */
async function takenBack({ id }, signer, otherwise) {
  try {
    const { confirmation } = await call(`${PATH}/cancel`, { confirmation: id }, signer);
    const late = otherwise === "expired" && confirmation.state === "cancelled";
    return late ? { ...confirmation, state: "expired" } : confirmation;
  } catch (error) {
    if (!(error instanceof RepoError) || !PASSING.has(error.code)) throw error;
    return { state: otherwise, signed: null, cd: null };
  }
}

/** @param {string} id @param {Signer} signer */
async function result(id, signer) {
  return (await call(`${PATH}/result`, { confirmation: id }, signer)).confirmation;
}

/**
 * @template T
 * @param {() => Promise<T>} ask what may be asked again until it is answered
 * @param {number} every
 * @param {AbortSignal} signal
 * @returns {Promise<T | null>} null if nobody answered until it was over
 */
async function patiently(ask, every, signal) {
  while (!signal.aborted) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RepoError) || !PASSING.has(error.code)) throw error;
      await pause(every, signal);
    }
  }
  return null;
}
