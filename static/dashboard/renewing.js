// @ts-check
/**
 * A new account secret S. Everything that the repo keeps sealed is opened with the former one and sealed with the new
 * one, here, and the repo changes all of it at once or nothing. It also ends every other device, every frame session
 * and the OneID Key: whoever knew the former secret has nothing left that it opens, and no key that may ask.
 *
 * What is sealed is not read, only sealed anew; the AD keys of the identities, and so the person at each site, stay.
 */
import { RolledBackError } from "../shared/cards.js";
import { exclusively, secretOf, signer } from "../shared/devices.js";
import { fromBase64url, randomBytes, toBase64url, utf8 } from "../shared/encoding.js";
import { RepoError, call } from "../shared/repo.js";
import { begin, settledHere, take, undo } from "../shared/renewed.js";
import { BELONGS, LABELS, deriveSealKey, open, seal } from "../shared/sealing.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("../shared/accounts.js").Accounts} Accounts */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/** @typedef {{from: CryptoKey, to: CryptoKey}} Keys the same key of the former and of the new secret */
/** @typedef {{id: string, version: number, sealed: string | null}} CardRow */
/** @typedef {{uid: string, card: string, fields: string[], version: number, sealed: string | null}} ReleaseRow */
/** @typedef {{uid: string, origin: string, sealed: string | null}} IdentityRow */

const TRIES = 3;

/**
 * Give the account a new secret. It is kept, sealed, before the repo hears of it: a page that goes away in between
 * finds out at its next start (shared/renewed.js).
 * @param {Accounts} accounts
 * @param {string} id
 * @returns {Promise<Account>}
 * @throws {RepoError} `phone_required` while a phone lives; `version_conflict` if things are being changed all the time
 */
export function renew(accounts, id) {
  return exclusively(`renew ${id}`, async () => {
    const { nextSealedS } = await accounts.change(id, {});
    for (let tries = 1; ; tries++) {
      const now = await settledHere(accounts, id);
      if (isSame(nextSealedS, now.sealedS)) return now; // what was asked before is done
      try {
        return await attempt(accounts, now);
      } catch (error) {
        const isConflict = error instanceof RepoError && error.code === "version_conflict";
        if (!isConflict || tries === TRIES) throw error;
      }
    }
  });
}

/** @param {Bytes | undefined} one @param {Bytes} other */
function isSame(one, other) {
  return one !== undefined && toBase64url(one) === toBase64url(other);
}

/**
 * Refusals of the repo's transaction itself: this request is not taken any more. After anything else nobody knows: a
 * browser or a proxy may have sent it twice, and the answer be that of the second copy.
 */
const DECIDED = new Set(["version_conflict", "phone_required", "too_many_cards"]);

/** @param {Accounts} accounts @param {Account} former @returns {Promise<Account>} */
async function attempt(accounts, former) {
  const { id, sealKey, deviceId } = former;
  const belongs = BELONGS.device(deviceId);
  // One that the repo may still take is asked for again, and not another beside it.
  const next = former.nextSealedS ? await open(sealKey, former.nextSealedS, belongs) : randomBytes(32);
  const everything = await resealed(former, await secretOf(former), next, await accounts.seenOf(id).get());
  const nextSealedS = former.nextSealedS ?? await seal(sealKey, next, belongs);
  const isEmpty = everything.identities.length + everything.cards.length === 0;
  const asking = async () => { // for each proof: until it is too old, the repo may take this
    await begin(accounts, id, nextSealedS, isEmpty);
    return everything;
  };
  try {
    await call("/repo/renew", asking, signer(former));
  } catch (error) {
    if (!(error instanceof RepoError && DECIDED.has(error.code))) throw error;
    const after = await settledHere(accounts, id);
    if (isSame(nextSealedS, after.sealedS)) return after; // an earlier one was taken, or a copy of this one
    await undo(accounts, former, isEmpty);
    throw error;
  }
  await accounts.seenOf(id).put(Object.fromEntries(everything.cards.map((card) => [card.id, card.version])));
  return take(accounts, { id, nextSealedS });
}

/**
 * Everything that the repo keeps of the account, sealed with the new secret.
 * @param {Account} account
 * @param {Bytes} former
 * @param {Bytes} next
 * @param {Record<string, number>} seen which versions of the cards this browser has read
 * @throws {RolledBackError} if the repo shows older ones: they would pass for the newest afterwards
 */
async function resealed(account, former, next, seen) {
  const ask = (/** @type {string} */ path) => call(path, {}, signer(account));
  const [{ identities }, { cards }, { releases }] = await Promise.all([
    ask("/repo/identities/list"), ask("/repo/cards/list"), ask("/repo/releases/list"),
  ]);
  const versions = new Map(cards.map((/** @type {CardRow} */ { id, version }) => [id, version]));
  const isOlder = Object.entries(seen).some(([id, version]) => !((versions.get(id) ?? 0) >= version));
  if (isOlder) throw new RolledBackError();
  const [ad, vault] = await Promise.all([LABELS.identities, LABELS.vault].map((label) => keys(former, next, label)));
  return {
    identities: await Promise.all(identities.filter(isKept).map(async (/** @type {IdentityRow} */ row) => {
      const belongs = BELONGS.ad(account.id, row.origin);
      return { uid: row.uid, sealed: await anew(ad, row.sealed, belongs, belongs) };
    })),
    /** @type {CardRow[]} */
    cards: await Promise.all(cards.filter(isKept).map(async (/** @type {CardRow} */ { id, version, sealed }) => {
      const [here, then] = [version, version + 1].map((number) => BELONGS.card(account.id, id, number));
      return { id, version: version + 1, sealed: await anew(vault, sealed, here, then) };
    })),
    releases: await Promise.all(releases.filter(isKept).map((/** @type {ReleaseRow} */ row) => {
      return releaseAnew(row, former, next);
    })),
  };
}

/** @param {ReleaseRow} row @param {Bytes} former @param {Bytes} next */
async function releaseAnew({ uid, card, fields, version, sealed }, former, next) {
  const pair = await keys(former, next, LABELS.release, utf8(uid));
  const [here, then] = [version, version + 1].map((number) => BELONGS.release(uid, card, fields, number));
  return { uid, card, fields, version: version + 1, sealed: await anew(pair, sealed, here, then) };
}

/** @param {{sealed: string | null}} row @returns {boolean} whether it lives */
function isKept({ sealed }) {
  return sealed !== null;
}

/** @param {Bytes} former @param {Bytes} next @param {string} label @param {Bytes} [salt] @returns {Promise<Keys>} */
async function keys(former, next, label, salt) {
  const [from, to] = await Promise.all([former, next].map((secret) => deriveSealKey(secret, label, salt)));
  return { from, to };
}

/** @param {Keys} keys @param {string | null} sealed @param {string} here @param {string} then */
async function anew({ from, to }, sealed, here, then) {
  return toBase64url(await seal(to, await open(from, fromBase64url(sealed ?? ""), here), then));
}
