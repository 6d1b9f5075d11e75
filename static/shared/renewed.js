// @ts-check
/**
 * Which secret an account has after a renewal that was interrupted. The next one is written down, sealed, before the
 * repo is asked to change everything to it; whether that has happened, only what the repo keeps can tell: it opens with
 * the one or with the other.
 */
import { exclusively, secretOf, signer } from "./devices.js";
import { fromBase64url } from "./encoding.js";
import { call } from "./repo.js";
import { BELONGS, LABELS, SealError, deriveSealKey, open } from "./sealing.js";

/** @typedef {import("./accounts.js").Account} Account */
/** @typedef {import("./accounts.js").Accounts} Accounts */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * The account with the secret that it has by now.
 * @param {Accounts} accounts
 * @param {Account} account
 * @returns {Promise<Account>} as it is where no renewal was begun
 */
export async function settled(accounts, account) {
  if (!account.nextSealedS) return account;
  return exclusively(`renew ${account.id}`, async () => {
    const now = await accounts.change(account.id, {});
    if (!now.nextSealedS) return now; // another window was first
    return (await isTaken(now)) ? take(accounts, now) : accounts.change(now.id, { nextSealedS: undefined });
  });
}

/**
 * The repo has taken the next secret: it is the secret, every other device is out, and so is the OneID Key.
 * @param {Accounts} accounts
 * @param {Account} account
 * @returns {Promise<Account>}
 */
export function take(accounts, { id, nextSealedS }) {
  const ended = { confirmed: false, keyed: false, pendingKey: undefined, strays: undefined };
  return accounts.change(id, { sealedS: nextSealedS, nextSealedS: undefined, ...ended });
}

/**
 * Does the repo have it? An account of which nothing is kept is as good with the former one: nothing has to be opened.
 * @param {Account} account
 * @returns {Promise<boolean>}
 * @throws {SealError} if what the repo tells opens with neither: then nothing is forgotten here
 */
async function isTaken(account) {
  const ask = (/** @type {string} */ path) => call(path, {}, signer(account));
  const [{ identities }, { cards }] = await Promise.all([ask("/repo/identities/list"), ask("/repo/cards/list")]);
  const isKept = (/** @type {{sealed: string | null}} */ { sealed }) => sealed !== null;
  const [identity] = identities.filter(isKept);
  const [card] = cards.filter(isKept);
  if (!identity && !card) return false;
  const [label, kept, belongs] = identity
    ? [LABELS.identities, identity, BELONGS.ad(account.id, identity.origin)]
    : [LABELS.vault, card, BELONGS.card(account.id, card.id, card.version)];
  const { sealKey, nextSealedS, deviceId } = account;
  const next = await open(sealKey, /** @type {Bytes} */ (nextSealedS), BELONGS.device(deviceId));
  if (await opens(next, label, kept.sealed, belongs)) return true;
  if (await opens(await secretOf(account), label, kept.sealed, belongs)) return false;
  throw new SealError();
}

/** @param {Bytes} secret @param {string} label @param {string} sealed @param {string} belongs */
async function opens(secret, label, sealed, belongs) {
  try {
    await open(await deriveSealKey(secret, label), fromBase64url(sealed), belongs);
    return true;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}
