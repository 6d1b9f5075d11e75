// @ts-check
/**
 * Which secret an account has after a renewal that was interrupted. The next one is written down, sealed, before the
 * repo is asked to change everything to it; whether that has happened, only what the repo keeps can tell: it opens with
 * the one or with the other.
 */
import { now } from "./clock.js";
import { exclusively, secretOf, signer } from "./devices.js";
import { fromBase64url } from "./encoding.js";
import { call } from "./repo.js";
import { BELONGS, LABELS, SealError, deriveSealKey, open } from "./sealing.js";

/** @typedef {import("./accounts.js").Account} Account */
/** @typedef {import("./accounts.js").Accounts} Accounts */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/** @typedef {{label: string, sealed: string, belongs: string}} Envelope */

/** For so long the repo may still take a renewal: its proof is good for 60 s, by a clock that may be as much off. */
const OPEN_MS = 180_000;

/** What a renewal does to the OneID Key of an account: there is none. */
const NO_KEY = { confirmed: false, keyed: false, pendingKey: undefined };

const FORGOTTEN = { nextSealedS: undefined, nextUntil: undefined };

/**
 * The account with the secret that it has by now.
 * @param {Accounts} accounts
 * @param {Account} account
 * @returns {Promise<Account>} as it is where no renewal was begun
 */
export async function settled(accounts, account) {
  return account.nextSealedS ? whileSettled(accounts, account.id, async (now) => now) : account;
}

/**
 * Seal with the account's secret, or hand it on: with the one that it has by now, and keeps until the work is done. No
 * other window of this browser gives it a new one meanwhile.
 * @template T
 * @param {Accounts} accounts
 * @param {string} id
 * @param {(account: Account) => Promise<T>} work
 * @returns {Promise<T>}
 */
export function whileSettled(accounts, id, work) {
  return exclusively(`renew ${id}`, async () => work(await settledHere(accounts, id)));
}

/**
 * The same, for who holds the lock. The next secret is forgotten only where the repo can not take it any more: its
 * answer may be lost, or its page gone, while it still works.
 * @param {Accounts} accounts
 * @param {string} id
 * @returns {Promise<Account>}
 */
export async function settledHere(accounts, id) {
  const account = await accounts.change(id, {});
  if (!account.nextSealedS) return account;
  const taken = await isTaken(account);
  if (taken) return take(accounts, account);
  if (now() < (account.nextUntil ?? 0)) return account;
  return accounts.change(id, { ...FORGOTTEN, ...(taken === null ? NO_KEY : {}) });
}

/**
 * The repo is about to be asked: from now on it may take the next secret.
 * @param {Accounts} accounts
 * @param {string} id
 * @param {Bytes} nextSealedS
 * @param {boolean} isEmpty nothing is kept of the account: nobody can tell afterwards whether this was taken, and so
 *   the OneID Key counts as ended
 * @returns {Promise<Account>}
 */
export function begin(accounts, id, nextSealedS, isEmpty) {
  return accounts.change(id, { nextSealedS, nextUntil: now() + OPEN_MS, ...(isEmpty ? NO_KEY : {}) });
}

/**
 * The repo has decided against it: all is as it was before.
 * @param {Accounts} accounts
 * @param {Account} before
 * @param {boolean} isEmpty as it was begun
 * @returns {Promise<Account>}
 */
export function undo(accounts, { id, nextSealedS, nextUntil, confirmed, keyed, pendingKey }, isEmpty) {
  return accounts.change(id, { nextSealedS, nextUntil, ...(isEmpty ? { confirmed, keyed, pendingKey } : {}) });
}

/**
 * The repo has taken the next secret: it is the secret, every other device is out, and so is the OneID Key.
 * @param {Accounts} accounts
 * @param {{id: string, nextSealedS?: Bytes}} account
 * @returns {Promise<Account>}
 */
export function take(accounts, { id, nextSealedS }) {
  return accounts.change(id, { sealedS: nextSealedS, ...FORGOTTEN, ...NO_KEY, strays: undefined });
}

/**
 * Does the repo have it? Then something opens with it: nothing else seals with a secret that is not the account's yet.
 * @param {Account} account
 * @returns {Promise<boolean | null>} null: nothing is kept of the account. It is as good with the former secret then
 * @throws {SealError} if what the repo tells opens with neither: then nothing is forgotten here
 */
async function isTaken(account) {
  const ask = (/** @type {string} */ path) => call(path, {}, signer(account));
  const [{ identities }, { cards }] = await Promise.all([ask("/repo/identities/list"), ask("/repo/cards/list")]);
  /** @type {Envelope[]} */
  const kept = [
    ...identities.map((/** @type {any} */ { origin, sealed }) => {
      return { label: LABELS.identities, sealed, belongs: BELONGS.ad(account.id, origin) };
    }),
    ...cards.map((/** @type {any} */ { id, version, sealed }) => {
      return { label: LABELS.vault, sealed, belongs: BELONGS.card(account.id, id, version) };
    }),
  ].filter(({ sealed }) => sealed !== null);
  if (kept.length === 0) return null;
  const { sealKey, nextSealedS, deviceId } = account;
  const next = await open(sealKey, /** @type {Bytes} */ (nextSealedS), BELONGS.device(deviceId));
  if (await opensAny(next, kept)) return true;
  if (await opensAny(await secretOf(account), kept)) return false;
  throw new SealError();
}

/** @param {Bytes} secret @param {Envelope[]} kept @returns {Promise<boolean>} whether it opens one of them */
async function opensAny(secret, kept) {
  const labels = [LABELS.identities, LABELS.vault];
  const keys = new Map(await Promise.all(labels.map(async (label) => {
    return /** @type {[string, CryptoKey]} */ ([label, await deriveSealKey(secret, label)]);
  })));
  for (const { label, sealed, belongs } of kept) {
    try {
      await open(/** @type {CryptoKey} */ (keys.get(label)), fromBase64url(sealed), belongs);
      return true;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
    }
  }
  return false;
}
