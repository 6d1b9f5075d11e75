// @ts-check
/**
 * The OneID Key of an account: made, registered before it is shown, confirmed; and the way back with it.
 *
 * The key never leaves the browser. From it come the locator, under which the repo files the sealed secrets, and the
 * key that seals them. Sealed are S, the private recovery key that admits a new device, and the account's name.
 */
import { fromBase64url, randomBytes, toBase64url, utf8 } from "../shared/encoding.js";
import { importPrivateJwk, makeSigningKey, publicText, thumbprint } from "../shared/keys.js";
import { RepoError, call } from "../shared/repo.js";
import { BELONGS, LABELS, derive, deriveSealKey, open, seal } from "../shared/sealing.js";
import { whileSettled } from "../shared/renewed.js";
import { exclusively, secretOf, signer } from "../shared/accounts.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("../shared/accounts.js").Accounts} Accounts */
/** @typedef {import("../shared/accounts.js").Bytes} Bytes */

/**
 * The OneID Key to write down: the one that is being written down already, or a new one, which ends the former. A
 * new one is made only where the person asked for it, and never where one is known to be saved.
 * @param {Accounts} accounts
 * @param {string} id
 * @param {{make: boolean}} asked whether a new one is to be made
 * @returns {Promise<{key: Bytes, replaces: boolean} | null>} 16 bytes that the repo knows by now, and whether they
 *   ended a former key; null if there is none to write down
 */
export function offerKey(accounts, id, { make }) {
  return exclusively(`key ${id}`, () => whileSettled(accounts, id, async (account) => {
    if (!account.pendingKey) {
      if (!make || account.confirmed) return null;
      const sealed = await seal(account.sealKey, randomBytes(16), BELONGS.pendingKey(account.deviceId));
      const made = { sealed, registered: false, replaces: !!account.keyed };
      account = await accounts.change(id, { pendingKey: made, keyed: true, confirmed: false });
    }
    const pendingKey = /** @type {import("../shared/accounts.js").PendingKey} */ (account.pendingKey);
    const key = await written(account, pendingKey);
    if (!pendingKey.registered) {
      await register(account, key);
      await accounts.change(id, { pendingKey: { ...pendingKey, registered: true } });
    }
    return { key, replaces: pendingKey.replaces };
  }));
}

/**
 * The person has typed the key back: the account counts as opened, and the key is forgotten here. Nothing is made here:
 * asked again after a lost answer, or in a second window, it finds the key confirmed.
 * @param {Accounts} accounts
 * @param {string} id
 * @param {Bytes} typed
 * @returns {Promise<Account>}
 * @throws {WrittenKeyError} if it is not the key that was shown, or none is being written down any more
 */
export function confirmKey(accounts, id, typed) {
  return exclusively(`key ${id}`, async () => {
    const account = await existing(accounts, id);
    if (account.confirmed) return account;
    if (!account.pendingKey) throw new WrittenKeyError("key_forgotten");
    if (!isSame(await written(account, account.pendingKey), typed)) throw new WrittenKeyError("other_key");
    return confirm(accounts, account);
  });
}

/** @param {Accounts} accounts @param {string} id @returns {Promise<Account>} the key is forgotten here, unconfirmed */
export function skipKey(accounts, id) {
  return exclusively(`key ${id}`, () => accounts.change(id, { pendingKey: undefined }));
}

/** What was typed back is not the key that was shown (`other_key`), or that one was skipped since (`key_forgotten`). */
export class WrittenKeyError extends Error {
  /** @param {"other_key" | "key_forgotten"} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * Bring an account to this browser with its OneID Key.
 * @param {Accounts} accounts
 * @param {Bytes} key 16 bytes
 * @param {{deviceName: string, now: number}} here
 * @returns {Promise<Account>}
 * @throws {RepoError} `oneid_key_refused` if the repo knows no such key
 */
export async function joinWithKey(accounts, key, { deviceName, now }) {
  const locator = toBase64url(await derive(key, LABELS.locator));
  const { recovery } = await call("/repo/recovery/open", { locator }, null);
  const envelope = fromBase64url(recovery.sealed);
  const opened = await open(await deriveSealKey(key, LABELS.recovery), envelope, BELONGS.recovery(recovery.account));
  const { s, recovery: jwk, label } = JSON.parse(new TextDecoder().decode(opened));
  const work = `join ${recovery.account}`;
  const by = { key: await importPrivateJwk(jwk), kid: await thumbprint(publicOf(jwk)) };
  const admitted = async () => {
    const device = await accounts.begun(work, fromBase64url(s));
    const { account } = await call("/repo/devices", { device: { key: device.devicePublic, name: deviceName } }, by);
    const naming = { id: account.id, label, created: now, lastUsed: now, confirmed: true, keyed: true, joined: true };
    return accounts.settle(work, { ...device, ...naming });
  };
  return exclusively(work, async () => {
    const here = await accounts.get(recovery.account);
    if (here && (await isAlive(here))) return recognised(accounts, here.id, key, now);
    try {
      return await admitted();
    } catch (error) {
      if (!(error instanceof RepoError) || error.code !== "signer_revoked") throw error;
      // It was admitted before, its answer was lost, and it was removed since: that device is spent, not the key.
      await accounts.abandon(work);
      return admitted();
    }
  });
}

/**
 * Undo a signing out of this browser.
 * @param {Accounts} accounts
 * @param {Account} account
 * @returns {Promise<Account>}
 */
export async function unlock(accounts, account) {
  await call("/repo/unlock", {}, signer(account));
  return accounts.change(account.id, { locked: false });
}

/**
 * Somebody has the OneID Key of an account that lives here: it counts as saved, unless another is being written down.
 * @param {Accounts} accounts
 * @param {string} id
 * @param {Bytes} key
 * @param {number} now
 * @returns {Promise<Account>}
 */
function recognised(accounts, id, key, now) {
  return exclusively(`key ${id}`, async () => {
    const account = await existing(accounts, id);
    const other = account.pendingKey && !isSame(await written(account, account.pendingKey), key);
    if (!other) await confirm(accounts, account);
    return accounts.change(id, { keyed: true, locked: false, revoked: false, lastUsed: now });
  });
}

/** @param {Accounts} accounts @param {Account} account @returns {Promise<Account>} */
async function confirm(accounts, account) {
  await call("/repo/recovery/confirm", {}, signer(account));
  return accounts.change(account.id, { confirmed: true, pendingKey: undefined });
}

/**
 * @param {Account} account
 * @param {import("../shared/accounts.js").PendingKey} pendingKey
 * @returns {Promise<Bytes>} the key that is being written down
 */
function written({ sealKey, deviceId }, { sealed }) {
  return open(sealKey, sealed, BELONGS.pendingKey(deviceId));
}

/** @param {Bytes} one @param {Bytes} other */
function isSame(one, other) {
  return toBase64url(one) === toBase64url(other);
}

/** @param {Account} account @param {Bytes} key */
async function register(account, key) {
  const { publicKey, privateKey } = await makeSigningKey({ extractable: true });
  const contents = {
    s: toBase64url(await secretOf(account)),
    recovery: await crypto.subtle.exportKey("jwk", privateKey),
    label: account.label,
  };
  const sealKey = await deriveSealKey(key, LABELS.recovery);
  const sealed = await seal(sealKey, utf8(JSON.stringify(contents)), BELONGS.recovery(account.id));
  const question = {
    locator: toBase64url(await derive(key, LABELS.locator)),
    key: await publicText(publicKey),
    sealed: toBase64url(sealed),
  };
  await call("/repo/recovery", question, signer(account));
}

/** @param {Account} account @returns {Promise<boolean>} whether this browser is still one of its devices; unlocks it */
export async function isAlive(account) {
  try {
    await call("/repo/unlock", {}, signer(account));
    return true;
  } catch (error) {
    const ended = error instanceof RepoError && (error.code === "signer_revoked" || error.code === "signer_refused");
    if (!ended) throw error;
    return false;
  }
}

/** @param {Accounts} accounts @param {string} id @returns {Promise<Account>} */
function existing(accounts, id) {
  return accounts.change(id, {});
}

/** @param {JsonWebKey} jwk @returns {string} its public half, X||Y in base64url */
function publicOf({ x = "", y = "" }) {
  return toBase64url(new Uint8Array([...fromBase64url(x), ...fromBase64url(y)]));
}
